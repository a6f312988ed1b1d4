import { WireError } from "./wire_error.ts";

/** The two address families, in the words of Kubernetes (`ipFamilies`). */
export type IpFamily = "IPv4" | "IPv6";

/** An immutable IP address: its family and its bits as a whole number. */
export interface Ip {
  /** Whether `value` has 32 or 128 bits. */
  readonly family: IpFamily;
  /** Network byte order read as an unsigned number: below 2^32 or 2^128. */
  readonly value: bigint;
}

/** The IPv4 address `0.0.0.0`. */
export const UNSPECIFIED_IPV4: Ip = { family: "IPv4", value: 0n };
/** The IPv6 address `::` (RFC 4291 §2.5.2). */
export const UNSPECIFIED_IPV6: Ip = { family: "IPv6", value: 0n };

const MAPPED_HIGH_BITS = 0xffffn;

/** Number of bits of an address: 32 or 128. */
export function ipBits(family: IpFamily): 32 | 128 {
  return family === "IPv4" ? 32 : 128;
}

/** Order of addresses: IPv4 before IPv6, then by number. Negative, 0 or positive. */
export function compareIp(a: Ip, b: Ip): number {
  if (a.family !== b.family) return a.family === "IPv4" ? -1 : 1;
  if (a.value === b.value) return 0;
  return a.value < b.value ? -1 : 1;
}

/** Whether two addresses are the same address of the same family. */
export function equalIp(a: Ip, b: Ip): boolean {
  return a.family === b.family && a.value === b.value;
}

/** Whether the address is IPv4-mapped IPv6, `::ffff:0:0/96` (RFC 4291 §2.5.5.2). */
export function isMappedIp(ip: Ip): boolean {
  return ip.family === "IPv6" && ip.value >> 32n === MAPPED_HIGH_BITS;
}

/** The IPv4 address inside an IPv4-mapped IPv6 address; any other address as it is. */
export function unmapIp(ip: Ip): Ip {
  return isMappedIp(ip)
    ? { family: "IPv4", value: ip.value & 0xffffffffn }
    : ip;
}

/** Whether the address is `0.0.0.0` or `::`. */
export function isUnspecifiedIp(ip: Ip): boolean {
  return ip.value === 0n;
}

/** Whether the address is in `127.0.0.0/8` (RFC 1122 §3.2.1.3) or `::1` (RFC 4291 §2.5.3). */
export function isLoopbackIp(ip: Ip): boolean {
  return ip.family === "IPv4" ? ip.value >> 24n === 127n : ip.value === 1n;
}

/** Whether the address is in `224.0.0.0/4` (RFC 1112 §4) or `ff00::/8` (RFC 4291 §2.7). */
export function isMulticastIp(ip: Ip): boolean {
  return ip.family === "IPv4"
    ? ip.value >> 28n === 0xen
    : ip.value >> 120n === 0xffn;
}

/** Whether the address is link-local: `169.254.0.0/16` (RFC 3927) or `fe80::/10` (RFC 4291 §2.5.6). */
export function isLinkLocalIp(ip: Ip): boolean {
  return ip.family === "IPv4"
    ? ip.value >> 16n === 0xa9fen
    : ip.value >> 118n === 0x3fan;
}

/** The address in network byte order: 4 or 16 bytes. */
export function ipToBytes(ip: Ip): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(ipBits(ip.family) / 8);
  const view = new DataView(bytes.buffer);
  if (ip.family === "IPv4") {
    view.setUint32(0, Number(ip.value));
  } else {
    view.setBigUint64(0, ip.value >> 64n);
    view.setBigUint64(8, ip.value & 0xffffffffffffffffn);
  }
  return bytes;
}

/**
 * The address of 4 or 16 bytes in network byte order. What came as 16 bytes
 * stays IPv6, even an IPv4-mapped address, so that packets round-trip;
 * {@linkcode unmapIp} folds those.
 *
 * @throws {WireError} For any other number of bytes.
 */
export function ipFromBytes(bytes: Uint8Array): Ip {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length === 4) {
    return { family: "IPv4", value: BigInt(view.getUint32(0)) };
  }
  if (bytes.length === 16) {
    return {
      family: "IPv6",
      value: view.getBigUint64(0) << 64n | view.getBigUint64(8),
    };
  }
  throw new WireError(
    "address",
    0,
    `must have 4 or 16 bytes, not ${bytes.length}`,
  );
}
