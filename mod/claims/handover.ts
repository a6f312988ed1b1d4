/** What a node does for a group that it has offered to another. */
import type { Context } from "./context.ts";
import { greetInRoom } from "./greeting.ts";
import { type Group, NEVER } from "./group.ts";
import type { ClaimReason } from "./sink.ts";
import { fallSilent, hold, report } from "./transitions.ts";
import { NO_CLAIM, NO_NODE } from "../ownership/mod.ts";
import {
  exitPeriod,
  offerEnd,
  RETRY_PERIOD,
  searchPeriod,
  successorsOf,
} from "./yielding.ts";

/** Between two rounds of offers of a speaker that ends, in ms. */
const ROUND_PAUSE = 200;

/** Begins to give a group away; it is answered for meanwhile. */
export function beginHandover(
  ctx: Context,
  group: Group,
  reason: ClaimReason,
  now: number,
): void {
  const { handover } = group;
  group.role = "yield";
  ctx.segment.offered.add(group);
  group.placementUntil = NEVER;
  handover.reason = reason;
  handover.since = now;
  handover.tried.clear();
  handover.successor = NO_NODE;
  // Those with whom there is no session answer before the second offer.
  for (const { node, peer } of successorsOf(group)) {
    if (peer?.isAlive === true && peer.speaksClaims) {
      greetInRoom(ctx, node, now);
    }
  }
  offer(ctx, group, now);
}

/**
 * Waits for the successor's claim; offers to the next, or keeps the group.
 *
 * @returns When to look again.
 */
export function stepHandover(ctx: Context, group: Group, now: number): number {
  const { handover } = group;
  if (now < handover.nextAt) return handover.nextAt;
  offer(ctx, group, now);
  return group.role === "yield" ? handover.nextAt : now;
}

function offer(ctx: Context, group: Group, now: number): void {
  const { handover } = group;
  if (handover.successor !== NO_NODE) handover.tried.add(handover.successor);
  const successor = now < handover.since + searchPeriod(ctx)
    ? ctx.rules.nextSuccessor(ctx, group, now)
    : undefined;
  if (successor === undefined) return untaken(ctx, group, now);
  handover.term = ctx.rules.offeredTerm(group);
  handover.successor = successor;
  handover.nextAt = offerEnd(ctx, handover.since, now);
  const peer = ctx.segment.peer(successor);
  if (peer?.speaksClaims === true) peer.isBeatDue = true;
  report(ctx, group, "offer", handover.reason, successor);
}

/** Nobody took it: keeps it, unless this speaker ends. */
function untaken(ctx: Context, group: Group, now: number): void {
  const { handover } = group;
  if (ctx.rules.keepsUntaken(ctx)) return keep(ctx, group, now);
  handover.successor = NO_NODE;
  const end = handover.since + exitPeriod(ctx);
  if (now >= end) return fallSilent(ctx, group, "noSuccessor", NO_CLAIM, now);
  handover.tried.clear();
  handover.nextAt = Math.min(now + ROUND_PAUSE, end);
}

function keep(ctx: Context, group: Group, now: number): void {
  const { handover } = group;
  group.role = "owner";
  ctx.segment.offered.delete(group);
  handover.retryAt = now + RETRY_PERIOD;
  handover.successor = NO_NODE;
  if (handover.tried.size > 0) {
    const kept = ctx.rules.keptClaim(ctx, group, now);
    if (kept !== group.claim) hold(ctx, group, kept, now);
  }
  report(ctx, group, "keep", "noSuccessor", NO_NODE);
}
