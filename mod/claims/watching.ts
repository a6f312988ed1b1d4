/**
 * Which groups an event concerns. In an unchanged world no group has a timer: an
 * owner's beats are looked at once for all of its groups, and only what changes
 * of a peer makes groups be looked at.
 */
import type { Context } from "./context.ts";
import type { Group } from "./group.ts";
import { detectionOf, disarmedAt } from "./liveness.ts";
import { missedAt, statedUntil } from "./order.ts";
import type { Found, Peer } from "./peer.ts";
import { heardUntil } from "./question.ts";

/** Looks at the peers of which something came, or for which time has passed. */
export function watchPeers(ctx: Context, now: number): void {
  const { segment } = ctx;
  if (now < segment.peersAt) return;
  segment.peersAt = Infinity;
  for (const peer of segment.peerList) {
    if (now >= peer.lookAt) peer.lookAt = lookAt(ctx, peer, now);
    if (peer.lookAt < segment.peersAt) segment.peersAt = peer.lookAt;
  }
}

/**
 * Makes the groups of an owner wait for its silence, not each for itself.
 *
 * @param patience Silence that puts it in doubt, in ms.
 * @returns Whether the group needs no timer: what is known of the owner itself says that it is well.
 */
export function restWith(
  ctx: Context,
  group: Group,
  owner: Peer,
  patience: number,
  now: number,
): boolean {
  const doubtAt = signOf(ctx, owner, now) + patience;
  if (now >= doubtAt) return false;
  if (owner.resting.size === 0) owner.patience = patience;
  owner.patience = Math.min(owner.patience, patience);
  owner.resting.add(group);
  group.concerns = owner;
  if (doubtAt < owner.lookAt) ctx.segment.touchPeer(owner, doubtAt);
  return true;
}

/** Makes every sign of life of a peer be told to a group. */
export function concern(group: Group, peer: Peer | undefined): void {
  if (peer === undefined) return;
  peer.restless.add(group);
  group.concerns = peer;
}

/** Ends both. */
export function unconcern(group: Group): void {
  const peer = group.concerns;
  if (peer === undefined) return;
  peer.resting.delete(group);
  peer.restless.delete(group);
  group.concerns = undefined;
}

/** Makes the groups of a peer be looked at: something changed between it and us. */
export function touchGroupsOf(peer: Peer, now: number): void {
  for (const group of peer.resting) {
    peer.restless.add(group);
  }
  peer.resting.clear();
  for (const group of peer.restless) group.touch(now);
}

/** Finds out whether the silence of a peer means nothing any more. */
export function disarm(ctx: Context, peer: Peer, now: number): void {
  const { rules, self } = ctx;
  if (!peer.isArmed || !rules.isDisarmed(peer, self.timing, now)) return;
  peer.isArmed = false;
  touchGroupsOf(peer, now);
}

/** Takes in a sign of life of a peer: a beat, an answer. */
export function noteSign(ctx: Context, peer: Peer, now: number): void {
  peer.hasSign = true;
  ctx.segment.touchPeer(peer, now);
}

/**
 * Takes in that a beat of a peer was read, and what it vouches for. Of the usual
 * beat nothing follows but that its sender need not be looked at for so long.
 */
export function noteBeat(ctx: Context, from: Peer, now: number): void {
  const isUsual = from.restless.size === 0 &&
    (from.isWanted || !from.isArmed) &&
    isSame(from.found, find(ctx, from, now));
  const changesAt = isUsual ? changeOf(ctx, from, now) : now;
  if (changesAt <= now) noteSign(ctx, from, now);
  else if (from.lookAt > now) ctx.segment.restPeer(from, changesAt);
  for (const peer of ctx.segment.peerList) {
    if (peer === from || peer.restless.size === 0) continue;
    if (now < heardUntil(ctx, peer, now)) noteSign(ctx, peer, now);
  }
}

/** When it is too long ago that a beat said that its sender hears us; `Infinity` = it is. */
export function unheardAt({ segment, self }: Context): number {
  return segment.isUnheard ? Infinity : segment.twoWayAt + self.timing.detect;
}

/** Takes in that no beat said for too long that its sender hears us. */
export function watchTwoWay(ctx: Context, now: number): void {
  if (now < unheardAt(ctx)) return;
  ctx.segment.isUnheard = true;
  ctx.segment.touchOurs(now);
}

