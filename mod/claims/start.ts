/** Rules 6 and 8: a start and a stall. */
import type { Group } from "./group.ts";
import type { Peer } from "./peer.ts";
import type { Self } from "./self.ts";

/** How long those who come before us are left a group that nobody ever claimed, in ms. */
const FIRST_CLAIM_PATIENCE = 1000;

/** Rules 7 and 8. Whether this node may be given groups: it has joined, forwards, and does not leave. */
export function isReady(self: Self): boolean {
  return self.lifecycle === "member" && !self.isMainSilent;
}

/** Rules 4 and 8. Whether it takes over what nobody answers for: then even if it may not forward yet. */
export function takesOver(self: Self): boolean {
  const { lifecycle, isMainSilent } = self;
  return (lifecycle === "member" || lifecycle === "reserve") && !isMainSilent;
}

/** What it means that a node did nothing for a while. */
export type Standstill =
  /** Nothing. */
  | "none"
  /** What it received meanwhile is too old to be evidence. */
  | "deaf"
  /** Others may have replaced it, too. */
  | "replaced";

/**
 * Rule 6. What it means that this node was standing still.
 *
 * @param silence Milliseconds since its own last beats left.
 */
export function standstill(self: Self, silence: number): Standstill {
  if (silence <= self.timing.detect) return "none";
  return silence > self.patience ? "replaced" : "deaf";
}

/** Rule 6. Whether what was buffered during a stall is evidence of anybody's life. */
export function backlogIsEvidence(): boolean {
  return false;
}

/**
 * Rule 8. From when on the silence about a group counts. One that nobody ever
 * claimed is left for a second to candidates that come before us, if any of them
 * is there: one that starts, or that hears of the group from the API later than we
 * do. So groups are owned in the right order at once, where nodes start together
 * and where many Services come at a time.
 */
export function silentSince(group: Group): number {
  const { since } = group.asking;
  if (group.seen.term > 0) return since;
  for (const { peer } of group.candidates) {
    if (peer === undefined) break;
    if (isExpected(peer)) return since + FIRST_CLAIM_PATIENCE;
  }
  return since;
}

/** Whether a peer may still claim what it comes first for. */
function isExpected({ isAlive, speaksClaims, state }: Peer): boolean {
  return isAlive && speaksClaims && state !== "draining";
}
