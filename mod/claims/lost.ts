/** What a node does that has just fallen silent before a higher claim. */
import { ask } from "./asking.ts";
import type { Context } from "./context.ts";
import type { Group } from "./group.ts";
import { claim } from "./transitions.ts";

/**
 * Asks until the winner is proved to answer, else resumes.
 *
 * @returns When to look again.
 */
export function stepLost(ctx: Context, group: Group, now: number): number {
  const { loss } = group;
  const winner = ctx.segment.peers.get(loss.winner.node);
  if (ctx.rules.isProvedByBeats(group, winner)) {
    accept(ctx, group, now);
    return now;
  }
  const resumeAt = loss.since + loss.patience;
  if (now < resumeAt) return Math.min(resumeAt, ask(ctx, group, now));
  const alone = ctx.rules.isAlone(ctx, now) || !ctx.rules.isProofLasting(ctx);
  const resumed = ctx.rules.resumedClaim(ctx, group, alone);
  claim(ctx, group, resumed, "winnerSilent", now);
  loss.resumedAt = now;
  return now;
}

/** Believes in the winner: it answers. */
export function accept(ctx: Context, group: Group, now: number): void {
  const { winner } = group.loss;
  group.role = "idle";
  group.believe(winner, ctx.segment.peer(winner.node), now);
  group.evidence(now);
}
