import { EtherType } from "./ethernet.ts";
import { type Ip, ipFromBytes, ipToBytes, UNSPECIFIED_IPV4 } from "./ip.ts";
import { type Mac, MAC_LENGTH, ZERO_MAC } from "./mac.ts";
import { Reader, Writer } from "./wire.ts";

/** ARP operation codes (RFC 826, `ar$op`). */
export const ArpOperation = { request: 1, reply: 2 } as const;

/** Bytes of an ARP packet for IPv4 over Ethernet. */
export const ARP_LENGTH = 28;

const HARDWARE_ETHERNET = 1;
const IPV4_LENGTH = 4;

/** An ARP packet for IPv4 over Ethernet (RFC 826); field names of RFC 5227 §1.1. */
export interface ArpPacket {
  /** `ar$op`: an {@linkcode ArpOperation}, or another number from the wire. */
  readonly operation: number;
  /** `ar$sha`. */
  readonly senderHardwareAddress: Mac;
  /** `ar$spa`, IPv4. */
  readonly senderIp: Ip;
  /** `ar$tha`; means nothing in a request. */
  readonly targetHardwareAddress: Mac;
  /** `ar$tpa`, IPv4. */
  readonly targetIp: Ip;
}

/**
 * Decodes an ARP packet. Bytes after it are Ethernet padding and ignored.
 *
 * @throws {WireError} When it is cut short or not for IPv4 over Ethernet.
 */
export function decodeArp(bytes: Uint8Array): ArpPacket {
  const reader = new Reader(bytes);
  expect(
    reader,
    reader.u16("hardware address space"),
    HARDWARE_ETHERNET,
    "hardware address space",
    2,
  );
  expect(
    reader,
    reader.u16("protocol address space"),
    EtherType.ipv4,
    "protocol address space",
    2,
  );
  expect(
    reader,
    reader.u8("hardware address length"),
    MAC_LENGTH,
    "hardware address length",
    1,
  );
  expect(
    reader,
    reader.u8("protocol address length"),
    IPV4_LENGTH,
    "protocol address length",
    1,
  );
  const operation = reader.u16("operation");
  const senderHardwareAddress = reader.bytes(
    MAC_LENGTH,
    "sender hardware address",
  );
  const senderIp = ipFromBytes(reader.bytes(IPV4_LENGTH, "sender IP address"));
  const targetHardwareAddress = reader.bytes(
    MAC_LENGTH,
    "target hardware address",
  );
  const targetIp = ipFromBytes(reader.bytes(IPV4_LENGTH, "target IP address"));
  return {
    operation,
    senderHardwareAddress,
    senderIp,
    targetHardwareAddress,
    targetIp,
  };
}

function expect(
  reader: Reader,
  got: number,
  want: number,
  field: string,
  size: number,
): void {
  if (got !== want) reader.fail(field, `it is ${got}, not ${want}`, size);
}

/**
 * Encodes an ARP packet: 28 bytes.
 *
 * @throws {WireError} When a field does not fit; the IP addresses must be IPv4.
 */
export function encodeArp(packet: ArpPacket): Uint8Array<ArrayBuffer> {
  return new Writer()
    .u16(HARDWARE_ETHERNET, "hardware address space")
    .u16(EtherType.ipv4, "protocol address space")
    .u8(MAC_LENGTH, "hardware address length")
    .u8(IPV4_LENGTH, "protocol address length")
    .u16(packet.operation, "operation")
    .bytes(packet.senderHardwareAddress, "sender hardware address", MAC_LENGTH)
    .bytes(ipToBytes(packet.senderIp), "sender IP address", IPV4_LENGTH)
    .bytes(packet.targetHardwareAddress, "target hardware address", MAC_LENGTH)
    .bytes(ipToBytes(packet.targetIp), "target IP address", IPV4_LENGTH)
    .finish();
}

/** A request for the MAC address of `targetIp`. */
export function arpRequest(
  sender: { mac: Mac; ip: Ip },
  targetIp: Ip,
): ArpPacket {
  return {
    operation: ArpOperation.request,
    senderHardwareAddress: sender.mac,
    senderIp: sender.ip,
    targetHardwareAddress: ZERO_MAC,
    targetIp,
  };
}

/**
 * An ARP Probe (RFC 5227 §1.1): a request, to be broadcast, with an all-zero
 * sender IP address, by which a host asks whether `ip` is in use.
 */
export function arpProbe(mac: Mac, ip: Ip): ArpPacket {
  return arpRequest({ mac, ip: UNSPECIFIED_IPV4 }, ip);
}

/** Whether a packet is an ARP Probe (RFC 5227 §1.1). */
export function isArpProbe(packet: ArpPacket): boolean {
  return packet.operation === ArpOperation.request &&
    packet.senderIp.value === 0n;
}

/** The answer to a request: `mac` has the request's target IP address (RFC 826, "Packet Reception"). */
export function arpReply(request: ArpPacket, mac: Mac): ArpPacket {
  return {
    operation: ArpOperation.reply,
    senderHardwareAddress: mac,
    senderIp: request.targetIp,
    targetHardwareAddress: request.senderHardwareAddress,
    targetIp: request.senderIp,
  };
}

/**
 * An ARP Announcement (RFC 5227 §1.1), to be broadcast: sender and target IP
 * address are both `ip`. The request form is the one of RFC 5227 §3; the reply
 * form reaches receivers that update their cache from replies only. Its target
 * hardware address is `mac` too (RFC 5944 §4.6): Linux takes no other for one.
 */
export function arpAnnouncement(
  mac: Mac,
  ip: Ip,
  form: keyof typeof ArpOperation = "request",
): ArpPacket {
  return {
    operation: ArpOperation[form],
    senderHardwareAddress: mac,
    senderIp: ip,
    targetHardwareAddress: form === "request" ? ZERO_MAC : mac,
    targetIp: ip,
  };
}

/** Whether a packet is an ARP Announcement, in request or reply form. */
export function isArpAnnouncement(packet: ArpPacket): boolean {
  return packet.senderIp.value !== 0n &&
    packet.senderIp.value === packet.targetIp.value;
}
