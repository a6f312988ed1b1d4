/** Resolves `IPAddressPool` resources. */
import {
  type Decoded,
  IP_ADDRESS_POOL,
  type IpAddressPoolSpec,
  type ServiceAllocationSpec,
} from "../crd/mod.ts";
import type { Namespace } from "../kube/mod.ts";
import { parseAddressRange, ParseError, type Prefix } from "../net/mod.ts";
import type { PoolConfig, ServiceAllocationConfig } from "./config.ts";
import { checkOverlaps, type PlacedEntry } from "./overlap.ts";
import {
  type Note,
  noteFields,
  type Problem,
  type ProblemClass,
  ResourceProblems,
} from "./problem.ts";
import { EVERYTHING } from "./selector.ts";
import {
  checkDuplicates,
  compileAll,
  firstDuplicate,
} from "./selector_list.ts";

/** A pool before advertisements reach it. */
export type BarePool = Omit<
  PoolConfig,
  "l2Advertisements" | "bgpAdvertisements"
>;

/** The pools by name, and the problems in the order of the resources. */
export interface ResolvedPools {
  /** Pools that could be resolved. */
  readonly pools: ReadonlyMap<string, BarePool>;
  /** The entries of `spec.addresses` by pool, those that could be read. */
  readonly entries: ReadonlyMap<string, readonly PlacedEntry[]>;
  /** What is wrong with pools. */
  readonly problems: readonly Problem[];
}

/** Resolves the pools, alone and against one another. */
export function resolvePools(
  resources: readonly Decoded<IpAddressPoolSpec>[],
  namespaces: readonly Namespace[],
): ResolvedPools {
  const pools = new Map<string, BarePool>();
  const entries = new Map<string, readonly PlacedEntry[]>();
  const logs = resources.map((resource) => {
    const { name } = resource.metadata;
    const log = new ResourceProblems(IP_ADDRESS_POOL.kind, name);
    const found = resolveAddresses(resource, log.error);
    const pool = resolvePool(resource, found, namespaces, log.error);
    if (pools.has(name)) {
      const message = `Cannot define pool "${name}" twice`;
      log.error({ class: "duplicatePool", field: "metadata.name", message });
    } else {
      pools.set(name, pool);
      entries.set(name, found);
    }
    return log;
  });
  checkOverlaps([...entries.values()].flat());
  return { pools, entries, problems: logs.flatMap(({ all }) => all) };
}

function resolvePool(
  { metadata: { name }, spec }: Decoded<IpAddressPoolSpec>,
  entries: readonly PlacedEntry[],
  namespaces: readonly Namespace[],
  note: Note,
): BarePool {
  return {
    name,
    prefixes: entries.flatMap(({ prefixes }) => prefixes),
    autoAssign: spec.autoAssign,
    avoidBuggyIPs: spec.avoidBuggyIPs,
    ...(spec.serviceAllocation === undefined ? {} : {
      serviceAllocation: resolveScope(spec.serviceAllocation, namespaces, note),
    }),
  };
}

function resolveAddresses(
  resource: Decoded<IpAddressPoolSpec>,
  note: Note,
): readonly PlacedEntry[] {
  const { metadata: { name: pool }, spec: { addresses } } = resource;
  noteFields(resource, note);
  if (pool === "") {
    const message = "Cannot use a pool without a name";
    note({ class: "poolNameMissing", field: "metadata.name", message });
  }
  if (addresses.length === 0) {
    note({
      class: "poolWithoutAddresses",
      field: "spec.addresses",
      message:
        "Cannot use an empty list: a pool has at least one prefix or range",
    });
  }
  return addresses.flatMap((text, index) => {
    const field = `spec.addresses[${index}]`;
    const prefixes = parseEntry(text, field, note);
    return prefixes.length === 0 ? [] : { text, field, pool, prefixes, note };
  });
}

function parseEntry(text: string, field: string, note: Note): Prefix[] {
  try {
    return parseAddressRange(text);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    note({ class: addressClass(error), field, message: error.message });
    return [];
  }
}

function addressClass({ reason }: ParseError): ProblemClass {
  switch (reason) {
    case "rangeEndpointInvalid":
    case "rangeReversed":
    case "rangeMixedFamilies":
      return reason;
    default:
      return "cidrInvalid";
  }
}

function resolveScope(
  spec: ServiceAllocationSpec,
  namespaces: readonly Namespace[],
  note: Note,
): ServiceAllocationConfig {
  const at = "spec.serviceAllocation";
  const duplicate = firstDuplicate(spec.namespaces);
  if (duplicate !== undefined) {
    note({
      class: "duplicateNamespaces",
      field: `${at}.namespaces[${duplicate.index}]`,
      message: `Cannot list namespace "${duplicate.value}" twice`,
    });
  }
  const byNamespace = {
    field: `${at}.namespaceSelectors`,
    selectors: spec.namespaceSelectors,
  };
  const byService = {
    field: `${at}.serviceSelectors`,
    selectors: spec.serviceSelectors,
  };
  checkDuplicates(byNamespace, "duplicateNamespaceSelectors", note);
  checkDuplicates(byService, "duplicateServiceSelectors", note);
  const namespaceSelectors = compileAll(byNamespace, note);
  const serviceSelectors = compileAll(byService, note);
  const everywhere =
    spec.namespaces.length + spec.namespaceSelectors.length === 0;
  const selected = namespaces.filter(({ metadata }) =>
    namespaceSelectors.some(({ matches }) => matches(metadata.labels ?? {}))
  );
  return {
    priority: spec.priority,
    namespaces: everywhere ? null : new Set([
      ...spec.namespaces,
      ...selected.map(({ metadata }) => metadata.name),
    ]),
    serviceSelectors: everywhere && spec.serviceSelectors.length === 0
      ? [EVERYTHING]
      : serviceSelectors,
  };
}
