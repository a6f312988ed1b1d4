/** When a node beats, and whom. */
import { Beat } from "../ownership/mod.ts";
import { sendBeats } from "./beat_writer.ts";
import type { Context } from "./context.ts";
import { isPartner } from "./greeting.ts";
import type { Group } from "./group.ts";
import { isFresh } from "./liveness.ts";
import type { Peer } from "./peer.ts";
import type { Self } from "./self.ts";
import { noteTurn } from "./strain.ts";
import { AT_ONCE, beatInterval, timingFor } from "./timing.ts";
import { TokenBucket } from "./token_bucket.ts";
import { disarm } from "./watching.ts";

/** Part of the interval by which a turn comes early, to be at the time of a partner's: with half, any two find together. */
const IN_STEP = 0.5;
/** Between two beats out of turn to one peer, in ms: what changes meanwhile goes into one. */
const COALESCED = 5;

/** The beats of a node, on all of its segments. */
export class Beating {
  readonly #self: Self;
  readonly #beat = new Beat();
  readonly #budget: TokenBucket;
  #nextAt = -Infinity;
  #turnAt = Infinity;
  #dueAt = Infinity;

  /** Beats begin at once. */
  constructor(self: Self) {
    this.#self = self;
    this.#budget = new TokenBucket({
      perSecond: self.heartbeats.beatsPerSecond,
      burst: AT_ONCE,
    });
  }

  /** When the last beats in turn left; `Infinity` = none have. */
  get turnAt(): number {
    return this.#turnAt;
  }

  /** When beats are to leave, in turn or not; `Infinity` before the first turn. */
  get dueAt(): number {
    return this.#dueAt;
  }

  /** Peers that get beats, counted on each segment. */
  get partners(): number {
    return this.#self.partners;
  }

  /** Sends what is due; out of turn, who is to hear at once of a change. */
  run(contexts: readonly Context[], now: number): void {
    const isTurn = now >= this.#nextAt;
    if (isTurn) this.#inTurn(contexts, now);
    this.#dueAt = this.#nextAt;
    if (isTurn) return;
    for (const ctx of contexts) {
      this.#dueAt = Math.min(this.#dueAt, this.#outOfTurn(ctx, now));
    }
  }

  /**
   * A beat has come. If it is a partner's that we are in contact with, a turn
   * that is near comes now: partners keep step, and all are awake at one time
   * instead of each at every other's. Who beats first keeps the interval, and the
   * others his. Where an interval is stretched nobody does: that node would beat
   * more often than it may.
   */
  keepStep({ segment }: Context, beat: Beat, now: number): void {
    const { timing, isStretched } = this.#self;
    if (now >= this.#nextAt || this.#nextAt - now > timing.beat * IN_STEP) {
      return;
    }
    if (isStretched || beat.interval !== timing.beat || !beat.wanted) return;
    // Who has just begun is first to hear, and be heard by, all others.
    if (segment.peers.get(beat.node)?.isTwoWay !== true) return;
    this.#nextAt = now;
    this.#dueAt = now;
  }

  /**
   * The interval follows the number of partners before they are told: it is in
   * force until the next turn, for those who wait for us as for ourselves.
   */
  #inTurn(contexts: readonly Context[], now: number): void {
    noteTurn(contexts, this.#self, now - this.#turnAt, now);
    this.#turnAt = now;
    let partners = 0;
    for (const ctx of contexts) partners += callPartners(ctx, now);
    this.#self.partners = partners;
    const isOther = this.#stretch(contexts, now);
    this.#nextAt = this.#turnAfter(now);
    for (const ctx of contexts) {
      for (const peer of ctx.segment.peerList) {
        if (peer.isBeatDue) this.#send(ctx, peer, peer.acknowledged, now);
      }
    }
    if (!isOther) return;
    for (const { segment } of contexts) segment.touchEverything(now);
  }

  /** When the next turn is; who is late makes up for it, but not where there are too many partners. */
  #turnAfter(now: number): number {
    const { timing: { beat }, isStretched } = this.#self;
    return Math.max(this.#nextAt + beat, now + (isStretched ? beat : beat / 2));
  }

  /** Tells the newest changes only: what was lost is told again in turn. */
  #outOfTurn(ctx: Context, now: number): number {
    const { segment } = ctx;
    segment.isBeatDue = false;
    if (segment.isTellingAll) {
      segment.isTellingAll = false;
      markWanted(ctx, now);
      for (const peer of segment.peerList) {
        if (
          isPartner(peer, this.#self.timing, now) &&
          isFresh(peer, this.#self.timing, now)
        ) {
          peer.isBeatDue = true;
        }
      }
    }
    let next = Infinity;
    for (const peer of segment.peerList) {
      if (!peer.isBeatDue) continue;
      const dueAt = peer.beatenAt + COALESCED;
      if (now < dueAt) next = Math.min(next, dueAt);
      else if (this.#budget.take(1, now)) {
        this.#send(ctx, peer, peer.informed, now);
      } else next = Math.min(next, this.#budget.availableAt(1, now));
    }
    return next;
  }

  #send(ctx: Context, peer: Peer, from: number, now: number): void {
    peer.isBeatDue = false;
    peer.beatenAt = now;
    const more = sendBeats(ctx, this.#beat, peer, from, now) - 1;
    if (more > 0) this.#budget.spend(more, now);
  }

  /**
   * Finds the interval for so many partners, and what is left for beats out of turn.
   *
   * @returns Whether the interval changed.
   */
  #stretch([first]: readonly Context[], now: number): boolean {
    const { heartbeats, timing, partners } = this.#self;
    const interval = beatInterval(heartbeats, partners);
    if (first !== undefined) {
      const { newsRate } = first.rules;
      const rate = newsRate(heartbeats, partners, interval);
      this.#budget.change(rate, now);
    }
    if (interval === timing.beat) return false;
    this.#self.timing = timingFor(interval, heartbeats.misses);
    return true;
  }
}

/** Makes beats to all partners on a segment due; returns how many there are. */
function callPartners(ctx: Context, now: number): number {
  const { segment, self } = ctx;
  markWanted(ctx, now);
  segment.isTellingAll = false;
  segment.isBeatDue = false;
  let partners = 0;
  for (const peer of segment.peerList) {
    if (!peer.isBeatDue && !isPartner(peer, self.timing, now)) continue;
    peer.isBeatDue = true;
    partners++;
  }
  return partners;
}

/** Finds out whose beats are needed, and whose silence means nothing any more. */
function markWanted(ctx: Context, now: number): void {
  const { segment, self } = ctx;
  for (const group of segment.restated) {
    group.isRestated = false;
    restate(ctx, group, now);
  }
  segment.restated.length = 0;
  for (const peer of segment.peerList) {
    const isWanted = (peer.wantedFor > 0 || now < peer.greetedUntil) &&
      peer.node !== self.node && peer.speaksClaims;
    if (isWanted !== peer.isWanted) {
      segment.touchPeer(peer, now);
      peer.wantedSince = now;
      // One that only returns our beats is to hear that no more will come.
      if (!isWanted) peer.isBeatDue = true;
    }
    peer.isWanted = isWanted;
    disarm(ctx, peer, now);
  }
}

function restate(ctx: Context, group: Group, now: number): void {
  for (const peer of group.partners) peer.wantedFor--;
  group.partners = group.isKnown ? ctx.rules.partnersOf(ctx, group, now) : [];
  for (const peer of group.partners) peer.wantedFor++;
}
