/** The frame that asks who has an address. */
import {
  arpRequest,
  BROADCAST_MAC,
  encodeArp,
  encodeEthernet,
  encodeIpv6,
  encodeNdp,
  EtherType,
  formatIp,
  type Ip,
  multicastMac,
  NextHeader,
  solicitedNodeMulticast,
} from "../net/mod.ts";
import type { AskingPort } from "./ports.ts";

/** No router has forwarded it (RFC 4861 §7.1.1). */
const HOP_LIMIT = 255;

/**
 * An ARP request to all (RFC 826), or a Neighbor Solicitation to the address's
 * solicited-node group with the asker's link-layer address (RFC 4861 §7.2.2).
 *
 * The ARP request is the one that any neighbour sends, from the interface's own
 * address. A probe (RFC 5227 §2.1.1, sender 0.0.0.0) would leave no trace in
 * caches, but a host that is about to take the address must count it as a
 * conflict, and not everything answers it; it is sent only where the interface
 * has no address.
 *
 * @throws {RangeError} For IPv6 on a port without a link-local address.
 */
export function question(
  target: Ip,
  port: AskingPort,
): Uint8Array<ArrayBuffer> {
  return target.family === "IPv4" ? arp(target, port) : ndp(target, port);
}

function arp(
  target: Ip,
  { mac, ipv4 }: AskingPort,
): Uint8Array<ArrayBuffer> {
  return encodeEthernet({
    destination: BROADCAST_MAC,
    source: mac,
    tags: [],
    etherType: EtherType.arp,
    payload: encodeArp(arpRequest({ mac, ip: ipv4 }, target)),
  });
}

function ndp(
  target: Ip,
  { name, mac, ipv6: source }: AskingPort,
): Uint8Array<ArrayBuffer> {
  if (source === undefined) {
    throw new RangeError(
      `Cannot ask for ${
        formatIp(target)
      } on "${name}": it has no link-local address`,
    );
  }
  const destination = solicitedNodeMulticast(target);
  return encodeEthernet({
    destination: multicastMac(destination),
    source: mac,
    tags: [],
    etherType: EtherType.ipv6,
    payload: encodeIpv6({
      trafficClass: 0,
      flowLabel: 0,
      nextHeader: NextHeader.icmpv6,
      hopLimit: HOP_LIMIT,
      source,
      destination,
      payload: encodeNdp({
        kind: "neighborSolicitation",
        target,
        options: [{ kind: "sourceLinkLayerAddress", mac }],
      }, { source, destination }),
    }),
  });
}
