/** Replays `layer2.jsonl`: who answers for a Service, and why others do not. */
import {
  type Config,
  type CustomResource,
  ownershipView,
  resolveConfig,
} from "../../mod/config/mod.ts";
import type { EndpointSlice, Node, Service } from "../../mod/kube/mod.ts";
import {
  decideGroup,
  type OwnershipDecision,
} from "../../mod/ownership/mod.ts";
import {
  compare,
  type Format,
  isJsonObject,
  type Row,
  type Verdict,
} from "./runner.ts";
import { listOf, objectOf, sortSets } from "./rows.ts";

/** Rows with `speakers`, one `service` and its `endpointSlices`. */
export const LAYER2: Format = {
  name: "layer2",
  recognises: ({ speakers, service, endpointSlices }) =>
    (speakers === null || Array.isArray(speakers)) && isJsonObject(service) &&
    Array.isArray(endpointSlices),
  run,
};

const SETS = new Set(["names", "announcers"]);

function run(row: Row): Verdict {
  const nodes = listOf<Node>(row, "nodes");
  const { config, problems } = resolveConfig({
    pools: listOf<CustomResource>(row, "pools"),
    l2Advertisements: listOf<CustomResource>(row, "l2advertisements"),
    nodes,
    namespaces: [],
  });
  const errors = problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0) {
    return { kind: "failed", expected: "a valid configuration", got: errors };
  }
  const outcomes = nodes.map(({ metadata: { name } }) =>
    outcomeOn(name, decisionOf(row, config, nodes, name))
  );
  return compare(sortSets(row["expect"], SETS), resultOf(row, outcomes));
}

/** What one node comes to, running the decision on its own. */
interface Outcome {
  readonly node: string;
  readonly reason: string;
  readonly order: readonly string[];
  readonly interfaces: unknown;
}

type Decided = OwnershipDecision | { readonly refused: string };

function decisionOf(
  row: Row,
  config: Config,
  nodes: readonly Node[],
  node: string,
): Decided {
  const result = ownershipView(config, {
    // Rows have the API's JSON, which is what the record types describe.
    service: objectOf(row, "service") as unknown as Service,
    endpointSlices: listOf<EndpointSlice>(row, "endpointSlices"),
    nodes,
    members: membersSeenBy(row, node),
    ignoreExcludeLB: row["ignoreExcludeLB"] === true,
  });
  if (result.kind === "refused") return { refused: result.reason };
  const [decision] = decideGroup(result.parts.map(({ view }) => view));
  return decision ?? { refused: "no addresses" };
}

function membersSeenBy(row: Row, node: string): readonly string[] | null {
  if (row["speakersSeenBy"] !== undefined) {
    return listOf<string>(objectOf(row, "speakersSeenBy"), node);
  }
  return row["speakers"] === null ? null : listOf<string>(row, "speakers");
}

function outcomeOn(node: string, decision: Decided): Outcome {
  if ("refused" in decision) {
    return { node, reason: decision.refused, order: [], interfaces: null };
  }
  const interfaces = decision.interfaces[node];
  return {
    node,
    reason: decision.reasons[node] ?? "no reason given",
    order: decision.order.map((candidate) => candidate.node),
    interfaces: interfaces === undefined ? null : { names: [], ...interfaces },
  };
}

function resultOf(row: Row, outcomes: readonly Outcome[]): unknown {
  const announcing = outcomes.filter(({ reason }) => reason === "");
  const announcers = announcing.map(({ node }) => node).sort();
  const common = {
    reasons: Object.fromEntries(
      outcomes.map(({ node, reason }) => [node, reason]),
    ),
    interfaces: Object.fromEntries(
      announcing.map(({ node, interfaces }) => [node, interfaces]),
    ),
  };
  if (row["speakersSeenBy"] !== undefined) return { ...common, announcers };
  const [first] = outcomes;
  return {
    ...common,
    announcer: announcers.length > 1 ? announcers : announcers[0] ?? null,
    order: first?.order ?? [],
  };
}
