/** What a frame on the LAN says about where an address is. */
import {
  ArpOperation,
  type ArpPacket,
  decodeArp,
  decodeEthernet,
  decodeIpv6,
  EtherType,
  formatIp,
  formatMac,
  isArpAnnouncement,
  linkLayerAddress,
  type Mac,
  receiveNdp,
  WireError,
} from "../../mod/net/mod.ts";

/** Somebody says that an address is at a MAC address. */
export interface Sighting {
  /** Unasked (gratuitous ARP, unsolicited NA), or the answer to a question. */
  readonly kind: "announcement" | "answer";
  readonly form: "ARP request" | "ARP reply" | "NA";
  readonly ip: string;
  readonly mac: string;
}

/** A sighting with its time. */
export type TimedSighting = Sighting & {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
};

/** The line that the observer writes when it has begun to capture. */
export const CAPTURING = "capturing";

function fromArp(packet: ArpPacket): Sighting | undefined {
  const reply = packet.operation === ArpOperation.reply;
  const announcement = isArpAnnouncement(packet);
  if (!reply && !announcement) return undefined;
  return {
    kind: announcement ? "announcement" : "answer",
    form: reply ? "ARP reply" : "ARP request",
    ip: formatIp(packet.senderIp),
    mac: formatMac(packet.senderHardwareAddress),
  };
}

function fromIpv6(payload: Uint8Array, source: Mac): Sighting | undefined {
  const received = receiveNdp(decodeIpv6(payload));
  if (received.kind === "drop") return undefined;
  const { message } = received;
  if (message.kind === "neighborSolicitation") return undefined;
  return {
    kind: message.solicited ? "answer" : "announcement",
    form: "NA",
    ip: formatIp(message.target),
    mac: formatMac(
      linkLayerAddress(message.options, "targetLinkLayerAddress") ?? source,
    ),
  };
}

/**
 * Reads one frame.
 *
 * @param frame An Ethernet frame.
 * @returns What it says; undefined when it is about something else.
 */
export function readSighting(frame: Uint8Array): Sighting | undefined {
  try {
    const { etherType, payload, source } = decodeEthernet(frame);
    if (etherType === EtherType.arp) return fromArp(decodeArp(payload));
    if (etherType === EtherType.ipv6) return fromIpv6(payload, source);
    return undefined;
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
