/** Who looks at a group, and when. */
import type { Context } from "./context.ts";
import type { Group } from "./group.ts";
import { stepHandover } from "./handover.ts";
import { stepIdle } from "./idle.ts";
import { stepLost } from "./lost.ts";
import { stepOwner } from "./owner.ts";

/** Changes of role that one look may bring; more wait for the next. */
const MOST_CHANGES = 4;

/**
 * Looks at every group that is due.
 *
 * @returns When the next is due.
 */
export function stepGroups(ctx: Context, now: number): number {
  let next = Infinity;
  for (const group of ctx.segment.groupList) {
    for (let turn = 0; group.due <= now; turn++) {
      group.due = turn < MOST_CHANGES ? step(ctx, group, now) : now + 1;
    }
    if (group.due < next) next = group.due;
  }
  return next;
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

/** Makes every group be looked at again: something changed that may concern all. */
export function touchAll(ctx: Context, now: number): void {
  for (const group of ctx.segment.groupList) {
    if (group.due > now) group.due = now;
  }
}
