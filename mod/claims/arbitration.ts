/** Rule 5: the LAN arbitrates. */
import { legacyMayOwn } from "./legacy.ts";
import { type Claim, compareClaims } from "../ownership/mod.ts";
import type { Context } from "./context.ts";
import type { Group, Loss } from "./group.ts";
import { hearsAnybody } from "./isolation.ts";
import { detectionOf } from "./liveness.ts";
import type { Peer } from "./peer.ts";

/** First pause between two answers to lower claims, in ms. */
const CONTEST_GAP = 1000;
/** The longest; doubled from the first. */
const LONGEST_CONTEST_GAP = 60_000;
/** Detection times without a beat after which a peer's beats do not get through. */
const UNHEARD = 3;
/** The longest time for which a loser looks whether the winner answers, in ms. */
const LONGEST_VERIFICATION = 10_000;
/** Silenced again within so many times of that, it was too soon. */
const TOO_SOON = 10;
/** Questions after a loss, until the winner was heard to announce. */
const REMINDERS = 3;

/** On which way a claim came. */
export type Path =
  /** In a beat of its owner. */
  | "beat"
  /** In a gratuitous ARP frame, an unsolicited Neighbor Advertisement. */
  | "announcement"
  /** In an answer to a question of ours. */
  | "answer"
  /** In somebody's question. */
  | "question";

/**
 * Rule 3. Whether a claim is evidence that its owner answers: in an answer, or
 * in the first announcement. A deaf owner goes on announcing, and asks for
 * its own group; a beat's life is dated by itself.
 */
export function isEvidence(path: Path, isNews: boolean): boolean {
  return path === "answer" || path === "announcement" && isNews;
}

/**
 * Rule 2. Whether a claim makes its owner believed in: not in a question, which
 * may carry a claim that was given up.
 */
export function isBelieved(path: Path): boolean {
  return path !== "question";
}

/** Rule 2. Whether a claim of another, heard directly, silences us. */
export function silences(group: Group, claim: Claim): boolean {
  return compareClaims(claim, group.claim) > 0;
}

/**
 * Rule 2. Whether a claim that only a third node told silences us: never. Its
 * owner may not reach this segment's clients, or be gone.
 */
export function relayedSilences(): boolean {
  return false;
}

/** Rule 5. Whether a loser first looks if the winner answers. */
export function verifies(): boolean {
  return true;
}

/** Rule 5. Whether a loser exchanges beats with the winner meanwhile: questions may not pass. */
export function meetsWinner(): boolean {
  return true;
}

/**
 * Rule 5. Whether the winner is proved to live by its beats: one that came after
 * the loss began, is not deaf, and claims no less. What silenced us is no proof
 * when it was an announcement.
 */
export function isProvedByBeats(
  group: Group,
  winner: Peer | undefined,
): boolean {
  const { loss } = group;
  if (winner === undefined) return false;
  return compareClaims(winner.claim(group.id), loss.winner) >= 0 &&
    winner.life >= loss.since;
}

/**
 * Rule 5. Whether a loser that had resumed was silenced by the next term soon
 * after: who claims that has heard it. What is replayed has some other term.
 */
export function isReply(
  { patience, resumedAt, gave, winner }: Loss,
  now: number,
): boolean {
  return winner.term === gave.term + 1 &&
    now - resumedAt <= TOO_SOON * patience;
}

/**
 * Rule 5. How long a loser looks whether the winner answers, in ms: ever longer
 * from the second reply on, for then both answer and neither can be asked.
 */
export function verificationAfter(
  { self: { timing } }: Context,
  replies: number,
): number {
  const ms = timing.verify * 2 ** Math.max(0, replies - 1);
  return Math.max(timing.verify, Math.min(ms, LONGEST_VERIFICATION));
}

/** Rule 5. The claim with which a loser resumes when the winner gives no proof. */
export function resumedClaim(
  ctx: Context,
  group: Group,
  alone: boolean,
): Claim {
  return ctx.rules.takeOverClaim(ctx, group, alone);
}

/** Rule 5. Questions that a loser asks until the winner announces, by the way that it lost: clients heard no more than it did. */
export function remindersAfter(path: Path): number {
  return path === "announcement" ? 0 : REMINDERS;
}

/** Rule 5. The pause after an answer to a lower claim, given the one before; after a long quiet it begins anew. */
export function contestGapAfter(gap: number, quiet: number): number {
  if (gap === 0 || quiet > 10 * gap) return CONTEST_GAP;
  return Math.min(2 * gap, LONGEST_CONTEST_GAP);
}

/** Rule 5. Whether an announcement that falls into the pause is sent after it; else it is dropped. */
export function defersAnnouncement(): boolean {
  return true;
}

/**
 * Rules 2 and 5. Whether a higher claim is remembered than the one that an
 * owner holds: then it asks, and claims above it when nobody answers. Who is
 * heard by nobody, or hears nobody, asks nobody.
 */
export function isCorrected(ctx: Context, group: Group, now: number): boolean {
  return group.claim.full && compareClaims(group.seen, group.claim) > 0 &&
    hearsAnybody(ctx, now) && !ctx.rules.isAlone(ctx, now);
}

/**
 * Rule 5. Whether an owner asks for its own group: it has no two-way session,
 * there is a candidate that it does not hear, or one that knows no claims comes
 * first.
 */
export function asksForItself(
  ctx: Context,
  group: Group,
  now: number,
): boolean {
  if (now - ctx.segment.twoWayAt >= ctx.self.timing.detect) return true;
  if (legacyMayOwn(group)) return true;
  return group.candidates.some(({ peer }) =>
    peer !== undefined && peer.isWanted &&
    now - peer.beatAt >= detectionOf(peer, ctx.self.timing)
  );
}

/** Rule 5. Whether an owner that hears others again announces, after it has asked. */
export function announcesAfterIsolation(): boolean {
  return true;
}

/**
 * Rule 5. Whether a claimless answer of a member silences an owner: one that
 * claims alone always; others only where nothing of that member ever carried a
 * claim, because the way strips it, and no beat of it comes; then by the hash.
 */
export function claimlessAnswerSilences(
  ctx: Context,
  group: Group,
  from: Peer,
  hash: number,
  now: number,
): boolean {
  if (!group.claim.full) return true;
  return !ctx.segment.claimsSeenFrom.has(from.node) &&
    now - from.beatAt >= UNHEARD * detectionOf(from, ctx.self.timing) &&
    hash < group.hash;
}
