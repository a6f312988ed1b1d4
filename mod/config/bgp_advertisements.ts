/** Resolves `BGPAdvertisement` resources and attaches them to pools. */
import {
  BGP_ADVERTISEMENT,
  type BgpAdvertisementSpec,
  type Decoded,
  type IpAddressPoolSpec,
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
import {
  type BgpCommunity,
  parseCommunity,
  sortCommunities,
} from "./bgp_community.ts";
import type { BgpAdvertisementConfig } from "./bgp_config.ts";
import {
  checkAgainstOthers,
  checkAgainstPool,
  checkAggregation,
} from "./bgp_conflicts.ts";
import { badValue } from "./communities.ts";
import type { PlacedEntry } from "./overlap.ts";
import {
  type Note,
  noteFields,
  type Problem,
  ResourceProblems,
} from "./problem.ts";
import type { Selector } from "./selector.ts";
import { compileAll } from "./selector_list.ts";

/** What advertisements refer to. */
export interface BgpReferences {
  /** The pools as resources: they are selected by label. */
  readonly pools: readonly Decoded<IpAddressPoolSpec>[];
  /** The entries of `spec.addresses` by pool. */
  readonly entries: ReadonlyMap<string, readonly PlacedEntry[]>;
  /** All nodes. */
  readonly nodes: readonly Node[];
  /** Communities by alias. */
  readonly aliases: ReadonlyMap<string, BgpCommunity>;
  /** Names of the peers that exist. */
  readonly peers: ReadonlySet<string>;
}

/** The advertisements of each pool, and the problems in resource order. */
export interface ResolvedBgpAdvertisements {
  /** Advertisements by the name of the pool that they reach. */
  readonly byPool: ReadonlyMap<string, readonly BgpAdvertisementConfig[]>;
  /** What is wrong with advertisements. */
  readonly problems: readonly Problem[];
}

/** Resolves the advertisements against everything that they refer to. */
export function resolveBgpAdvertisements(
  resources: readonly Decoded<BgpAdvertisementSpec>[],
  references: BgpReferences,
): ResolvedBgpAdvertisements {
  const byPool = new Map<string, BgpAdvertisementConfig[]>(
    [...references.entries.keys()].map((name) => [name, []]),
  );
  const logs = resources.map((resource) => {
    const { name } = resource.metadata;
    const log = new ResourceProblems(BGP_ADVERTISEMENT.kind, name);
    const { advertisement, poolSelectors } = resolve(resource, references, log);
    const { pools, entries } = references;
    const reached = reachedPools(
      resource.spec,
      poolSelectors,
      pools,
      log.warning,
    );
    for (const pool of new Set(reached)) {
      const placed = entries.get(pool) ?? [];
      checkAgainstPool(advertisement, placed, log.error);
      const earlier = byPool.get(pool) ?? [];
      checkAgainstOthers(advertisement, earlier, placed, log.error);
    }
    for (const pool of reached) byPool.get(pool)?.push(advertisement);
    return log;
  });
  const problems = [findRepeated(resources), ...logs];
  return { byPool, problems: problems.flatMap((each) => each.all) };
}

/** The API server keeps names apart, but files need not. */
function findRepeated(
  resources: readonly Decoded<BgpAdvertisementSpec>[],
): { readonly all: readonly Problem[] } {
  const seen = new Set<string>();
  const all = resources.flatMap(({ metadata, spec }) => {
    const identity = JSON.stringify([metadata, spec]);
    if (!seen.has(identity)) {
      seen.add(identity);
      return [];
    }
    const log = new ResourceProblems(BGP_ADVERTISEMENT.kind, metadata.name);
    log.error({
      class: "duplicateBGPAdvertisement",
      field: "metadata.name",
      message: `Cannot define BGPAdvertisement "${metadata.name}" twice`,
    });
    return log.all;
  });
  return { all };
}

function resolve(
  resource: Decoded<BgpAdvertisementSpec>,
  { nodes, aliases, peers }: BgpReferences,
  log: ResourceProblems,
): { advertisement: BgpAdvertisementConfig; poolSelectors: Selector[] } {
  const { metadata: { name }, spec } = resource;
  const note = log.error;
  noteFields(resource, note);
  const lists = scopeSelectors(spec);
  checkLists(spec, note);
  checkScopeSelectors(lists, note);
  const aggregationLength = {
    IPv4: spec.aggregationLength,
    IPv6: spec.aggregationLengthV6,
  };
  const { serviceSelectors } = spec;
  checkAggregation({ aggregationLength, serviceSelectors }, note);
  const communities = resolveCommunityList(spec, aliases, log);
  const selected = selectNodes(lists.node, nodes, log);
  const advertisement = {
    name,
    aggregationLength,
    localPref: spec.localPref,
    asPathPrepend: spec.asPathPrepend ?? 0,
    communities,
    nodes: new Set(selected.map(({ metadata }) => metadata.name)),
    peers: spec.peers,
    serviceSelectors: compileServiceSelectors(lists.service, note),
  };
  warnOfUnknownPeers(spec, peers, log.warning);
  return { advertisement, poolSelectors: compileAll(lists.pool, note) };
}

function checkLists(spec: BgpAdvertisementSpec, note: Note): void {
  const { ipAddressPools, communities, peers } = spec;
  checkNames("spec.ipAddressPools", ipAddressPools, "duplicatePools", note);
  checkNames("spec.communities", communities, "duplicateCommunity", note);
  checkNames("spec.peers", peers, "duplicatePeers", note);
}

function resolveCommunityList(
  { communities }: BgpAdvertisementSpec,
  aliases: ReadonlyMap<string, BgpCommunity>,
  log: ResourceProblems,
): readonly BgpCommunity[] {
  const found = communities.flatMap((text, index) => {
    const alias = aliases.get(text);
    if (alias !== undefined) return alias;
    const field = `spec.communities[${index}]`;
    const parsed = parseCommunity(text);
    switch (parsed.kind) {
      case "community":
        return parsed.community;
      case "valueInvalid":
        log.error({
          class: "communityValueInvalid",
          field,
          message: badValue(text),
        });
        return [];
      case "formatInvalid":
        notCommunity(text, log)({
          class: "communityFormatInvalid",
          field,
          message:
            `Refers to "${text}", which no Community defines and which is no community itself (1234:1 or large:1234:1:2)`,
        });
        return [];
    }
  });
  return sortCommunities(found);
}

/** A name may be defined later; what has a colon is a slip of the hand. */
function notCommunity(text: string, log: ResourceProblems): Note {
  return text.includes(":") ? log.hopeless : log.missing;
}

function warnOfUnknownPeers(
  { peers }: BgpAdvertisementSpec,
  existing: ReadonlySet<string>,
  warn: Note,
): void {
  peers.forEach((name, index) => {
    if (existing.has(name)) return;
    warn({
      class: "unknownPeer",
      field: `spec.peers[${index}]`,
      message: `Refers to BGPPeer "${name}", which does not exist`,
    });
  });
}
