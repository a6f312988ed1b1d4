/** Rules 6 and 8: a start and a stall. */
import type { Group } from "./group.ts";
import type { Peer } from "./peer.ts";
import type { Self } from "./self.ts";

/** How long those who start are left a group that nobody ever claimed, in ms. */
const START_PATIENCE = 1000;

/** Rules 7 and 8. Whether this node may be given groups: it has joined, forwards, and does not leave. */
export function isReady(self: Self): boolean {
  return self.lifecycle === "member" && !self.isMainSilent;
}

/** Rules 4 and 8. Whether it takes over what nobody answers for: then even if it may not forward yet. */
export function takesOver(self: Self): boolean {
  const { lifecycle, isMainSilent } = self;
  return (lifecycle === "member" || lifecycle === "reserve") && !isMainSilent;
}

/**
 * Rule 6. Whether this node was standing still for so long that others may have
 * replaced it.
 *
 * @param silence Milliseconds since its own last beats left.
 */
export function isStall(self: Self, silence: number): boolean {
  return silence > self.timing.detect;
}

/** Rule 6. Whether what was buffered during a stall is evidence of anybody's life. */
export function backlogIsEvidence(): boolean {
  return false;
}

/**
 * Rule 8. From when on the silence about a group counts. One that nobody ever
 * claimed is left for a second to candidates that come before us and have just
 * started, so that nodes that start together own their groups in the right order
 * at once.
 */
export function silentSince(group: Group): number {
  let { since } = group.asking;
  if (group.seen.term > 0) return since;
  const latest = since + START_PATIENCE;
  for (const { peer } of group.candidates) {
    if (peer === undefined) break;
    if (isStarting(peer)) return latest;
    since = Math.max(since, Math.min(peer.stateSince, latest));
  }
  return since;
}

/** Whether a peer says that it starts, or is there and said nothing yet. */
function isStarting(peer: Peer): boolean {
  if (!peer.isAlive || !peer.speaksClaims) return false;
  return peer.state === "starting" || peer.beatAt === -Infinity;
}
