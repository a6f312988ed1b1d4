/**
 * A beat: what a node tells one peer on one interface, ten times a second by
 * default, over UDP.
 *
 * **Everything in it is about the segment of the interface that it leaves by**:
 * a node owns a group on each segment by itself, so a fault of one segment
 * moves nothing on another. What does not fit follows in further beats, at once.
 *
 * **Claims are told as changes.** The claims that a node holds on a segment are
 * numbered by version: each change (a claim made, raised, or ended) gets the
 * next. A beat says which versions it covers (`since` exclusive, `until`
 * inclusive) with every group whose last change lies between them, in the order
 * of their changes; what the sender's newest version is; and how far the sender
 * has followed the receiver (`followed`). Changes are repeated until they are
 * acknowledged that way, so a lost or overtaken beat costs one interval, and in
 * an unchanged world beats name no group at all, however many there are. A
 * receiver whose own position lies before `since` ignores the changes. One that
 * starts says that it followed to 0 and is told everything anew, with `since`
 * 0: whatever it knew before and is not told until it has caught up has ended.
 *
 * **The highest claims seen are told as corrections**: only to who claims a
 * group with less than the sender remembers of it. In the same way a receiver
 * that learns is told what others claim that it does not hear.
 *
 * **That a claim of another has ended is told as an offer of nothing**, to
 * candidates that may not hear its owner, until there is another claim.
 */
import type { Claim } from "./claim.ts";
import { RecordList } from "./record_list.ts";

/** Bytes of a beat at most: no fragment on a link with the minimum MTU of IPv6 (RFC 8200 §5). */
export const MAX_BEAT_BYTES = 1232;

/** Entries of {@linkcode Beat.heard} at most; a sender with more tells them in turn. */
export const MAX_HEARD = 19;

/** Weight of changes, corrections and offers together at most, in bytes on the wire. */
export const MAX_ITEM_WEIGHT = 854;

/** Weight of a {@linkcode ClaimChange}: group (6), term and full (4), hash (4). */
export const CHANGE_WEIGHT = 14;

/** Weight of a {@linkcode Correction}: the same, and a node (6). */
export const CORRECTION_WEIGHT = 20;

/** Weight of a {@linkcode YieldOffer}: group (6), term (4). */
export const OFFER_WEIGHT = 10;

/** Term of a {@linkcode YieldOffer} by a third node: its owner has told that it claims the group no more. */
export const NO_OWNER = 0;

/** The longest age that a beat can tell, in ms; older is told as this: not heard. */
export const MAX_AGE = 0xffff;

/** Whether its sender can take groups over. */
export const BEAT_STATES = ["starting", "ready", "draining"] as const;

/** One of {@linkcode BEAT_STATES}; its index is its number on the wire. */
export type BeatState = typeof BEAT_STATES[number];

/** What the sender knows of one peer. */
export interface Heard {
  /** Id of the peer. */
  node: number;
  /** The highest incarnation of it that the sender knows; 0 = none. */
  incarnation: number;
  /** Milliseconds since its last beat. */
  age: number;
  /** Whether that beat said that it hears the sender. */
  twoWay: boolean;
  /** Milliseconds since its last sign of life that the sender vouches for. */
  lifeAge: number;
}

/** A change of the sender's own claims. */
export interface ClaimChange {
  /** Id of the group. */
  group: number;
  /** Term of the claim; 0 = it no longer claims the group. */
  term: number;
  /** See {@linkcode Claim.full}. */
  full: boolean;
  /** See {@linkcode Claim.hash}. */
  hash: number;
}

/** A claim of another: higher than what the receiver claims, or that of an owner which it does not hear. */
export interface Correction {
  /** Id of the group. */
  group: number;
  /** See {@linkcode Claim.term}. */
  term: number;
  /** See {@linkcode Claim.full}. */
  full: boolean;
  /** See {@linkcode Claim.hash}. */
  hash: number;
  /** See {@linkcode Claim.node}. */
  node: number;
}

/** An offer to the receiver to take a group over. */
export interface YieldOffer {
  /** Id of the group. */
  group: number;
  /**
   * Term that the receiver is to claim; it takes only what is above all it has
   * seen. {@linkcode NO_OWNER} offers nothing: the receiver may look for itself.
   */
  term: number;
}

/** One beat. It is made once and filled anew for each that is sent or received. */
export class Beat {
  /** Id of the sender. */
  node = 0;
  /** Grows with every start of the sender: the date of the start in ms, 47 bits. */
  incarnation = 0;
  /**
   * Index of the sender's interface, 32 bits. Two interfaces of a node are two
   * senders, so that what was recorded on one segment is not taken for news on
   * another.
   */
  link = 0;
  /**
   * Grows with every beat of this incarnation, whatever the peer and the
   * interface, from 1, 48 bits: enough for 40,000 years of 200 beats a second.
   */
  sequence = 0;
  /** Whether the sender can take groups over. */
  state: BeatState = "starting";
  /** Whether the sender needs the receiver's beats, or only returns them. */
  wanted = false;
  /** Whether the sender asks who owns what: it starts, and may not hear every owner. */
  learns = false;
  /** Milliseconds between the sender's beats at present, at most {@linkcode MAX_AGE}. */
  interval = 0;
  /** Milliseconds since the sender heard anything on this interface. */
  newestAge = 0;
  /** The changes begin after this version of the sender's claims. */
  since = 0;
  /** They are complete up to this version. */
  until = 0;
  /** The newest version. */
  version = 0;
  /** Version of the receiver's claims up to which the sender has followed; 0 = tell me all. */
  followed = 0;
  /** The receiver itself first, then other peers; at most {@linkcode MAX_HEARD}. */
  readonly heard: RecordList<Heard> = new RecordList(() => ({
    node: 0,
    incarnation: 0,
    age: 0,
    twoWay: false,
    lifeAge: 0,
  }));
  /** Changes of the sender's claims, in their order. */
  readonly changes: RecordList<ClaimChange> = new RecordList(() => ({
    group: 0,
    term: 0,
    full: false,
    hash: 0,
  }));
  /** Claims of others that the receiver is to know of. */
  readonly corrections: RecordList<Correction> = new RecordList(() => ({
    group: 0,
    term: 0,
    full: false,
    hash: 0,
    node: 0,
  }));
  /** Offers to the receiver, in every beat while they stand. */
  readonly offers: RecordList<YieldOffer> = new RecordList(() => ({
    group: 0,
    term: 0,
  }));

  /** Weight of all items, see {@linkcode MAX_ITEM_WEIGHT}. */
  get itemWeight(): number {
    return this.changes.length * CHANGE_WEIGHT +
      this.corrections.length * CORRECTION_WEIGHT +
      this.offers.length * OFFER_WEIGHT;
  }

  /** Empties the lists. */
  clearLists(): void {
    this.heard.clear();
    this.changes.clear();
    this.corrections.clear();
    this.offers.clear();
  }
}

/** The claim that a change tells; meaningful when its term is not 0. */
export function claimOf(change: ClaimChange, node: number): Claim {
  const { term, full, hash } = change;
  return { term, full, hash, node };
}
