/** Whether a beat is news. All but the first are labels of metrics. */
export const FRESHNESS = [
  /** Newer than all before it. */
  "fresh",
  /** Not newer than another of the same incarnation and interface. */
  "replayed",
  /** Of an incarnation before the present one. */
  "oldIncarnation",
] as const;

/** One of {@linkcode FRESHNESS}. */
export type Freshness = typeof FRESHNESS[number];

/** What tells the age of a beat. */
export interface BeatOrigin {
  /** See `Beat`. */
  readonly node: number;
  /** See `Beat`. */
  readonly link: number;
  /** See `Beat`. */
  readonly incarnation: number;
  /** See `Beat`. */
  readonly sequence: number;
}

/** Interfaces of one incarnation that are told apart; more share a place. */
const LINKS_PER_NODE = 64;

const NODE = 0;
const LINK = 1;
const INCARNATION = 2;
const SEQUENCE = 3;
const CELLS = 4;

/**
 * Tells beats from repetitions of old ones, also of those that were recorded on
 * another segment: of every sender the incarnation never falls, and in one
 * incarnation the sequence always grows. There is no window for late beats: whatever a late one
 * says, a newer one has said better.
 *
 * Only beats with a right seal may come here, so only members take places.
 *
 * After a start of its own it knows nothing, and takes every sender's first beat
 * for fresh, a recorded one, too. That one names another incarnation of the
 * receiver: `ClaimEngine` believes nothing that a sender says before it has named
 * the present one.
 */
export class ReplayGuard {
  #cells = new Float64Array(8 * CELLS);
  #count = 0;

  /** Senders that it knows: nodes by their interfaces. */
  get size(): number {
    return this.#count;
  }

  /** Judges a beat, and remembers it if it is fresh. Allocates for new senders only. */
  judge({ node, link, incarnation, sequence }: BeatOrigin): Freshness {
    const present = this.#incarnationOf(node);
    if (incarnation < present) return "oldIncarnation";
    // Interfaces of an ended incarnation would only take places.
    if (incarnation > present) this.#keep((other) => other !== node);
    const at = this.#placeOf(node, link) * CELLS;
    if (sequence <= (this.#cells[at + SEQUENCE] ?? 0)) return "replayed";
    this.#cells[at + INCARNATION] = incarnation;
    this.#cells[at + SEQUENCE] = sequence;
    return "fresh";
  }

  /** Forgets all nodes but these: the others are members no more. */
  keepOnly(nodes: ReadonlySet<number>): void {
    this.#keep((node) => nodes.has(node));
  }

  #keep(isKept: (node: number) => boolean): void {
    const cells = this.#cells;
    let kept = 0;
    for (let place = 0; place < this.#count; place++) {
      const at = place * CELLS;
      if (!isKept(cells[at + NODE] ?? 0)) continue;
      cells.copyWithin(kept * CELLS, at, at + CELLS);
      kept++;
    }
    this.#count = kept;
  }

  /** The incarnation of a node that was heard last; 0 = none. */
  #incarnationOf(node: number): number {
    const cells = this.#cells;
    for (let at = 0; at < this.#count * CELLS; at += CELLS) {
      if (cells[at + NODE] === node) return cells[at + INCARNATION] ?? 0;
    }
    return 0;
  }

  /** The place of a sender, a new one if need be. */
  #placeOf(node: number, link: number): number {
    const cells = this.#cells;
    let shared = -1;
    let links = 0;
    for (let place = 0; place < this.#count; place++) {
      const at = place * CELLS;
      if (cells[at + NODE] !== node) continue;
      if (cells[at + LINK] === link) return place;
      shared = place;
      links++;
    }
    const place = links < LINKS_PER_NODE ? this.#add() : shared;
    const at = place * CELLS;
    this.#cells[at + NODE] = node;
    this.#cells[at + LINK] = link;
    this.#cells[at + INCARNATION] = 0;
    this.#cells[at + SEQUENCE] = 0;
    return place;
  }

  #add(): number {
    const place = this.#count++;
    if (place * CELLS < this.#cells.length) return place;
    const grown = new Float64Array(2 * this.#cells.length);
    grown.set(this.#cells);
    this.#cells = grown;
    return place;
  }
}
