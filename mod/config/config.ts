/** The resolved configuration: what the resources mean together. */
import type { Prefix } from "../net/mod.ts";
import type {
  BfdProfileConfig,
  BgpAdvertisementConfig,
  PeerConfig,
} from "./bgp_config.ts";
import type { Selector } from "./selector.ts";

/** A valid configuration. */
export interface Config {
  /** Pools by name, in the order of the resources. */
  readonly pools: ReadonlyMap<string, PoolConfig>;
  /** BGP peers by name, in the order of the resources. */
  readonly peers: ReadonlyMap<string, PeerConfig>;
  /** BFD profiles by name, in the order of the resources. */
  readonly bfdProfiles: ReadonlyMap<string, BfdProfileConfig>;
}

/** The configuration that no resources make. */
export const EMPTY_CONFIG: Config = {
  pools: new Map(),
  peers: new Map(),
  bfdProfiles: new Map(),
};

/** One pool of addresses. Prefixes never overlap, within or between pools. */
export interface PoolConfig {
  /** `metadata.name`. */
  readonly name: string;
  /** In the order of `spec.addresses`; ranges as their fewest prefixes. */
  readonly prefixes: readonly Prefix[];
  /** Whether Services that ask for no pool may be served from here. */
  readonly autoAssign: boolean;
  /** Whether IPv4 addresses that end in `.0` or `.255` are left out. */
  readonly avoidBuggyIPs: boolean;
  /** Scope and priority; absent = open to all. */
  readonly serviceAllocation?: ServiceAllocationConfig;
  /** Layer-2 advertisements that reach the pool; equal ones are one. */
  readonly l2Advertisements: readonly L2AdvertisementConfig[];
  /**
   * BGP advertisements that reach the pool, in the order of the resources; one
   * that reaches it by name and by label stands there twice, which announces
   * nothing more.
   */
  readonly bgpAdvertisements: readonly BgpAdvertisementConfig[];
}

/** Which Services a pool prefers and admits. */
export interface ServiceAllocationConfig {
  /** Lower numbers are tried first; 0 comes last. */
  readonly priority: number;
  /**
   * Names of the admitted namespaces, listed or selected; `null` = all, when
   * the resource neither lists nor selects any.
   */
  readonly namespaces: ReadonlySet<string> | null;
  /**
   * Selectors for Services (any); empty = all. Without any restriction at all
   * it is the one selector that matches everything.
   */
  readonly serviceSelectors: readonly Selector[];
}

/** A layer-2 advertisement as it applies to a pool. */
export interface L2AdvertisementConfig {
  /** Names of the resources; several when they say the same. */
  readonly names: readonly string[];
  /** Names of the nodes that it selects. */
  readonly nodes: ReadonlySet<string>;
  /** Interfaces to announce on, as listed; empty = all. */
  readonly interfaces: readonly string[];
  /** Selectors for Services (any), by text; empty = all. */
  readonly serviceSelectors: readonly Selector[];
  /** Weight by node, of the selected nodes that any preference matches. */
  readonly preferredNodes: ReadonlyMap<string, number>;
  /**
   * Milliseconds until a returned node gets back what it comes first for;
   * `Infinity` = never; absent = the speakers' flag says.
   */
  readonly failbackDelay?: number;
}
