/** Replays `config.jsonl`: resources accepted, with what they mean, or refused. */
import {
  type ConfigResources,
  type CustomResource,
  judgeWrite,
  type PasswordSecret,
  type Problem,
  resolveConfig,
} from "../../mod/config/mod.ts";
import type { Namespace, Node } from "../../mod/kube/mod.ts";
import { summaryOf } from "./config_summary.ts";
import { foreignLimit } from "./foreign_limits.ts";
import {
  compare,
  type Format,
  isJsonObject,
  type JsonObject,
  type Row,
  type Verdict,
} from "./runner.ts";
import { listOf, objectOf, sortSets } from "./rows.ts";

/** Rows with `resources`, a `mode` and `via`. */
export const CONFIG: Format = {
  name: "config",
  recognises: ({ resources, mode, via }) =>
    isJsonObject(resources) && typeof mode === "string" &&
    (via === "load" || via === "admission"),
  run,
};

const SETS = new Set([
  "namespaces",
  "nodes",
  "interfaces",
  "serviceSelectors",
  "l2Advertisements",
  "bgpAdvertisements",
  "communities",
  "peers",
  "nodeSelectors",
]);

function run(row: Row): Verdict {
  const expected = objectOf(row, "expect");
  const foreign = foreignLimit(expected["class"]);
  if (foreign !== undefined) {
    return { kind: "skipped", reason: `not ours: ${foreign}` };
  }
  const problem = refusalOf(row);
  const got = problem === undefined
    ? acceptedAs(row, expected["valid"] === true)
    : refusedFor(problem);
  const accepted = expected["classAnyOf"];
  if (Array.isArray(accepted)) {
    const { classAnyOf: _, ...rest } = expected;
    const hit = accepted.includes(got["class"]);
    return compare({ ...rest, class: hit ? got["class"] : accepted }, got);
  }
  return compare(sortSets(expected, SETS), sortSets(got, SETS));
}

/** Why the resources of a row are refused on the way that it asks for, if they are. */
export function refusalOf(row: Row): Problem | undefined {
  if (row["via"] === "admission") return refusedWrites(row)[0];
  const { problems } = resolveConfig(resourcesOf(row));
  return problems.find(({ severity }) => severity === "error");
}

/** Lists whose objects the webhook is asked about, with their kind. */
const WRITTEN = [
  ["pools", "IPAddressPool"],
  ["l2Advertisements", "L2Advertisement"],
  ["bgpAdvertisements", "BGPAdvertisement"],
  ["peers", "BGPPeer"],
  ["bfdProfiles", "BFDProfile"],
  ["communities", "Community"],
] as const;

/** What the webhook would say if the last object of each list were new. */
function refusedWrites(row: Row): readonly Problem[] {
  // The webhook reads no Secrets.
  const { secrets: _, ...resources } = resourcesOf(row);
  return WRITTEN.flatMap(([list, kind]) => {
    const after = resources[list]?.at(-1);
    if (after === undefined) return [];
    const { name } = after.metadata;
    const { refusals } = judgeWrite(resources, { kind, name, after });
    // What is refused is not waiting for anything.
    return refusals.map((problem) => ({ ...problem, transient: false }));
  });
}

/** The resources of a row as the resolver takes them. */
export function resourcesOf(row: Row): ConfigResources {
  const given = objectOf(row, "resources");
  return {
    pools: listOf<CustomResource>(given, "pools"),
    l2Advertisements: listOf<CustomResource>(given, "l2advertisements"),
    bgpAdvertisements: listOf<CustomResource>(given, "bgpadvertisements"),
    peers: listOf<CustomResource>(given, "peers"),
    bfdProfiles: listOf<CustomResource>(given, "bfdProfiles"),
    communities: listOf<CustomResource>(given, "communities"),
    secrets: listOf<PasswordSecret>(given, "secrets"),
    nodes: listOf<Node>(given, "nodes"),
    namespaces: listOf<Namespace>(given, "namespaces"),
  };
}

function refusedFor({ class: rule, transient }: Problem): JsonObject {
  return { valid: false, class: rule, ...(transient ? { transient } : {}) };
}

function acceptedAs(row: Row, withSummary: boolean): JsonObject {
  if (!withSummary || row["via"] === "admission") return { valid: true };
  return { valid: true, summary: summaryOf(resolveConfig(resourcesOf(row))) };
}
