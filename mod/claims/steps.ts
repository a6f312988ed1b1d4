/** Who looks at a group, and when. */
import { NO_NODE } from "../ownership/mod.ts";
import type { Context } from "./context.ts";
import type { Group } from "./group.ts";
import { stepHandover } from "./handover.ts";
import { stepIdle } from "./idle.ts";
import { stepLost } from "./lost.ts";
import type { Peer } from "./peer.ts";
import { stepOwner } from "./owner.ts";
import { concern, unconcern } from "./watching.ts";

/** Changes of role that one look may bring; more wait for the next. */
const MOST_CHANGES = 4;
/**
 * Groups that one round looks at. The others follow in the next rounds, which
 * begin at once: beats and frames have their turn between them.
 */
const MOST_GROUPS = 64;

/** Looks at the groups that are due. */
export function stepGroups(ctx: Context, now: number): void {
  const { agenda } = ctx.segment.desk;
  for (let left = MOST_GROUPS; left > 0; left--) {
    const group = agenda.take(now);
    if (group === undefined) break;
    look(ctx, group, now);
  }
}

function look(ctx: Context, group: Group, now: number): void {
  unconcern(group);
  let at = now;
  for (let turn = 0; at <= now; turn++) {
    at = turn < MOST_CHANGES ? step(ctx, group, now) : now + 1;
  }
  group.lookAt(at);
  // Who does not rest is to hear of any sign of the peer that it waits for.
  if (group.concerns === undefined) concern(group, awaited(ctx, group));
  ctx.segment.restate(group);
}

/** The peer of which a sign of life may change what a group that is not ours does. */
function awaited({ segment }: Context, group: Group): Peer | undefined {
  switch (group.role) {
    case "idle":
      return group.isCandidate ? group.ownerPeer : undefined;
    case "lost": {
      const { node } = group.loss.winner;
      return node === NO_NODE ? undefined : segment.peers.get(node);
    }
    default:
      return undefined;
  }
}

function step(ctx: Context, group: Group, now: number): number {
  switch (group.role) {
    case "idle":
      return stepIdle(ctx, group, now);
    case "owner":
      return stepOwner(ctx, group, now);
    case "yield":
      return stepHandover(ctx, group, now);
    case "lost":
      return stepLost(ctx, group, now);
  }
}
