/** What a node does for a group that it does not own. */
import { succeedsLegacy } from "./legacy.ts";
import type { Context } from "./context.ts";
import { ask } from "./asking.ts";
import { inUseUntil } from "./conflict.ts";
import { type Group, NEVER } from "./group.ts";
import {
  evidenceOf,
  type Footing,
  footingOf,
  heardUntil,
  patienceToAsk,
  patienceWhileAsking,
} from "./question.ts";
import type { Peer } from "./peer.ts";
import type { ClaimReason } from "./sink.ts";
import { claim } from "./transitions.ts";
import { restWith } from "./watching.ts";
import { NO_CLAIM } from "../ownership/mod.ts";

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
  if (!group.isCandidate || !rules.takesOver(self) || isInUse) {
    group.asking.since = NEVER;
    return Math.min(reminded, isInUse ? inUseUntil(group) : Infinity);
  }
  if (rules.isDenied(group, self.timing, now)) disbelieve(group, now);
  const rank = rules.rankOf(ctx, group, now);
  if (succeedsLegacy(group, rank)) {
    takeOver(ctx, group, now);
    return now;
  }
  return Math.min(reminded, watch(ctx, group, rank, now));
}

function watch(ctx: Context, group: Group, rank: number, now: number): number {
  const { asking } = group;
  const newest = evidenceOf(ctx, group, now);
  const soundUntil = heardUntil(ctx, group.ownerPeer, now);
  if (newest > asking.since || now < soundUntil) asking.since = NEVER;
  if (asking.since === NEVER) {
    const footing = footingOf(ctx, group, rank, now);
    const patience = patienceToAsk(ctx, group, footing);
    const askAt = Math.max(newest + patience, soundUntil);
    if (now < askAt) {
      return mayRest(ctx, group, patience, now) ? Infinity : askAt;
    }
    const otherAskedAt = leftToAnother(ctx, group, now);
    if (otherAskedAt !== undefined) {
      return otherAskedAt + ctx.self.timing.askPeriod;
    }
    asking.since = now;
  }
  // It depends on when the asking began.
  const footing = footingOf(ctx, group, rank, now);
  const takeOverAt = takesOverAt(ctx, group, { rank, footing }, now);
  const wasProbed = isProbed(ctx, group, footing, now);
  if (now >= takeOverAt && wasProbed) {
    takeOver(ctx, group, now);
    return now;
  }
  if (!ctx.rules.asksBeforeTakeOver()) return takeOverAt;
  const askAt = ask(ctx, group, now);
  return wasProbed ? Math.min(takeOverAt, askAt) : askAt;
}

/**
 * Whether the pace of questions has let one about a new address leave, and left
 * time for an answer: nobody misses it yet, and a foreign host may have it.
 */
function isProbed(
  { rules, self }: Context,
  { asking }: Group,
  footing: Footing,
  now: number,
): boolean {
  if (footing !== "new" || !rules.asksBeforeTakeOver()) return true;
  return asking.at >= asking.since &&
    now >= asking.firstAt + self.timing.askPeriod;
}

/** Until when a candidate asks in vain before it takes a group over. */
function takesOverAt(
  ctx: Context,
  group: Group,
  { rank, footing }: { readonly rank: number; readonly footing: Footing },
  now: number,
): number {
  const { rules } = ctx;
  const at = rules.silentSince(group) + rules.rankDelay(ctx, rank) +
    patienceWhileAsking(ctx, group, footing);
  return rules.isAlone(ctx, now)
    ? at
    : Math.max(at, rules.heardInVainAt(ctx, group));
}

/** Takes a group over; without proof that anybody hears us, only as far as that goes. */
export function takeOver(ctx: Context, group: Group, now: number): void {
  const reason: ClaimReason = group.ownerPeer === undefined
    ? "ownerUnknown"
    : group.ownerPeer.speaksClaims
    ? "ownerSilent"
    : "legacyOwner";
  const alone = ctx.rules.isAlone(ctx, now);
  const before = { seen: group.seen, beatAt: ctx.segment.beatAt };
  claim(ctx, group, ctx.rules.takeOverClaim(ctx, group, alone), reason, now);
  if (!alone) group.before = before;
}

/** Believes in nobody any more: who owns the group is to be asked. */
export function disbelieve(group: Group, now: number): void {
  group.believe(NO_CLAIM, undefined, now);
  group.asking.since = NEVER;
  group.touch(now);
}

/**
 * Whether an owner's silence is all that is waited for: it has told that it claims
 * the group, or it is not relied on that it would.
 */
function mayRest(
  ctx: Context,
  group: Group,
  patience: number,
  now: number,
): boolean {
  const owner = group.ownerPeer;
  if (owner === undefined) return false;
  if (owner.isArmed && owner.claim(group.id) === NO_CLAIM) return false;
  return restWith(ctx, group, owner, patience, now);
}

/**
 * Of the groups of one owner, one is asked for first, in turn; the others
 * follow when it is left unanswered, so that an owner of a thousand gets one
 * question.
 *
 * @returns When another one was asked for, whose answer is waited for; `undefined` = this one is to be asked for.
 */
function leftToAnother(
  ctx: Context,
  group: Group,
  now: number,
): number | undefined {
  const owner = group.ownerPeer;
  if (owner === undefined) return undefined;
  const period = ctx.self.timing.askPeriod;
  const since = now - owner.askedAt;
  if (since < period) return owner.askedAt;
  const isUnanswered = owner.answeredAt < owner.askedAt;
  if (since < 2 * period && isUnanswered) return undefined;
  owner.askedAt = now;
  const first = longestUnasked(owner, group);
  if (first === group) return undefined;
  first.asking.since = now;
  first.touch(ask(ctx, first, now));
  return now;
}

function longestUnasked(owner: Peer, group: Group): Group {
  const resting = longestUnaskedOf(owner.resting, owner, group);
  return longestUnaskedOf(owner.restless, owner, resting);
}

function longestUnaskedOf(
  groups: Iterable<Group>,
  owner: Peer,
  group: Group,
): Group {
  let first = group;
  for (const each of groups) {
    if (each.role !== "idle" || each.ownerPeer !== owner) continue;
    if (isAskedBefore(each, first)) first = each;
  }
  return first;
}

function isAskedBefore(a: Group, b: Group): boolean {
  return a.asking.at === b.asking.at ? a.id < b.id : a.asking.at < b.asking.at;
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
