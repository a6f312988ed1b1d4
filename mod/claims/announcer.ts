/** When an owner announces, and how fast. */
import type { Agenda } from "./agenda.ts";
import { BURST } from "./announcement_queue.ts";
import type { Context } from "./context.ts";
import type { Group } from "./group.ts";
import type { TokenBucket } from "./token_bucket.ts";

/** Between two announcements of the first burst, in ms. */
const REPEAT_PERIOD = 1100;
/** Refreshes come this part earlier or later. */
const JITTER = 0.25;
/** Refreshes leave so much before their time at most, in ms. */
const MOST_EARLY = 200;
/** How long an owner that may not broadcast waits before it looks again, in ms. */
const MUTE_PERIOD = 100;

/**
 * Sends the announcements that are due, those that change something before
 * those that repeat.
 *
 * @param isTurn Whether beats have just left. Refreshes that are due before the
 * next do leave with them: nobody is to wake for a refresh alone, neither here
 * nor where it is heard.
 * @returns When the next is due.
 */
export function announceDue(
  ctx: Context,
  isTurn: boolean,
  now: number,
): number {
  const { paces, segment: { announcements } } = ctx;
  const early = isTurn ? Math.min(ctx.self.timing.beat, MOST_EARLY) : 0;
  if (now + early < announcements.next) return announcements.next;
  const { news, repeats, refreshes } = announcements;
  let next = announceFrom(ctx, news, paces.announcements, now, now);
  // What changes something goes first, as long as the pace holds it up.
  if (news.next > now) {
    next = Math.min(
      next,
      announceFrom(ctx, repeats, paces.announcements, now, now),
    );
  }
  return Math.min(
    next,
    announceFrom(ctx, refreshes, paces.refreshes, now + early, now),
  );
}

/** Sends what is due by a time until the pace forbids more. */
function announceFrom(
  ctx: Context,
  agenda: Agenda<Group>,
  pace: TokenBucket,
  by: number,
  now: number,
): number {
  for (;;) {
    const group = agenda.first;
    if (group === undefined || agenda.next > by) return agenda.next;
    if (!ctx.rules.mayBroadcast(ctx, group, now)) {
      agenda.set(group.announcing.next, by + MUTE_PERIOD);
    } else if (pace.take(group.frames, now)) announce(ctx, group, now);
    else return Math.max(agenda.next, pace.availableAt(group.frames, now));
  }
}

function announce(ctx: Context, group: Group, now: number): void {
  const { announcing } = group;
  announcing.sent++;
  const period = announcing.sent < BURST ? REPEAT_PERIOD : refreshPeriod(ctx);
  ctx.segment.announcements.set(group, now + period);
  ctx.sink.announce(ctx.segment.slot, group.id);
}

function refreshPeriod({ settings, random }: Context): number {
  if (settings.refresh === 0) return Infinity;
  return settings.refresh * (1 + JITTER * (2 * random() - 1));
}
