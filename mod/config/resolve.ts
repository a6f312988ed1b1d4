/** Resolves all resources into one configuration. */
import {
  decodeResource,
  IP_ADDRESS_POOL,
  L2_ADVERTISEMENT,
} from "../crd/mod.ts";
import type { Namespace, Node } from "../kube/mod.ts";
import type { Config } from "./config.ts";
import { resolveL2Advertisements } from "./l2_advertisements.ts";
import { resolvePools } from "./pools.ts";
import type { Problem } from "./problem.ts";
import type { CustomResource } from "./resources.ts";

/** Everything that the configuration depends on, in the order of the lists. */
export interface ConfigResources {
  /** `IPAddressPool` objects. */
  readonly pools: readonly CustomResource[];
  /** `L2Advertisement` objects. */
  readonly l2Advertisements: readonly CustomResource[];
  /** All nodes: advertisements select them by label. */
  readonly nodes: readonly Node[];
  /** All namespaces: pools select them by label. */
  readonly namespaces: readonly Namespace[];
}

/** A configuration and what is wrong with it. */
export interface ResolvedConfig {
  /**
   * Whether there is no error. An invalid configuration is not to be used: the
   * last valid one stays in force as a whole.
   */
  readonly valid: boolean;
  /** What could be resolved. */
  readonly config: Config;
  /** Errors and warnings; of pools first, in the order of the resources. */
  readonly problems: readonly Problem[];
}

/**
 * Resolves resources into a configuration. Never throws, whatever the
 * resources hold.
 */
export function resolveConfig(resources: ConfigResources): ResolvedConfig {
  const decodedPools = resources.pools.map((raw) =>
    decodeResource(IP_ADDRESS_POOL, raw)
  );
  const { pools, problems } = resolvePools(decodedPools, resources.namespaces);
  const l2 = resolveL2Advertisements(
    resources.l2Advertisements.map((raw) =>
      decodeResource(L2_ADVERTISEMENT, raw)
    ),
    decodedPools,
    resources.nodes,
  );
  const all = [...problems, ...l2.problems];
  return {
    valid: all.every(({ severity }) => severity !== "error"),
    config: {
      pools: new Map(
        [...pools.values()].map((pool) => [pool.name, {
          ...pool,
          l2Advertisements: l2.byPool.get(pool.name) ?? [],
        }]),
      ),
    },
    problems: all,
  };
}
