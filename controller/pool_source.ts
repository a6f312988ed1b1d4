/** From the resources of a configuration to the pools in force. */
import {
  type CustomResource,
  formatProblem,
  poolsForIpam,
  type Problem,
  resolveConfig,
} from "../mod/config/mod.ts";
import type { Pool } from "../mod/ipam/mod.ts";
import type { Namespace } from "../mod/kube/mod.ts";

/** What resolving the present resources led to. */
export type PoolChange =
  /** The pools in force stay; nothing to do. */
  | { readonly kind: "unchanged" }
  /** Other pools are in force from now on. */
  | { readonly kind: "changed"; readonly pools: readonly Pool[] }
  /** The resources are invalid; the last good pools stay in force. */
  | { readonly kind: "refused"; readonly problems: readonly Problem[] };

/** The last good configuration of pools, and what is wrong with the present one. */
export class PoolSource {
  #inForce: string | undefined;
  #present: string | undefined;
  #problems: readonly Problem[] = [];
  #valid = false;
  #pools: readonly Pool[] = [];

  /** Whether any valid configuration was seen. */
  get hasPools(): boolean {
    return this.#inForce !== undefined;
  }

  /** The pools in force. */
  get pools(): readonly Pool[] {
    return this.#pools;
  }

  /** Whether the present resources are the ones in force. */
  get isValid(): boolean {
    return this.#valid;
  }

  /** Problems of the present resources, one line each. */
  get problems(): readonly string[] {
    return this.#problems.map(formatProblem);
  }

  /** Resolves the present resources. */
  update(
    pools: readonly CustomResource[],
    namespaces: readonly Namespace[],
  ): PoolChange {
    const resources = { pools, namespaces, l2Advertisements: [], nodes: [] };
    const { valid, config, problems } = resolveConfig(resources);
    const resolved = poolsForIpam(config);
    const present = signature(pools, resolved, problems);
    if (present === this.#present) return { kind: "unchanged" };
    this.#present = present;
    this.#problems = problems;
    this.#valid = valid;
    if (!valid) return { kind: "refused", problems };
    if (present === this.#inForce) return { kind: "unchanged" };
    this.#inForce = present;
    this.#pools = resolved;
    return { kind: "changed", pools: resolved };
  }
}

/** Equal for resources that resolve to the same pools and problems. */
function signature(
  resources: readonly CustomResource[],
  pools: readonly Pool[],
  problems: readonly Problem[],
): string {
  const namespaces = pools.map(({ name, serviceAllocation }) => [
    name,
    [...serviceAllocation?.namespaces ?? []].sort(),
  ]);
  const specs = resources.map(({ metadata, spec }) => [metadata.name, spec]);
  return JSON.stringify([specs, namespaces, problems.map(formatProblem)]);
}
