/** Rule 4: the LAN is asked before a take-over; and what a node alone may do. */
import { type Claim, MAX_TERM } from "../ownership/mod.ts";
import type { Context } from "./context.ts";
import { type Group, NEVER } from "./group.ts";
import { hearsAnybody } from "./isolation.ts";
import { isOursByOrder, patienceByOrder } from "./legacy.ts";
import { detectionOf, doubtOf } from "./liveness.ts";
import type { Peer } from "./peer.ts";

/** Silence before the first candidate asks about an owner with which it has no session, in ms. */
const FIRST_PATIENCE = 1000;
/** The same for every other candidate. */
const OTHER_PATIENCE = 5000;

/** Periods of questions within which one is heard and could have been answered. */
const QUESTIONS_HEARD = 2;

/** Periods of questions for which contact has to last: within it one leaves, and has time to be answered. */
const PROOF_LASTS = 1.5;

/** How a candidate stands to the owner of a group. */
export type Footing =
  /** The address was never used in the cluster. */
  | "new"
  /** Nobody is known to own it. */
  | "unknown"
  /** The same, and it is this node's by the order, by which members own that know no claims. */
  | "ours"
  /** Beats went both ways. */
  | "armed"
  /** They did, but have not come for long: it only answers. */
  | "mute"
  /** They did not, and membership calls it dead. */
  | "dead"
  /** They did not, and this node comes first. */
  | "first"
  /** They did not. */
  | "other";

/** Rule 4. How a candidate of a rank stands to the owner. */
export function footingOf(
  ctx: Context,
  group: Group,
  rank: number,
  now: number,
): Footing {
  const owner = group.ownerPeer;
  if (owner === undefined) {
    if (group.isNew && group.seen.term === 0) return "new";
    return isOursByOrder(group, rank) ? "ours" : "unknown";
  }
  if (owner.isArmed) {
    return isMute(ctx, group, owner, now) ? "mute" : "armed";
  }
  if (!owner.isAlive) return "dead";
  return rank === 1 ? "first" : "other";
}

/** Whether beats had failed long before we began to ask: two lost questions are then no death. */
function isMute(
  ctx: Context,
  { asking }: Group,
  owner: Peer,
  now: number,
): boolean {
  const life = ctx.rules.lifeOf(ctx, owner, now);
  return asking.since - life >= detectionOf(owner, ctx.self.timing);
}

/**
 * Rule 3. Silence before a candidate asks about an owner with which it has no
 * session, in ms: nobody relies on membership alone, which may run over
 * another network.
 */
export function patienceWithoutSession(isFirst: boolean): number {
  return isFirst ? FIRST_PATIENCE : OTHER_PATIENCE;
}

/** Rule 4. Whether the LAN is asked before a take-over. */
export function asksBeforeTakeOver(): boolean {
  return true;
}

/** Rule 4. Whether witnesses are asked with it: stations that can prove that they hear us when no member does. */
export function asksWitnesses(): boolean {
  return true;
}

/** Rule 4. Silence from which on a candidate asks, in ms. */
export function patienceToAsk(
  ctx: Context,
  group: Group,
  footing: Footing,
): number {
  switch (footing) {
    case "armed":
    case "mute":
      return ownerDoubt(ctx, group.ownerPeer);
    case "first":
    case "other":
      return ctx.rules.patienceWithoutSession(footing === "first");
    case "dead":
      // It may answer all the same, for as long as membership is wrong.
      return FIRST_PATIENCE;
    default:
      return 0;
  }
}

/** Silence after which an owner is in doubt, in ms; `undefined` = nobody is known. */
function ownerDoubt({ self }: Context, peer: Peer | undefined): number {
  return peer === undefined ? self.timing.doubt : doubtOf(peer, self.timing);
}

/** Rule 3. Until when an owner is not in doubt, because it beats, or a peer vouches for it. */
export function heardUntil(
  ctx: Context,
  owner: Peer | undefined,
  now: number,
): number {
  return owner === undefined
    ? NEVER
    : ctx.rules.lifeOf(ctx, owner, now) + ownerDoubt(ctx, owner);
}

