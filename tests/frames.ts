/**
 * Whole Ethernet frames of address resolution, built with the codecs.
 *
 * @module
 */
import {
  ALL_NODES,
  type ArpPacket,
  BROADCAST_MAC,
  encodeArp,
  encodeEthernet,
  encodeIpv6,
  encodeNdp,
  EtherType,
  type Ip,
  type Mac,
  multicastMac,
  type NdpMessage,
  type NdpOption,
  NextHeader,
  parseIp,
  parseMac,
  solicitedNodeMulticast,
} from "../mod/net/mod.ts";

/** Address of the interface that answers. */
export const OWN_MAC: Mac = parseMac("02:00:00:00:00:0a");
/** Address of who asks. */
export const PEER_MAC: Mac = parseMac("02:00:00:00:00:0b");
/** IPv4 address of who asks. */
export const PEER_IPV4: Ip = parseIp("192.0.2.254");
/** Link-local address of who asks. */
export const PEER_IPV6: Ip = parseIp("fe80::b");

/** An ARP frame; left out parts are those of a broadcast request. */
export function arpFrame(
  target: Ip,
  parts: Partial<ArpPacket> & { destination?: Mac; source?: Mac } = {},
): Uint8Array<ArrayBuffer> {
  const { destination = BROADCAST_MAC, source = PEER_MAC, ...packet } = parts;
  return encodeEthernet({
    destination,
    source,
    tags: [],
    etherType: EtherType.arp,
    payload: encodeArp({
      operation: 1,
      senderHardwareAddress: source,
      senderIp: PEER_IPV4,
      targetHardwareAddress: new Uint8Array(6),
      targetIp: target,
      ...packet,
    }),
  });
}

/** Parts of a Neighbor Solicitation that differ from the usual. */
export interface SolicitationParts {
  /** Ethernet destination; that of the IPv6 destination if it is a group. */
  readonly destinationMac?: Mac;
  /** Ethernet source. */
  readonly sourceMac?: Mac;
  /** IPv6 source. */
  readonly source?: Ip;
  /** IPv6 destination; the target's solicited-node group. */
  readonly destination?: Ip;
  /** Options; the source link-layer address. */
  readonly options?: readonly NdpOption[];
  /** Hop limit; 255. */
  readonly hopLimit?: number;
}

/** The option that tells who asks. */
export function sourceOption(mac: Mac = PEER_MAC): NdpOption {
  return { kind: "sourceLinkLayerAddress", mac };
}

/** A Neighbor Solicitation. */
export function solicitationFrame(
  target: Ip,
  parts: SolicitationParts = {},
): Uint8Array<ArrayBuffer> {
  const options = parts.options ?? [sourceOption()];
  const message = { kind: "neighborSolicitation", target, options } as const;
  const destination = parts.destination ?? solicitedNodeMulticast(target);
  return ndpFrame(message, { ...parts, destination });
}

/** Parts of a Neighbor Advertisement that differ from the usual. */
export interface AdvertisementParts extends SolicitationParts {
  /** S flag; not set. */
  readonly solicited?: boolean;
}

/** A Neighbor Advertisement, unsolicited and to all nodes unless told otherwise. */
export function advertisementFrame(
  target: Ip,
  parts: AdvertisementParts = {},
): Uint8Array<ArrayBuffer> {
  const mac = parts.sourceMac ?? PEER_MAC;
  const message = {
    kind: "neighborAdvertisement",
    router: false,
    solicited: parts.solicited ?? false,
    override: true,
    target,
    options: parts.options ?? [{ kind: "targetLinkLayerAddress", mac }],
  } as const;
  const destination = parts.destination ?? ALL_NODES;
  return ndpFrame(message, { source: target, ...parts, destination });
}

function ndpFrame(
  message: NdpMessage,
  parts: SolicitationParts & { readonly destination: Ip },
): Uint8Array<ArrayBuffer> {
  const { source = PEER_IPV6, destination } = parts;
  return encodeEthernet({
    destination: parts.destinationMac ?? multicastMac(destination),
    source: parts.sourceMac ?? PEER_MAC,
    tags: [],
    etherType: EtherType.ipv6,
    payload: encodeIpv6({
      trafficClass: 0,
      flowLabel: 0,
      nextHeader: NextHeader.icmpv6,
      hopLimit: parts.hopLimit ?? 255,
      source,
      destination,
      payload: encodeNdp(message, { source, destination }),
    }),
  });
}

/** A frame with an IEEE 802.1Q tag put in. */
export function tagged(
  frame: Uint8Array,
  vlan: number,
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(frame.length + 4);
  out.set(frame.subarray(0, 12));
  out.set([0x81, 0x00, vlan >> 8, vlan & 0xff], 12);
  out.set(frame.subarray(12), 16);
  return out;
}
