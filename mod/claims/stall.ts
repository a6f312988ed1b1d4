/** Rule 6: what a node does after it stood still. */
import { NO_CLAIM } from "../ownership/mod.ts";
import { ask } from "./asking.ts";
import type { Context } from "./context.ts";
import { NEVER } from "./group.ts";
import { fallSilent } from "./transitions.ts";

/** Nobody else is taken for dead because we did not look. */
export function excuseOthers({ segment, self }: Context, now: number): void {
  const lately = now - self.timing.beat;
  for (const peer of segment.peerList) {
    if (peer.beatAt === NEVER) continue;
    peer.beatAt = Math.max(peer.beatAt, lately);
    peer.life = Math.max(peer.life, lately);
  }
  segment.heardAt = Math.max(segment.heardAt, lately);
  segment.beatAt = Math.max(segment.beatAt, lately);
}

/** Gives up what was owned before anything else, and asks. */
export function recover(ctx: Context, now: number): void {
  for (const group of ctx.segment.groupList) {
    if (group.isOurs) {
      // Our clients may have heard of a new owner as little as we did.
      group.loss.gave = group.claim;
      group.loss.reminders = ctx.rules.remindersAfter("beat");
      fallSilent(ctx, group, "stall", NO_CLAIM, now);
      ask(ctx, group, now);
    } else if (group.role === "lost") group.loss.since = now;
    group.evidence(now);
  }
}