/** Rule 4. How long a candidate of the first rank asks in vain before it takes over, in ms. */
export function patienceWhileAsking(
  ctx: Context,
  group: Group,
  footing: Footing,
): number {
  const { detect } = ctx.self.timing;
  switch (footing) {
    case "new":
      return ctx.settings.probe;
    case "ours":
      return patienceByOrder(ctx);
    case "armed":
      return detection(ctx, group.ownerPeer) - ownerDoubt(ctx, group.ownerPeer);
    case "other":
      return 2 * detect;
    default:
      return detect;
  }
}

function detection({ self }: Context, owner: Peer | undefined): number {
  return owner === undefined
    ? self.timing.detect
    : detectionOf(owner, self.timing);
}

/** Rule 4. Whether a group itself is asked for: then it does not help that its owner answers for others. */
function isAskedFor({ asking }: Group): boolean {
  return asking.since !== NEVER && asking.at >= asking.since;
}

/** Rules 3 and 4. The newest evidence that the owner whom we believe in answers. */
export function evidenceOf(ctx: Context, group: Group, now: number): number {
  const owner = group.ownerPeer;
  if (owner === undefined) {
    return Math.max(group.evidenceAt, ctx.self.joinedAt);
  }
  const life = ctx.rules.lifeOf(ctx, owner, now);
  const answered = isAskedFor(group) ? NEVER : owner.answeredAt;
  return Math.max(group.evidenceAt, life, answered);
}

/**
 * Rule 4. Whether this node has no proof that anybody hears it: then it may be
 * itself what is cut off. Where it is the only member, it is not.
 */
export function isAlone(ctx: Context, now: number): boolean {
  return ctx.segment.hasPeers &&
    now - ctx.segment.proofAt > ctx.self.timing.proof;
}

/**
 * Rule 4. Whether the proof that somebody hears us has lasted for so long that a
 * question was heard, and could have been answered: a cable that makes contact
 * for a moment gives such proof, too.
 */
export function isProofLasting({ self, segment }: Context): boolean {
  return !segment.hasPeers ||
    segment.proofAt - segment.provenSince >=
      PROOF_LASTS * self.timing.askPeriod;
}

/**
 * Rule 4. From when on a candidate that is heard may take a group over: where it
 * was cut off when it began to ask, the LAN has been asked only since it is heard
 * again, and an answer takes some time. Whoever is heard for a moment only may be
 * cut off again, and waits until it is known.
 */
export function heardInVainAt(ctx: Context, group: Group): number {
  const { timing } = ctx.self;
  const { proofAt, provenSince } = ctx.segment;
  if (!ctx.rules.isProofLasting(ctx)) return proofAt + timing.proof + 1;
  return provenSince <= group.asking.since
    ? NEVER
    : provenSince + QUESTIONS_HEARD * timing.askPeriod;
}

/**
 * Rule 4. When a group that was taken over in full counts as claimed alone: when
 * proof of being heard, which was new enough then, has become too old and none
 * has followed. Where nobody else beat, nobody would prove it: the owner that was
 * lost has been silent for longer, and members that know no claims beat nobody.
 */
export function unprovenAt(
  { self, segment }: Context,
  { claimedAt, before }: Group,
): number {
  const beatAt = before?.beatAt ?? NEVER;
  const isInCompany = claimedAt - beatAt < self.timing.detect;
  return segment.proofAt > claimedAt || !isInCompany
    ? Infinity
    : segment.proofAt + self.timing.proof + 1;
}

/**
 * Rules 2 and 4. What a take-over claims: the highest term seen + 1, where there
 * is one; alone, the term seen and not in full, so that it wins against nobody who
 * is heard.
 */
export function takeOverClaim(
  ctx: Context,
  group: Group,
  alone: boolean,
): Claim {
  const { term } = group.seen;
  return {
    term: alone ? Math.max(1, term) : Math.min(MAX_TERM, term + 1),
    full: !alone,
    hash: group.hash,
    node: ctx.self.node,
  };
}

/** Rules 4 and 5. Whether an owner may broadcast: not with a claim made alone, and not while it hears nobody. */
export function mayBroadcast(ctx: Context, group: Group, now: number): boolean {
  return group.claim.full && hearsAnybody(ctx, now);
}

/** Rule 2. The claim that a question carries: an owner's own, or the one that a loser gave up. */
export function claimInQuestion(group: Group): Claim | undefined {
  if (group.isOurs) return group.claim;
  if (group.role === "lost" || group.loss.reminders > 0) return group.loss.gave;
  return undefined;
}
