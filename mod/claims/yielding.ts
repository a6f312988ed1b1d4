/** Rule 7: hand-over is make before break. */
import { type Claim, MAX_TERM, NO_NODE } from "../ownership/mod.ts";
import type { Context } from "./context.ts";
import { PLACEMENT_PERIOD } from "./failback.ts";
import type { Candidate, Group } from "./group.ts";
import { hearsAnybody } from "./isolation.ts";
import { awaitsLegacy } from "./legacy.ts";
import { isFresh } from "./liveness.ts";
import type { Self } from "./self.ts";
import type { ClaimReason } from "./sink.ts";

/** How long a successor has to take an offer once it was told, in ms, where beats are not scarce. */
const OFFER_PERIOD = 500;
/** How long it has at least where it may be told in turn only, in ms. */
const TAKEN_WITHIN = 100;
/** Offers in a row for which there is time. */
const OFFERS = 4;
/** The same where those are told in turn only. */
const OFFERS_IN_TURN = 2;
/**
 * When an exiting speaker falls silent at the latest, in ms: its Pod has five
 * seconds, and a goodbye (0.5 s) and the end of the Lease (1 s) follow.
 */
export const LATEST_EXIT = 3000;
/** Before the end no offer is made that nobody could take, in ms. */
const LAST_OFFER = 100;
/** How long an owner waits after nobody took its group, in ms. */
export const RETRY_PERIOD = 5000;
/** How long contact with a newly first candidate may take to begin, in ms. */
const CONTACT_PERIOD = 1000;
/** How long an offer overrides the successor's own view, in ms. */
const OVERRIDE_PERIOD = 10_000;

/**
 * Rule 7. How long a successor has to take an offer, in ms: where too many partners
 * stretch the interval, it may be told in turn only.
 */
export function offerPeriod({ timing, isStretched }: Self): number {
  return isStretched
    ? Math.max(OFFER_PERIOD, timing.beat + TAKEN_WITHIN)
    : OFFER_PERIOD;
}

/** When an exiting speaker falls silent, whether it was replaced or not, in ms. */
export function exitPeriod({ rules, self }: Context): number {
  const inTurn = Math.min(
    LATEST_EXIT,
    OFFERS_IN_TURN * rules.offerPeriod(self),
  );
  return Math.max(OFFERS * OFFER_PERIOD, inTurn);
}

/**
 * Until when a successor is waited for that is offered a group now: where it may
 * be told in turn only, not beyond the end of the hand-over.
 *
 * @param since When the hand-over began.
 */
export function offerEnd(ctx: Context, since: number, now: number): number {
  const end = Math.max(since + exitPeriod(ctx), now + OFFER_PERIOD);
  return Math.min(now + ctx.rules.offerPeriod(ctx.self), end);
}

/** How long successors are sought, in ms. */
export function searchPeriod(ctx: Context): number {
  return exitPeriod(ctx) - LAST_OFFER;
}

/**
 * Rule 7. Why an owner gives its group away; `undefined` = it keeps it. Every
 * loss of candidacy is a hand-over.
 */
export function leaveReason(
  ctx: Context,
  group: Group,
  now: number,
): ClaimReason | undefined {
  const { self } = ctx;
  if (self.lifecycle === "exiting") return "exit";
  if (now < group.handover.retryAt) return undefined;
  if (self.lifecycle === "draining") return "drain";
  if (self.isMainSilent) return "mainSilent";
  if (ctx.rules.isOverridden(group, now)) return undefined;
  if (!group.isCandidate) return "notCandidate";
  const first = firstSound(ctx, group, now);
  if (first?.peer === undefined) return undefined;
  if (isPlacement(group, first.node, now)) {
    const isEarly = ctx.rules.awaitsBetter(ctx, group, first.node, now);
    return isEarly ? undefined : "placement";
  }
  return now >= ctx.rules.failbackAt(ctx, group, first.peer)
    ? "failback"
    : undefined;
}

/** Rule 7. When time alone may bring an owner a reason to give its group away. */
export function mayLeaveAt(ctx: Context, group: Group, now: number): number {
  if (now < group.handover.retryAt) return group.handover.retryAt;
  if (now < group.overrideUntil) return group.overrideUntil;
  const first = firstSound(ctx, group, now);
  if (first?.peer === undefined) return Infinity;
  if (isPlacement(group, first.node, now)) return contactEnd(group);
  const at = ctx.rules.failbackAt(ctx, group, first.peer);
  return now < at ? at : Infinity;
}

