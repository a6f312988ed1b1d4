/** Looks now and then at what the lab takes. */
import { describeFootprints, type Footprint } from "./footprint.ts";

/** Time between two looks, in milliseconds. */
const EVERY_MS = 60_000;
/** So many looks, and it is told. */
const LOOKS_PER_LINE = 5;

/** All looks of a run. */
export class FootprintLog {
  readonly #read: () => Promise<Footprint>;
  readonly #looks: Footprint[] = [];

  /** What looks once. */
  constructor(read: () => Promise<Footprint>) {
    this.#read = read;
  }

  /** In the order of time. */
  get looks(): readonly Footprint[] {
    return this.#looks;
  }

  /** Looks when a minute is over; gives a line every five minutes. */
  async look(): Promise<string | undefined> {
    const last = this.#looks.at(-1);
    if (last !== undefined && performance.now() < last.at + EVERY_MS) {
      return undefined;
    }
    this.#looks.push(await this.#read());
    const isTold = last !== undefined &&
      this.#looks.length % LOOKS_PER_LINE === 1;
    return isTold ? this.#describe() : undefined;
  }

  /** Looks for the last time. */
  async end(): Promise<string> {
    this.#looks.push(await this.#read());
    return this.#describe();
  }

  #describe(): string {
    const last = this.#looks.at(-1);
    const [first] = this.#looks;
    if (first === undefined || last === undefined) return "";
    const minutes = Math.round((last.at - first.at) / 60_000);
    return `${minutes} min, ${describeFootprints(first, last)}`;
  }
}
