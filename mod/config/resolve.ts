/** Resolves all resources into one configuration. */
import {
  BFD_PROFILE,
  BGP_ADVERTISEMENT,
  BGP_PEER,
  COMMUNITY,
  type Decoded,
  decodeResource,
  IP_ADDRESS_POOL,
  type KindDefinition,
  L2_ADVERTISEMENT,
} from "../crd/mod.ts";
import type { Namespace, Node } from "../kube/mod.ts";
import { findEchoWithIpv6 } from "./bfd_echo.ts";
import { resolveBfdProfiles } from "./bfd_profiles.ts";
import { resolveBgpAdvertisements } from "./bgp_advertisements.ts";
import { resolveCommunities } from "./communities.ts";
import type { Config } from "./config.ts";
import { findUnclearDrains } from "./drain.ts";
import { resolveL2Advertisements } from "./l2_advertisements.ts";
import type { PasswordSecret } from "./peer_password.ts";
import { resolvePeers } from "./peers.ts";
import { resolvePools } from "./pools.ts";
import type { Problem } from "./problem.ts";
import type { CustomResource } from "./resources.ts";

/**
 * Everything that the configuration depends on, in the order of the lists.
 * What is absent has no objects.
 */
export interface ConfigResources {
  /** `IPAddressPool` objects. */
  readonly pools: readonly CustomResource[];
  /** `L2Advertisement` objects. */
  readonly l2Advertisements: readonly CustomResource[];
  /** `BGPAdvertisement` objects. */
  readonly bgpAdvertisements?: readonly CustomResource[];
  /** `BGPPeer` objects of v1beta2. */
  readonly peers?: readonly CustomResource[];
  /** `BFDProfile` objects. */
  readonly bfdProfiles?: readonly CustomResource[];
  /** `Community` objects. */
  readonly communities?: readonly CustomResource[];
  /**
   * Secrets in the load balancer's namespace. Absent = they are not read here:
   * references to them are taken for good.
   */
  readonly secrets?: readonly PasswordSecret[];
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
  /**
   * Errors and warnings: of BFD profiles, peers, communities, pools, layer-2
   * and BGP advertisements, nodes, each in the order of the resources.
   */
  readonly problems: readonly Problem[];
}

/**
 * Resolves resources into a configuration. Never throws, whatever the
 * resources hold.
 */
export function resolveConfig(resources: ConfigResources): ResolvedConfig {
  const { nodes, namespaces } = resources;
  const poolResources = decodeAll(IP_ADDRESS_POOL, resources.pools);
  const bfd = resolveBfdProfiles(decodeAll(BFD_PROFILE, resources.bfdProfiles));
  const peerResources = decodeAll(BGP_PEER, resources.peers);
  const peers = resolvePeers(peerResources, {
    bfdProfiles: bfd.bfdProfiles,
    secrets: resources.secrets ?? null,
  });
  const communities = resolveCommunities(
    decodeAll(COMMUNITY, resources.communities),
  );
  const pools = resolvePools(poolResources, namespaces);
  const l2 = resolveL2Advertisements(
    decodeAll(L2_ADVERTISEMENT, resources.l2Advertisements),
    poolResources,
    nodes,
  );
  const bgp = resolveBgpAdvertisements(
    decodeAll(BGP_ADVERTISEMENT, resources.bgpAdvertisements),
    {
      pools: poolResources,
      entries: pools.entries,
      nodes,
      aliases: communities.aliases,
      peers: new Set(peerResources.map(({ metadata }) => metadata.name)),
    },
  );
  const config: Config = {
    pools: new Map(
      [...pools.pools.values()].map((pool) => [pool.name, {
        ...pool,
        l2Advertisements: l2.byPool.get(pool.name) ?? [],
        bgpAdvertisements: bgp.byPool.get(pool.name) ?? [],
      }]),
    ),
    peers: peers.peers,
    bfdProfiles: bfd.bfdProfiles,
  };
  const problems = [
    ...[bfd, peers, communities, pools, l2, bgp].flatMap((each) =>
      each.problems
    ),
    ...findEchoWithIpv6(config),
    ...findUnclearDrains(nodes),
  ];
  return {
    valid: problems.every(({ severity }) => severity !== "error"),
    config,
    problems,
  };
}

function decodeAll<Spec>(
  definition: KindDefinition<Spec>,
  resources: readonly CustomResource[] = [],
): readonly Decoded<Spec>[] {
  return resources.map((raw) => decodeResource(definition, raw));
}
