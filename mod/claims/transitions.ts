/** The changes of a group's role: the only places that begin or end answering. */
import {
  type Claim,
  compareClaims,
  NO_CLAIM,
  NO_NODE,
} from "../ownership/mod.ts";
import { isReply, type Path } from "./arbitration.ts";
import type { Context } from "./context.ts";
import { greet } from "./greeting.ts";
import { type Group, NEVER } from "./group.ts";
import type { ClaimReason } from "./sink.ts";

/** Holds a claim from now on: begins to answer, tells every partner at once, and announces. */
export function claim(
  ctx: Context,
  group: Group,
  made: Claim,
  reason: ClaimReason,
  now: number,
): void {
  const previous = group.isOurs ? NO_NODE : group.owner.node;
  ctx.segment.ours.add(group);
  group.role = "owner";
  hold(ctx, group, made, now);
  group.believe(NO_CLAIM, undefined, now);
  group.asking.since = NEVER;
  group.loss.reminders = 0;
  group.placementUntil = NEVER;
  group.ownAskedAt = now;
  group.announcing.sent = 0;
  announceAt(ctx, group, now);
  ctx.segment.isTellingAll = true;
  report(ctx, group, "takeOver", reason, previous);
  if (!made.full) ctx.sink.notice(ctx.segment.slot, group.id, "alone");
}

/** Has a group announced at a time. */
export function announceAt(ctx: Context, group: Group, at: number): void {
  ctx.segment.announcements.set(group, at);
}

/**
 * Rule 5. Has an owner announce that whose clients heard another announce; less
 * and less often, for the other may do the same.
 */
export function correctClients(ctx: Context, group: Group, now: number): void {
  const { announcing } = group;
  const { contestGap, contestedAt } = announcing;
  if (now - contestedAt >= contestGap) {
    announcing.contestGap = ctx.rules.contestGapAfter(
      contestGap,
      now - contestedAt,
    );
    announcing.contestedAt = now;
    announceAt(ctx, group, now);
  } else if (ctx.rules.defersAnnouncement()) {
    announceAt(ctx, group, Math.min(announcing.at, contestedAt + contestGap));
  }
}

/** Goes on answering with another claim. */
export function hold(
  ctx: Context,
  group: Group,
  made: Claim,
  now: number,
): void {
  group.claim = made;
  group.claimedAt = now;
  group.before = undefined;
  group.see(made);
  if (made.full) ctx.segment.alone.delete(group);
  else ctx.segment.alone.add(group);
  group.correction.since = NEVER;
  group.touch(now);
  ctx.log.note(group);
  ctx.sink.answer(ctx.segment.slot, group.id, made);
}

/** Goes on answering, as who hears nobody does: nobody can have heard that the group was taken over. */
export function demote(
  ctx: Context,
  group: Group,
  before: Claim,
  now: number,
): void {
  if (compareClaims(group.seen, group.claim) <= 0) group.unsee(before);
  hold(ctx, group, ctx.rules.takeOverClaim(ctx, group, true), now);
  ctx.sink.notice(ctx.segment.slot, group.id, "alone");
}

/** Falls silent, and believes in another claim; `NO_CLAIM` = the owner is unknown. */
export function fallSilent(
  ctx: Context,
  group: Group,
  reason: ClaimReason,
  believed: Claim,
  now: number,
): void {
  ctx.sink.silence(ctx.segment.slot, group.id);
  ctx.segment.ours.delete(group);
  ctx.segment.alone.delete(group);
  ctx.segment.offered.delete(group);
  report(ctx, group, "silent", reason, believed.node);
  group.role = "idle";
  group.claim = NO_CLAIM;
  group.believe(believed, ctx.segment.peer(believed.node), now);
  group.evidence(now);
  announceAt(ctx, group, Infinity);
  ctx.log.note(group);
}

/** Falls silent before a higher claim, and looks whether its claimant answers. */
export function lose(
  ctx: Context,
  group: Group,
  winner: Claim,
  path: Path,
  now: number,
): void {
  const { loss } = group;
  loss.gave = group.claim;
  fallSilent(ctx, group, "higherClaim", winner, now);
  loss.reminders = ctx.rules.remindersAfter(path);
  if (!ctx.rules.verifies()) return;
  group.role = "lost";
  loss.winner = winner;
  loss.since = now;
  loss.replies = isReply(loss, now) ? loss.replies + 1 : 0;
  loss.patience = ctx.rules.verificationAfter(ctx, loss.replies);
  group.asking.at = NEVER;
  if (ctx.rules.meetsWinner()) greet(ctx, winner.node, now);
}

/** Tells what became of a group. */
export function report(
  ctx: Context,
  group: Group,
  kind: "takeOver" | "offer" | "keep" | "silent",
  reason: ClaimReason,
  node: number,
): void {
  ctx.sink.report({
    kind,
    reason,
    slot: ctx.segment.slot,
    group: group.id,
    claim: group.claim,
    node,
  });
}
