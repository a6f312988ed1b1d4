/** Why a Service has this address, or none, and who answers for it. */
import { formatIp, prefixContains } from "../net/mod.ts";
import {
  explainOwnership,
  type OwnershipExplanation,
  type SeenOwnership,
} from "./explain_ownership.ts";
import type { AnnouncerFacts, ClusterFacts, ServiceFacts } from "./facts.ts";

/** Everything about one Service. */
export interface ServiceExplanation
  extends Omit<OwnershipExplanation, "unanswered"> {
  /** Which explanation it is. */
  readonly kind: "service";
  /** `namespace/name`. */
  readonly service: string;
  /** Addresses of its status, in that order. */
  readonly ips: readonly string[];
  /** Pools that hold its addresses. */
  readonly pools: readonly string[];
  /** Why it has these addresses, or why none. */
  readonly why: readonly string[];
  /** Who says that it answers; there should be one at most. */
  readonly announcers: readonly AnnouncerFacts[];
  /** What a person should look at; empty = all is well. */
  readonly problems: readonly string[];
}

/** Explains one Service. */
export function explainService(
  facts: ServiceFacts,
  cluster: Pick<ClusterFacts, "pools" | "draining">,
): ServiceExplanation {
  const { service, ips, ownership, announcers } = facts;
  const pools = poolsOf(facts, cluster);
  const { draining } = cluster;
  const seen = { announcers, draining };
  const { unanswered, ...answered } = explainOwnership(ownership, seen);
  return {
    kind: "service",
    service,
    ips: ips.map(formatIp),
    pools,
    why: whyAddress(facts, pools),
    ...answered,
    announcers,
    problems: problemsOf(facts, unanswered, [
      ...disagreement(announcers, answered),
      ...stuck(answered.owner, answered.standbys, seen),
    ]),
  };
}

function poolsOf(
  { ips }: ServiceFacts,
  { pools }: Pick<ClusterFacts, "pools">,
): string[] {
  return pools.filter(({ prefixes }) =>
    ips.some((ip) => prefixes.some((prefix) => prefixContains(prefix, ip)))
  ).map(({ name }) => name);
}

function whyAddress(
  { ips, asksFor, allocation }: ServiceFacts,
  pools: readonly string[],
): string[] {
  if (allocation.kind === "ignored") return [allocation.why];
  const asked = asksFor ?? "it asks for no particular address or pool";
  if (ips.length === 0) return [asked, ...pending(allocation)];
  const named = pools.map((pool) => `"${pool}"`).join(" and ");
  const held = allocation.wouldSet === null && !allocation.wouldClear;
  return [
    asked,
    ...pools.length === 0 ? [] : [`pool ${named} holds the address`],
    ...held
      ? [
        "an address that was given stays until the request or the pools change",
      ]
      : [],
    ...pending(allocation),
  ];
}

type Decided = Extract<
  ServiceFacts["allocation"],
  { readonly kind: "decided" }
>;

function pending({ wouldSet, wouldClear, refusals }: Decided): string[] {
  if (wouldSet !== null) {
    return [
      ...refusals,
      `the controller would write ${
        wouldSet.map(formatIp).join(", ")
      } now, but has not: see whether it runs and leads`,
    ];
  }
  return wouldClear
    ? [...refusals, "the controller would take the address away now"]
    : [...refusals];
}

/** Where what the speakers say is not what may be. */
function disagreement(
  announcers: readonly AnnouncerFacts[],
  { owner, excluded }: Pick<OwnershipExplanation, "owner" | "excluded">,
): string[] {
  const [first, ...others] = announcers;
  if (first === undefined) return [];
  if (others.length > 0) {
    const nodes = announcers.map(({ node }) => node).sort().join(" and ");
    return [`${nodes} say that they announce it; one should`];
  }
  if (first.node === owner) return [];
  const why = excluded.find(({ node }) => node === first.node)?.why ??
    ["the cluster has no such node, or nobody may answer"];
  return [
    `${first.node} says that it announces it; ${owner ?? "nobody"} should: ${
      why.join("; ")
    }`,
  ];
}

/** A node that drains keeps what nobody else can take. */
function stuck(
  owner: string | null,
  standbys: readonly string[],
  { announcers, draining }: SeenOwnership,
): string[] {
  if (owner === null || !draining.includes(owner)) return [];
  if (!announcers.some(({ node }) => node === owner)) return [];
  const rest = standbys.length === 0
    ? "no other node can take it"
    : `${standbys[0]} is next`;
  return [`${owner} drains and still announces it; ${rest}`];
}

function problemsOf(
  { service, allocation, ips }: ServiceFacts,
  unanswered: readonly string[],
  wrong: readonly string[],
): string[] {
  if (allocation.kind === "ignored") return [];
  const unmet = pending(allocation);
  const problems = ips.length > 0
    ? [...unmet, ...unanswered]
    : unmet.length > 0
    ? unmet
    : ["it has no address"];
  return [...problems, ...wrong].map((problem) => `${service}: ${problem}`);
}
