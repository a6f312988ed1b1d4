/** One owner for all Services that share an address, and for all addresses of one. */
import { compareIp, formatIp, parseIp } from "../net/mod.ts";
import { decide, type OwnershipDecision } from "./decide.ts";
import type { OwnershipView } from "./view.ts";

/**
 * Decides about a group: Services that share addresses with each other. A
 * Service whose addresses come from two pools takes part with a view for each,
 * which have the same key: the pools' advertisements may differ.
 *
 * The key is the lowest first address. The candidates are the nodes that are
 * candidates for every Service that has any; if there is no such node, those
 * of the Service with the lowest first address, so that no address ever has
 * two owners. A view whose candidates leave out the owner is not announced.
 *
 * @param views The Services, in an order that is the same on every node; those
 * of one Service with its first address first.
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

/**
 * The decision that shows the order of its group: of a Service whose addresses
 * come from two pools, one pool may have no candidates at all.
 *
 * @param parts Decisions about one Service, the first address first.
 */
export function leadingDecision(
  parts: readonly OwnershipDecision[],
): OwnershipDecision | undefined {
  return parts.find(({ order }) => order.length > 0) ?? parts[0];
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
