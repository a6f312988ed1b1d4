import { type Ip, isMappedIp, unmapIp } from "./ip.ts";
import { ParseError } from "./parse_error.ts";

const DECIMAL_OCTET = /^(?:0|[1-9][0-9]{0,2})$/;
const HEX_GROUP = /^[0-9a-fA-F]{1,4}$/;
const GROUPS = 8;

/**
 * Parses an IPv4 (dotted decimal) or IPv6 (RFC 4291 §2.2) address, strictly: no
 * blanks, no zone, no leading zeros in IPv4, each part present. IPv4-mapped
 * IPv6 (`::ffff:192.0.2.1`) becomes IPv4, so one address has one value.
 *
 * @throws {ParseError} `ipInvalid` when the text is no such address.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatIp, parseIp } from "./mod.ts";
 *
 * assertEquals(formatIp(parseIp("2001:DB8:0:0::1")), "2001:db8::1");
 * assertEquals(formatIp(parseIp("::ffff:192.0.2.1")), "192.0.2.1");
 * ```
 */
export function parseIp(text: string): Ip {
  const result = readIp(text);
  if (typeof result === "string") {
    throw new ParseError("ipInvalid", text, result);
  }
  return unmapIp(result);
}

/** {@linkcode parseIp} with `undefined` instead of an error. */
export function tryParseIp(text: string): Ip | undefined {
  const result = readIp(text);
  return typeof result === "string" ? undefined : unmapIp(result);
}

/**
 * Reads an address like {@linkcode parseIp} but leaves IPv4-mapped IPv6 as it is
 * written, because prefix lengths count from the form in the text.
 *
 * @returns The address, or what is wrong with the text.
 */
export function readIp(text: string): Ip | string {
  if (!text.includes(":")) {
    const value = readIpv4(text);
    return typeof value === "string"
      ? value
      : { family: "IPv4", value: BigInt(value) };
  }
  const value = readIpv6(text);
  return typeof value === "string" ? value : { family: "IPv6", value };
}

function readIpv4(text: string): number | string {
  const octets = text.split(".", 5);
  if (octets.length !== 4) return "an IPv4 address has four decimal octets";
  let value = 0;
  for (const octet of octets) {
    if (!DECIMAL_OCTET.test(octet) || Number(octet) > 255) {
      return `"${octet}" is not a decimal octet from 0 to 255 without leading zeros`;
    }
    value = value * 256 + Number(octet);
  }
  return value;
}

function readIpv6(text: string): bigint | string {
  if (text.includes("%")) return "an address with a zone is not accepted";
  const halves = text.split("::", 3);
  if (halves.length > 2) return 'an IPv6 address has at most one "::"';
  const head = readGroups(halves[0] ?? "", halves.length === 1);
  if (typeof head === "string") return head;
  if (halves.length === 1) {
    return head.length === GROUPS
      ? joinGroups(head)
      : "an IPv6 address has eight groups";
  }
  const tail = readGroups(halves[1] ?? "", true);
  if (typeof tail === "string") return tail;
  const missing = GROUPS - head.length - tail.length;
  if (missing < 1) return '"::" must stand for at least one group';
  return joinGroups([...head, ...new Array<number>(missing).fill(0), ...tail]);
}

/** The 16-bit groups of one side of "::"; the last may be dotted IPv4. */
function readGroups(text: string, isEnd: boolean): number[] | string {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":", GROUPS + 1);
  for (const [index, part] of parts.entries()) {
    if (isEnd && index === parts.length - 1 && part.includes(".")) {
      const value = readIpv4(part);
      if (typeof value === "string") return value;
      groups.push(value >>> 16, value & 0xffff);
    } else if (HEX_GROUP.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return `"${part}" is not a group of one to four hexadecimal digits`;
    }
  }
  return groups;
}

function joinGroups(groups: readonly number[]): bigint {
  return groups.reduce((value, group) => value << 16n | BigInt(group), 0n);
}

/**
 * The canonical text: dotted decimal, or RFC 5952 (lower case, the first longest
 * run of at least two zero groups as `::`, IPv4-mapped as `::ffff:192.0.2.1`).
 */
export function formatIp(ip: Ip): string {
  if (ip.family === "IPv4") return formatIpv4(ip.value);
  if (isMappedIp(ip)) return `::ffff:${formatIpv4(ip.value & 0xffffffffn)}`;
  const groups: number[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) {
    groups.push(Number(ip.value >> shift & 0xffffn));
  }
  const run = longestZeroRun(groups);
  if (run.length < 2) return hexGroups(groups);
  return `${hexGroups(groups.slice(0, run.start))}::${
    hexGroups(groups.slice(run.start + run.length))
  }`;
}

function formatIpv4(value: bigint): string {
  const bits = Number(value);
  return [bits >>> 24, bits >>> 16 & 0xff, bits >>> 8 & 0xff, bits & 0xff].join(
    ".",
  );
}

function hexGroups(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(":");
}

function longestZeroRun(
  groups: readonly number[],
): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [index, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: index - length + 1, length };
  }
  return best;
}
