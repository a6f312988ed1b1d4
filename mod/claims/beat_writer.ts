/** What a beat to a peer says. */
import {
  type Beat,
  type BeatState,
  CHANGE_WEIGHT,
  type Claim,
  CORRECTION_WEIGHT,
  MAX_AGE,
  MAX_HEARD,
  MAX_ITEM_WEIGHT,
  NO_CLAIM,
  NO_OWNER,
  OFFER_WEIGHT,
} from "../ownership/mod.ts";
import type { Context } from "./context.ts";
import type { Group } from "./group.ts";
import { relayedTo } from "./learning.ts";
import { isFresh } from "./liveness.ts";
import type { Peer } from "./peer.ts";

/** Beats to one peer at once at most, when there is much to tell. */
const MOST_AT_ONCE = 8;

const NONE: readonly Group[] = [];

/**
 * Sends a peer as many beats as there is to tell, at least one. Where there are
 * too many partners only what is urgent is worth more than one: the rest is told
 * with the next ones.
 *
 * @param from Changes up to this version are not told.
 * @returns How many.
 */
export function sendBeats(
  ctx: Context,
  beat: Beat,
  peer: Peer,
  from: number,
  now: number,
): number {
  let told = ctx.log.resume(from);
  // Who is not heard does not follow either.
  const most = isFresh(peer, ctx.self.timing, now) ? MOST_AT_ONCE : 1;
  const urgent = urgentFor(ctx, peer, now);
  const relayed = relayedTo(ctx, peer, now);
  let next = 0;
  let relayedNext = 0;
  for (let count = 1;; count++) {
    writeBeat(ctx, beat, peer, now);
    if (count === 1) writeOthersHeard(ctx, beat, peer, now);
    next = writeUrgent(beat, peer, urgent, next);
    told = writeChanges(ctx, beat, told);
    const relayedFrom = relayedNext;
    relayedNext = writeRelayed(beat, relayed, relayedFrom);
    peer.relayed += relayedNext - relayedFrom;
    ctx.sink.beat(ctx.segment.slot, peer.node, beat);
    const isAllTold = next >= urgent.length &&
      (ctx.self.isStretched ||
        told >= ctx.log.version && relayedNext >= relayed.length);
    peer.informed = told;
    if (isAllTold || count >= most) return count;
  }
}

function writeBeat(ctx: Context, beat: Beat, peer: Peer, now: number): void {
  const { self, segment, log } = ctx;
  beat.node = self.node;
  beat.incarnation = self.incarnation;
  beat.link = segment.link;
  beat.sequence = ++self.sequence;
  beat.state = stateOf(ctx);
  beat.wanted = peer.isWanted;
  beat.learns = ctx.rules.learns(ctx);
  beat.interval = Math.min(MAX_AGE, self.timing.beat * self.slack);
  beat.newestAge = age(segment.heardAt, now);
  beat.version = log.version;
  beat.followed = peer.followed;
  beat.clearLists();
  writeHeard(beat, peer, now);
}

function stateOf(ctx: Context): BeatState {
  const { lifecycle, isMainSilent } = ctx.self;
  if (ctx.rules.isReady(ctx.self)) return "ready";
  const isLeaving = lifecycle === "draining" || lifecycle === "exiting";
  return isLeaving || isMainSilent ? "draining" : "starting";
}

function age(at: number, now: number): number {
  return Math.min(MAX_AGE, Math.max(0, Math.round(now - at)));
}

function writeHeard(beat: Beat, peer: Peer, now: number): void {
  const heard = beat.heard.add();
  heard.node = peer.node;
  heard.incarnation = peer.incarnation;
  heard.age = age(peer.cameAt, now);
  heard.twoWay = peer.isTwoWay;
  heard.lifeAge = age(peer.provenLife, now);
}

/** Those heard within the detection time; of many, others each time. */
function writeOthersHeard(
  ctx: Context,
  beat: Beat,
  recipient: Peer,
  now: number,
): void {
  const { peerList } = ctx.segment;
  const first = recipient.toldOf;
  for (let index = 0; index < peerList.length; index++) {
    const place = (first + index) % peerList.length;
    if (beat.heard.length >= MAX_HEARD) {
      recipient.toldOf = place;
      return;
    }
    const peer = peerList[place];
    if (peer === undefined || peer === recipient) continue;
    if (isFresh(peer, ctx.self.timing, now)) writeHeard(beat, peer, now);
  }
}

/** Groups that are offered to the peer, of which it claims less than is known, or whose owner's claim has ended. */
function urgentFor(ctx: Context, peer: Peer, now: number): readonly Group[] {
  const { offered, ended } = ctx.segment;
  if (offered.size + ended.size + peer.corrected.size === 0) return NONE;
  const urgent = new Set(peer.corrected);
  for (const group of offered) {
    if (group.handover.successor === peer.node) urgent.add(group);
  }
  for (const [group, owner] of ended) {
    if (group.isOurs || group.owner !== NO_CLAIM) ended.delete(group);
    else if (ctx.rules.tellsEnd(ctx, group, owner, peer, now)) {
      urgent.add(group);
    }
  }
  return [...urgent];
}

/** Writes of each its offer, or that nobody owns it, and its higher claim, from one on; returns the first that found no room. */
function writeUrgent(
  beat: Beat,
  peer: Peer,
  urgent: readonly Group[],
  from: number,
): number {
  for (let index = from; index < urgent.length; index++) {
    const group = urgent[index];
    if (group === undefined) continue;
    const room = MAX_ITEM_WEIGHT - beat.itemWeight;
    if (room < OFFER_WEIGHT + CORRECTION_WEIGHT) return index;
    const isOffered = group.role === "yield" &&
      group.handover.successor === peer.node;
    const isCorrected = peer.corrected.has(group);
    if (isOffered || !isCorrected) {
      const offer = beat.offers.add();
      offer.group = group.id;
      offer.term = isOffered ? group.handover.term : NO_OWNER;
    }
    if (isCorrected) writeCorrection(beat, group.id, group.seen);
  }
  return urgent.length;
}

function writeCorrection(beat: Beat, group: number, claim: Claim): void {
  const correction = beat.corrections.add();
  correction.group = group;
  correction.term = claim.term;
  correction.full = claim.full;
  correction.hash = claim.hash;
  correction.node = claim.node;
}

/** Writes who owns groups, from one on; returns the first that found no room. */
function writeRelayed(
  beat: Beat,
  relayed: readonly Group[],
  from: number,
): number {
  for (let index = from; index < relayed.length; index++) {
    const group = relayed[index];
    if (group === undefined) continue;
    if (MAX_ITEM_WEIGHT - beat.itemWeight < CORRECTION_WEIGHT) return index;
    writeCorrection(beat, group.id, group.owner);
  }
  return relayed.length;
}

/** Changes that the peer has not followed; returns up to which version. */
function writeChanges(ctx: Context, beat: Beat, told: number): number {
  const { log } = ctx;
  beat.since = told;
  beat.until = told;
  if (told >= log.version) return told;
  for (const [group, version] of log.entries(told)) {
    if (beat.itemWeight + CHANGE_WEIGHT > MAX_ITEM_WEIGHT) return beat.until;
    writeChange(beat, group);
    beat.until = version;
  }
  beat.until = log.version;
  return beat.until;
}

function writeChange(beat: Beat, group: Group): void {
  const change = beat.changes.add();
  const { claim } = group;
  change.group = group.id;
  change.term = group.isOurs ? claim.term : 0;
  change.full = claim.full;
  change.hash = claim.hash;
}
