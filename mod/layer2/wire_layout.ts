/**
 * Where the fields of the frames are that the packet path reads and patches in
 * place, and the templates of those that it sends. Everything here works on
 * bytes: the packet path must not allocate.
 */

import { readU16, writeU16 } from "../net/mod.ts";

/** Bytes of an Ethernet header without a tag. */
export const ETHERNET_HEADER = 14;
/** EtherType of ARP. */
export const ETHERTYPE_ARP = 0x0806;
/** EtherType of IPv6. */
export const ETHERTYPE_IPV6 = 0x86dd;
/** EtherType of an IEEE 802.1Q tag. */
export const ETHERTYPE_8021Q = 0x8100;
/** EtherType of an IEEE 802.1ad service tag. */
export const ETHERTYPE_8021AD = 0x88a8;

/** Offsets of an ARP packet for Ethernet and IPv4, from the frame's start (RFC 826). */
export const ARP_AT = {
  hardwareType: 14,
  protocolType: 16,
  hardwareLength: 18,
  protocolLength: 19,
  operation: 20,
  senderHardware: 22,
  senderProtocol: 28,
  targetHardware: 32,
  targetProtocol: 38,
  end: 42,
} as const;

/** Offsets of an IPv6 header and an NS or NA, from the frame's start (RFC 8200 §3, RFC 4861 §4.3, §4.4). */
export const NDP_AT = {
  version: 14,
  payloadLength: 18,
  nextHeader: 20,
  hopLimit: 21,
  source: 22,
  destination: 38,
  message: 54,
  code: 55,
  checksum: 56,
  flags: 58,
  target: 62,
  options: 78,
  /** End of a message whose only option is a link-layer address. */
  end: 86,
} as const;

/** ARP operation codes (RFC 826). */
export const ARP_REQUEST = 1;
/** See {@linkcode ARP_REQUEST}. */
export const ARP_REPLY = 2;
/** ICMPv6 type of a Neighbor Solicitation (RFC 4861 §4.3). */
export const NEIGHBOR_SOLICITATION = 135;
/** ICMPv6 type of a Neighbor Advertisement (RFC 4861 §4.4). */
export const NEIGHBOR_ADVERTISEMENT = 136;
/** Next-header number of ICMPv6 (RFC 4443 §2.1). */
export const NEXT_HEADER_ICMPV6 = 58;
/** Option type: source link-layer address (RFC 4861 §4.6.1). */
export const SOURCE_LINK_LAYER = 1;
/** Option type: target link-layer address (RFC 4861 §4.6.1). */
export const TARGET_LINK_LAYER = 2;
/** Option type for experiments (RFC 4727): the claim of a member. */
export const OPTION_EXPERIMENT = 253;
/** Flag bits of an advertisement's first flag byte (RFC 4861 §4.4). */
export const SOLICITED = 0x40;
/** See {@linkcode SOLICITED}. */
export const OVERRIDE = 0x20;

/**
 * Room for one outgoing frame. Small typed arrays live on the engine's movable
 * heap; C code must not be given those.
 */
export const FRAME_BUFFER = 128;

/** Copies bytes between buffers without making a view. */
export function copyBytes(
  from: Uint8Array,
  fromOffset: number,
  to: Uint8Array,
  toOffset: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) to[toOffset + i] = from[fromOffset + i] ?? 0;
}

/** Whether bytes of two buffers are the same. */
export function sameBytes(
  a: Uint8Array,
  aOffset: number,
  b: Uint8Array,
  bOffset: number,
  count: number,
): boolean {
  for (let i = 0; i < count; i++) {
    if (a[aOffset + i] !== b[bOffset + i]) return false;
  }
  return true;
}

/** Whether the bytes are all zero. */
export function isZero(
  bytes: Uint8Array,
  offset: number,
  count: number,
): boolean {
  for (let i = 0; i < count; i++) {
    if (bytes[offset + i] !== 0) return false;
  }
  return true;
}

