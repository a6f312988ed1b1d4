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
/** Refreshes leave with beats, so much before or after their time at most, in ms: where beats are rarer, they leave by themselves. */
const MOST_ASIDE = 200;
/** How long an owner that may not broadcast waits before it looks again, in ms. */
const MUTE_PERIOD = 100;

/**
 * Sends the announcements that are due, those that change something before
 * those that repeat.
 *
 * @param isTurn Whether beats have just left. Refreshes that are due before the
 * next do leave with them, and those that their pace held back then with the
 * next: nobody is to wake for a refresh alone, neither here nor where it is heard.
 */
export function announceDue(
  ctx: Context,
  isTurn: boolean,
  now: number,
): void {
  const { paces, segment: { announcements }, self: { timing } } = ctx;
  const { news, repeats, refreshes } = announcements;
  const waitsForTurns = timing.beat <= MOST_ASIDE;
  if (now >= announcements.dueAt) {
    const pace = paces.announcements;
    announcements.dueAt = announceFrom(ctx, news, pace, now, now);
    // What changes something goes first, as long as the pace holds it up.
    if (news.next > now) {
      const next = announceFrom(ctx, repeats, pace, now, now);
      announcements.dueAt = Math.min(announcements.dueAt, next);
    }
  }
  if (waitsForTurns && !isTurn) return;
  const early = isTurn ? Math.min(timing.beat, MOST_ASIDE) : 0;
  const next = announceFrom(
    ctx,
    refreshes,
    paces.refreshes,
    now + early,
    now,
  );
  if (waitsForTurns) return;
  announcements.dueAt = Math.min(announcements.dueAt, next);
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
  const { announcements, slot } = ctx.segment;
  const isRefresh = announcing.next.agenda === announcements.refreshes;
  announcing.sent++;
  if (announcing.sent < BURST) announcements.set(group, now + REPEAT_PERIOD);
  else announcements.refresh(group, now + refreshPeriod(ctx));
  if (isRefresh) ctx.sink.announceAgain(slot, group.id, announcing.sent);
  else ctx.sink.announce(slot, group.id);
}

function refreshPeriod({ settings, random }: Context): number {
  if (settings.refresh === 0) return Infinity;
  return settings.refresh * (1 + JITTER * (2 * random() - 1));
}
