/** Who answers for a Service's addresses, who is next, and why. */
import { formatIp } from "../net/mod.ts";
import {
  leadingDecision,
  type OwnershipDecision,
  type Refusal,
} from "../ownership/mod.ts";
import type { AnnouncerFacts, OwnershipFacts, PartFacts } from "./facts.ts";
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

/** What is seen of who answers, besides what the order says. */
export interface SeenOwnership {
  /** Who says that it announces the Service. */
  readonly announcers: readonly AnnouncerFacts[];
  /** Nodes that are marked to be drained. */
  readonly draining: readonly string[];
}

/** Who answers for a Service. */
export interface OwnershipExplanation {
  /**
   * Node that answers: the one that says so, else who comes first; `null` =
   * nobody.
   */
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

const NOTHING_SEEN: SeenOwnership = { announcers: [], draining: [] };

/**
 * Explains who answers for a Service. Who comes first need not be who answers:
 * an owner keeps what it claims until it is lost or handed over.
 */
export function explainOwnership(
  ownership: OwnershipFacts,
  seen: SeenOwnership = NOTHING_SEEN,
): OwnershipExplanation {
  const parts = ownership.kind === "decided" ? ownership.parts : [];
  const lead = leadingDecision(parts.map(({ decision }) => decision));
  const owner = ownerOf(lead, seen);
  const order = (lead?.order ?? []).filter(({ node }) =>
    node === owner || !seen.draining.includes(node)
  );
  const candidates = new Set(order.map(({ node }) => node));
  const others = (lead?.nodes ?? []).filter(({ node }) =>
    !candidates.has(node)
  );
  return {
    owner,
    standbys: order.map(({ node }) => node).filter((node) => node !== owner),
    whyOwner: ownership.kind === "refused"
      ? describeReason(ownership.reason)
      : whyThis(lead, owner, seen),
    order: order.map(({ node, score, hash }) => ({ node, score, hash })),
    excluded: others.map(({ node }) => {
      const { exclusions, why } = exclusion(node, parts);
      const isCandidate = lead?.order.some((each) => each.node === node);
      return isCandidate ? drains(node) : { node, exclusions, why };
    }),
    unanswered: ownership.kind === "refused"
      ? [`nobody answers: ${describeReason(ownership.reason)}`]
      : unanswered(parts),
  };
}

/** Of several that say so the order decides; who is no candidate is none here. */
function ownerOf(
  lead: OwnershipDecision | undefined,
  { announcers, draining }: SeenOwnership,
): string | null {
  const candidates = (lead?.order ?? []).map(({ node }) => node);
  const saying = candidates.find((node) =>
    announcers.some((each) => each.node === node)
  );
  // The first one may be no candidate for each part of the group.
  const first = lead?.owner ?? null;
  const able = first === null || !draining.includes(first)
    ? first
    : candidates.find((node) => !draining.includes(node)) ?? first;
  return saying ?? able;
}

function drains(node: string): ExplainedExclusion {
  const exclusions = ["draining"];
  return { node, exclusions, why: exclusions.map(describeReason) };
}

function whyThis(
  lead: OwnershipDecision | undefined,
  owner: string | null,
  { announcers, draining }: SeenOwnership,
): string {
  const first = lead?.owner ?? null;
  if (owner === null || first === null || owner === first) {
    return whyOwner(lead);
  }
  if (draining.includes(first)) {
    return `${first} comes first, but ${describeReason("draining")}`;
  }
  return announcers.some(({ node }) => node === owner)
    ? `it says that it announces it, and keeps it until it is handed over or lost; ${first} comes first`
    : whyOwner(lead);
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
