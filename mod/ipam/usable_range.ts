/**
 * The usable addresses of one prefix, numbered without gaps from the lowest.
 */
import {
  type Ip,
  type Prefix,
  prefixContains,
  prefixFirst,
  prefixLast,
  prefixSize,
} from "../net/mod.ts";

/** Addresses that end in `.0` and `.255` leave 254 of each 256. */
const BLOCK = 256n;
const USABLE_PER_BLOCK = 254n;
const LAST_OCTET = 255n;

/** Numbers the usable addresses of a prefix; both directions cost O(1). */
export interface UsableRange {
  readonly prefix: Prefix;
  /** How many addresses of the prefix can be given out. */
  readonly size: bigint;
  /**
   * What the pool's status and metrics count. MetalLB takes off one for each
   * end that is left out, so a left-out single address counts −1; sums over
   * pools agree with its own only if ours does too.
   */
  readonly counted: bigint;
  /** The number of an address; `undefined` when it is outside or left out. */
  readonly indexOf: (ip: Ip) => bigint | undefined;
  /** The address with this number, which must be in `[0, size)`. */
  readonly at: (index: bigint) => Ip;
}

/**
 * Numbers the addresses of `prefix`. `avoidBuggyIPs` leaves out IPv4
 * addresses that end in `.0` or `.255`, which some old stacks take for
 * broadcasts.
 */
export function usableRange(
  prefix: Prefix,
  avoidBuggyIPs: boolean,
): UsableRange {
  if (!avoidBuggyIPs || prefix.ip.family === "IPv6") return plain(prefix);
  return prefixSize(prefix) >= BLOCK ? blocks(prefix) : partOfBlock(prefix);
}

function plain(prefix: Prefix): UsableRange {
  const first = prefixFirst(prefix);
  return {
    prefix,
    size: prefixSize(prefix),
    counted: prefixSize(prefix),
    indexOf: (ip) =>
      prefixContains(prefix, ip) ? ip.value - first.value : undefined,
    at: (index) => ({ family: first.family, value: first.value + index }),
  };
}

/** A prefix of /24 or shorter: whole blocks of 256 without both ends. */
function blocks(prefix: Prefix): UsableRange {
  const first = prefixFirst(prefix);
  const size = prefixSize(prefix) / BLOCK * USABLE_PER_BLOCK;
  return {
    prefix,
    size,
    counted: size,
    indexOf: (ip) => {
      const offset = ip.value - first.value;
      const octet = offset % BLOCK;
      if (!prefixContains(prefix, ip)) return undefined;
      if (octet === 0n || octet === LAST_OCTET) return undefined;
      return offset / BLOCK * USABLE_PER_BLOCK + octet - 1n;
    },
    at: (index) => ({
      family: first.family,
      value: first.value + index / USABLE_PER_BLOCK * BLOCK +
        index % USABLE_PER_BLOCK + 1n,
    }),
  };
}

/** A prefix longer than /24: at most one address at each end is left out. */
function partOfBlock(prefix: Prefix): UsableRange {
  const first = prefixFirst(prefix);
  const last = prefixLast(prefix);
  const head = isLeftOut(first) ? 1n : 0n;
  const tail = isLeftOut(last) ? 1n : 0n;
  const counted = prefixSize(prefix) - head - tail;
  const size = counted > 0n ? counted : 0n;
  return {
    prefix,
    size,
    counted,
    indexOf: (ip) => {
      const index = ip.value - first.value - head;
      const inside = prefixContains(prefix, ip) && index >= 0n && index < size;
      return inside ? index : undefined;
    },
    at: (index) => ({
      family: first.family,
      value: first.value + head + index,
    }),
  };
}

function isLeftOut({ value }: Ip): boolean {
  return value % BLOCK === 0n || value % BLOCK === LAST_OCTET;
}
