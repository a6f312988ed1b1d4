/** Why a Service has this address, or none, and who answers for it. */
import { formatIp, prefixContains } from "../net/mod.ts";
import type { ClusterFacts, OwnershipFacts, ServiceFacts } from "./facts.ts";
import { describeReason } from "./words.ts";

/** A candidate, in the order of the take-over. */
export interface ExplainedCandidate {
  /** Name of the node. */
  readonly node: string;
  /** Sum of the preference weights; higher comes first. */
  readonly score: number;
  /** `sha256("<node>#<first address>")`, hex; lower comes first. */
  readonly hash: string;
}

/** A node that is no candidate. */
export interface ExplainedExclusion {
  /** Name of the node. */
  readonly node: string;
  /** Reason words. */
  readonly exclusions: readonly string[];
  /** The same as sentences. */
  readonly why: readonly string[];
}

/** Everything about one Service. */
export interface ServiceExplanation {
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
  /** Node that answers; `null` = nobody. */
  readonly owner: string | null;
  /** Who takes over, in this order. */
  readonly standbys: readonly string[];
  /** Why this owner, or why nobody. */
  readonly whyOwner: string;
  /** The candidates, best first. */
  readonly order: readonly ExplainedCandidate[];
  /** The other nodes. */
  readonly excluded: readonly ExplainedExclusion[];
  /** What a person should look at; empty = all is well. */
  readonly problems: readonly string[];
}

/** Explains one Service. */
export function explainService(
  facts: ServiceFacts,
  cluster: Pick<ClusterFacts, "pools">,
): ServiceExplanation {
  const { service, ips, ownership } = facts;
  const decision = ownership.kind === "decided" ? ownership.decision : null;
  const order = decision?.order ?? [];
  const candidates = new Set(order.map(({ node }) => node));
  const excluded = (decision?.nodes ?? []).filter(({ node }) =>
    !candidates.has(node)
  );
  const pools = poolsOf(facts, cluster);
  return {
    kind: "service",
    service,
    ips: ips.map(formatIp),
    pools,
    why: whyAddress(facts, pools),
    owner: decision?.owner ?? null,
    standbys: order.slice(1).map(({ node }) => node),
    whyOwner: whyOwner(ownership),
    order: order.map(({ node, score, hash }) => ({ node, score, hash })),
    excluded: excluded.map(({ node, exclusions }) => ({
      node,
      exclusions,
      why: whyNot(exclusions, decision?.refusal ?? null),
    })),
    problems: problemsOf(facts),
  };
}

function whyNot(
  exclusions: readonly string[],
  refusal: string | null,
): readonly string[] {
  if (exclusions.length > 0) return exclusions.map(describeReason);
  return [describeReason(refusal ?? "sharerExcluded")];
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

function whyOwner(ownership: OwnershipFacts): string {
  if (ownership.kind === "refused") return describeReason(ownership.reason);
  const { decision } = ownership;
  if (decision.refusal !== null) return describeReason(decision.refusal);
  const [first, second] = decision.order;
  if (first !== undefined && !isAnswered(ownership)) {
    return describeReason("ownerNotCandidate");
  }
  if (first === undefined) return describeReason("noCandidate");
  if (second === undefined) return "it is the only candidate";
  return first.score === second.score
    ? 'of the candidates with the highest preference it has the lowest sha256("<node>#<address>")'
    : `its preference ${first.score} is the highest`;
}

function problemsOf(
  { service, allocation, ownership, ips }: ServiceFacts,
): string[] {
  if (allocation.kind === "ignored") return [];
  const unmet = pending(allocation).map((why) => `${service}: ${why}`);
  if (ips.length === 0) {
    return unmet.length > 0 ? unmet : [`${service}: it has no address`];
  }
  return isAnswered(ownership)
    ? unmet
    : [...unmet, `${service}: nobody answers: ${whyOwner(ownership)}`];
}

/** The owner of a shared address need not be a candidate for every sharer. */
function isAnswered(ownership: OwnershipFacts): boolean {
  if (ownership.kind === "refused") return false;
  const { owner, interfaces } = ownership.decision;
  return owner !== null && Object.hasOwn(interfaces, owner);
}
