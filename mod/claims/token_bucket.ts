/** How fast something may happen. */
export interface Rate {
  /** How many a second. */
  readonly perSecond: number;
  /** How many at once after a pause, at least 1. */
  readonly burst: number;
}

/** Lets so many pass a second, and some at once after a pause. It has no clock. */
export class TokenBucket {
  #rate: Rate;
  #tokens: number;
  #filledAt = -Infinity;

  /** A full bucket. */
  constructor(rate: Rate) {
    this.#rate = rate;
    this.#tokens = rate.burst;
  }

  /** Takes tokens, if they are there; more than the bucket holds need a full one. */
  take(count: number, now: number): boolean {
    this.#fill(now);
    if (this.#tokens < Math.min(count, this.#rate.burst)) return false;
    this.#tokens -= count;
    return true;
  }

  /** Takes tokens whether they are there or not; what is missing is owed. */
  spend(count: number, now: number): void {
    this.#fill(now);
    this.#tokens -= count;
  }

  /** When so many tokens will be there. */
  availableAt(count: number, now: number): number {
    this.#fill(now);
    const missing = Math.min(count, this.#rate.burst) - this.#tokens;
    return missing <= 0 ? now : now + missing * 1000 / this.#rate.perSecond;
  }

  /** Makes it another rate from now on. What a larger burst allows more has to come first. */
  change(rate: Rate, now: number): void {
    this.#fill(now);
    this.#rate = rate;
    this.#tokens = Math.min(rate.burst, this.#tokens);
  }

  #fill(now: number): void {
    if (now <= this.#filledAt) return;
    const gained = (now - this.#filledAt) * this.#rate.perSecond / 1000;
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + gained);
    this.#filledAt = now;
  }
}
