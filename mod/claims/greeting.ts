/** Beats with peers with whom there is no session. */
import type { Context } from "./context.ts";

/** How long beats with a greeted peer go on, in ms. */
const GREETING = 1000;

/** Exchanges beats with a node for a while, the first at once. */
export function greet(ctx: Context, node: number, now: number): void {
  const peer = ctx.segment.peers.get(node);
  if (peer === undefined) return;
  peer.greetedUntil = now + GREETING;
  peer.isBeatDue = true;
  ctx.segment.isBeatDue = true;
}
