/** Exponential back-off with full jitter. */

/** Bounds of a {@linkcode Backoff}, in ms. */
export interface BackoffOptions {
  /** Upper bound of the first delay. */
  readonly baseMs: number;
  /** Upper bound of every delay. */
  readonly capMs: number;
  /** A number in [0, 1), like `Math.random`. */
  readonly random: () => number;
}

/** Delays between attempts: anything up to a bound that doubles. */
export class Backoff {
  readonly #options: BackoffOptions;
  #failures = 0;

  /** Starts without failures. */
  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** How many attempts have failed in a row. */
  get failures(): number {
    return this.#failures;
  }

  /** Counts a failure; gives the delay before the next attempt, in ms. */
  next(): number {
    const { baseMs, capMs, random } = this.#options;
    const bound = Math.min(capMs, baseMs * 2 ** this.#failures);
    this.#failures += 1;
    return random() * bound;
  }

  /** Forgets the failures. */
  reset(): void {
    this.#failures = 0;
  }
}