/** Whether a MAC address cannot be the sender of anything: zero or a group. */
export function isUnreachableMac(bytes: Uint8Array, offset: number): boolean {
  return ((bytes[offset] ?? 0) & 1) === 1 || isZero(bytes, offset, 6);
}

/**
 * The ICMPv6 checksum over the pseudo-header and `length` bytes of message, in
 * place (RFC 4443 §2.3): 0 over a message whose checksum is right.
 */
export function frameChecksum(frame: Uint8Array, length: number): number {
  let sum = length + NEXT_HEADER_ICMPV6;
  const end = NDP_AT.message + length;
  for (let at: number = NDP_AT.source; at < end - 1; at += 2) {
    sum += readU16(frame, at);
  }
  if ((length & 1) === 1) sum += (frame[end - 1] ?? 0) << 8;
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** An ARP frame from `mac` with all addresses of IPv4 and of the target still zero. */
export function arpTemplate(
  mac: Uint8Array,
  operation: number,
): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(FRAME_BUFFER);
  frame.set(mac, 6);
  writeU16(frame, 12, ETHERTYPE_ARP);
  writeU16(frame, ARP_AT.hardwareType, 1);
  writeU16(frame, ARP_AT.protocolType, 0x0800);
  frame[ARP_AT.hardwareLength] = 6;
  frame[ARP_AT.protocolLength] = 4;
  writeU16(frame, ARP_AT.operation, operation);
  frame.set(mac, ARP_AT.senderHardware);
  return frame;
}

/** A Neighbor Advertisement from `mac` with its target link-layer option; addresses, flags and checksum still zero. */
export function advertisementTemplate(
  mac: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return ndpTemplate(mac, NEIGHBOR_ADVERTISEMENT, TARGET_LINK_LAYER);
}

/** A Neighbor Solicitation from `mac` with its source link-layer option; addresses and checksum still zero. */
export function solicitationTemplate(
  mac: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return ndpTemplate(mac, NEIGHBOR_SOLICITATION, SOURCE_LINK_LAYER);
}

function ndpTemplate(
  mac: Uint8Array,
  type: number,
  option: number,
): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(FRAME_BUFFER);
  frame.set(mac, 6);
  writeU16(frame, 12, ETHERTYPE_IPV6);
  frame[NDP_AT.version] = 0x60;
  writeU16(frame, NDP_AT.payloadLength, NDP_AT.end - NDP_AT.message);
  frame[NDP_AT.nextHeader] = NEXT_HEADER_ICMPV6;
  frame[NDP_AT.hopLimit] = 255;
  frame[NDP_AT.message] = type;
  frame[NDP_AT.options] = option;
  frame[NDP_AT.options + 1] = 1;
  frame.set(mac, NDP_AT.options + 2);
  return frame;
}

/** Addresses an advertisement to all nodes, `ff02::1` at `33:33:00:00:00:01` (RFC 2464 §7). */
export function addressToAllNodes(frame: Uint8Array): void {
  frame[0] = 0x33;
  frame[1] = 0x33;
  frame[2] = 0;
  frame[3] = 0;
  frame[4] = 0;
  frame[5] = 1;
  frame.fill(0, NDP_AT.destination, NDP_AT.message);
  frame[NDP_AT.destination] = 0xff;
  frame[NDP_AT.destination + 1] = 0x02;
  frame[NDP_AT.message - 1] = 1;
}

/** Ends a template's message behind its link-layer option and makes its checksum. */
export function finishMessage(frame: Uint8Array): void {
  writeU16(frame, NDP_AT.payloadLength, NDP_AT.end - NDP_AT.message);
  sealMessage(frame);
}

/** Makes the checksum of a template's message, of the length that it says it has. */
export function sealMessage(frame: Uint8Array): void {
  writeU16(frame, NDP_AT.checksum, 0);
  const length = readU16(frame, NDP_AT.payloadLength);
  writeU16(frame, NDP_AT.checksum, frameChecksum(frame, length));
}
