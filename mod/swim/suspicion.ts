import { type SuspicionBounds, suspicionTimeout } from "./timing.ts";

/**
 * One suspicion: when its subject is to be declared dead, sooner the more
 * members confirm it independently.
 */
export class Suspicion {
  readonly #bounds: SuspicionBounds;
  readonly #start: number;
  /** Who has raised or confirmed it; at most one more than are waited for. */
  readonly #accusers: Set<string>;
  #confirmed = 0;

  /**
   * Raises it.
   *
   * @param from Who raised it; its own repetition confirms nothing.
   */
  constructor(from: string, bounds: SuspicionBounds, now: number) {
    this.#bounds = bounds;
    this.#start = now;
    this.#accusers = new Set([from]);
  }

  /** How many others have confirmed it. */
  get confirmed(): number {
    return this.#confirmed;
  }

  /** When its subject counts as dead. */
  get deadline(): number {
    return this.#start + suspicionTimeout(this.#bounds, this.#confirmed);
  }

  /** Takes in a confirmation; `false` when it is not news. */
  confirm(from: string): boolean {
    if (this.#confirmed >= this.#bounds.confirmations) return false;
    if (this.#accusers.has(from)) return false;
    this.#accusers.add(from);
    this.#confirmed++;
    return true;
  }
}
