/** One owner for all Services that share an address. */
import { compareIp, formatIp, parseIp } from "../net/mod.ts";
import { decide, type OwnershipDecision } from "./decide.ts";
import type { OwnershipView } from "./view.ts";

/**
 * Decides about a group: Services that share addresses with each other.
 *
 * The key is the lowest first address. The candidates are the nodes that are
 * candidates for every Service that has any; if there is no such node, those
 * of the Service with the lowest first address, so that no address ever has
 * two owners. A Service whose candidates leave out the owner is not announced.
 *
 * @param views The Services, in an order that is the same on every node.
 * @returns The decisions, in the order of the views.
 * @throws {ParseError} When the key of a view is no address.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decideGroup } from "./mod.ts";
 *
 * assertEquals(decideGroup([]), []);
 * ```
 */
export function decideGroup(
  views: readonly OwnershipView[],
): readonly OwnershipDecision[] {
  const byAddress = views.map((view, index) => ({
    ip: parseIp(view.key),
    index,
  }))
    .sort((a, b) => compareIp(a.ip, b.ip) || a.index - b.index);
  const [lowest] = byAddress;
  if (lowest === undefined) return [];
  const key = formatIp(lowest.ip);
  const decisions = views.map((view) => decide({ ...view, key }));
  const standing = byAddress.flatMap(({ index }) => decisions[index] ?? [])
    .filter(({ order }) => order.length > 0);
  const [first] = standing;
  if (first === undefined) return decisions;
  const common = first.order.filter(({ node }) =>
    standing.every(({ interfaces }) => Object.hasOwn(interfaces, node))
  );
  const order = common.length > 0 ? common : first.order;
  return decisions.map((each) =>
    each.order.length === 0 ? each : follow(each, order)
  );
}

/** A decision in the group's order: the owner announces, if it is a candidate. */
function follow(
  decision: OwnershipDecision,
  order: OwnershipDecision["order"],
): OwnershipDecision {
  const owner = order[0]?.node ?? null;
  const reasons = Object.entries(decision.reasons).map(([node, reason]) => {
    if (node !== owner) return [node, reason === "" ? "notOwner" : reason];
    return [node, Object.hasOwn(decision.interfaces, node) ? "" : reason];
  });
  return { ...decision, order, owner, reasons: Object.fromEntries(reasons) };
}
