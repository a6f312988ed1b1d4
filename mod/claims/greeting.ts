/** Beats with peers with whom there is no session. */
import type { Context } from "./context.ts";
import { detectionOf } from "./liveness.ts";
import type { Peer } from "./peer.ts";
import type { Self } from "./self.ts";
import { beatInterval, type Timing } from "./timing.ts";

/** How long beats with a greeted peer go on, in ms. */
const GREETING = 1000;
/** A peer that said it needs our beats gets them for so many ms more, at least. */
const RETURNED_FOR = 1000;

/** Whether a peer gets beats in turn. */
export function isPartner(peer: Peer, timing: Timing, now: number): boolean {
  if (peer.isWanted) return true;
  if (peer.speaksClaims && now < peer.greetedUntil) return true;
  // Where beats are rare, its last must still count when our turn comes.
  const returnedFor = Math.max(RETURNED_FOR, detectionOf(peer, timing));
  return now - peer.wantsUsAt < returnedFor;
}

/**
 * Rules 5 and 7. Whether there is room for beats with one more peer in the
 * interval as it is. Where there is none nobody is greeted who need not be: the
 * loss of a node that many greet at once, or that an attacker makes greet many by
 * sending their old claims again, would show later.
 */
export function hasRoom({ heartbeats, timing, partners }: Self): boolean {
  return beatInterval(heartbeats, partners + 1) <= timing.beat;
}

/** Exchanges beats with a node for a while, the first at once. */
export function greet(ctx: Context, node: number, now: number): void {
  const { segment, self, rules } = ctx;
  const peer = segment.peers.get(node);
  if (peer === undefined || node === self.node) return;
  if (!isPartner(peer, self.timing, now)) self.partners++;
  peer.greetedUntil = now + GREETING;
  // Where beats are scarce, those in contact already wait for their turn.
  if (self.isStretched && rules.isSound(peer, self.timing, now)) return;
  peer.isBeatDue = true;
  segment.isBeatDue = true;
}

/** The same with one of whom it only may turn out that it is needed: while there is room. */
export function greetInRoom(ctx: Context, node: number, now: number): void {
  const { segment, self, rules } = ctx;
  const peer = segment.peers.get(node);
  if (peer === undefined) return;
  if (isPartner(peer, self.timing, now) || rules.hasRoom(self)) {
    greet(ctx, node, now);
  }
}
