/** Resolves `L2Advertisement` resources and attaches them to pools. */
import {
  type Decoded,
  type IpAddressPoolSpec,
  L2_ADVERTISEMENT,
  type L2AdvertisementSpec,
} from "../crd/mod.ts";
import type { Node } from "../kube/mod.ts";
import {
  checkNames,
  checkScopeSelectors,
  compileServiceSelectors,
  reachedPools,
  scopeSelectors,
  selectNodes,
} from "./advertisement.ts";
import type { L2AdvertisementConfig } from "./config.ts";
import { failbackOf } from "./failback.ts";
import {
  type Note,
  noteFields,
  type Problem,
  ResourceProblems,
} from "./problem.ts";
import type { Selector } from "./selector.ts";
import { compileAll, compileOne } from "./selector_list.ts";

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
    const reached = new Set(
      reachedPools(resource.spec, poolSelectors, pools, log.warning),
    );
    for (const pool of reached) {
      attach(byPool.get(pool) ?? [], advertisement);
    }
    return log;
  });
  return { byPool, problems: problems.flatMap(({ all }) => all) };
}

function resolve(
  resource: Decoded<L2AdvertisementSpec>,
  nodes: readonly Node[],
  log: ResourceProblems,
): { advertisement: L2AdvertisementConfig; poolSelectors: Selector[] } {
  const { metadata, spec } = resource;
  const note = log.error;
  noteFields(resource, note);
  const lists = scopeSelectors(spec);
  checkNames(
    "spec.ipAddressPools",
    spec.ipAddressPools,
    "duplicatePools",
    note,
  );
  checkScopeSelectors(lists, note);
  const selected = selectNodes(lists.node, nodes, log);
  const failbackDelay = failbackOf(metadata.annotations, log.advice);
  const advertisement = {
    names: [metadata.name],
    nodes: new Set(selected.map(({ metadata }) => metadata.name)),
    interfaces: spec.interfaces,
    serviceSelectors: compileServiceSelectors(lists.service, note),
    preferredNodes: preferences(spec, selected, note),
    ...failbackDelay === undefined ? {} : { failbackDelay },
  };
  return { advertisement, poolSelectors: compileAll(lists.pool, note) };
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
    a.failbackDelay === b.failbackDelay &&
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
