import { compareIp, type Ip, ipBits, unmapIp } from "./ip.ts";
import { formatIp, readIp } from "./ip_text.ts";
import { ParseError } from "./parse_error.ts";
import { makePrefix, parsePrefix, type Prefix } from "./prefix.ts";

/** An immutable range of addresses of one family, both ends included. */
export interface IpRange {
  /** The lowest address. */
  readonly first: Ip;
  /** The highest address, not below `first`. */
  readonly last: Ip;
}

/**
 * Parses `first-last`; blanks around each address are allowed.
 *
 * @throws {ParseError} `rangeEndpointInvalid`, `rangeMixedFamilies` or `rangeReversed`.
 */
export function parseRange(text: string): IpRange {
  const dash = text.indexOf("-");
  if (dash < 0) {
    throw new ParseError(
      "rangeEndpointInvalid",
      text,
      'a range is written "first-last"',
    );
  }
  const first = endpoint(text, text.slice(0, dash));
  const last = endpoint(text, text.slice(dash + 1));
  if (first.family !== last.family) {
    throw new ParseError(
      "rangeMixedFamilies",
      text,
      `it goes from ${first.family} to ${last.family}`,
    );
  }
  if (compareIp(first, last) > 0) {
    throw new ParseError(
      "rangeReversed",
      text,
      "its first address is above its last",
    );
  }
  return { first, last };
}

function endpoint(text: string, address: string): Ip {
  const ip = readIp(address.trim());
  if (typeof ip === "string") {
    throw new ParseError("rangeEndpointInvalid", text, ip);
  }
  return unmapIp(ip);
}

/** The canonical text, `first-last`. */
export function formatRange(range: IpRange): string {
  return `${formatIp(range.first)}-${formatIp(range.last)}`;
}

/**
 * The fewest prefixes that hold exactly the addresses from `first` to `last`,
 * in ascending order: at most 62 for IPv4 and 254 for IPv6.
 *
 * @throws {RangeError} When the families differ or `first` is above `last`.
 */
export function rangeToPrefixes(first: Ip, last: Ip): Prefix[] {
  if (first.family !== last.family || compareIp(first, last) > 0) {
    throw new RangeError(
      `Cannot split the range ${formatIp(first)}-${
        formatIp(last)
      }: its ends must be of one family and in order`,
    );
  }
  const bits = ipBits(first.family);
  const prefixes: Prefix[] = [];
  let value = first.value;
  while (value <= last.value) {
    const hostBits = largestBlock(value, last.value, bits);
    prefixes.push(makePrefix({ family: first.family, value }, bits - hostBits));
    value += 1n << BigInt(hostBits);
  }
  return prefixes;
}

/** Host bits of the largest block that starts at `value` and ends at or before `last`. */
function largestBlock(value: bigint, last: bigint, bits: number): number {
  let hostBits = 0;
  while (hostBits < bits) {
    const next = 1n << BigInt(hostBits + 1);
    if (value % next !== 0n || value + next - 1n > last) break;
    hostBits++;
  }
  return hostBits;
}

/**
 * Parses one entry of a pool's `spec.addresses`: a CIDR prefix, or a range
 * `first-last`, which is split into the fewest prefixes, ascending.
 *
 * @throws {ParseError} `cidrInvalid`, `rangeEndpointInvalid`, `rangeMixedFamilies` or `rangeReversed`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatPrefix, parseAddressRange } from "./mod.ts";
 *
 * assertEquals(
 *   parseAddressRange("192.0.2.10 - 192.0.2.13").map(formatPrefix),
 *   ["192.0.2.10/31", "192.0.2.12/31"],
 * );
 * ```
 */
export function parseAddressRange(text: string): Prefix[] {
  if (!text.includes("-")) return [parsePrefix(text)];
  const range = parseRange(text);
  return rangeToPrefixes(range.first, range.last);
}
