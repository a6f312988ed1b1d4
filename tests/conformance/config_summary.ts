/** A resolved configuration in the words of `config.jsonl`. */
import {
  type BfdProfileConfig,
  type BgpAdvertisementConfig,
  formatCommunity,
  type L2AdvertisementConfig,
  type PeerConfig,
  type PoolConfig,
  type ResolvedConfig,
  type ServiceAllocationConfig,
} from "../../mod/config/mod.ts";
import { formatIp, formatPrefix } from "../../mod/net/mod.ts";
import type { JsonObject } from "./runner.ts";

/** The summary of a row that is accepted. */
export function summaryOf({ config }: ResolvedConfig): JsonObject {
  return {
    pools: mapValues(config.pools, poolSummary),
    peers: mapValues(config.peers, peerSummary),
    bfdProfiles: mapValues(config.bfdProfiles, bfdSummary),
  };
}

function mapValues<T>(
  map: ReadonlyMap<string, T>,
  summarise: (value: T) => JsonObject,
): JsonObject {
  return Object.fromEntries(
    [...map].map(([name, value]) => [name, summarise(value)]),
  );
}

function poolSummary(pool: PoolConfig): JsonObject {
  const { serviceAllocation, avoidBuggyIPs } = pool;
  return {
    prefixes: pool.prefixes.map(formatPrefix),
    autoAssign: pool.autoAssign,
    ...compact({
      avoidBuggyIPs,
      l2Advertisements: pool.l2Advertisements.map(l2Summary),
      bgpAdvertisements: pool.bgpAdvertisements.map(bgpSummary),
    }),
    ...(serviceAllocation === undefined
      ? {}
      : { serviceAllocation: scopeSummary(serviceAllocation) }),
  };
}

function scopeSummary(
  { priority, namespaces, serviceSelectors }: ServiceAllocationConfig,
): JsonObject {
  return compact({
    priority,
    namespaces: [...namespaces ?? []],
    serviceSelectors: serviceSelectors.map(({ text }) => text),
  });
}

function l2Summary(advertisement: L2AdvertisementConfig): JsonObject {
  const { nodes, interfaces, serviceSelectors, preferredNodes } = advertisement;
  return {
    allInterfaces: interfaces.length === 0,
    ...compact({
      nodes: [...nodes],
      interfaces,
      serviceSelectors: serviceSelectors.map(({ text }) => text),
      preferredNodes: Object.fromEntries(preferredNodes),
    }),
  };
}

function bgpSummary(advertisement: BgpAdvertisementConfig): JsonObject {
  const { name, localPref, asPathPrepend, peers } = advertisement;
  return {
    aggregationLength: advertisement.aggregationLength.IPv4,
    aggregationLengthV6: advertisement.aggregationLength.IPv6,
    ...compact({
      name,
      localPref,
      asPathPrepend,
      communities: advertisement.communities.map(formatCommunity),
      nodes: [...advertisement.nodes],
      peers,
      serviceSelectors: advertisement.serviceSelectors.map(({ text }) => text),
    }),
  };
}

/** Port that the API server fills in; the corpus has objects before that. */
const DEFAULT_PORT = 179;

function peerSummary(peer: PeerConfig): JsonObject {
  const { peerAs, target, timers, authentication } = peer;
  return {
    ...compact({
      myASN: peer.myAsn,
      localASN: peer.localAsn,
      ...(peerAs.kind === "number"
        ? { peerASN: peerAs.asn }
        : { dynamicASN: peerAs.kind }),
      ...(target.kind === "address"
        ? { peerAddress: formatIp(target.address) }
        : { interface: target.name }),
      sourceAddress: peer.sourceAddress && formatIp(peer.sourceAddress),
      peerPort: peer.port === DEFAULT_PORT ? 0 : peer.port,
      routerID: peer.routerId && formatIp(peer.routerId),
      nodeSelectors: peer.nodeSelectors.map(({ text }) => text),
      password: authentication.kind === "password" && authentication.password,
      bfdProfile: peer.bfdProfile,
      enableGracefulRestart: peer.gracefulRestart,
      ebgpMultiHop: peer.ebgpMultiHop,
      vrf: peer.vrf,
      dualStackAddressFamily: peer.dualStackAddressFamily,
      disableMP: peer.disableMp,
    }),
    ...(timers.kind === "set"
      ? {
        holdTimeSeconds: timers.holdTime,
        keepaliveTimeSeconds: timers.keepaliveTime,
      }
      : {}),
    ...(peer.connectTime === undefined
      ? {}
      : { connectTimeSeconds: peer.connectTime }),
  };
}

function bfdSummary({ name: _, ...profile }: BfdProfileConfig): JsonObject {
  return compact(profile);
}

/** Leaves out what the corpus leaves out: false, 0, "" and empty. */
function compact(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value).filter(([, entry]) =>
      typeof entry === "object" && entry !== null
        ? Object.keys(entry).length > 0
        : Boolean(entry)
    ),
  );
}
