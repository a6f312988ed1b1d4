/**
 * The own health (Lifeguard's local health multiplier): whoever is slow itself
 * should not be quick to call others dead.
 */
export class Awareness {
  #max: number;
  #score = 0;

  /**
   * Healthy.
   *
   * @param maxMultiplier The score stays below it.
   */
  constructor(maxMultiplier: number) {
    this.#max = maxMultiplier;
  }

  /** 0 is healthy; higher is worse. */
  get score(): number {
    return this.#score;
  }

  /** Keeps the score below another bound from now on. */
  limit(maxMultiplier: number): void {
    this.#max = maxMultiplier;
    this.apply(0);
  }

  /** Takes in signs of bad (above 0) or good health. */
  apply(delta: number): void {
    this.#score = Math.min(this.#max - 1, Math.max(0, this.#score + delta));
  }

  /** A duration, stretched by the score. */
  scale(ms: number): number {
    return ms * (1 + this.#score);
  }
}
