import { icmpv6Checksum } from "./checksum.ts";
import type { Ip } from "./ip.ts";
import { Reader, Writer } from "./wire.ts";

/** ICMPv6 message types in use (RFC 4443, RFC 4861 §4, RFC 3810 §5). */
export const Icmpv6Type = {
  routerSolicitation: 133,
  routerAdvertisement: 134,
  neighborSolicitation: 135,
  neighborAdvertisement: 136,
  multicastListenerReportV2: 143,
} as const;

/** The addresses of the IPv6 packet around a message: its checksum covers them. */
export interface Icmpv6Addresses {
  /** Source address, IPv6. */
  readonly source: Ip;
  /** Destination address, IPv6. */
  readonly destination: Ip;
}

/** An ICMPv6 message of any type (RFC 4443 §2.1), without its checksum. */
export interface Icmpv6Message {
  /** An {@linkcode Icmpv6Type} or another number. */
  readonly type: number;
  /** Its meaning depends on the type. */
  readonly code: number;
  /** All that follows the checksum. */
  readonly body: Uint8Array;
}

const CHECKSUM_OFFSET = 2;

/**
 * Decodes the three fields that every ICMPv6 message has. The checksum is left
 * to {@linkcode hasValidIcmpv6Checksum}, which needs the packet's addresses.
 *
 * @throws {WireError} When the header is cut short.
 */
export function decodeIcmpv6(bytes: Uint8Array): Icmpv6Message {
  const reader = new Reader(bytes);
  const type = reader.u8("type");
  const code = reader.u8("code");
  reader.skip(2, "checksum");
  return { type, code, body: reader.rest() };
}

/**
 * Encodes an ICMPv6 message with its checksum.
 *
 * @throws {WireError} When a field does not fit; the addresses must be IPv6.
 */
export function encodeIcmpv6(
  message: Icmpv6Message,
  addresses: Icmpv6Addresses,
): Uint8Array<ArrayBuffer> {
  const writer = new Writer()
    .u8(message.type, "type")
    .u8(message.code, "code")
    .u16(0, "checksum")
    .bytes(message.body, "message body");
  const checksum = icmpv6Checksum(
    addresses.source,
    addresses.destination,
    writer.finish(),
  );
  return writer.patchU16(CHECKSUM_OFFSET, checksum, "checksum").finish();
}

/** Whether the checksum in an encoded message is right for those addresses. */
export function hasValidIcmpv6Checksum(
  bytes: Uint8Array,
  addresses: Icmpv6Addresses,
): boolean {
  return icmpv6Checksum(addresses.source, addresses.destination, bytes) === 0;
}
