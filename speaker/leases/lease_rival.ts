/** Notices a second speaker that has this node's name. */

/**
 * Two speakers of one name renew one Lease in turn. Whoever was there before
 * this process does not count: a sighting does only once the own renewal has
 * been seen.
 */
export class LeaseRival {
  readonly #self: string;
  readonly #expireMs: number;
  #isKnown = false;
  #rival: { readonly instance: string; readonly seenAt: number } | undefined;

  /**
   * Nobody has been seen yet.
   *
   * @param self What this process writes into the Lease to be told apart.
   * @param expireMs A rival not seen for this long is gone, in ms.
   */
  constructor(self: string, expireMs: number) {
    this.#self = self;
    this.#expireMs = expireMs;
  }

  /**
   * Takes in who renewed the Lease, in the order of the renewals.
   *
   * @param instance What the renewal says; `undefined` = nothing.
   * @param now The present, in ms of any clock that never goes back.
   */
  observe(instance: string | undefined, now: number): void {
    if (instance === this.#self) this.#isKnown = true;
    else if (this.#isKnown && instance !== undefined) {
      this.#rival = { instance, seenAt: now };
    }
  }

  /** Who else renews the Lease; `undefined` = nobody. */
  at(now: number): string | undefined {
    const rival = this.#rival;
    if (rival === undefined || now - rival.seenAt >= this.#expireMs) {
      return undefined;
    }
    return rival.instance;
  }
}
