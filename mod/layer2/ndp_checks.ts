import { readU16 } from "../net/mod.ts";
import { DROP } from "./reasons.ts";
import {
  frameChecksum,
  isZero,
  NDP_AT,
  NEXT_HEADER_ICMPV6,
  sameBytes,
  SOLICITED,
} from "./wire_layout.ts";

/** Smallest ICMPv6 message that is an NS or NA (RFC 4861 §7.1.1, §7.1.2). */
export const MESSAGE_LENGTH = 24;

/** `ff02::1:ff00:0/104` (RFC 4291 §2.7.1). */
export const SOLICITED_NODE: Uint8Array<ArrayBuffer> = Uint8Array.of(
  0xff,
  0x02,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  1,
  0xff,
);

// Every check returns a code of `DROP`, or 0 when all is well.

/** Whether a frame whose EtherType is IPv6 holds a whole ICMPv6 message. */
export function checkPacket(frame: Uint8Array, length: number): number {
  if (length < NDP_AT.message) return DROP.truncated;
  if ((frame[NDP_AT.version] ?? 0) >>> 4 !== 6) return DROP.ipVersion;
  const nextHeader = frame[NDP_AT.nextHeader] ?? 0;
  if (nextHeader !== NEXT_HEADER_ICMPV6) {
    return isExtensionHeader(nextHeader)
      ? DROP.extensionHeader
      : DROP.messageType;
  }
  const payload = readU16(frame, NDP_AT.payloadLength);
  if (payload === 0) return DROP.payloadLength;
  return length < NDP_AT.message + payload ? DROP.truncated : 0;
}

/** Whether a frame is for this interface and not from it. */
export function checkEthernet(frame: Uint8Array, mac: Uint8Array): number {
  if (((frame[0] ?? 0) & 1) === 0 && !sameBytes(frame, 0, mac, 0, 6)) {
    return DROP.ethernetDestination;
  }
  return sameBytes(frame, 6, mac, 0, 6) ? DROP.ownFrame : 0;
}

/** The checks of RFC 4861 §7.1.1 and §7.1.2 that need neither options nor source. */
export function checkMessage(frame: Uint8Array): number {
  if (frame[NDP_AT.hopLimit] !== 255) return DROP.hopLimit;
  if (frameChecksum(frame, readU16(frame, NDP_AT.payloadLength)) !== 0) {
    return DROP.checksum;
  }
  if (frame[NDP_AT.code] !== 0) return DROP.code;
  return frame[NDP_AT.target] === 0xff ? DROP.targetMulticast : 0;
}

/** The rules on the source of a solicitation from `::` (RFC 4861 §7.1.1). */
export function checkProbe(frame: Uint8Array, hasSource: boolean): number {
  const toGroup = sameBytes(
    frame,
    NDP_AT.destination,
    SOLICITED_NODE,
    0,
    SOLICITED_NODE.length,
  );
  return toGroup && !hasSource ? 0 : DROP.unspecifiedSource;
}

/** The rules on flags and addresses of an advertisement (RFC 4861 §4.4, §7.1.2, RFC 4291 §2.7). */
export function checkAdvertisement(frame: Uint8Array): number {
  const isSolicited = ((frame[NDP_AT.flags] ?? 0) & SOLICITED) !== 0;
  if (isSolicited && frame[NDP_AT.destination] === 0xff) {
    return DROP.solicitedFlag;
  }
  if (frame[NDP_AT.source] === 0xff) return DROP.sourceMulticast;
  return isZero(frame, NDP_AT.source, 16) ? DROP.unspecifiedSource : 0;
}

/** Whether a next-header number is an extension header (RFC 8200 §4, IANA). */
function isExtensionHeader(nextHeader: number): boolean {
  switch (nextHeader) {
    case 0:
    case 43:
    case 44:
    case 50:
    case 51:
    case 60:
    case 135:
    case 139:
    case 140:
      return true;
    default:
      return false;
  }
}
