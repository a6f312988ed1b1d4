/** How far a drain is: from the objects of one moment, as a decision. */
import {
  describeReason,
  explainOwnership,
  type OwnershipFacts,
} from "../../mod/explain/mod.ts";
import type { L2StatusRecord } from "../../mod/report/mod.ts";

/** A Service that the node announced, and what became of it. */
export interface Handed {
  /** `namespace/name`. */
  readonly service: string;
  /** The addresses, joined by commas. */
  readonly ips: string;
  /** The node that announces it now; `null` = none that is known. */
  readonly to: string | null;
  /**
   * `moved`: other nodes announce it. `kept`: the node still does.
   * `unanswered`: of these addresses no node says that it does. `gone`: there is
   * nothing to announce any more.
   */
  readonly state: "moved" | "kept" | "unanswered" | "gone";
}

/** What is known of a drain at one moment. */
export interface Moment {
  /** The node that drains. */
  readonly node: string;
  /** Addresses of each Service that it announced at any time since. */
  readonly announced: ReadonlyMap<string, string>;
  /** All `ServiceL2Status` objects, whatever their node. */
  readonly records: readonly L2StatusRecord[];
  /** Services that have addresses, and which; absent = not looked at: all may have. */
  readonly served?: ReadonlyMap<string, readonly string[]>;
}

/** What became of each Service, by name. */
export function handedOver(moment: Moment): readonly Handed[] {
  const { node, announced, records } = moment;
  const byService = Map.groupBy(records, ({ service }) => service);
  return [...announced].toSorted(([a], [b]) => a < b ? -1 : 1)
    .map(([service, ips]): Handed => {
      const all = byService.get(service) ?? [];
      if (all.some((each) => each.node === node)) {
        return { service, ips, to: null, state: "kept" };
      }
      const missing = unanswered(moment, service, all);
      if (missing.length > 0) {
        return { service, ips: missing.join(), to: null, state: "unanswered" };
      }
      // While two say so, who began last is who took it over.
      const [last] = all.toSorted((a, b) => a.since > b.since ? -1 : 1);
      return last === undefined
        ? { service, ips, to: null, state: "gone" }
        : { service, ips, to: last.node, state: "moved" };
    });
}

/** The addresses of a Service that no other node says it announces: one without IPv6 takes the others only. */
function unanswered(
  { announced, served }: Moment,
  service: string,
  others: readonly L2StatusRecord[],
): readonly string[] {
  const present = served === undefined ? undefined : served.get(service) ?? [];
  const own = announced.get(service) ?? "";
  // MetalLB's speakers do not tell the addresses: they announce all.
  const isTold = own !== "" && others.every(({ ips }) => ips !== "");
  if (!isTold) return others.length > 0 ? [] : present ?? [own];
  const taken = new Set(others.flatMap(({ ips }) => ips.split(",")));
  return own.split(",").filter((ip) =>
    !taken.has(ip) && present?.includes(ip) !== false
  );
}

/** Whether nothing is left to wait for. */
export function isGivenAway(handed: readonly Handed[]): boolean {
  return handed.every(({ state }) => state === "moved" || state === "gone");
}

/**
 * Why a Service was not taken over, without a final period.
 *
 * @param ownership What would be decided about the Service; `undefined` = nothing is known.
 * @param draining Nodes that drain.
 */
export function whyNotTaken(
  { state }: Pick<Handed, "state">,
  node: string,
  ownership: OwnershipFacts | undefined,
  draining: ReadonlySet<string>,
): string {
  const { order, excluded } = explainOwnership(
    ownership ?? { kind: "decided", parts: [] },
  );
  const others = order.filter((each) => each.node !== node);
  const [next] = others.filter((each) => !draining.has(each.node));
  if (next !== undefined) {
    return state === "kept"
      ? `${next.node} comes next and has not taken it: look at the logs of both speakers; without --ml-bindaddr they cannot hand over`
      : `${node} gave it away, and ${next.node} does not say that it took it: look at the log of its speaker`;
  }
  if (others.length > 0) {
    const names = others.map((each) => each.node).join(", ");
    return `every other candidate drains too: ${names}`;
  }
  const why = excluded.filter((each) => each.node !== node)
    .map((each) => `${each.node}: ${each.why.join(", ")}`);
  return [describeReason("noOtherCandidate"), ...why].join("; ");
}
