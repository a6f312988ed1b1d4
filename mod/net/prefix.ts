import {
  compareIp,
  equalIp,
  type Ip,
  ipBits,
  isMappedIp,
  unmapIp,
} from "./ip.ts";
import { formatIp, readIp } from "./ip_text.ts";
import { ParseError } from "./parse_error.ts";

/** An immutable CIDR prefix (RFC 4632 §3.1, RFC 4291 §2.3). */
export interface Prefix {
  /** The network address: all bits after `length` are zero. */
  readonly ip: Ip;
  /** Number of leading bits that are fixed: 0 to 32 or 0 to 128. */
  readonly length: number;
}

const PREFIX_LENGTH = /^(?:0|[1-9][0-9]{0,2})$/;

/**
 * The prefix of that length around an address; the bits after it are cleared.
 *
 * @throws {RangeError} When the length does not fit the family.
 */
export function makePrefix(ip: Ip, length: number): Prefix {
  const bits = ipBits(ip.family);
  if (!Number.isInteger(length) || length < 0 || length > bits) {
    throw new RangeError(
      `Cannot make a prefix of length ${length}: it must be 0 to ${bits}`,
    );
  }
  const hostBits = BigInt(bits - length);
  return {
    ip: { family: ip.family, value: ip.value >> hostBits << hostBits },
    length,
  };
}

/**
 * Parses `address/length`, strictly: the address as {@linkcode parseIp} takes it,
 * the length in decimal without leading zeros. Host bits are cleared. A prefix
 * inside `::ffff:0:0/96` becomes the IPv4 prefix that it stands for.
 *
 * @throws {ParseError} `cidrInvalid` when the text is no prefix.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatPrefix, parsePrefix } from "./mod.ts";
 *
 * assertEquals(formatPrefix(parsePrefix("192.0.2.10/24")), "192.0.2.0/24");
 * ```
 */
export function parsePrefix(text: string): Prefix {
  const slash = text.indexOf("/");
  if (slash < 0) {
    throw new ParseError(
      "cidrInvalid",
      text,
      'a prefix is written "address/length", a range "first-last"',
    );
  }
  const ip = readIp(text.slice(0, slash));
  if (typeof ip === "string") throw new ParseError("cidrInvalid", text, ip);
  const lengthText = text.slice(slash + 1);
  const bits = ipBits(ip.family);
  if (!PREFIX_LENGTH.test(lengthText) || Number(lengthText) > bits) {
    throw new ParseError(
      "cidrInvalid",
      text,
      `the prefix length of ${ip.family} is a number from 0 to ${bits} without leading zeros`,
    );
  }
  const length = Number(lengthText);
  return isMappedIp(ip) && length >= 96
    ? makePrefix(unmapIp(ip), length - 96)
    : makePrefix(ip, length);
}

/** The canonical text, `address/length` with the network address in {@linkcode formatIp} form. */
export function formatPrefix(prefix: Prefix): string {
  return `${formatIp(prefix.ip)}/${prefix.length}`;
}

/** The lowest address of the prefix, its network address. */
export function prefixFirst(prefix: Prefix): Ip {
  return prefix.ip;
}

/** The highest address of the prefix. */
export function prefixLast(prefix: Prefix): Ip {
  return {
    family: prefix.ip.family,
    value: prefix.ip.value + prefixSize(prefix) - 1n,
  };
}

/** How many addresses the prefix holds: 1 to 2^128. */
export function prefixSize(prefix: Prefix): bigint {
  return 1n << BigInt(ipBits(prefix.ip.family) - prefix.length);
}

/** Whether the address is of the prefix's family and inside it. */
export function prefixContains(prefix: Prefix, ip: Ip): boolean {
  return prefix.ip.family === ip.family &&
    equalIp(makePrefix(ip, prefix.length).ip, prefix.ip);
}

/** Whether some address is in both prefixes. */
export function prefixesOverlap(a: Prefix, b: Prefix): boolean {
  return a.length <= b.length
    ? prefixContains(a, b.ip)
    : prefixContains(b, a.ip);
}

/** Order of prefixes: by network address ({@linkcode compareIp}), then the wider first. */
export function comparePrefix(a: Prefix, b: Prefix): number {
  return compareIp(a.ip, b.ip) || a.length - b.length;
}

/** Whether two prefixes hold the same addresses. */
export function equalPrefix(a: Prefix, b: Prefix): boolean {
  return comparePrefix(a, b) === 0;
}
