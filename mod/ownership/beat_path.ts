/**
 * Milliseconds without a beat of the peer after which all its addresses are
 * tried. Longer than any detection time: who was lost is looked for everywhere.
 */
const PATIENCE = 1000;

/** To where the peer was last heard from. */
export const BACK: number = -1;
/** Nowhere: no address of the peer is known. */
export const NOWHERE: number = -2;

/**
 * Which way a beat to one peer on one interface takes: back to where the peer was
 * heard from, and while it is not, to its known addresses in turn.
 *
 * Known are the link-local addresses first, which need no configuration, then
 * those of IPv4; of a node with several interfaces it may not be known which is
 * on the segment. When a firewall swallows one family in one direction, the side
 * that is heard still hears nothing and tries all ways; so the other side hears
 * it on all, answers on all, is heard on one that works, and both stay with it.
 */
export class BeatPath {
  // Times with fractions are boxed elsewhere.
  readonly #heardAt = new Float64Array([-Infinity]);
  #tried = -1;

  /** A beat of the peer came. */
  heard(now: number): void {
    this.#heardAt[0] = now;
  }

  /**
   * Chooses the way of the next beat.
   *
   * @param known How many addresses are known.
   * @param hasBack Whether where the peer was heard from can be reached.
   * @returns Index of an address, {@linkcode BACK} or {@linkcode NOWHERE}.
   */
  next(known: number, hasBack: boolean, now: number): number {
    const silence = now - (this.#heardAt[0] ?? -Infinity);
    if (hasBack && (silence < PATIENCE || known === 0)) return BACK;
    if (known === 0) return NOWHERE;
    this.#tried = (this.#tried + 1) % known;
    return this.#tried;
  }
}