/** Takes in that less is vouched for than before. */
export function noteVouching({ segment }: Context, now: number): void {
  for (const peer of segment.peerList) {
    if (peer.resting.size > 0) segment.touchPeer(peer, now);
  }
}

/** Takes in a proof that somebody hears us. */
export function noteProof(ctx: Context, at: number, now: number): void {
  const { segment, rules } = ctx;
  if (at <= segment.proofAt) return;
  const wasLasting = rules.isProofLasting(ctx);
  if (at - segment.proofAt > ctx.self.timing.proof) {
    segment.provenSince = at;
    segment.touchOurs(now);
  }
  segment.proofAt = at;
  if (!wasLasting && rules.isProofLasting(ctx)) segment.touchAll(now);
  for (const group of segment.alone) group.touch(now);
}

/** The newest sign that a peer lives and answers. */
function signOf(ctx: Context, peer: Peer, now: number): number {
  return Math.max(ctx.rules.lifeOf(ctx, peer, now), peer.answeredAt);
}

/** Has groups looked at if the peer has changed for them; returns when it may do so by itself. */
function lookAt(ctx: Context, peer: Peer, now: number): number {
  const { segment } = ctx;
  disarm(ctx, peer, now);
  const before = peer.found;
  const found = find(ctx, peer, now);
  if (
    found.isAvailable !== before.isAvailable ||
    found.isPresent !== before.isPresent
  ) segment.touchAll(now);
  else if (!isSame(before, found)) segment.touchOurs(now);
  if (found.isSound !== before.isSound) {
    // What it vouches for counts from now on, or no longer.
    for (const other of segment.peerList) noteSign(ctx, other, now);
  }
  if (peer.hasSign) {
    for (const group of peer.restless) group.touch(now);
  }
  peer.hasSign = false;
  peer.found = found;
  if (now >= doubtAt(ctx, peer, now)) touchGroupsOf(peer, now);
  return changeOf(ctx, peer, now);
}

/** When a peer may change for groups without a word. */
function changeOf(ctx: Context, peer: Peer, now: number): number {
  const lostAt = peer.beatAt + detectionOf(peer, ctx.self.timing);
  return Math.min(
    now < lostAt ? lostAt : Infinity,
    stateEnd(peer, now),
    presenceEnd(ctx, peer, now),
    sessionEnd(ctx, peer, now),
    doubtAt(ctx, peer, now),
  );
}

/** What of a peer can make a group move. */
function find(ctx: Context, peer: Peer, now: number): Found {
  const { rules, self: { timing } } = ctx;
  const { isWanted, beatAt, steadySince, flaps } = peer;
  return {
    isAvailable: rules.isAvailable(peer, now),
    isPresent: rules.isPresent(peer, timing, now),
    isSound: rules.isSound(peer, timing, now),
    isMissed: isWanted && now >= beatAt + detectionOf(peer, timing),
    steadySince,
    flaps,
  };
}

function isSame(a: Found, b: Found): boolean {
  return a.isAvailable === b.isAvailable && a.isPresent === b.isPresent &&
    a.isSound === b.isSound && a.isMissed === b.isMissed &&
    a.steadySince === b.steadySince && a.flaps === b.flaps;
}

/** When what a peer said about itself no longer counts, if that matters. */
function stateEnd(peer: Peer, now: number): number {
  const end = statedUntil(peer) + 1;
  return peer.state === "ready" || now >= end ? Infinity : end;
}

/** When a peer whose beats are needed and do not come is relied on no longer. */
function presenceEnd({ self }: Context, peer: Peer, now: number): number {
  const end = missedAt(peer, self.timing);
  return peer.isWanted && now < end ? end : Infinity;
}

/** When the silence of a peer that nobody wants means nothing any more. */
function sessionEnd({ self }: Context, peer: Peer, now: number): number {
  if (!peer.isArmed) return Infinity;
  const end = disarmedAt(peer, self.timing);
  return now < end ? end : Infinity;
}

/** When the groups that rest with a peer are to doubt it; `Infinity` = there are none. */
function doubtAt(ctx: Context, peer: Peer, now: number): number {
  if (peer.resting.size === 0) return Infinity;
  return signOf(ctx, peer, now) + peer.patience;
}
