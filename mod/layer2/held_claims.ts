/**
 * What this node claims on one interface, by the index of the group: it answers
 * for the addresses of exactly these groups, and its answers to members carry
 * the claim.
 */
export class HeldClaims {
  readonly #words: Int32Array;

  /**
   * Begins without claims.
   *
   * @param capacity The largest index.
   */
  constructor(capacity: number) {
    this.#words = new Int32Array(capacity + 1);
  }

  /** The claim on a group, as `claimWord` makes it; 0 = this node does not answer for it. */
  word(group: number): number {
    return (this.#words[group] ?? 0) >>> 0;
  }

  /** Claims a group, or with 0 claims it no longer. */
  set(group: number, word: number): void {
    this.#words[group] = word;
  }
}
