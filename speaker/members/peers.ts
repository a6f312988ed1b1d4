/** Members of the gossip as peers of the packet worker. */
import type { DesiredPeer, DesiredStation } from "../../mod/layer2/mod.ts";
import {
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

/** The last 8 bytes of a link-local address. */
export function linkLocalIdentifier(linkLocal: Ip): Uint8Array {
  return ipToBytes(linkLocal).slice(LINK_LOCAL_PREFIX.length);
}

/**
 * A member as the packet worker takes it. Of a speaker that tells nothing of
 * ours, as MetalLB's, no interface is known.
 */
export function peerOf(
  member: Pick<Member, "name" | "state" | "endpoint" | "meta">,
): DesiredPeer {
  const told = decodeMemberMeta(member.meta);
  const interfaces = told.kind === "speaker" ? told.meta.interfaces : [];
  const ipv4 = tryParseIp(member.endpoint.ip);
  return {
    node: nodeId(member.name),
    isAlive: isLiving(member),
    speaksClaims: told.kind === "speaker" || told.kind === "unknownVersion",
    stations: interfaces.map((each, index) =>
      // Which of them has the address is not told: one way to it is enough.
      stationOf(each, index === 0 && ipv4?.family === "IPv4" ? ipv4 : undefined)
    ),
  };
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
