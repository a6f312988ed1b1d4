/** What a node does about a claim of another that it hears directly. */
import { type Claim, compareClaims, NO_CLAIM } from "../ownership/mod.ts";
import type { Path } from "./arbitration.ts";
import type { Context } from "./context.ts";
import type { Group } from "./group.ts";
import { greetInRoom } from "./greeting.ts";
import { correctClients, fallSilent, lose } from "./transitions.ts";

/** Takes in a claim from its owner. */
export function hearClaim(
  ctx: Context,
  group: Group,
  claim: Claim,
  path: Path,
  now: number,
): void {
  const known = group.seen;
  group.see(claim);
  noteFirst(group, known, now);
  if (claim.node === ctx.self.node) {
    if (group.isOurs && known !== group.seen) group.touch(now);
    return;
  }
  if (!group.isOurs) return observe(ctx, group, claim, path, now);
  group.touch(now);
  if (!ctx.rules.silences(group, claim)) return contest(ctx, group, claim, now);
  if (group.role === "yield") {
    fallSilent(ctx, group, "handedOver", claim, now);
  } else lose(ctx, group, claim, path, now);
}

/** Takes in a claim that a third node remembers. */
export function hearOfClaim(
  ctx: Context,
  group: Group,
  claim: Claim,
  now: number,
): void {
  const known = group.seen;
  if (compareClaims(claim, known) <= 0) return;
  group.see(claim);
  noteFirst(group, known, now);
  if (!group.isOurs) return;
  group.touch(now);
  if (ctx.rules.relayedSilences() && claim.node !== ctx.self.node) {
    fallSilent(ctx, group, "higherClaim", claim, now);
  }
}

/** A group that somebody claimed is no longer left to those who start. */
function noteFirst(group: Group, known: Claim, now: number): void {
  if (known.term === 0) group.touch(now);
}

/** Somebody claims what we do not own. */
function observe(
  ctx: Context,
  group: Group,
  claim: Claim,
  path: Path,
  now: number,
): void {
  if (path === "announcement" && group.loss.reminders > 0) {
    group.loss.reminders = 0;
    group.touch(now);
  }
  if (group.role === "lost") return observeLost(ctx, group, claim, path, now);
  if (!ctx.rules.isBelieved(path)) return;
  const isOwners = group.owner === NO_CLAIM ||
    claim.node === group.owner.node ||
    compareClaims(claim, group.owner) >= 0;
  if (!isOwners) return;
  const isNews = compareClaims(claim, group.owner) !== 0;
  // An owner refreshes: that is all as it was.
  if (!isNews) group.believedAt = now;
  else {
    group.believe(claim, ctx.segment.peer(claim.node), now);
    group.touch(now);
  }
  if (ctx.rules.isEvidence(path, isNews)) group.evidence(now);
}

function observeLost(
  ctx: Context,
  group: Group,
  claim: Claim,
  path: Path,
  now: number,
): void {
  const { loss } = group;
  if (compareClaims(claim, loss.winner) < 0) return;
  group.touch(now);
  loss.winner = claim;
  if (path !== "answer") return;
  group.role = "idle";
  group.believe(claim, ctx.segment.peer(claim.node), now);
  group.evidence(now);
}

/** Somebody claims less than we do: tells it, and its clients, who owns the group. */
function contest(ctx: Context, group: Group, claim: Claim, now: number): void {
  ctx.sink.notice(ctx.segment.slot, group.id, "contested");
  greetInRoom(ctx, claim.node, now);
  correctClients(ctx, group, now);
}
