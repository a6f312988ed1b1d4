/** Who answers for a Service's addresses, who is next, and why. */
import { formatIp } from "../net/mod.ts";
import {
  leadingDecision,
  type OwnershipDecision,
  type Refusal,
} from "../ownership/mod.ts";
import type { OwnershipFacts, PartFacts } from "./facts.ts";
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

/** Who answers for a Service. */
export interface OwnershipExplanation {
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
  /** Why nobody answers for some of the addresses, a sentence each. */
  readonly unanswered: readonly string[];
}

/** Explains who answers for a Service. */
export function explainOwnership(
  ownership: OwnershipFacts,
): OwnershipExplanation {
  const parts = ownership.kind === "decided" ? ownership.parts : [];
  const lead = leadingDecision(parts.map(({ decision }) => decision));
  const order = lead?.order ?? [];
  const candidates = new Set(order.map(({ node }) => node));
  const others = (lead?.nodes ?? []).filter(({ node }) =>
    !candidates.has(node)
  );
  return {
    owner: lead?.owner ?? null,
    standbys: order.slice(1).map(({ node }) => node),
    whyOwner: ownership.kind === "refused"
      ? describeReason(ownership.reason)
      : whyOwner(lead),
    order: order.map(({ node, score, hash }) => ({ node, score, hash })),
    excluded: others.map(({ node }) => exclusion(node, parts)),
    unanswered: ownership.kind === "refused"
      ? [`nobody answers: ${describeReason(ownership.reason)}`]
      : unanswered(parts),
  };
}

function exclusion(
  node: string,
  parts: readonly PartFacts[],
): ExplainedExclusion {
  const seen = parts.map((part) => ({
    part,
    words: part.decision.nodes.find((each) => each.node === node)?.exclusions ??
      [],
  }));
  const exclusions = [...new Set(seen.flatMap(({ words }) => words))];
  const why = exclusions.map((word) => {
    const kept = seen.filter(({ words }) =>
      words.some((each) => each === word)
    );
    const isAll = kept.length === parts.length;
    return isAll
      ? describeReason(word)
      : `${describeReason(word)}, for ${
        addresses(kept.map(({ part }) => part))
      }`;
  });
  return {
    node,
    exclusions,
    why: why.length > 0 ? why : [describeReason(refusalOf(parts))],
  };
}

function refusalOf(parts: readonly PartFacts[]): Refusal | "sharerExcluded" {
  const refusals = parts.map(({ decision }) => decision.refusal);
  return refusals.find((each) => each !== null) ?? "sharerExcluded";
}

function whyOwner(decision: OwnershipDecision | undefined): string {
  if (decision === undefined) return describeReason("noIPAllocated");
  if (decision.refusal !== null) return describeReason(decision.refusal);
  const [first, second] = decision.order;
  if (first === undefined) return describeReason("noCandidate");
  if (!isAnswered(decision)) return describeReason("ownerNotCandidate");
  if (second === undefined) return "it is the only candidate";
  return first.score === second.score
    ? 'of the candidates with the highest preference it has the lowest sha256("<node>#<address>")'
    : `its preference ${first.score} is the highest`;
}

function unanswered(parts: readonly PartFacts[]): string[] {
  const open = parts.filter(({ decision }) => !isAnswered(decision));
  return open.map((part) => {
    // What holds for all addresses needs no list of them.
    const which = parts.length === 1 ? "" : ` for ${addresses([part])}`;
    return `nobody answers${which}: ${whyOwner(part.decision)}`;
  });
}

/** The owner of a group need not be a candidate for each part of it. */
function isAnswered({ owner, interfaces }: OwnershipDecision): boolean {
  return owner !== null && Object.hasOwn(interfaces, owner);
}

function addresses(parts: readonly PartFacts[]): string {
  return parts.map(({ ips, pool }) =>
    `${ips.map(formatIp).join(", ")} (pool "${pool}")`
  ).join(" and ");
}
