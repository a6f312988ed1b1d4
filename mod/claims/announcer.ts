/** When an owner announces, and how fast. */
import type { Context } from "./context.ts";
import type { Group } from "./group.ts";

/** Between two announcements of the first burst, in ms. */
const REPEAT_PERIOD = 1100;
/** Announcements of the first burst: now, +1.1, +2.2, +3.3, +4.4 s. */
export const BURST = 5;
/** Refreshes come this part earlier or later. */
const JITTER = 0.25;
/** How long an owner that may not broadcast waits before it looks again, in ms. */
const MUTE_PERIOD = 100;

/**
 * Sends the announcements that are due, those that change something before
 * those that repeat.
 *
 * @returns When the next is due.
 */
export function announceDue(ctx: Context, now: number): number {
  if (now < ctx.segment.announceAt) return ctx.segment.announceAt;
  let next = Infinity;
  for (const group of ctx.segment.groupList) {
    if (group.announcing.sent > 0) continue;
    next = Math.min(next, announceOne(ctx, group, now));
  }
  for (const group of ctx.segment.groupList) {
    if (group.announcing.sent === 0) continue;
    next = Math.min(next, announceOne(ctx, group, now));
  }
  ctx.segment.announceAt = next;
  return next;
}

function announceOne(ctx: Context, group: Group, now: number): number {
  const { announcing, frames } = group;
  if (!group.isOurs || now < announcing.at) return announcing.at;
  if (!ctx.rules.mayBroadcast(ctx, group, now)) return now + MUTE_PERIOD;
  const isRefresh = announcing.sent >= BURST &&
    announcing.at !== announcing.contestedAt;
  const pace = isRefresh ? ctx.paces.refreshes : ctx.paces.announcements;
  if (!pace.take(frames, now)) return pace.availableAt(frames, now);
  announcing.sent++;
  announcing.at = now +
    (announcing.sent < BURST ? REPEAT_PERIOD : refreshPeriod(ctx));
  ctx.sink.announce(ctx.segment.slot, group.id);
  return announcing.at;
}

function refreshPeriod({ settings, random }: Context): number {
  if (settings.refresh === 0) return Infinity;
  return settings.refresh * (1 + JITTER * (2 * random() - 1));
}
