/** Replays `config.jsonl`: resources accepted, with what they mean, or refused. */
import {
  type ConfigResources,
  type CustomResource,
  type L2AdvertisementConfig,
  type PoolConfig,
  resolveConfig,
  type ResolvedConfig,
  type ServiceAllocationConfig,
} from "../../mod/config/mod.ts";
import type { Namespace, Node } from "../../mod/kube/mod.ts";
import { formatPrefix } from "../../mod/net/mod.ts";
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

const BGP_KINDS = [
  "bgpadvertisements",
  "peers",
  "bfdProfiles",
  "communities",
  "secrets",
  "bgpExtras",
] as const;

const SETS = new Set([
  "namespaces",
  "nodes",
  "interfaces",
  "serviceSelectors",
  "l2Advertisements",
  "bgpAdvertisements",
]);

function run(row: Row): Verdict {
  const given = objectOf(row, "resources");
  if (BGP_KINDS.some((kind) => isGiven(given[kind]))) {
    return { kind: "skipped", reason: "BGP resources are not resolved yet" };
  }
  const expected = objectOf(row, "expect");
  const resolved = resolveConfig(resourcesOf(row));
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

function isGiven(resources: unknown): boolean {
  return resources !== undefined &&
    !(Array.isArray(resources) && resources.length === 0);
}

/** The resources of a row as the resolver takes them. */
export function resourcesOf(row: Row): ConfigResources {
  const given = objectOf(row, "resources");
  return {
    pools: listOf<CustomResource>(given, "pools"),
    l2Advertisements: listOf<CustomResource>(given, "l2advertisements"),
    nodes: listOf<Node>(given, "nodes"),
    namespaces: row["via"] === "admission"
      ? []
      : listOf<Namespace>(given, "namespaces"),
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
  return {
    valid: true,
    summary: { pools: summaryOf(resolved), peers: {}, bfdProfiles: {} },
  };
}

/** The pools of a configuration in the words of the corpus. */
export function summaryOf({ config }: ResolvedConfig): JsonObject {
  return Object.fromEntries(
    [...config.pools].map(([name, pool]) => [name, poolSummary(pool)]),
  );
}

function poolSummary(pool: PoolConfig): JsonObject {
  const { serviceAllocation, avoidBuggyIPs, l2Advertisements } = pool;
  return {
    prefixes: pool.prefixes.map(formatPrefix),
    autoAssign: pool.autoAssign,
    ...compact({
      avoidBuggyIPs,
      l2Advertisements: l2Advertisements.map(advertisementSummary),
    }),
    ...(serviceAllocation === undefined
      ? {}
      : { serviceAllocation: scopeSummary(serviceAllocation) }),
  };
}

function scopeSummary(
  { priority, namespaces, serviceSelectors }: ServiceAllocationConfig,
): JsonObject {
  return compact({
    priority,
    namespaces: [...namespaces ?? []],
    serviceSelectors: serviceSelectors.map(({ text }) => text),
  });
}

function advertisementSummary(
  advertisement: L2AdvertisementConfig,
): JsonObject {
  const { nodes, interfaces, serviceSelectors, preferredNodes } = advertisement;
  return {
    allInterfaces: interfaces.length === 0,
    ...compact({
      nodes: [...nodes],
      interfaces,
      serviceSelectors: serviceSelectors.map(({ text }) => text),
      preferredNodes: Object.fromEntries(preferredNodes),
    }),
  };
}

/** Leaves out what the corpus leaves out: false, 0, "" and empty. */
function compact(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value).filter(([, entry]) =>
      typeof entry === "object" && entry !== null
        ? Object.keys(entry).length > 0
        : Boolean(entry)
    ),
  );
}
