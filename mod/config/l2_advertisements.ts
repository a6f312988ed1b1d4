/** Resolves `L2Advertisement` resources and attaches them to pools. */
import {
  type Decoded,
  type IpAddressPoolSpec,
  L2_ADVERTISEMENT,
  type L2AdvertisementSpec,
} from "../crd/mod.ts";
import type { Node } from "../kube/mod.ts";
import type { L2AdvertisementConfig } from "./config.ts";
import { type Note, type Problem, ResourceProblems } from "./problem.ts";
import { compareText, matchesAny, type Selector } from "./selector.ts";
import {
  checkDuplicates,
  compileAll,
  compileOne,
  firstDuplicate,
  type SelectorList,
} from "./selector_list.ts";

/** The advertisements of each pool, and the problems in resource order. */
export interface ResolvedL2Advertisements {
  /** Advertisements by the name of the pool that they reach. */
  readonly byPool: ReadonlyMap<string, readonly L2AdvertisementConfig[]>;
  /** What is wrong with advertisements. */
  readonly problems: readonly Problem[];
}

/** Resolves the advertisements against the pools and nodes that exist. */
export function resolveL2Advertisements(
  resources: readonly Decoded<L2AdvertisementSpec>[],
  pools: readonly Decoded<IpAddressPoolSpec>[],
  nodes: readonly Node[],
): ResolvedL2Advertisements {
  const byPool = new Map<string, L2AdvertisementConfig[]>(
    pools.map(({ metadata }) => [metadata.name, []]),
  );
  const problems = resources.map((resource) => {
    const log = new ResourceProblems(
      L2_ADVERTISEMENT.kind,
      resource.metadata.name,
    );
    const { advertisement, poolSelectors } = resolve(resource, nodes, log);
    for (const pool of reached(resource, poolSelectors, pools, log.warning)) {
      attach(byPool.get(pool) ?? [], advertisement);
    }
    return log;
  });
  return { byPool, problems: problems.flatMap(({ all }) => all) };
}

function resolve(
  { metadata, spec, problems }: Decoded<L2AdvertisementSpec>,
  nodes: readonly Node[],
  log: ResourceProblems,
): { advertisement: L2AdvertisementConfig; poolSelectors: Selector[] } {
  const note = log.error;
  for (const { path, message } of problems) {
    note({ class: "fieldInvalid", field: path, message });
  }
  const lists = selectorLists(spec);
  checkPoolNames(spec, note);
  checkDuplicates(lists.pool, "duplicatePoolSelectors", note);
  checkDuplicates(lists.node, "duplicateNodeSelectors", note);
  checkDuplicates(lists.service, "duplicateServiceSelectors", note);
  const nodeSelectors = compileAll(lists.node, note);
  const serviceSelectors = compileAll(lists.service, note)
    .sort((a, b) => compareText(a.text, b.text));
  const selected = nodes.filter(({ metadata }) =>
    matchesAny(nodeSelectors, metadata.labels ?? {})
  );
  if (selected.length === 0 && spec.nodeSelectors.length > 0) {
    log.warning({
      class: "noNodeSelected",
      field: lists.node.field,
      message: "Selects no node that exists: nobody announces by it",
    });
  }
  const advertisement = {
    names: [metadata.name],
    nodes: new Set(selected.map(({ metadata }) => metadata.name)),
    interfaces: spec.interfaces,
    serviceSelectors,
    preferredNodes: preferences(spec, selected, note),
  };
  return { advertisement, poolSelectors: compileAll(lists.pool, note) };
}

function selectorLists(
  spec: L2AdvertisementSpec,
): Readonly<Record<"pool" | "node" | "service", SelectorList>> {
  return {
    pool: {
      field: "spec.ipAddressPoolSelectors",
      selectors: spec.ipAddressPoolSelectors,
    },
    node: { field: "spec.nodeSelectors", selectors: spec.nodeSelectors },
    service: {
      field: "spec.serviceSelectors",
      selectors: spec.serviceSelectors,
    },
  };
}

function checkPoolNames(
  { ipAddressPools }: L2AdvertisementSpec,
  note: Note,
): void {
  const duplicate = firstDuplicate(ipAddressPools);
  if (duplicate === undefined) return;
  note({
    class: "duplicatePools",
    field: `spec.ipAddressPools[${duplicate.index}]`,
    message: `Cannot list pool "${duplicate.value}" twice`,
  });
}

function preferences(
  { preferredNodeSelectors }: L2AdvertisementSpec,
  nodes: readonly Node[],
  note: Note,
): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  preferredNodeSelectors.forEach(({ weight, preference }, index) => {
    const field = `spec.preferredNodeSelectors[${index}].preference`;
    const selector = compileOne(preference, field, note);
    for (const { metadata } of nodes) {
      if (selector?.matches(metadata.labels ?? {})) {
        weights.set(metadata.name, (weights.get(metadata.name) ?? 0) + weight);
      }
    }
  });
  return new Map([...weights].filter(([, weight]) => weight > 0));
}

/** Names of the pools that an advertisement reaches, by name or by label. */
function reached(
  { spec }: Decoded<L2AdvertisementSpec>,
  selectors: readonly Selector[],
  pools: readonly Decoded<IpAddressPoolSpec>[],
  warn: Note,
): ReadonlySet<string> {
  const { ipAddressPools, ipAddressPoolSelectors } = spec;
  const all = ipAddressPools.length + ipAddressPoolSelectors.length === 0;
  const existing = new Set(pools.map(({ metadata }) => metadata.name));
  ipAddressPools.forEach((name, index) => {
    if (existing.has(name)) return;
    warn({
      class: "unknownPool",
      field: `spec.ipAddressPools[${index}]`,
      message: `Refers to pool "${name}", which does not exist`,
    });
  });
  const selected = pools.filter(({ metadata }) =>
    all || ipAddressPools.includes(metadata.name) ||
    selectors.some(({ matches }) => matches(metadata.labels))
  );
  return new Set(selected.map(({ metadata }) => metadata.name));
}

/** Adds an advertisement, or its name to one that says the same. */
function attach(
  list: L2AdvertisementConfig[],
  added: L2AdvertisementConfig,
): void {
  const index = list.findIndex((each) => saysTheSame(each, added));
  const same = list[index];
  if (same === undefined) list.push(added);
  else list[index] = { ...same, names: [...same.names, ...added.names] };
}

function saysTheSame(
  a: L2AdvertisementConfig,
  b: L2AdvertisementConfig,
): boolean {
  // Preferences of equal advertisements add up, so those stay apart.
  return a.preferredNodes.size === 0 && b.preferredNodes.size === 0 &&
    equalSets(a.nodes, b.nodes) &&
    equalSets(new Set(a.interfaces), new Set(b.interfaces)) &&
    textsOf(a.serviceSelectors) === textsOf(b.serviceSelectors);
}

function textsOf(selectors: readonly Selector[]): string {
  return JSON.stringify(selectors.map(({ text }) => text));
}

function equalSets(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((each) => b.has(each));
}
