import { type BeatState, type Claim, NO_CLAIM } from "../ownership/mod.ts";
import { SequenceWindow } from "./sequence_window.ts";

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
  /** Number of the beat that told it. */
  sequence: number;
  /** Telling everything anew begins a round; what is not told in it has ended. */
  round: number;
}

/** What this node knows of another on one segment. All times are by our clock, in ms. */
export class Peer {
  /** Its id. */
  readonly node: number;
  /** Whether membership calls it alive. */
  isAlive = true;
  /** Whether it sends claims; `false` for a speaker of MetalLB's. */
  speaksClaims = true;
  /** Whether the table names it on this segment. */
  isKnown = false;

  /** The newest incarnation heard; 0 = none. */
  incarnation = 0;
  /** Numbers of its beats that have come. */
  readonly sequences = new SequenceWindow();
  /** When its newest beat came. */
  beatAt: number = -Infinity;
  /** Its life by beats: when the newest came, dated back by its own deafness. */
  life: number = -Infinity;
  /** When it last answered on the LAN. */
  answeredAt: number = -Infinity;
  /** Whether its newest beat said that it hears us. */
  isTwoWay = false;
  /** Whether silence of it means something: beats went both ways in this incarnation. */
  isArmed = false;
  /** What it last said about itself. */
  state: BeatState = "ready";
  /** Milliseconds between its beats. */
  interval = 0;
  /** Since when contact both ways is unbroken; `Infinity` = it is not. */
  steadySince: number = Infinity;
  /** When it was last seen to be. */
  steadyAt: number = -Infinity;
  /** How often contact broke soon after it had come back. */
  flaps = 0;
  /** When it last said that it needs our beats. */
  wantsUsAt: number = -Infinity;
  /** What it vouches for. */
  readonly reports = new Map<number, Report>();

  /** Whether we need its beats. */
  isWanted = false;
  /** Until when we need them for another reason than its rank. */
  greetedUntil: number = -Infinity;
  /** It is to get a beat before its turn. */
  isBeatDue = false;
  /** When it last got one. */
  beatenAt: number = -Infinity;

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

  /** Its claim of a group, as far as it told; `NO_CLAIM` = none. */
  claim(group: number): Claim {
    return this.told.get(group)?.claim ?? NO_CLAIM;
  }
}
