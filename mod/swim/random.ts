/** Where chance comes from: passed in, so that a run can be repeated. */
export interface RandomSource {
  /** A number from 0 to less than 1. */
  next(): number;
  /** Fills an array with bytes that nobody can foresee, for nonces. */
  fill(bytes: Uint8Array<ArrayBuffer>): void;
}

/** A whole number from 0 to `limit` − 1. */
export function randomBelow(random: RandomSource, limit: number): number {
  return Math.floor(random.next() * limit);
}

/** Puts a list into random order, in place. */
export function shuffle<T>(list: T[], random: RandomSource): void {
  for (let left = list.length; left > 1; left--) {
    swap(list, left - 1, randomBelow(random, left));
  }
}

/** Exchanges two elements of a list. */
export function swap<T>(list: T[], a: number, b: number): void {
  const [first, second] = [list[a], list[b]];
  if (first === undefined || second === undefined) return;
  [list[a], list[b]] = [second, first];
}

/** Up to `count` different elements of a list, which is left in another order. */
export function pick<T>(list: T[], count: number, random: RandomSource): T[] {
  const chosen = Math.min(count, list.length);
  for (let at = 0; at < chosen; at++) {
    swap(list, at, at + randomBelow(random, list.length - at));
  }
  return list.slice(0, chosen);
}
