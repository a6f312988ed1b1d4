/** Spaces calls to the API, in the order in which they come. */
import type { Clock } from "../time/mod.ts";

/** How fast calls may follow each other. */
export interface RateLimit {
  /** Calls per second in the long run; 0 = no limit. */
  readonly perSecond: number;
  /** Calls that may come at once after a pause. */
  readonly burst: number;
}

/**
 * The generic cell rate algorithm: each call moves a theoretical time on by
 * `1 / perSecond`; a call waits until that time is no more than `burst` calls
 * ahead of the clock.
 */
export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #clock: Clock;
  #theoretical = -Infinity;

  /** Makes a limiter that has all of its burst. */
  constructor(limit: RateLimit, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  /**
   * Waits for this call's turn.
   *
   * @returns How long it waited, in ms.
   */
  async take(signal?: AbortSignal): Promise<number> {
    const { perSecond, burst } = this.#limit;
    if (perSecond === 0) return 0;
    const interval = 1000 / perSecond;
    const now = this.#clock.now();
    this.#theoretical = Math.max(this.#theoretical, now) + interval;
    const wait = this.#theoretical - now - interval * Math.max(1, burst);
    if (wait <= 0) return 0;
    await this.#clock.sleep(wait, signal);
    return wait;
  }
}
