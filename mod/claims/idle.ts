/** What a node does for a group that it does not own. */
import type { Context } from "./context.ts";
import { ask } from "./asking.ts";
import { type Group, NEVER } from "./group.ts";
import {
  evidenceOf,
  footingOf,
  isHeardOf,
  patienceToAsk,
  patienceWhileAsking,
} from "./question.ts";
import type { ClaimReason } from "./sink.ts";
import { claim } from "./transitions.ts";
import { NO_CLAIM } from "../ownership/mod.ts";

/** How often it is looked whether a new address is still in use, in ms. */
const IN_USE_PERIOD = 1000;
/** Between two questions that make a winner announce, in ms. */
const REMINDER_PERIOD = 1100;

/**
 * Waits for the owner to fall silent, asks, takes over.
 *
 * @returns When to look again.
 */
export function stepIdle(ctx: Context, group: Group, now: number): number {
  const reminded = remind(ctx, group, now);
  const { rules, self } = ctx;
  const isInUse = rules.isInUse(group, now);
  if (!group.isCandidate || !rules.isReady(self) || isInUse) {
    group.asking.since = NEVER;
    return Math.min(reminded, isInUse ? now + IN_USE_PERIOD : Infinity);
  }
  if (rules.isDenied(group, self.timing, now)) disbelieve(group, now);
  const rank = rules.rankOf(ctx, group, now);
  return Math.min(reminded, watch(ctx, group, rank, now));
}

function watch(ctx: Context, group: Group, rank: number, now: number): number {
  const { asking } = group;
  const newest = evidenceOf(ctx, group, now);
  const isAnswered = newest > asking.since ||
    isHeardOf(ctx, group.ownerPeer, now);
  if (isAnswered) asking.since = NEVER;
  if (asking.since === NEVER) {
    const footing = footingOf(ctx, group, rank, now);
    const askAt = newest + patienceToAsk(ctx, group, footing);
    if (now < askAt) return askAt;
    if (leavesItToAnother(ctx, group, now)) {
      return now + ctx.self.timing.askPeriod;
    }
    asking.since = now;
  }
  const takeOverAt = asking.since + ctx.rules.rankDelay(ctx, rank) +
    patienceWhileAsking(ctx, group, footingOf(ctx, group, rank, now));
  if (now >= takeOverAt) {
    takeOver(ctx, group, now);
    return now;
  }
  if (!ctx.rules.asksBeforeTakeOver()) return takeOverAt;
  return Math.min(takeOverAt, ask(ctx, group, now));
}

/** Takes a group over; without proof that anybody hears us, only as far as that goes. */
export function takeOver(ctx: Context, group: Group, now: number): void {
  const reason: ClaimReason = group.ownerPeer === undefined
    ? "ownerUnknown"
    : "ownerSilent";
  const alone = ctx.rules.isAlone(ctx, now);
  claim(ctx, group, ctx.rules.takeOverClaim(ctx, group, alone), reason, now);
}

/** Believes in nobody any more: who owns the group is to be asked. */
export function disbelieve(group: Group, now: number): void {
  group.believe(NO_CLAIM, undefined, now);
  group.asking.since = NEVER;
  group.due = now;
}

/**
 * Of the groups of one owner, one is asked for first, in turn; the others
 * follow when it is left unanswered, so that an owner of a thousand gets one
 * question.
 */
function leavesItToAnother(ctx: Context, group: Group, now: number): boolean {
  const owner = group.ownerPeer;
  if (owner === undefined) return false;
  const period = ctx.self.timing.askPeriod;
  const since = now - owner.askedAt;
  // Just asked for another one: its answer is waited for.
  if (since < period * 0.9) return true;
  // It was left unanswered.
  if (since < 2 * period && owner.answeredAt < owner.askedAt) return false;
  owner.askedAt = now;
  const first = longestUnasked(ctx, group);
  if (first === group) return false;
  first.asking.since = now;
  first.due = ask(ctx, first, now);
  return true;
}

function longestUnasked(ctx: Context, group: Group): Group {
  let first = group;
  for (const each of ctx.segment.groupList) {
    if (each.ownerPeer !== group.ownerPeer || each.role !== "idle") continue;
    if (each.isCandidate && each.asking.at < first.asking.at) first = each;
  }
  return first;
}

/** After a loss: asks with the claim given up until the winner was heard to announce. */
function remind(ctx: Context, group: Group, now: number): number {
  const { loss, asking } = group;
  if (loss.reminders === 0) return Infinity;
  if (now < asking.at + REMINDER_PERIOD) return asking.at + REMINDER_PERIOD;
  const next = ask(ctx, group, now);
  if (asking.at === now) loss.reminders--;
  return loss.reminders === 0
    ? Infinity
    : Math.max(next, asking.at + REMINDER_PERIOD);
}
