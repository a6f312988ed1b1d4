import { type Ip, ipFromBytes, ipToBytes } from "./ip.ts";
import { Reader, WireError, Writer } from "./wire.ts";

/** Next-header numbers in use (IANA "Protocol Numbers"). */
export const NextHeader = { hopByHop: 0, tcp: 6, udp: 17, icmpv6: 58 } as const;

/** Bytes of the IPv6 header. */
export const IPV6_HEADER_LENGTH = 40;

const VERSION = 6;
const IPV6_LENGTH = 16;

/** An IPv6 packet (RFC 8200 §3). */
export interface Ipv6Packet {
  /** 0 to 255. */
  readonly trafficClass: number;
  /** 20 bits. */
  readonly flowLabel: number;
  /** {@linkcode NextHeader} of the payload. */
  readonly nextHeader: number;
  /** 0 to 255. */
  readonly hopLimit: number;
  /** Source address, IPv6. */
  readonly source: Ip;
  /** Destination address, IPv6. */
  readonly destination: Ip;
  /** As many bytes as the payload length says: extension headers and upper layer. */
  readonly payload: Uint8Array;
}

/**
 * Decodes an IPv6 packet. Bytes after the payload are Ethernet padding and ignored.
 *
 * @throws {WireError} When the version is not 6 or the packet is cut short.
 */
export function decodeIpv6(bytes: Uint8Array): Ipv6Packet {
  const reader = new Reader(bytes);
  const first = reader.u32("version, traffic class and flow label");
  if (first >>> 28 !== VERSION) {
    reader.fail("version", `it is ${first >>> 28}, not 6`, 4);
  }
  const payloadLength = reader.u16("payload length");
  const nextHeader = reader.u8("next header");
  const hopLimit = reader.u8("hop limit");
  const source = ipFromBytes(reader.bytes(IPV6_LENGTH, "source address"));
  const destination = ipFromBytes(
    reader.bytes(IPV6_LENGTH, "destination address"),
  );
  const payload = reader.bytes(payloadLength, "payload");
  return {
    trafficClass: first >>> 20 & 0xff,
    flowLabel: first & 0xfffff,
    nextHeader,
    hopLimit,
    source,
    destination,
    payload,
  };
}

/**
 * Encodes an IPv6 packet; the payload length is that of `payload`.
 *
 * @throws {WireError} When a field does not fit; the addresses must be IPv6.
 */
export function encodeIpv6(packet: Ipv6Packet): Uint8Array<ArrayBuffer> {
  checkBits(packet.trafficClass, 8, "traffic class", 0);
  checkBits(packet.flowLabel, 20, "flow label", 1);
  const first =
    (VERSION << 28 | packet.trafficClass << 20 | packet.flowLabel) >>> 0;
  return new Writer()
    .u32(first, "version, traffic class and flow label")
    .u16(packet.payload.length, "payload length")
    .u8(packet.nextHeader, "next header")
    .u8(packet.hopLimit, "hop limit")
    .bytes(ipToBytes(packet.source), "source address", IPV6_LENGTH)
    .bytes(ipToBytes(packet.destination), "destination address", IPV6_LENGTH)
    .bytes(packet.payload, "payload")
    .finish();
}

function checkBits(
  value: number,
  bits: number,
  field: string,
  offset: number,
): void {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** bits) {
    throw new WireError(field, offset, `${value} does not fit ${bits} bits`);
  }
}
