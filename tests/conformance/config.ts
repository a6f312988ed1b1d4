/** Replays `config.jsonl`: resources accepted, with what they mean, or refused. */
import {
  type ConfigResources,
  type CustomResource,
  type PasswordSecret,
  resolveConfig,
  type ResolvedConfig,
  resolveForAdmission,
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
  const resolved = resolveRow(row);
  const got = expected["valid"] === true
    ? verdictOf(resolved, row)
    : refusalOf(resolved);
  const accepted = expected["classAnyOf"];
  if (Array.isArray(accepted)) {
    const { classAnyOf: _, ...rest } = expected;
    const hit = accepted.includes(got["class"]);
    return compare({ ...rest, class: hit ? got["class"] : accepted }, got);
  }
  return compare(sortSets(expected, SETS), sortSets(got, SETS));
}

/** Resolves the resources of a row as it asks for. */
export function resolveRow(row: Row): ResolvedConfig {
  return row["via"] === "admission"
    ? resolveForAdmission(resourcesOf(row))
    : resolveConfig(resourcesOf(row));
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

function refusalOf({ problems, valid }: ResolvedConfig): JsonObject {
  if (valid) return { valid };
  const first = problems.find(({ severity }) => severity === "error");
  return {
    valid,
    class: first?.class,
    ...(first?.transient === true ? { transient: true } : {}),
  };
}

function verdictOf(resolved: ResolvedConfig, { via }: Row): JsonObject {
  if (!resolved.valid) return refusalOf(resolved);
  if (via === "admission") return { valid: true };
  return { valid: true, summary: summaryOf(resolved) };
}
