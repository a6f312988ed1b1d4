import {
  type BeatState,
  type Claim,
  compareClaims,
  NO_CLAIM,
} from "../ownership/mod.ts";
import { flapsAfter } from "./failback.ts";
import type { Group } from "./group.ts";

/** What one peer vouches for about another. */
export interface Report {
  /** Incarnation of the other. */
  incarnation: number;
  /** Its last sign of life, by our clock. */
  life: number;
}

/** What a peer told of its claim of a group. */
export interface ToldClaim {
  /** The claim; `NO_CLAIM` = it ended. */
  claim: Claim;
  /** Telling everything anew begins a round; what is not told in it has ended. */
  round: number;
}

/** What of a peer can make a group move. */
export interface Found {
  /** Whether it can take groups over. */
  readonly isAvailable: boolean;
  /** Whether it can be relied on as a standby. */
  readonly isPresent: boolean;
  /** Whether groups may be handed over to it. */
  readonly isSound: boolean;
  /** Whether its beats are needed and missed. */
  readonly isMissed: boolean;
  /** Since when contact both ways is unbroken. */
  readonly steadySince: number;
  /** How often it broke. */
  readonly flaps: number;
}

const NOTHING_FOUND: Found = {
  isAvailable: false,
  isPresent: true,
  isSound: false,
  isMissed: false,
  steadySince: Infinity,
  flaps: 0,
};

/** What this node knows of another on one segment. All times are by our clock, in ms. */
export class Peer {
  /** Its id. */
  readonly node: number;
  /** Whether membership calls it alive. */
  isAlive = true;
  /** Since when it does without a break; `Infinity` = it does not, or said nothing yet. */
  aliveSince: number = Infinity;
  /** Whether it has said goodbye. */
  hasLeft = false;
  /** Whether it sends claims; `false` for a speaker of MetalLB's. */
  speaksClaims = true;
  /** Whether the table names it on this segment. */
  isKnown = false;

  /** The newest incarnation heard; 0 = none. */
  incarnation = 0;
  /** Number of its newest beat that has come. */
  sequence = 0;
  /** Whether a beat of it has named our present incarnation: what is newer is no recording. */
  isContemporary = false;
  /** When its newest beat came, whatever that proves. */
  cameAt: number = -Infinity;
  /** When its newest beat came that may be believed. */
  beatAt: number = -Infinity;
  /** Its life by beats: when the newest came, dated back by its own deafness. */
  life: number = -Infinity;
  /** The same, without what is assumed after a stall of ours: what we vouch for. */
  provenLife: number = -Infinity;
  /** When it last answered on the LAN. */
  answeredAt: number = -Infinity;
  /** Whether its newest beat said that it hears us. */
  isTwoWay = false;
  /** Whether silence of it means something: beats went both ways in this incarnation. */
  isArmed = false;
  /** What it last said about itself. */
  state: BeatState = "ready";
  /** Milliseconds between its beats, as it says; more where it asks others to wait longer for it. */
  interval = 0;
  /** Since when contact both ways is unbroken; `Infinity` = it is not. */
  steadySince: number = Infinity;
  /** When it was last seen to be. */
  steadyAt: number = -Infinity;
  /** Whether such contact has been and was broken: the next is a return. */
  hasBroken = false;
  /** How often contact broke soon after it had come back. */
  flaps = 0;
  /** When it last said that it needs our beats. */
  wantsUsAt: number = -Infinity;
  /** Whether it said in its newest beat that it learns who owns what. */
  learns = false;
  /** Place of the peer of which it is told first next time, where there are too many for one beat. */
  toldOf = 0;
  /** How many claims of others it was told. */
  relayed = 0;
  /** What it vouches for. */
  readonly reports = new Map<number, Report>();

  /** Whether we need its beats. */
  isWanted = false;
  /** Since when we do. */
  wantedSince: number = -Infinity;
  /** Groups for which we do. */
  wantedFor = 0;
  /** Until when we need them for another reason than its rank. */
  greetedUntil: number = -Infinity;
  /** It is to get a beat before its turn. */
  isBeatDue = false;
  /** When it last got one. */
  beatenAt: number = -Infinity;

  /** Groups of which it told a lower claim than we know: it is told the higher one. */
  readonly corrected = new Set<Group>();
  /** Groups of which it is believed to be the owner, with nothing to do before it is in doubt. */
  readonly resting = new Set<Group>();
  /** The other groups that any sign of life of it concerns. */
  readonly restless = new Set<Group>();
  /** The least silence that puts it in doubt for one of those that rest, in ms. */
  patience: number = Infinity;
  /** When it is to be looked whether it has changed for its groups. */
  lookAt: number = -Infinity;
  /** What was found last. */
  found: Found = NOTHING_FOUND;
  /** Whether a sign of its life has come since. */
  hasSign = false;

  /** What it told of its claims, by group. */
  readonly told = new Map<number, ToldClaim>();
  /** Whether we had followed all of its claims with its newest beat. */
  isFollowed = false;
  /** Version of its claims up to which we have followed. */
  followed = 0;
  /** Present round of telling everything anew. */
  round = 0;
  /** The last round after which what was not told had ended. */
  endedRound = 0;
  /** Version of our claims up to which it has followed. */
  acknowledged = 0;
  /** Version of our claims up to which we told it. */
  informed = 0;

  /** When a question about one of its groups last left. */
  askedAt: number = -Infinity;

  /** Somebody of whom nothing was heard. */
  constructor(node: number) {
    this.node = node;
  }

  /** Takes in what membership says of it. */
  setAlive(isAlive: boolean, now: number): void {
    this.isAlive = isAlive;
    this.aliveSince = isAlive ? Math.min(this.aliveSince, now) : Infinity;
  }

  /** Contact both ways is no longer unbroken. */
  breakContact(): void {
    if (this.steadySince === Infinity) return;
    const steady = this.steadyAt - this.steadySince;
    this.flaps = this.hasBroken ? flapsAfter(this.flaps, steady) : 0;
    this.hasBroken = true;
    this.steadySince = Infinity;
  }

  /** Its claim of a group, as far as it told; `NO_CLAIM` = none. */
  claim(group: number): Claim {
    return this.told.get(group)?.claim ?? NO_CLAIM;
  }

  /** Takes in what it tells of its claim of a group. */
  tell(group: Group, claim: Claim): void {
    const told = this.told.get(group.id);
    const { round } = this;
    if (told === undefined) this.told.set(group.id, { claim, round });
    else Object.assign(told, { claim, round });
    this.#claims(group, claim !== NO_CLAIM);
  }

  /** Its claim of a group has ended. */
  untell(group: Group, told: ToldClaim): void {
    told.claim = NO_CLAIM;
    this.#claims(group, false);
  }

  /** Finds out whether it is to be told of a higher claim of a group. */
  weigh(group: Group): void {
    const claimed = this.claim(group.id);
    if (claimed !== NO_CLAIM && compareClaims(group.seen, claimed) > 0) {
      this.corrected.add(group);
    } else this.corrected.delete(group);
  }

  #claims(group: Group, isClaimed: boolean): void {
    const place = group.claimants.indexOf(this);
    if (isClaimed && place < 0) group.claimants.push(this);
    else if (!isClaimed && place >= 0) group.claimants.splice(place, 1);
    this.weigh(group);
  }
}
