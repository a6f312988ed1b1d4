import {
  type Claim,
  compareClaims,
  NO_CLAIM,
  NO_NODE,
} from "../ownership/mod.ts";
import { Agenda, Appointment } from "./agenda.ts";
import type { ClaimReason } from "./sink.ts";
import type { FailbackPolicy } from "./failback.ts";
import type { Peer } from "./peer.ts";
import type { GroupRecord } from "./table.ts";

/** What a node is for a group. */
export type Role =
  /** It does not answer. */
  | "idle"
  /** It answers. */
  | "owner"
  /** It answers, and has offered the group to another. */
  | "yield"
  /** It has just fallen silent before a higher claim, and looks whether that one answers. */
  | "lost";

/** A candidate of a group. */
export interface Candidate {
  /** Its id. */
  readonly node: number;
  /** First 32 bits of its election hash. */
  readonly hash: number;
  /** `undefined` = this node itself. */
  readonly peer: Peer | undefined;
}

/** A time that never was. */
export const NEVER = -Infinity;

/** How it was before a take-over. */
export interface Before {
  /** The highest claim of which we knew. */
  readonly seen: Claim;
  /** When any peer had last beaten. */
  readonly beatAt: number;
}

/** Questions on the LAN about a group. */
export class Asking {
  /** When the present series of questions without an answer began; {@linkcode NEVER} = none. */
  since: number = NEVER;
  /** When the last question left. */
  at: number = NEVER;
  /** When the first of the latest series that has begun to leave did. */
  firstAt: number = NEVER;
}

/** What became of a claim that was given up. */
export class Loss {
  /** The claim given up; our questions carry it until the winner was heard to announce. */
  gave: Claim = NO_CLAIM;
  /** The claim that silenced us. */
  winner: Claim = NO_CLAIM;
  /** Since when we look whether the winner answers. */
  since: number = NEVER;
  /** For how long, in ms. */
  patience = 0;
  /** When we last resumed. */
  resumedAt: number = NEVER;
  /** How often in a row that was replied to. */
  replies = 0;
  /** Questions left that make the winner announce. */
  reminders = 0;
}

/** Announcements of an owner. */
export class Announcing {
  /** Where it says when the next is due. */
  readonly next: Appointment<Group>;
  /** How many of the first burst have left. */
  sent = 0;
  /** When we last answered a lower claim or a foreign host with one. */
  contestedAt: number = NEVER;
  /** How long we do not do so again. */
  contestGap = 0;
  /** When a foreign host was last heard to answer or announce. */
  foreignAt: number = NEVER;

  /** None of a group that is not owned. */
  constructor(group: Group) {
    this.next = new Appointment(group);
  }

  /** When the next is due; `Infinity` = none. */
  get at(): number {
    return this.next.at;
  }
}

/** A higher claim that others remember, whose claimant is asked for. */
export class Correcting {
  /** Since when; {@linkcode NEVER} = there is none. */
  since: number = NEVER;
  /** When we last claimed above one. */
  at: number = NEVER;
  /** How long we do not do so again. */
  gap = 0;
}

/** A hand-over that is under way. */
export class Handover {
  /** Why. */
  reason: ClaimReason = "drain";
  /** When it began. */
  since: number = NEVER;
  /** When to go on with another offer. */
  nextAt: number = NEVER;
  /** Node to whom the group is offered. */
  successor: number = NO_NODE;
  /** Term offered. */
  term = 0;
  /** Nodes that did not take it. */
  readonly tried = new Set<number>();
  /** After nobody took it: not before this time again. */
  retryAt: number = NEVER;
}

/** Where the groups of a segment say what is to be done about them. */
export class GroupDesk {
  /** When each is to be looked at. */
  readonly agenda: Agenda<Group> = new Agenda();
  /** Those of which it is to be told who is believed in. */
  readonly news: Group[] = [];
}

/** One group on one segment. All times are by our clock, in ms. */
export class Group {
  /** Its id. */
  readonly id: number;
  /** Number of the last table that names it. */
  table = 0;
  /** What the table says of it, while it does. */
  record: GroupRecord | undefined = undefined;
  /** First 32 bits of our election hash for it. */
  hash = 0;
  /** The candidates, best first. */
  candidates: readonly Candidate[] = [];
  /** Whether this node is one of them. */
  isCandidate = false;
  /** Whether the table names it on this segment. */
  isKnown = false;
  /** Whether its address was never in use in the cluster. */
  isNew = false;
  /** When a returned candidate gets it back. */
  failback: FailbackPolicy = { kind: "never" };
  /** Frames that one announcement of it takes. */
  frames = 1;

