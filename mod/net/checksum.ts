import { type Ip, ipToBytes } from "./ip.ts";
import { WireError } from "./wire_error.ts";

/** Next-header number of ICMPv6 (RFC 4443 §2.1). */
const ICMPV6 = 58;

/**
 * The Internet checksum (RFC 1071) of the chunks as if they were one: the
 * complement of the one's complement sum of its 16-bit words. Over data that
 * holds its own right checksum the result is 0.
 */
export function internetChecksum(...chunks: readonly Uint8Array[]): number {
  let sum = 0;
  let isHigh = true;
  for (const chunk of chunks) {
    for (const byte of chunk) {
      sum += isHigh ? byte << 8 : byte;
      isHigh = !isHigh;
    }
  }
  while (sum > 0xffff) sum = sum % 0x10000 + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/**
 * The checksum of an ICMPv6 message (RFC 4443 §2.3): over the pseudo-header of
 * RFC 8200 §8.1 and the message. With the message's checksum field zero it is
 * the value to put there; with the field filled in it is 0 when that is right.
 *
 * @throws {WireError} When an address is not IPv6.
 */
export function icmpv6Checksum(
  source: Ip,
  destination: Ip,
  message: Uint8Array,
): number {
  const tail = new Uint8Array(8);
  const view = new DataView(tail.buffer);
  view.setUint32(0, message.length);
  view.setUint8(7, ICMPV6);
  return internetChecksum(
    ipv6Bytes(source, "source address"),
    ipv6Bytes(destination, "destination address"),
    tail,
    message,
  );
}

function ipv6Bytes(ip: Ip, field: string): Uint8Array {
  if (ip.family !== "IPv6") {
    throw new WireError(field, 0, "it must be an IPv6 address");
  }
  return ipToBytes(ip);
}
