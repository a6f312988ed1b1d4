/** The order of candidates for a group, and why the other nodes are none. */
import { compareRanked, electionHash, type Ranked } from "./order.ts";
import type { AdvertisementRecord, NodeRecord, OwnershipView } from "./view.ts";

/** Why a node is no candidate. */
export type Exclusion =
  /** Its speaker is not alive. */
  | "notMember"
  /** Its condition NetworkUnavailable is True. */
  | "networkUnavailable"
  /** It has the exclude label. */
  | "excludeLabel"
  /** No matching advertisement selects it. */
  | "notSelected"
  /** externalTrafficPolicy is Local and no endpoint on it can serve. */
  | "noLocalEndpoint";

/** Why a group has no candidates at all. */
export type Refusal =
  /** No endpoint can serve, on any node. */
  | "noServingEndpoint"
  /**
   * The address may be shared while an advertisement selects Services: the
   * sharers could end up on different nodes.
   */
  | "sharedIPWithServiceSelector";

/** Why a node does not announce; `""` = it does. The words are MetalLB's. */
export type Reason =
  | ""
  | "notOwner"
  | "noMatchingAdvertisement"
  | "sharedIPWithServiceSelector";

/** Where a node announces. */
export type Interfaces =
  /** On every usable interface. */
  | { readonly all: true }
  /** On these only, sorted by name. */
  | { readonly all: false; readonly names: readonly string[] };

/** One node in the explanation of a decision. */
export interface NodeExplanation extends Ranked {
  /** Everything that keeps it from being a candidate; empty = candidate. */
  readonly exclusions: readonly Exclusion[];
  /** Names of the matching advertisements that select it. */
  readonly advertisements: readonly string[];
}

/** Who owns a group, who is next, and why. */
export interface OwnershipDecision {
  /** Text of the address that the order was made for. */
  readonly key: string;
  /** The candidates, best first. */
  readonly order: readonly Ranked[];
  /** The first candidate; `null` when there is none. */
  readonly owner: string | null;
  /** What holds for the group as a whole; `null` = an election took place. */
  readonly refusal: Refusal | null;
  /** Per node of the view, why it does not announce. */
  readonly reasons: Readonly<Record<string, Reason>>;
  /** Per candidate, where it announces when it is the owner. */
  readonly interfaces: Readonly<Record<string, Interfaces>>;
  /** Every node of the view, in its order there. */
  readonly nodes: readonly NodeExplanation[];
}

/** Decides the order of a group. Independent of the order of all inputs. */
export function decide(view: OwnershipView): OwnershipDecision {
  const refusal = refusalOf(view);
  const facts = factsOf(view);
  const nodes = view.nodes.map((node) => explain(node, view, facts));
  const order = refusal === null
    ? nodes.filter(({ exclusions }) => exclusions.length === 0)
      .map(({ node, score, hash }): Ranked => ({ node, score, hash }))
      .sort(compareRanked)
    : [];
  const owner = order[0]?.node ?? null;
  return {
    key: view.key,
    order,
    owner,
    refusal,
    reasons: Object.fromEntries(
      nodes.map((node) => [node.node, reasonOf(node, owner, refusal)]),
    ),
    interfaces: Object.fromEntries(
      order.map(({ node }) => [node, interfacesOf(node, view.advertisements)]),
    ),
    nodes,
  };
}

function refusalOf(view: OwnershipView): Refusal | null {
  if (view.servingEndpoints.length === 0) return "noServingEndpoint";
  const restricted = view.advertisements.some((each) => each.selectsServices);
  return view.sharesAddress && restricted
    ? "sharedIPWithServiceSelector"
    : null;
}

/** Sets made once per decision. */
interface Facts {
  readonly members: ReadonlySet<string> | null;
  readonly serving: ReadonlySet<string | null>;
}

function factsOf(view: OwnershipView): Facts {
  return {
    members: view.members === null ? null : new Set(view.members),
    serving: new Set(view.servingEndpoints),
  };
}

function explain(
  node: NodeRecord,
  view: OwnershipView,
  facts: Facts,
): NodeExplanation {
  const selecting = view.advertisements.filter(({ nodes }) =>
    nodes.has(node.name)
  );
  const exclusions: Exclusion[] = [];
  if (facts.members?.has(node.name) === false) exclusions.push("notMember");
  if (node.networkUnavailable) exclusions.push("networkUnavailable");
  if (node.excluded) exclusions.push("excludeLabel");
  if (selecting.length === 0) exclusions.push("notSelected");
  if (view.trafficPolicy === "Local" && !facts.serving.has(node.name)) {
    exclusions.push("noLocalEndpoint");
  }
  return {
    node: node.name,
    score: selecting.reduce(
      (sum, { preference }) => sum + (preference.get(node.name) ?? 0),
      0,
    ),
    hash: electionHash(node.name, view.key),
    exclusions,
    advertisements: selecting.flatMap(({ names }) => names),
  };
}

function reasonOf(
  { node, exclusions }: NodeExplanation,
  owner: string | null,
  refusal: Refusal | null,
): Reason {
  if (node === owner) return "";
  if (refusal === "noServingEndpoint") return "notOwner";
  if (refusal !== null) return refusal;
  return exclusions.includes("notSelected")
    ? "noMatchingAdvertisement"
    : "notOwner";
}

function interfacesOf(
  node: string,
  advertisements: readonly AdvertisementRecord[],
): Interfaces {
  const selecting = advertisements.filter(({ nodes }) => nodes.has(node));
  if (selecting.some(({ interfaces }) => interfaces.length === 0)) {
    return { all: true };
  }
  const names = new Set(selecting.flatMap(({ interfaces }) => interfaces));
  return { all: false, names: [...names].sort() };
}
