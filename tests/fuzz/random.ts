/**
 * A small repeatable source of numbers: what it gives depends on the seed and
 * the index only, so that any one execution can be run again alone. It is a
 * 32-bit xorshift generator (Marsaglia, 2003); good enough to choose mutations.
 */
export class Random {
  #state: number;

  /**
   * @param seed 0 to 2^32 − 1.
   * @param index Number of the execution.
   */
  constructor(seed: number, index: number) {
    this.#state = scramble(scramble(seed) ^ index) || 1;
  }

  /** A whole number from 0 to 2^32 − 1. */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  }

  /** A whole number from 0 to `limit` − 1; 0 when `limit` is 0. */
  below(limit: number): number {
    return limit === 0 ? 0 : this.next() % limit;
  }

  /** One element of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    const element = list[this.below(list.length)];
    if (element === undefined) {
      throw new RangeError("Cannot pick from an empty list");
    }
    return element;
  }
}

/** Spreads neighbouring numbers over the whole range. */
function scramble(value: number): number {
  const once = Math.imul(value ^ value >>> 16, 0x9e3779b1);
  const twice = Math.imul(once ^ once >>> 15, 0x85ebca77);
  return twice ^ twice >>> 13;
}
