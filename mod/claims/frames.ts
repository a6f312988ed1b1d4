/** What a node does about frames of others that concern an address of a group. */
import { isStranger } from "./legacy.ts";
import { type Claim, compareClaims, NO_CLAIM } from "../ownership/mod.ts";
import type { Context } from "./context.ts";
import { ask } from "./asking.ts";
import { greetInRoom } from "./greeting.ts";
import type { Group } from "./group.ts";
import { hearClaim } from "./hearing.ts";
import { accept } from "./lost.ts";
import type { Peer } from "./peer.ts";
import { announceAt, correctClients, fallSilent } from "./transitions.ts";
import { noteProof, noteSign } from "./watching.ts";

/** An owner asks at most so often because a claim was missing, in ms. */
const MISSING_PERIOD = 1000;

/** Somebody announced an address of the group. */
export function hearAnnouncement(
  ctx: Context,
  group: Group,
  from: number,
  claim: Claim,
  now: number,
): void {
  const peer = ctx.segment.peer(from);
  if (claim !== NO_CLAIM) {
    ctx.segment.claimsSeenFrom.add(claim.node);
    return hearClaim(ctx, group, claim, "announcement", now);
  }
  if (peer === undefined) return hearForeign(ctx, group, now);
  if (!peer.speaksClaims) return hearLegacy(ctx, group, peer, now);
  if (isStranger(peer)) {
    if (group.isOurs) correctClients(ctx, group, now);
    return;
  }
  ctx.sink.notice(ctx.segment.slot, group.id, "claimMissing");
  if (!group.isOurs || now - group.ownAskedAt <= MISSING_PERIOD) return;
  group.ownAskedAt = now;
  ask(ctx, group, now);
}

/** Somebody answered a question of ours about the group. */
export function hearAnswer(
  ctx: Context,
  group: Group,
  from: number,
  claim: Claim,
  now: number,
): void {
  noteProof(ctx, now, now);
  group.touch(now);
  const peer = ctx.segment.peer(from);
  if (peer === undefined) return hearForeign(ctx, group, now);
  peer.answeredAt = now;
  noteSign(ctx, peer, now);
  if (claim !== NO_CLAIM) {
    ctx.segment.claimsSeenFrom.add(claim.node);
    hearClaim(ctx, group, claim, "answer", now);
  } else if (!peer.speaksClaims) return hearLegacy(ctx, group, peer, now);
  else if (group.isOurs) return hearClaimless(ctx, group, peer, now);
  hearMember(ctx, group, peer, claim, now);
}

/** Somebody asked about the group. Only an owner's or a loser's question says anything. */
export function hearQuestion(
  ctx: Context,
  group: Group,
  _from: number,
  claim: Claim,
  now: number,
): void {
  if (claim === NO_CLAIM) return;
  ctx.segment.claimsSeenFrom.add(claim.node);
  hearClaim(ctx, group, claim, "question", now);
}

/**
 * Rule 4. A member answers: nobody needs to take the group over. When more than
 * it claims is remembered, it is to hear so, for clients may have heard it, too.
 */
function hearMember(
  ctx: Context,
  group: Group,
  peer: Peer,
  claim: Claim,
  now: number,
): void {
  if (group.role === "lost") {
    if (peer.node === group.loss.winner.node) accept(ctx, group, now);
    return;
  }
  if (group.role !== "idle") return;
  if (claim !== NO_CLAIM) {
    group.believe(claim, peer, now);
    if (compareClaims(group.seen, claim) > 0) {
      greetInRoom(ctx, peer.node, now);
    }
  } else if (peer.node !== group.owner.node) {
    believeClaimless(group, peer, now);
  }
  group.evidence(now);
}

/** Believes in a member that answers without telling its claim. */
function believeClaimless(group: Group, peer: Peer, now: number): void {
  group.believe(
    {
      term: group.seen.term,
      full: true,
      hash: hashOf(group, peer.node),
      node: peer.node,
    },
    peer,
    now,
  );
}

function hashOf(group: Group, node: number): number {
  return group.candidates.find((each) => each.node === node)?.hash ??
    NO_CLAIM.hash;
}

/** Rule 5. An owner gets an answer for its own group that carries no claim. */
function hearClaimless(
  ctx: Context,
  group: Group,
  peer: Peer,
  now: number,
): void {
  const hash = hashOf(group, peer.node);
  if (!ctx.rules.claimlessAnswerSilences(ctx, group, peer, hash, now)) return;
  const winner = { ...group.claim, hash, node: peer.node };
  fallSilent(ctx, group, "higherClaim", winner, now);
}

/** A member that knows no claims announces or answers: the order decides, as among its like. */
function hearLegacy(
  ctx: Context,
  group: Group,
  peer: Peer,
  now: number,
): void {
  if (!group.isOurs) {
    if (peer.hasLeft) return;
    group.role = "idle";
    believeClaimless(group, peer, now);
    group.evidence(now);
    return;
  }
  if (ctx.rules.legacySilences(ctx, group, peer)) {
    fallSilent(ctx, group, "legacyOwner", NO_CLAIM, now);
    believeClaimless(group, peer, now);
    return;
  }
  correctClients(ctx, group, now);
}

/** A host that is no member uses an address of the group. Who has not joined yet does not know that. */
function hearForeign(ctx: Context, group: Group, now: number): void {
  if (ctx.self.lifecycle === "starting") return;
  const { slot } = ctx.segment;
  const isDefended = ctx.rules.defends(group, now);
  group.announcing.foreignAt = now;
  ctx.sink.notice(
    slot,
    group.id,
    ctx.rules.isInUse(group, now) ? "addressInUse" : "foreignConflict",
  );
  if (isDefended) announceAt(ctx, group, now);
}
