/** Rule 1: who is asked next, and (rule 3) who beats whom. */
import { NO_NODE } from "../ownership/mod.ts";
import type { Context } from "./context.ts";
import { type Group, NEVER } from "./group.ts";
import { detectionOf } from "./liveness.ts";
import type { Peer } from "./peer.ts";
import type { Timing } from "./timing.ts";

/** Silence after which what a peer said about itself no longer counts, in ms, at least. */
const STATE_AGE = 1000;
/** The same, in beats of its own: one may be lost. */
const STATE_BEATS = 2;

/** How long beats that are needed may stay away before another stands in, in ms, at least. */
const MISSING_PERIOD = 1000;

/** Candidates behind this one do not wait longer than it. */
const LAST_RANK = 5;

/**
 * Rule 1. Whether a candidate can take over: membership calls it alive, and it
 * does not say that it starts or drains.
 */
export function isAvailable(peer: Peer, now: number): boolean {
  return peer.isAlive &&
    (peer.state === "ready" || now > statedUntil(peer));
}

/** Rule 1. Until when it counts what a peer last said about itself. */
export function statedUntil({ beatAt, interval }: Peer): number {
  return beatAt + Math.max(STATE_AGE, STATE_BEATS * interval);
}

/**
 * Rule 1. This node's place among the available candidates without the present
 * owner, from 1; `Infinity` when it is no candidate. A reserve comes after all
 * of them, and after the living that come before it.
 */
export function rankOf(ctx: Context, group: Group, now: number): number {
  if (ctx.self.lifecycle === "reserve") return reserveRankOf(ctx, group, now);
  let rank = 1;
  for (const { node, peer } of group.candidates) {
    if (peer === undefined) return rank;
    if (node === group.owner.node) continue;
    if (ctx.rules.isAvailable(peer, now)) rank++;
  }
  return Infinity;
}

function reserveRankOf(ctx: Context, group: Group, now: number): number {
  let rank = 1;
  let isBefore = true;
  for (const { node, peer } of group.candidates) {
    if (peer === undefined) isBefore = false;
    else if (node === group.owner.node) continue;
    else if (isBefore ? peer.isAlive : ctx.rules.isAvailable(peer, now)) rank++;
  }
  return isBefore ? Infinity : rank;
}

/** Rule 4. How much longer a rank waits than the first, in ms. */
export function rankDelay(ctx: Context, rank: number): number {
  return (Math.min(rank, LAST_RANK) - 1) * ctx.self.timing.rankStep;
}

/**
 * Rule 3. The peers whose beats this node needs for a group: an owner and its
 * first standbys, all of one another. The first are taken both among the
 * available and by the order alone: beats to a dead peer are what finds it again.
 */
export function partnersOf(
  ctx: Context,
  group: Group,
  now: number,
): readonly Peer[] {
  const { self, segment } = ctx;
  const wanted: Peer[] = [];
  if (group.role === "yield") {
    want(wanted, segment.peer(group.handover.successor));
  }
  const owner = group.isOurs
    ? self.node
    : group.owner.node !== NO_NODE
    ? group.owner.node
    : group.candidates[0]?.node ?? NO_NODE;
  wantTrio(wanted, ctx, group, owner, ctx.rules.isAvailable, now);
  wantTrio(wanted, ctx, group, owner, ctx.rules.isPartnerByOrder, now);
  return wanted;
}

/** Rule 3. Whether a candidate counts for the partners that are taken by the order alone. */
export function isPartnerByOrder(_peer: Peer, _now: number): boolean {
  return true;
}

/** Rule 3. Whether standbys beat one another, so that each can vouch for the owner. */
export function standbysBeat(): boolean {
  return true;
}

/** Rules 4 and 8. Whether a candidate that asks about an owner, or never heard of one, needs the beats of the owner and its standbys, whatever its own rank. */
export function asksStandbys(
  { ownerPeer, asking, isUnheardOf }: Group,
): boolean {
  return asking.since !== NEVER && (ownerPeer !== undefined || isUnheardOf);
}

/**
 * Rule 3. Whether a candidate can be relied on as a standby here: not one whose
 * beats were needed for a second and did not come. It may have no interface on
 * this segment, for all that membership knows; the next one stands in for it.
 */
export function isPresent(
  peer: Peer | undefined,
  timing: Timing,
  now: number,
): boolean {
  return peer === undefined || !peer.isWanted || now < missedAt(peer, timing);
}

/** Rule 3. When a peer whose beats are needed is relied on no longer, if none comes. */
export function missedAt(peer: Peer, timing: Timing): number {
  return Math.max(peer.beatAt, peer.wantedSince) +
    Math.max(MISSING_PERIOD, detectionOf(peer, timing));
}

/** The owner and the first candidates that count; this node always does. */
function wantTrio(
  wanted: Peer[],
  ctx: Context,
  group: Group,
  owner: number,
  counts: (peer: Peer, now: number) => boolean,
  now: number,
): void {
  const { node, heartbeats } = ctx.self;
  let left = heartbeats.standbys;
  // Whoever asks in vain needs the standbys, too: one may vouch for the owner.
  let isStandby = ctx.rules.asksStandbys(group);
  let last = 0;
  for (; last < group.candidates.length && left > 0; last++) {
    const candidate = group.candidates[last];
    if (candidate === undefined || candidate.node === owner) continue;
    if (candidate.peer === undefined) isStandby = true;
    else if (!counts(candidate.peer, now)) continue;
    if (ctx.rules.isPresent(candidate.peer, ctx.self.timing, now)) left--;
  }
  if (owner !== node && !isStandby) return;
  if (isStandby) want(wanted, ctx.segment.peer(owner));
  if (owner !== node && !ctx.rules.standbysBeat()) return;
  for (let index = 0; index < last; index++) {
    const candidate = group.candidates[index];
    if (candidate === undefined || candidate.node === owner) continue;
    const { peer } = candidate;
    if (peer !== undefined && counts(peer, now)) want(wanted, peer);
  }
}

function want(wanted: Peer[], peer: Peer | undefined): void {
  if (peer !== undefined && !wanted.includes(peer)) wanted.push(peer);
}
