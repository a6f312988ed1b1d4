/** Foreign hosts that use an address of ours (RFC 5227). */
import type { Group } from "./group.ts";

/** Milliseconds in which an address is defended once (RFC 5227 §1.1, DEFEND_INTERVAL). */
const DEFEND_INTERVAL = 10_000;

/**
 * Whether an owner defends an address with an announcement. It never gives the
 * address up: two hosts that defend at most once in ten seconds make no storm
 * (RFC 5227 §2.4 c).
 */
export function defends(group: Group, now: number): boolean {
  return group.isOurs && now - group.announcing.foreignAt >= DEFEND_INTERVAL;
}

/** Rule 8. Whether a new address stays unused because a foreign host answered for it (RFC 5227 §2.1). */
export function isInUse(group: Group, now: number): boolean {
  return group.isNew && group.seen.term === 0 &&
    now - group.announcing.foreignAt < DEFEND_INTERVAL;
}

/** Rule 8. Until when such an answer counts. */
export function inUseUntil({ announcing }: Group): number {
  return announcing.foreignAt + DEFEND_INTERVAL;
}
