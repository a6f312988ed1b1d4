/** Rules 4 and 5: an owner that hears nobody, and one that hears others again. */
import { BURST } from "./announcement_queue.ts";
import { ask, askWitness } from "./asking.ts";
import type { Context } from "./context.ts";
import { type Group, NEVER } from "./group.ts";
import { announceAt } from "./transitions.ts";

/** Between two questions to witnesses while nobody is heard, in ms. */
const WITNESS_PERIOD = 100;
/** The same when no peer has beaten for {@linkcode LONELY_AFTER}. */
const LONELY_PERIOD = 1000;
/** Beats of silence after which the first leaves. */
const MISSED = 1.5;
/** Silence of all peers after which they are taken for gone rather than cut off, in ms. */
const LONELY_AFTER = 2000;
/** After an isolation it is first asked, and announced so many ms later. */
const REGAINED_DELAY = 250;
/** An owner does so at most this often, in ms. */
const REGAINED_PERIOD = 1000;

/** Whether anything of others was heard of late; where this node is the only member, nothing need be. */
export function hearsAnybody({ self, segment }: Context, now: number): boolean {
  if (!segment.hasPeers) return true;
  const longest = now - segment.beatAt > LONELY_AFTER
    ? LONELY_PERIOD + self.timing.detect
    : self.timing.detect;
  return now - segment.heardAt < longest;
}

/**
 * Takes in that something of others was received. An owner that heard nothing
 * before asks for its groups and announces them a little later: it may have
 * been replaced meanwhile.
 */
export function noteHeard(ctx: Context, now: number): void {
  const wasDeaf = !hearsAnybody(ctx, now);
  ctx.segment.heardAt = now;
  if (!wasDeaf) return;
  for (const group of ctx.segment.ours) {
    // Who hears nobody does not find out that a claimant is gone.
    group.correction.since = NEVER;
    group.touch(now);
  }
  regain(ctx, now);
}

/** Takes in that a peer hears us. */
export function noteTwoWay(ctx: Context, now: number): void {
  const wasUnheard = now - ctx.segment.twoWayAt >= ctx.self.timing.detect;
  ctx.segment.twoWayAt = now;
  ctx.segment.isUnheard = false;
  if (wasUnheard) regain(ctx, now);
}

function regain(ctx: Context, now: number): void {
  const { segment } = ctx;
  if (now - segment.regainedAt < REGAINED_PERIOD) return;
  if (!ctx.rules.announcesAfterIsolation()) return;
  for (const group of segment.ours) {
    segment.regainedAt = now;
    askAndAnnounce(ctx, group, now);
  }
}

/** Has an owner that may have been replaced ask for its group, and announce it a little later. */
export function askAndAnnounce(ctx: Context, group: Group, now: number): void {
  ask(ctx, group, now);
  const { announcing } = group;
  announcing.sent = Math.min(announcing.sent, BURST - 1);
  announceAt(ctx, group, now + REGAINED_DELAY);
}

/** When an owner that hears nobody is to ask witnesses; `Infinity` = it need not. */
export function witnessDueAt({ segment, self: { timing } }: Context): number {
  if (!segment.hasPeers || segment.ours.size === 0) return Infinity;
  const { heardAt, beatAt, witnessAskedAt } = segment;
  const since = Math.max(heardAt, witnessAskedAt);
  if (since + WITNESS_PERIOD - beatAt > LONELY_AFTER) {
    return since + LONELY_PERIOD;
  }
  // Partners beat in step: nothing is missed before their next beats are.
  const missedAt = heardAt + Math.max(WITNESS_PERIOD, MISSED * timing.beat);
  return Math.max(missedAt, witnessAskedAt + WITNESS_PERIOD);
}

/** Asks witnesses while an owner hears nobody. */
export function watchIsolation(ctx: Context, now: number): void {
  if (now >= witnessDueAt(ctx)) askWitness(ctx, now);
}
