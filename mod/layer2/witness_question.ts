import { ipToBytes } from "../net/mod.ts";
import type { DesiredInterface } from "./desired_state.ts";
import type { Witness } from "./witnesses.ts";
import {
  ARP_AT,
  ARP_REQUEST,
  arpTemplate,
  finishMessage,
  NDP_AT,
  solicitationTemplate,
} from "./wire_layout.ts";

/** A frame at the start of a buffer. */
export interface OutgoingFrame {
  /** The buffer. */
  readonly frame: Uint8Array<ArrayBuffer>;
  /** Bytes of the frame. */
  readonly length: number;
}

/**
 * The frame that asks a station for a sign that it hears this interface: plain
 * address resolution, to it alone.
 *
 * @param link The interface; without an IPv4 address it sends an ARP Probe,
 *   which is answered too.
 * @param witness The station.
 * @returns Nothing when the interface has no link-local address to ask from.
 */
export function witnessQuestion(
  link: Pick<DesiredInterface, "mac" | "ipv4" | "linkLocal">,
  witness: Witness,
): OutgoingFrame | undefined {
  const isIpv4 = witness.address.length === 4;
  return isIpv4 ? arpQuestion(link, witness) : ndpQuestion(link, witness);
}

function arpQuestion(
  { mac, ipv4 }: Pick<DesiredInterface, "mac" | "ipv4">,
  witness: Witness,
): OutgoingFrame {
  const frame = arpTemplate(mac, ARP_REQUEST);
  frame.set(witness.mac);
  if (ipv4 !== undefined) frame.set(ipToBytes(ipv4), ARP_AT.senderProtocol);
  frame.set(witness.address, ARP_AT.targetProtocol);
  return { frame, length: ARP_AT.end };
}

function ndpQuestion(
  { mac, linkLocal }: Pick<DesiredInterface, "mac" | "linkLocal">,
  witness: Witness,
): OutgoingFrame | undefined {
  if (linkLocal === undefined) return undefined;
  const frame = solicitationTemplate(mac);
  frame.set(witness.mac);
  frame.set(ipToBytes(linkLocal), NDP_AT.source);
  frame.set(witness.address, NDP_AT.destination);
  frame.set(witness.address, NDP_AT.target);
  finishMessage(frame);
  return { frame, length: NDP_AT.end };
}
