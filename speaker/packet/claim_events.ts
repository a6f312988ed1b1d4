/** What became of claims, as cells that the two threads share. */
import type {
  ClaimEvent,
  ClaimNotice,
  ClaimReason,
} from "../../mod/claims/mod.ts";

/** What happens to a group, in the order of its cells. */
const KINDS = ["takeOver", "offer", "keep", "silent"] as const;

/** Why, in the order of the cells. */
const REASONS = [
  "ownerSilent",
  "ownerUnknown",
  "offered",
  "hearsAgain",
  "claimantGone",
  "winnerSilent",
  "higherClaim",
  "handedOver",
  "stall",
  "removed",
  "legacyOwner",
  "drain",
  "exit",
  "mainSilent",
  "notCandidate",
  "placement",
  "failback",
  "noSuccessor",
] as const satisfies readonly ClaimReason[];

/** What is told besides, in the order of its cells. */
const NOTICES = [
  "foreignConflict",
  "addressInUse",
  "claimMissing",
  "contested",
  "alone",
  "lostPeerLives",
  "late",
] as const satisfies readonly ClaimNotice[];

const FIRST_NOTICE = KINDS.length * REASONS.length;

/** Index of the cell that counts what became of groups. */
export function claimEventCell(
  kind: ClaimEvent["kind"],
  reason: ClaimReason,
): number {
  return KINDS.indexOf(kind) * REASONS.length + REASONS.indexOf(reason);
}

/** Index of the cell that counts a notice. */
export function claimNoticeCell(notice: ClaimNotice): number {
  return FIRST_NOTICE + NOTICES.indexOf(notice);
}

/** A count of {@linkcode readClaimEvents}. */
export interface ClaimCount {
  /** What happened. */
  readonly event: ClaimEvent["kind"] | ClaimNotice;
  /** Why; empty for what is its own reason. */
  readonly reason: ClaimReason | "";
  /** How often. */
  readonly count: number;
}

/** All that has happened at least once. */
export function readClaimEvents(cells: Float64Array): ClaimCount[] {
  const events = KINDS.flatMap((event) =>
    REASONS.map((reason): ClaimCount => {
      const count = cells[claimEventCell(event, reason)] ?? 0;
      return { event, reason, count };
    })
  );
  const notices = NOTICES.map((event): ClaimCount => {
    const count = cells[claimNoticeCell(event)] ?? 0;
    return { event, reason: "", count };
  });
  return [...events, ...notices].filter(({ count }) => count > 0);
}
