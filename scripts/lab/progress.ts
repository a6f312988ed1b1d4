/** What the person reads while the lab works: one line per thing done. */
import { bold, cyan, dim, green, red, yellow } from "@std/fmt/colors";

/** Where progress lines go; one call per line. */
export type Print = (line: string) => void;

const TITLE_WIDTH = 14;

/** Told about each step as it is done. */
export type OnStep = (text: string) => void;

/** Prints progress lines with the time that each thing took. */
export class Progress {
  readonly #print: Print;
  readonly #onStep: OnStep;
  #since = performance.now();

  /**
   * @param print Prints a line.
   * @param onStep Told about each step as it is done.
   */
  constructor(print: Print, onStep: OnStep = () => {}) {
    this.#print = print;
    this.#onStep = onStep;
  }

  /** A heading, with empty lines around it. */
  heading(text: string): void {
    this.#print("");
    this.#print(bold(cyan(text)));
    this.#print("");
    this.#since = performance.now();
  }

  /** Something was done; the time is that since the line before. */
  done(title: string, detail: string): void {
    const now = performance.now();
    const took = `${((now - this.#since) / 1000).toFixed(2)} s`;
    this.#since = now;
    this.#onStep(`${title}: ${detail}`);
    this.#line(green("✓"), title, `${detail}  ${dim(took)}`);
  }

  /** Something happened that is no step of its own. */
  note(title: string, detail: string): void {
    this.#line(yellow("•"), title, detail);
  }

  /** Something did not hold. */
  failed(title: string, detail: string): void {
    this.#line(red("✗"), title, detail);
  }

  /** A line as it is. */
  plain(text: string): void {
    this.#print(text);
  }

  #line(mark: string, title: string, detail: string): void {
    this.#print(`  ${mark} ${bold(title.padEnd(TITLE_WIDTH))} ${detail}`);
  }
}
