/** What on the wire says who has an address. */
import {
  ArpOperation,
  decodeArp,
  decodeEthernet,
  decodeIpv6,
  equalIp,
  type EthernetFrame,
  EtherType,
  type Ip,
  linkLayerAddress,
  type Mac,
  receiveNdp,
  WireError,
} from "../net/mod.ts";

/** Lets ARP and Neighbor Advertisements through, in the language of pcap-filter(7). */
export const ANSWER_FILTER = "arp or (ip6 and ip6[6] = 58 and ip6[40] = 136)";

/** A station that says it has an address. */
export interface Answer {
  /** The address. */
  readonly ip: Ip;
  /** The MAC address that neighbours take from it. */
  readonly mac: Mac;
  /** Who sent the frame; differs when somebody answers for another. */
  readonly sender: Mac;
  /** To a question, or told in another way: announced to all, or on asking for another. */
  readonly kind: "reply" | "unasked";
}

/**
 * Reads a frame: an ARP packet whose sender has an IPv4 address, or a Neighbor
 * Advertisement that passes the receiver's checks (RFC 4861 §7.1.2).
 *
 * @returns `undefined` for any other frame, and for one of another VLAN.
 */
export function readAnswer(bytes: Uint8Array): Answer | undefined {
  try {
    const frame = decodeEthernet(bytes);
    // A tag of identifier 0 gives a priority only (IEEE 802.1Q §6.9.1).
    if (frame.tags.some(({ id }) => id !== 0)) return undefined;
    if (frame.etherType === EtherType.arp) return arpAnswer(frame);
    return frame.etherType === EtherType.ipv6 ? ndpAnswer(frame) : undefined;
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

function arpAnswer({ payload, source }: EthernetFrame): Answer | undefined {
  const packet = decodeArp(payload);
  const { operation, senderIp, targetIp, senderHardwareAddress } = packet;
  const isRequest = operation === ArpOperation.request;
  if (!isRequest && operation !== ArpOperation.reply) return undefined;
  const isUnasked = isRequest || equalIp(senderIp, targetIp);
  return {
    ip: senderIp,
    mac: senderHardwareAddress,
    sender: source,
    kind: isUnasked ? "unasked" : "reply",
  };
}

function ndpAnswer({ payload, source }: EthernetFrame): Answer | undefined {
  const received = receiveNdp(decodeIpv6(payload));
  if (received.kind === "drop") return undefined;
  const { message } = received;
  if (message.kind !== "neighborAdvertisement") return undefined;
  const { target, options, solicited } = message;
  return {
    ip: target,
    mac: linkLayerAddress(options, "targetLinkLayerAddress") ?? source,
    sender: source,
    kind: solicited ? "reply" : "unasked",
  };
}
