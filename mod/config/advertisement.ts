/** What both kinds of advertisement have in common: pools, nodes, Services. */
import type { Decoded, IpAddressPoolSpec, LabelSelector } from "../crd/mod.ts";
import type { Node } from "../kube/mod.ts";
import type { Note, ResourceProblems } from "./problem.ts";
import { compareText, matchesAny, type Selector } from "./selector.ts";
import {
  checkDuplicates,
  compileAll,
  firstDuplicate,
  type SelectorList,
} from "./selector_list.ts";

/** The fields of `spec` that say which pools, nodes and Services are meant. */
export interface AdvertisementScope {
  /** Pools by name. */
  readonly ipAddressPools: readonly string[];
  /** Pools by label, in addition. */
  readonly ipAddressPoolSelectors: readonly LabelSelector[];
  /** Nodes by label; empty = all. */
  readonly nodeSelectors: readonly LabelSelector[];
  /** Services by label; empty = all. */
  readonly serviceSelectors: readonly LabelSelector[];
}

/** The selector lists of an advertisement with their places. */
export type ScopeSelectors = Readonly<
  Record<"pool" | "node" | "service", SelectorList>
>;

/** Finds the selector lists of a `spec`. */
export function scopeSelectors(spec: AdvertisementScope): ScopeSelectors {
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

/** Notes names that a list of `spec` holds twice. */
export function checkNames(
  field: string,
  names: readonly string[],
  duplicate: Parameters<Note>[0]["class"],
  note: Note,
): void {
  const found = firstDuplicate(names);
  if (found === undefined) return;
  note({
    class: duplicate,
    field: `${field}[${found.index}]`,
    message: `Cannot list "${found.value}" twice`,
  });
}

/** Notes selectors that stand twice in one of the lists. */
export function checkScopeSelectors(lists: ScopeSelectors, note: Note): void {
  checkDuplicates(lists.pool, "duplicatePoolSelectors", note);
  checkDuplicates(lists.node, "duplicateNodeSelectors", note);
  checkDuplicates(lists.service, "duplicateServiceSelectors", note);
}

/** The nodes that the list selects; warns when there is none of them. */
export function selectNodes(
  list: SelectorList,
  nodes: readonly Node[],
  log: ResourceProblems,
): readonly Node[] {
  const selectors = compileAll(list, log.error);
  const selected = nodes.filter(({ metadata }) =>
    matchesAny(selectors, metadata.labels ?? {})
  );
  if (selected.length === 0 && list.selectors.length > 0) {
    log.warning({
      class: "noNodeSelected",
      field: list.field,
      message: "Selects no node that exists: nobody announces by it",
    });
  }
  return selected;
}

/** The compiled selectors for Services, in the order of their texts. */
export function compileServiceSelectors(
  list: SelectorList,
  note: Note,
): readonly Selector[] {
  return compileAll(list, note).sort((a, b) => compareText(a.text, b.text));
}

/**
 * Names of the pools that an advertisement reaches: all of them when it says
 * nothing about pools, else those that it names and those that it selects, so
 * that a pool may stand there twice. Warns about names without a pool.
 */
export function reachedPools(
  { ipAddressPools, ipAddressPoolSelectors }: AdvertisementScope,
  selectors: readonly Selector[],
  pools: readonly Decoded<IpAddressPoolSpec>[],
  warn: Note,
): readonly string[] {
  const existing = new Set(pools.map(({ metadata }) => metadata.name));
  if (ipAddressPools.length + ipAddressPoolSelectors.length === 0) {
    return [...existing];
  }
  ipAddressPools.forEach((name, index) => {
    if (existing.has(name)) return;
    warn({
      class: "unknownPool",
      field: `spec.ipAddressPools[${index}]`,
      message: `Refers to IPAddressPool "${name}", which does not exist`,
    });
  });
  const selected = pools.filter(({ metadata }) =>
    selectors.some(({ matches }) => matches(metadata.labels))
  );
  return [
    ...ipAddressPools.filter((name) => existing.has(name)),
    ...new Set(selected.map(({ metadata }) => metadata.name)),
  ];
}