  /** What we are for it. */
  role: Role = "idle";
  /** Our claim while we answer; else `NO_CLAIM`. */
  claim: Claim = NO_CLAIM;
  /** Since when we hold that claim. */
  claimedAt: number = NEVER;
  /** The highest claim of which we know, from anybody. */
  seen: Claim = NO_CLAIM;
  /** How it was before we took it over in full with the present claim; `undefined` = we did not. */
  before: Before | undefined = undefined;
  /** The claim that we believe in while we do not answer; `NO_CLAIM` = owner unknown. */
  owner: Claim = NO_CLAIM;
  /** Who made it. */
  ownerPeer: Peer | undefined = undefined;
  /** Since when we believe in it. */
  believedAt: number = NEVER;
  /** The newest evidence for it on the LAN, or since when there is nobody to believe in. */
  evidenceAt: number = NEVER;

  /** Questions. */
  readonly asking = new Asking();
  /** A loss. */
  readonly loss = new Loss();
  /** Announcements. */
  readonly announcing: Announcing;
  /** A hand-over to another. */
  readonly handover = new Handover();
  /** A higher claim that is remembered. */
  readonly correction = new Correcting();
  /** After taking an offer: own view and order give no reason to pass it on until then. */
  overrideUntil: number = NEVER;
  /** After the order changed: until then those who newly come before us are waited for. */
  placementUntil: number = NEVER;
  /** Who they are. */
  placed: readonly number[] = [];
  /** When the owner last asked for itself. */
  ownAskedAt: number = NEVER;

  /** The peers whose beats are needed for it, as far as was found out last. */
  partners: readonly Peer[] = [];
  /** Whether that is to be found out anew. */
  isRestated = false;
  /** The peer of which a sign of life, or the lack of one, concerns it. */
  concerns: Peer | undefined = undefined;
  /** The peers that told a claim of it. */
  readonly claimants: Peer[] = [];
  /** Whether somebody else is believed in than was told. */
  isNews = false;
  readonly #desk: GroupDesk;
  readonly #look: Appointment<Group>;

  /**
   * A group that nobody owns.
   *
   * @param desk Where it says what is to be done about it; default its own.
   */
  constructor(id: number, desk: GroupDesk = new GroupDesk()) {
    this.id = id;
    this.announcing = new Announcing(this);
    this.#desk = desk;
    this.#look = new Appointment<Group>(this);
  }

  /** Whether we answer for it. */
  get isOurs(): boolean {
    return this.role === "owner" || this.role === "yield";
  }

  /** Whether an owner of it was never heard of, although there may be one. */
  get isUnheardOf(): boolean {
    return this.believedAt === NEVER && !(this.isNew && this.seen.term === 0);
  }

  /** When it is looked at; `Infinity` = when something happens. */
  get dueAt(): number {
    return this.#look.at;
  }

  /** Makes it be looked at by then: something may have changed. */
  touch(at: number): void {
    if (at < this.#look.at) this.#desk.agenda.set(this.#look, at);
  }

  /** Makes it be looked at then, and not before. */
  lookAt(at: number): void {
    this.#desk.agenda.set(this.#look, at);
  }

  /** Takes in that a claim exists. */
  see(claim: Claim): void {
    if (compareClaims(claim, this.seen) <= 0) return;
    this.seen = claim;
    for (const peer of this.claimants) peer.weigh(this);
  }

  /** Takes back that a claim of ours exists: nobody heard it. */
  unsee(before: Claim): void {
    this.seen = before;
    for (const peer of this.claimants) peer.weigh(this);
  }

  /** Believes in a claim; `undefined` = owner unknown. */
  believe(claim: Claim, peer: Peer | undefined, now: number): void {
    this.believedAt = now;
    this.owner = claim;
    this.ownerPeer = peer;
    this.tellOwner();
  }

  /** Makes it be told again who is believed in. */
  tellOwner(): void {
    if (this.isNews) return;
    this.isNews = true;
    this.#desk.news.push(this);
  }

  /** Takes in that a member answered or announced: whatever was asked is answered. */
  evidence(now: number): void {
    this.evidenceAt = now;
    this.asking.since = NEVER;
    this.touch(now);
  }
}
