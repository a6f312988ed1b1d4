/** Members of the gossip, and nodes that are none, as the packet worker takes them. */
import type {
  DesiredBystander,
  DesiredInterface,
  DesiredPeer,
  DesiredStation,
} from "../../mod/layer2/mod.ts";
import {
  equalIp,
  type Ip,
  ipFromBytes,
  ipToBytes,
  tryParseIp,
} from "../../mod/net/mod.ts";
import { nodeId } from "../../mod/ownership/mod.ts";
import {
  decodeMemberMeta,
  isLiving,
  type Member,
  type MetaInterface,
} from "../../mod/swim/mod.ts";

/** fe80::/64 (RFC 4291 §2.5.6). */
const LINK_LOCAL_PREFIX = Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0);

/** What is told of an interface: an IPv4 address where no link-local one does. */
export function metaOf(
  { mac, linkLocal, ipv4 }: Pick<
    DesiredInterface,
    "mac" | "linkLocal" | "ipv4"
  >,
): MetaInterface {
  if (linkLocal !== undefined) {
    return { mac, identifier: linkLocalIdentifier(linkLocal) };
  }
  return { mac, ...ipv4 === undefined ? {} : { ipv4: ipToBytes(ipv4) } };
}

/** The last 8 bytes of a link-local address. */
export function linkLocalIdentifier(linkLocal: Ip): Uint8Array {
  return ipToBytes(linkLocal).slice(LINK_LOCAL_PREFIX.length);
}

/** A node of the cluster, as the API has it. */
export interface NodePlace {
  /** Its name. */
  readonly name: string;
  /** Its addresses, as texts. */
  readonly addresses: readonly string[];
}

/** Tells at which MAC addresses a node with these addresses was met. */
export type StationsAt = (
  addresses: readonly string[],
) => readonly DesiredStation[];

/** What of a member matters here. */
export type KnownMember = Pick<Member, "name" | "state" | "endpoint" | "meta">;

/** Whether a member is no speaker of Herald's, but MetalLB's: it tells nothing of itself. */
export function isLegacy({ meta }: Pick<Member, "meta">): boolean {
  const { kind } = decodeMemberMeta(meta);
  return kind !== "speaker" && kind !== "unknownVersion";
}

/**
 * A member as the packet worker takes it.
 *
 * @param stationsAt Where it is when it does not tell that, as MetalLB's do not.
 * @param node The same node as the API has it, if it does.
 */
export function peerOf(
  member: KnownMember,
  stationsAt: StationsAt,
  node?: NodePlace,
): DesiredPeer {
  const told = toldStations(member);
  return {
    node: nodeId(member.name),
    isAlive: isLiving(member),
    hasLeft: member.state === "left",
    speaksClaims: !isLegacy(member),
    stations: told.length > 0 ? told : stationsAt(addressesOf(member, node)),
  };
}

/**
 * Nodes that are no members (their speakers have not joined yet, or they have
 * none), but were met: they are no foreign hosts.
 */
export function bystandersOf(
  members: readonly KnownMember[],
  nodes: readonly NodePlace[],
  stationsAt: StationsAt,
): DesiredBystander[] {
  const known = new Set(members.map(({ name }) => name));
  return nodes.filter(({ name }) => !known.has(name))
    .map(({ name, addresses }) => ({
      node: nodeId(name),
      stations: stationsAt(addresses),
    }))
    .filter(({ stations }) => stations.length > 0);
}

/** For each member and node that does not tell where it is, its addresses. */
export function untoldAddresses(
  members: readonly KnownMember[],
  nodes: readonly NodePlace[],
): (readonly string[])[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const silent = members.filter((member) => toldStations(member).length === 0);
  const known = new Set(members.map(({ name }) => name));
  return [
    ...silent.map((member) => addressesOf(member, byName.get(member.name))),
    ...nodes.filter(({ name }) => !known.has(name))
      .map(({ addresses }) => addresses),
  ];
}

/**
 * Where members may be that are missing: at the addresses of nodes of which none
 * is alive, as far as somebody who listens at `ip` could be met there. A Node
 * has host names as well, and addresses of the other family.
 */
export function addressesToJoin(
  members: readonly KnownMember[],
  nodes: readonly NodePlace[],
  { node, ip }: { readonly node: string; readonly ip: string },
): readonly string[] {
  const living = members.filter(isLiving);
  const names = new Set([node, ...living.map(({ name }) => name)]);
  const taken = new Set([ip, ...living.map(({ endpoint }) => endpoint.ip)]);
  const family = tryParseIp(ip)?.family;
  const addresses = nodes.filter(({ name }) => !names.has(name))
    .flatMap((each) => each.addresses)
    .filter((each) => tryParseIp(each)?.family === family && !taken.has(each));
  return [...new Set(addresses)];
}

function addressesOf(
  { endpoint }: KnownMember,
  node: NodePlace | undefined,
): readonly string[] {
  return [endpoint.ip, ...node?.addresses ?? []];
}

/** The interfaces that a member tells of. */
function toldStations({ meta, endpoint }: KnownMember): DesiredStation[] {
  const told = decodeMemberMeta(meta);
  const interfaces = told.kind === "speaker" ? told.meta.interfaces : [];
  const own = interfaces.map(({ ipv4 }) =>
    ipv4 === undefined ? undefined : ipFromBytes(ipv4)
  );
  const gossip = tryParseIp(endpoint.ip);
  const isMissing = gossip?.family === "IPv4" &&
    !own.some((each) => each !== undefined && equalIp(each, gossip));
  // Which of them has the gossip's address is not told: one way to it is enough.
  const place = isMissing ? own.indexOf(undefined) : -1;
  return interfaces.map((each, index) =>
    stationOf(each, index === place ? gossip : own[index])
  );
}

function stationOf(
  { mac, identifier }: MetaInterface,
  ipv4: Ip | undefined,
): DesiredStation {
  return {
    mac,
    interfaces: "all",
    ...ipv4 === undefined ? {} : { ipv4 },
    ...identifier === undefined ? {} : { linkLocal: linkLocalOf(identifier) },
  };
}

function linkLocalOf(identifier: Uint8Array): Ip {
  const bytes = new Uint8Array(16);
  bytes.set(LINK_LOCAL_PREFIX);
  bytes.set(identifier, LINK_LOCAL_PREFIX.length);
  return ipFromBytes(bytes);
}
