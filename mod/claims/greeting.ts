/** Beats with peers with whom there is no session. */
import type { Context } from "./context.ts";

/** How long beats with a greeted peer go on, in ms. */
const GREETING = 1000;

/** Exchanges beats with a node for a while, the first at once. */
export function greet(ctx: Context, node: number, now: number): void {
  const { segment, self, rules } = ctx;
  const peer = segment.peers.get(node);
  if (peer === undefined || node === self.node) return;
  peer.greetedUntil = now + GREETING;
  // Where beats are scarce, those in contact already wait for their turn.
  if (self.isStretched && rules.isSound(peer, self.timing, now)) return;
  peer.isBeatDue = true;
  segment.isBeatDue = true;
}