/** Whether a candidate newly comes before us. */
function isPlacement(group: Group, node: number, now: number): boolean {
  return now < group.placementUntil && group.placed.includes(node);
}

/** Until when contact with such a candidate is waited for. */
function contactEnd({ placementUntil }: Group): number {
  return placementUntil - PLACEMENT_PERIOD + CONTACT_PERIOD;
}

/**
 * Rule 7. Whether a group whose order changed just now is not given to a
 * candidate in sound contact, because a better one is there with which contact
 * only begins.
 */
export function awaitsBetter(
  ctx: Context,
  group: Group,
  node: number,
  now: number,
): boolean {
  if (now >= contactEnd(group)) return false;
  const at = group.candidates.findIndex((each) => each.node === node);
  return group.candidates.slice(0, at).some(({ peer }) =>
    peer !== undefined && ctx.rules.isAvailable(peer, now)
  );
}

/** Rule 7. Whether an offer that was taken still overrides the taker's own view. */
export function isOverridden(group: Group, now: number): boolean {
  return now < group.overrideUntil && group.candidates[0]?.peer !== undefined;
}

/** Rule 7. Until when an offer overrides the taker's own view. */
export function overrideEnd(now: number): number {
  return now + OVERRIDE_PERIOD;
}

/** The first candidate that can take over and is in sound contact; this node always is. */
export function firstSound(
  ctx: Context,
  group: Group,
  now: number,
): Candidate | undefined {
  return group.candidates.find(({ peer }) =>
    peer === undefined ||
    ctx.rules.isAvailable(peer, now) &&
      ctx.rules.isSound(peer, ctx.self.timing, now)
  );
}

/**
 * Rule 7. The candidates to whom a group may be offered, best first. Whoever could
 * keep it offers it only to those that come before it.
 */
export function successorsOf(
  { candidates, handover: { reason } }: Group,
): readonly Candidate[] {
  if (reason !== "failback" && reason !== "placement") return candidates;
  const own = candidates.findIndex(({ peer }) => peer === undefined);
  return own < 0 ? candidates : candidates.slice(0, own);
}

/**
 * Rule 7. The next to whom a group is offered: the first candidate in sound
 * contact and ready that was not tried, else the first that may be there. One
 * that knows no claims is left some time to take it by itself.
 */
export function nextSuccessor(
  ctx: Context,
  group: Group,
  now: number,
): number | undefined {
  const { timing } = ctx.self;
  let other: number | undefined;
  for (const { node, peer } of successorsOf(group)) {
    if (peer === undefined || !peer.isAlive) continue;
    if (!peer.speaksClaims) {
      if (other === undefined && awaitsLegacy(ctx, group, now)) return node;
      continue;
    }
    if (group.handover.tried.has(node)) continue;
    const fresh = isFresh(peer, timing, now);
    if (fresh && peer.state !== "ready") continue;
    if (ctx.rules.isSound(peer, timing, now)) return node;
    other ??= node;
  }
  return other;
}

/** Rule 7. The term of an offer. */
export function offeredTerm({ claim, seen }: Group): number {
  return Math.min(MAX_TERM, Math.max(claim.term, seen.term) + 1);
}

/** Rule 7. Whether an owner goes on answering when nobody takes its group. */
export function keepsUntaken(ctx: Context): boolean {
  return ctx.self.lifecycle !== "exiting";
}

/**
 * Rule 7. The claim of an owner that nobody relieved: above what it offered, in
 * case that somebody took it and is not heard. An owner that hears nobody, or has
 * come back from that since, has rather been replaced, and goes on with what it
 * has: it is to win against nobody.
 */
export function keptClaim(ctx: Context, group: Group, now: number): Claim {
  const isBack = ctx.segment.regainedAt >= group.handover.since;
  if (isBack || !hearsAnybody(ctx, now)) return group.claim;
  const term = Math.min(MAX_TERM, offeredTerm(group) + 1);
  return { ...group.claim, term };
}

/**
 * Rules 7 and 8. Whether an offer is taken: this node is ready, has seen nothing
 * as high, and believes in nobody but the one who offers. An owner that is deaf
 * does not know that it was replaced.
 */
export function takesOffer(
  ctx: Context,
  group: Group,
  from: number,
  term: number,
): boolean {
  const isWanted = group.isKnown && group.candidates.length > 0;
  return isWanted && ctx.rules.isReady(ctx.self) && !group.isOurs &&
    term > group.seen.term &&
    (group.owner.node === from || group.owner.node === NO_NODE);
}
