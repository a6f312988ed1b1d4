/** Translates the configuration into the records of `mod/ipam`. */
import type { Pool } from "../ipam/mod.ts";
import type { Config, PoolConfig } from "./config.ts";
import { matchesAny } from "./selector.ts";

/** The pools as the allocator takes them, in the order of the resources. */
export function poolsForIpam(config: Config): Pool[] {
  return [...config.pools.values()].map(poolForIpam);
}

function poolForIpam(
  { name, prefixes, autoAssign, avoidBuggyIPs, serviceAllocation }: PoolConfig,
): Pool {
  const pool = { name, prefixes, autoAssign, avoidBuggyIPs };
  if (serviceAllocation === undefined) return pool;
  const { priority, namespaces, serviceSelectors } = serviceAllocation;
  return {
    ...pool,
    serviceAllocation: {
      priority,
      namespaces,
      matchesService: (labels) => matchesAny(serviceSelectors, labels),
    },
  };
}
