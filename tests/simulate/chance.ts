import { Random } from "../fuzz/random.ts";

/** Random choices of a simulation, repeatable from a seed. */
export class Chance {
  readonly #random: Random;

  /** @param seed 0 to 2^32 − 1. */
  constructor(seed: number, index = 0) {
    this.#random = new Random(seed >>> 0, index);
  }

  /** From 0 to 1, 1 excluded. */
  unit(): number {
    return this.#random.next() / 4294967296;
  }

  /** Whether something of this probability happens. */
  happens(probability: number): boolean {
    return probability > 0 && this.unit() < probability;
  }

  /** A whole number from 0 to `limit` − 1. */
  below(limit: number): number {
    return this.#random.below(limit);
  }

  /** A whole number between two, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** A number between two. */
  within(low: number, high: number): number {
    return low + (high - low) * this.unit();
  }

  /** One element of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return this.#random.pick(list);
  }

  /** The elements in any order. */
  shuffle<T>(list: readonly T[]): T[] {
    return list.map((value) => ({ value, key: this.unit() }))
      .sort((a, b) => a.key - b.key).map(({ value }) => value);
  }

  /** A seed for other choices. */
  seed(): number {
    return this.#random.next();
  }
}
