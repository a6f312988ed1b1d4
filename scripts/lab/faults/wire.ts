/** What is seen on the client's wire of who is asked for and who answers. */
import {
  ArpOperation,
  decodeArp,
  decodeEthernet,
  decodeIpv6,
  EtherType,
  formatIp,
  formatMac,
  isArpAnnouncement,
  receiveNdp,
  WireError,
} from "../../../mod/net/mod.ts";
import { readSighting } from "../sighting.ts";

/** One frame, or one question of the client itself. */
export interface WireRecord {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /**
   * `question`: the client asks. `asked`: a node does. `announcement`: an
   * announcement, counted once where it takes two frames.
   */
  readonly kind: "question" | "asked" | "answer" | "announcement";
  readonly ip: string;
  /** Who sent it; empty for the client's own questions. */
  readonly mac: string;
}

/** A frame that is no question of the client's. */
export type WireFrame = Omit<WireRecord, "atMs">;

function questionIn(frame: Uint8Array): WireFrame | undefined {
  const { etherType, payload, source } = decodeEthernet(frame);
  const asked = (ip: string): WireFrame => ({
    ...{ kind: "asked", ip, mac: formatMac(source) },
  });
  if (etherType === EtherType.arp) {
    const packet = decodeArp(payload);
    const isQuestion = packet.operation === ArpOperation.request &&
      !isArpAnnouncement(packet);
    return isQuestion ? asked(formatIp(packet.targetIp)) : undefined;
  }
  if (etherType !== EtherType.ipv6) return undefined;
  const received = receiveNdp(decodeIpv6(payload));
  if (received.kind === "drop") return undefined;
  const { message } = received;
  return message.kind === "neighborSolicitation"
    ? asked(formatIp(message.target))
    : undefined;
}

/**
 * Reads one frame.
 *
 * @param frame An Ethernet frame.
 * @returns What it is; undefined when it is about something else.
 */
export function readWire(frame: Uint8Array): WireFrame | undefined {
  const sighting = readSighting(frame);
  if (sighting !== undefined) {
    const { kind, form, ip, mac } = sighting;
    // ARP is announced in both forms: one of them counts.
    if (kind === "announcement" && form === "ARP reply") return undefined;
    return { kind, ip, mac };
  }
  try {
    return questionIn(frame);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
