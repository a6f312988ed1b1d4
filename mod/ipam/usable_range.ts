/**
 * The usable addresses of one prefix, numbered without gaps from the lowest.
 */
import {
  type Ip,
  type Prefix,
  prefixContains,
  prefixFirst,
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
    indexOf: (ip) =>
      prefixContains(prefix, ip) ? ip.value - first.value : undefined,
    at: (index) => ({ family: first.family, value: first.value + index }),
  };
}

/** A prefix of /24 or shorter: whole blocks of 256 without both ends. */
function blocks(prefix: Prefix): UsableRange {
  const first = prefixFirst(prefix);
  return {
    prefix,
    size: prefixSize(prefix) / BLOCK * USABLE_PER_BLOCK,
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
  const size = prefixSize(prefix);
  const head = first.value % BLOCK === 0n ? 1n : 0n;
  const tail = (first.value + size) % BLOCK === 0n ? 1n : 0n;
  const usable = size - head - tail;
  return {
    prefix,
    size: usable,
    indexOf: (ip) => {
      const index = ip.value - first.value - head;
      const inside = prefixContains(prefix, ip) && index >= 0n &&
        index < usable;
      return inside ? index : undefined;
    },
    at: (index) => ({
      family: first.family,
      value: first.value + head + index,
    }),
  };
}
