import { hasValidIcmpv6Checksum, Icmpv6Type } from "./icmpv6.ts";
import { isMulticastIp, isUnspecifiedIp } from "./ip.ts";
import { type Ipv6Packet, NextHeader } from "./ipv6.ts";
import { isSolicitedNodeMulticast } from "./multicast.ts";
import {
  decodeNdp,
  NDP_MIN_LENGTH,
  type NdpMessage,
  type NeighborAdvertisement,
  type NeighborSolicitation,
} from "./ndp.ts";
import { linkLayerAddress } from "./ndp_options.ts";
import { WireError } from "./wire.ts";

/**
 * Why a packet is no valid message of address resolution. The first two say
 * that it is something else, the others are the checks of RFC 4861 §7.1.1 and §7.1.2.
 */
export type NdpDropReason =
  /** The next header is not ICMPv6. */
  | "notIcmpv6"
  /** Neither a Neighbor Solicitation nor a Neighbor Advertisement. */
  | "notNeighborDiscovery"
  /** The hop limit is not 255: a router may have forwarded it. */
  | "hopLimit"
  | "checksum"
  /** The ICMPv6 code is not 0. */
  | "code"
  /** Shorter than 24 bytes. */
  | "tooShort"
  | "targetMulticast"
  /** An option of length 0, cut short, or of a wrong length for its type. */
  | "optionInvalid"
  /** From `::` and not to a solicited-node multicast address. */
  | "unspecifiedSourceDestination"
  /** From `::` with a source link-layer address option. */
  | "unspecifiedSourceLinkLayerAddress"
  /** Sent to a multicast address with the Solicited flag set. */
  | "multicastSolicited";

/** What a receiver makes of a packet. */
export type NdpReception =
  | { readonly kind: "accept"; readonly message: NdpMessage }
  | { readonly kind: "drop"; readonly reason: NdpDropReason };

/**
 * Applies the receiver's checks of RFC 4861 §7.1.1 (solicitations) and §7.1.2
 * (advertisements) to a packet, in the order of that text after the length.
 * Never throws.
 */
export function receiveNdp(packet: Ipv6Packet): NdpReception {
  const reason = headerReason(packet);
  if (reason !== undefined) return { kind: "drop", reason };
  const message = tryDecode(packet.payload);
  if (message === undefined) return { kind: "drop", reason: "optionInvalid" };
  const messageReason = message.kind === "neighborSolicitation"
    ? solicitationReason(packet, message)
    : advertisementReason(packet, message);
  return messageReason === undefined
    ? { kind: "accept", message }
    : { kind: "drop", reason: messageReason };
}

/** Checks that need no more than the headers and the length. */
function headerReason(packet: Ipv6Packet): NdpDropReason | undefined {
  if (packet.nextHeader !== NextHeader.icmpv6) return "notIcmpv6";
  const [type, code] = packet.payload;
  if (
    type !== Icmpv6Type.neighborSolicitation &&
    type !== Icmpv6Type.neighborAdvertisement
  ) {
    return "notNeighborDiscovery";
  }
  if (packet.payload.length < NDP_MIN_LENGTH) return "tooShort";
  if (packet.hopLimit !== 255) return "hopLimit";
  if (!hasValidIcmpv6Checksum(packet.payload, packet)) return "checksum";
  return code === 0 ? undefined : "code";
}

function tryDecode(payload: Uint8Array): NdpMessage | undefined {
  try {
    return decodeNdp(payload);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

function solicitationReason(
  packet: Ipv6Packet,
  message: NeighborSolicitation,
): NdpDropReason | undefined {
  if (isMulticastIp(message.target)) return "targetMulticast";
  if (!isUnspecifiedIp(packet.source)) return undefined;
  if (!isSolicitedNodeMulticast(packet.destination)) {
    return "unspecifiedSourceDestination";
  }
  const hasSource =
    linkLayerAddress(message.options, "sourceLinkLayerAddress") !== undefined;
  return hasSource ? "unspecifiedSourceLinkLayerAddress" : undefined;
}

function advertisementReason(
  packet: Ipv6Packet,
  message: NeighborAdvertisement,
): NdpDropReason | undefined {
  if (isMulticastIp(message.target)) return "targetMulticast";
  return message.solicited && isMulticastIp(packet.destination)
    ? "multicastSolicited"
    : undefined;
}
