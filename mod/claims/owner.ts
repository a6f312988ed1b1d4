/** What a node does for a group that it owns. */
import { ask, askWitness } from "./asking.ts";
import type { Context } from "./context.ts";
import { type Group, NEVER } from "./group.ts";
import { greet } from "./greeting.ts";
import { beginHandover } from "./handover.ts";
import { claim, demote } from "./transitions.ts";
import { mayLeaveAt } from "./yielding.ts";

/** Between two questions of an owner for its own group, in ms. */
const OWN_QUESTION_PERIOD = 1000;
/** The same for each of many groups: so many ms times their number. */
const OWN_QUESTION_SHARE = 200;
/** Between two questions to witnesses of an owner that claims alone, in ms. */
const ALONE_WITNESS_PERIOD = 200;

/** The same while it is open whether anybody heard a take-over, in ms. */
const UNPROVEN_WITNESS_PERIOD = 50;

/**
 * Looks whether the claim still stands, and whether another should have the group.
 *
 * @returns When to look again.
 */
export function stepOwner(ctx: Context, group: Group, now: number): number {
  const { claim: held } = group;
  const standing = Math.min(
    group.claim.full
      ? stepUnproven(ctx, group, now)
      : stepAlone(ctx, group, now),
    stepCorrected(ctx, group, now),
  );
  if (group.claim !== held) return now;
  const asked = askForItself(ctx, group, now);
  const reason = ctx.rules.leaveReason(ctx, group, now);
  if (reason !== undefined) {
    beginHandover(ctx, group, reason, now);
    return now;
  }
  return Math.min(standing, asked, mayLeaveAt(ctx, group, now));
}

/** Rule 4. Taken over in full by who was heard shortly before: if nobody was heard since, it was alone. */
function stepUnproven(ctx: Context, group: Group, now: number): number {
  const { before } = group;
  if (before === undefined) return Infinity;
  const at = ctx.rules.unprovenAt(ctx, group);
  if (at === Infinity) return Infinity;
  if (now >= at) {
    demote(ctx, group, before.seen, now);
    return now;
  }
  const next = ctx.segment.witnessAskedAt + UNPROVEN_WITNESS_PERIOD;
  if (now < next) return Math.min(at, next);
  askWitness(ctx, now);
  return Math.min(at, now + UNPROVEN_WITNESS_PERIOD);
}

/** Rule 4. Claimed alone: at the first proof it asks, and unanswered and still heard claims in full. */
function stepAlone(ctx: Context, group: Group, now: number): number {
  const { segment, self, rules } = ctx;
  const { asking } = group;
  if (segment.proofAt <= group.claimedAt || rules.isAlone(ctx, now)) {
    const next = segment.witnessAskedAt + ALONE_WITNESS_PERIOD;
    if (now < next) return next;
    askWitness(ctx, now);
    return now + ALONE_WITNESS_PERIOD;
  }
  if (asking.since < segment.provenSince) asking.since = now;
  const claimAt = asking.since + self.timing.verify;
  if (now < claimAt) return Math.min(claimAt, ask(ctx, group, now));
  if (!rules.isProofLasting(ctx)) return ask(ctx, group, now);
  claim(ctx, group, rules.takeOverClaim(ctx, group, false), "hearsAgain", now);
  return now;
}

/** Rules 2 and 5. A higher claim is remembered: asks, and claims above it when nobody is there. */
function stepCorrected(ctx: Context, group: Group, now: number): number {
  const { rules, self, segment: { provenSince } } = ctx;
  const { correction } = group;
  if (!rules.isCorrected(ctx, group, now)) {
    correction.since = NEVER;
    return Infinity;
  }
  if (correction.since === NEVER || correction.since < provenSince) {
    correction.since = now;
    greet(ctx, group.seen.node, now);
  }
  const claimAt = Math.max(
    correction.since + self.timing.verify,
    correction.at + correction.gap,
  );
  const askFrom = claimAt - self.timing.verify;
  if (now < askFrom) return askFrom;
  if (now < claimAt) return Math.min(claimAt, ask(ctx, group, now));
  correction.gap = rules.contestGapAfter(correction.gap, now - correction.at);
  correction.at = now;
  const above = rules.takeOverClaim(ctx, group, false);
  claim(ctx, group, above, "claimantGone", now);
  return now;
}

/** Rule 5. An owner that may have a rival which it does not hear asks for its own group. */
function askForItself(ctx: Context, group: Group, now: number): number {
  const share = OWN_QUESTION_SHARE * ctx.segment.ours.size;
  const next = group.ownAskedAt + Math.max(OWN_QUESTION_PERIOD, share);
  if (now < next) return next;
  if (!ctx.rules.asksForItself(ctx, group, now)) return Infinity;
  group.ownAskedAt = now;
  ask(ctx, group, now);
  return now + Math.max(OWN_QUESTION_PERIOD, share);
}
