/** Rule 7: when a group goes back to a candidate that comes first and has returned. */
import type { Context } from "./context.ts";
import type { Group } from "./group.ts";
import type { Peer } from "./peer.ts";

/** When a returned candidate gets a group back. */
export type FailbackPolicy =
  /** When contact with it has held for the hold time. */
  | { readonly kind: "immediate" }
  /** So many ms later than that. */
  | { readonly kind: "delay"; readonly delay: number }
  /** It does not. */
  | { readonly kind: "never" };

/** The longest hold time, in ms. */
const LONGEST_HOLD = 300_000;

/**
 * Rule 7. How long contact with a returned candidate has to hold, in ms: doubled
 * for each time that it broke soon after it had come back.
 *
 * @param hold The hold time without a flap.
 */
export function holdAfter(hold: number, flaps: number): number {
  return Math.min(hold * 2 ** flaps, Math.max(hold, LONGEST_HOLD));
}

/** Rule 7. When the owner gives the group back to the first candidate; `Infinity` = not. */
export function failbackAt(ctx: Context, group: Group, first: Peer): number {
  const { failback } = group;
  if (failback.kind === "never") return Infinity;
  const delay = failback.kind === "delay" ? failback.delay : 0;
  return first.steadySince + delay +
    ctx.rules.holdAfter(ctx.settings.failbackHold, first.flaps);
}

/** How long a newly first candidate is waited for, in ms. */
export const PLACEMENT_PERIOD = 10_000;

/**
 * Rule 7. Whether a candidate that newly comes before the owner gets the group
 * at once, as a matter of order: when it was here before. Else it has returned,
 * whether it had left, was forgotten or is new, and gets the group when fail-back
 * says so.
 */
export function isPlaced(
  { settings }: Context,
  peer: Peer,
  now: number,
): boolean {
  return now - peer.aliveSince >= settings.failbackHold;
}

/**
 * How often contact broke soon after it had come back, once it breaks again: a
 * contact that held for the longest hold time makes all forgotten.
 *
 * @param steady How long it held.
 */
export function flapsAfter(flaps: number, steady: number): number {
  if (steady >= LONGEST_HOLD) return 0;
  return flaps + 1;
}
