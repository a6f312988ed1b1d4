/**
 * Rule 10: members that know no claims, as MetalLB's speakers. Each owns what it comes
 * first for among those whom the gossip calls alive, from the moment at which
 * it hears that somebody came or went; it is won from and lost to by the same
 * order.
 */
import type { Context } from "./context.ts";
import { type Group, NEVER } from "./group.ts";
import type { Peer } from "./peer.ts";

/** How long an owner waits for one that takes its group by itself, in ms. */
const LEFT_FOR = 500;
/** Questions left unanswered that show that nobody owns a group which is ours by the order. */
const QUESTIONS_IN_VAIN = 2;

/** Whether a node comes before this one, or this one is no candidate. */
function comesFirst(group: Group, node: number): boolean {
  for (const candidate of group.candidates) {
    if (candidate.node === node) return true;
    if (candidate.peer === undefined) return false;
  }
  return true;
}

/** Whether a member takes groups over by itself once it comes first for them. */
function takesByItself({ speaksClaims, isAlive }: Peer): boolean {
  return !speaksClaims && isAlive;
}

/**
 * Whether a member that knows no claims silences us when it announces or
 * answers: it comes first, or this node gives all away. Not one that has said
 * goodbye, which goes on for a moment.
 */
export function legacySilences(
  { self }: Context,
  group: Group,
  peer: Peer,
): boolean {
  if (peer.hasLeft) return false;
  return self.lifecycle !== "member" || self.isMainSilent ||
    comesFirst(group, peer.node);
}

/**
 * Whether this node takes a group over at once from a member that knows no
 * claims: it is next, and that one has said goodbye, or knows of this node and
 * gives way by itself.
 *
 * @param rank This node's place among the available candidates.
 */
export function succeedsLegacy(group: Group, rank: number): boolean {
  const owner = group.ownerPeer;
  if (rank !== 1 || owner === undefined || owner.speaksClaims) return false;
  return owner.hasLeft || owner.isAlive && !comesFirst(group, owner.node);
}

/**
 * Whether a group of which nobody is known to be the owner is this node's by
 * the order: the others' owner, if it knows no claims, has given way already.
 *
 * @param rank This node's place among the available candidates.
 */
export function isOursByOrder(group: Group, rank: number): boolean {
  return rank === 1 && group.ownerPeer === undefined &&
    group.candidates.some(({ peer }) =>
      peer !== undefined && takesByItself(peer)
    );
}

/** How long such a group is asked for in vain before it is taken over, in ms. */
export function patienceByOrder({ self }: Context): number {
  return QUESTIONS_IN_VAIN * self.timing.askPeriod;
}

/**
 * Whether a node owns nothing whatever it announces, without a claim: it is no
 * member, or has said goodbye. A speaker of MetalLB's that has just started
 * knows of nobody, and announces everything until it has met the others.
 */
export function isStranger({ isKnown, hasLeft }: Peer): boolean {
  return !isKnown || hasLeft;
}

/**
 * Whether an owner may have been replaced by a member that knows no claims,
 * whose announcement it missed: one that comes first is alive.
 */
export function legacyMayOwn(group: Group): boolean {
  return group.candidates.some(({ node, peer }) =>
    peer !== undefined && takesByItself(peer) && comesFirst(group, node)
  );
}

/**
 * Whether an owner that gives a group away waits for a candidate that knows no
 * claims to take it by itself: it does where it sees why, in the gossip or in
 * the API. It does not see that a node drains.
 */
export function awaitsLegacy(
  { self }: Context,
  group: Group,
  now: number,
): boolean {
  const isSeen = self.lifecycle === "exiting" || !group.isCandidate;
  return isSeen && now < group.handover.since + LEFT_FOR;
}

/** Takes in that a member has come that knows no claims: an owner asks at once what it comes first for. */
export function noteLegacy(
  { segment }: Context,
  { node }: Peer,
  now: number,
): void {
  for (const group of segment.ours) {
    if (!comesFirst(group, node)) continue;
    group.ownAskedAt = NEVER;
    group.touch(now);
  }
}
