/**
 * Rule 8: who starts learns who owns what, also from those who vouch for an
 * owner that it does not hear.
 */
import { type Claim, NO_CLAIM } from "../ownership/mod.ts";
import type { Context } from "./context.ts";
import type { Group } from "./group.ts";
import { isFresh, isHeardBy } from "./liveness.ts";
import type { Peer } from "./peer.ts";

const NONE: readonly Group[] = [];

/**
 * Rule 8. Whether a candidate asks those who beat it who owns what: of some group
 * it never heard of an owner, although there may be one.
 */
export function learns({ self, segment }: Context): boolean {
  const { lifecycle } = self;
  if (lifecycle === "draining" || lifecycle === "exiting") return false;
  for (const group of segment.unheardOf) {
    if (isUnheardOf(group)) return true;
    segment.unheardOf.delete(group);
  }
  return false;
}

/** Remembers a group that is new to this node, until an owner of it was heard of. */
export function noteUnheardOf({ segment }: Context, group: Group): void {
  if (isUnheardOf(group)) segment.unheardOf.add(group);
}

function isUnheardOf({ isKnown, isCandidate, isUnheardOf }: Group): boolean {
  return isKnown && isCandidate && isUnheardOf;
}

/**
 * Rule 8. Whether a peer that learns is told what another claims: we hear that one,
 * and the peer does not say that it does, too.
 */
export function tellsClaimsOf(
  { self: { timing } }: Context,
  owner: Peer,
  to: Peer,
  now: number,
): boolean {
  return owner !== to && isFresh(owner, timing, now) &&
    !isHeardBy(owner, to, timing, now);
}

/**
 * Rule 8. Whether we believe a peer that another owns a group of whose owner we
 * never heard: it vouches for that one, which we do not hear.
 */
export function heedsOwner(
  { self: { timing }, segment }: Context,
  group: Group,
  from: Peer,
  claim: Claim,
  now: number,
): boolean {
  const owner = segment.peers.get(claim.node);
  return group.role === "idle" && group.isUnheardOf && owner !== undefined &&
    from.isTwoWay && isHeardBy(owner, from, timing, now) &&
    !isFresh(owner, timing, now);
}

/** The groups of which a peer is told who owns them, others first than the last time. */
export function relayedTo(
  ctx: Context,
  peer: Peer,
  now: number,
): readonly Group[] {
  if (!peer.learns) return NONE;
  const owners = new Set(
    ctx.segment.peerList.filter((owner) =>
      ctx.rules.tellsClaimsOf(ctx, owner, peer, now)
    ),
  );
  if (owners.size === 0) return NONE;
  const relayed = ctx.segment.groupList.filter(({ id, ownerPeer }) =>
    ownerPeer !== undefined && owners.has(ownerPeer) &&
    ownerPeer.claim(id) !== NO_CLAIM
  );
  const first = peer.relayed % Math.max(1, relayed.length);
  return [...relayed.slice(first), ...relayed.slice(0, first)];
}
