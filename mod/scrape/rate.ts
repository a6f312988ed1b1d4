/** How often something may happen, by the generic cell rate algorithm. */

/** A rate with a burst. */
export interface Rate {
  /** How often in the long run, per second. */
  readonly perSecond: number;
  /** How often at once after a pause. */
  readonly burst: number;
}

/** Counts against a {@linkcode Rate}. */
export class Meter {
  readonly #interval: number;
  readonly #slack: number;
  /** When the next one would be due if they came evenly. */
  #due = -Infinity;

  /** Makes a meter that has all of its burst. */
  constructor({ perSecond, burst }: Rate) {
    this.#interval = 1000 / perSecond;
    this.#slack = this.#interval * (burst - 1);
  }

  /** Whether one more may happen at `now`, in ms. */
  allows(now: number): boolean {
    return this.#due - now <= this.#slack;
  }

  /** Counts one that happens. */
  count(now: number): void {
    this.#due = Math.max(this.#due, now) + this.#interval;
  }
}
