/** The pools of one configuration, indexed by name and by address. */
import {
  compareIp,
  type Ip,
  type IpFamily,
  prefixFirst,
  prefixLast,
  prefixSize,
} from "../net/mod.ts";
import type { SharingClaim } from "./allocation.ts";
import type { Pool } from "./pool.ts";
import { RangeUsage } from "./range_usage.ts";
import { usableRange } from "./usable_range.ts";

/** Capacities are reported as signed 64-bit numbers (the resource's int64). */
const MAX_INT64 = 2n ** 63n - 1n;
/** A prefix of 2⁶² addresses or more is reported as "more than can be said". */
const COUNTABLE_SIZE = 2n ** 62n;

/** Addresses of a pool, as `status` of its resource reports them. */
export interface PoolCounters {
  /** IPv4 addresses that at least one Service holds. */
  readonly assignedIPv4: bigint;
  /** IPv6 addresses that at least one Service holds. */
  readonly assignedIPv6: bigint;
  /** IPv4 addresses that nobody holds; left-out ones do not count. */
  readonly availableIPv4: bigint;
  /** IPv6 addresses that nobody holds, at most 2⁶³−1 − assigned. */
  readonly availableIPv6: bigint;
}

/** One pool with the use of its addresses. */
export interface PoolUsage {
  readonly pool: Pool;
  /** In the order of the pool's prefixes. */
  readonly ranges: readonly RangeUsage[];
}

interface Entry {
  readonly first: Ip;
  readonly last: Ip;
  readonly usage: PoolUsage;
  readonly range: RangeUsage;
}

/** Where an address belongs. */
export interface AddressPlace {
  readonly pool: Pool;
  readonly range: RangeUsage;
}

/** The pools of one configuration and which of their addresses are in use. */
export class PoolTable {
  /** All pools, in the order given. */
  readonly pools: readonly Pool[];
  readonly #byName = new Map<string, PoolUsage>();
  readonly #sorted: readonly Entry[];

  /** Indexes pools whose prefixes do not overlap; nothing is in use yet. */
  constructor(pools: readonly Pool[]) {
    this.pools = pools;
    const entries: Entry[] = [];
    for (const pool of pools) {
      const ranges = pool.prefixes.map((prefix) =>
        new RangeUsage(usableRange(prefix, pool.avoidBuggyIPs))
      );
      const usage = { pool, ranges };
      this.#byName.set(pool.name, usage);
      for (const range of ranges) {
        const { prefix } = range.range;
        const [first, last] = [prefixFirst(prefix), prefixLast(prefix)];
        entries.push({ first, last, usage, range });
      }
    }
    this.#sorted = entries.sort((a, b) => compareIp(a.first, b.first));
  }

  /** Whether there is no pool at all. */
  get isEmpty(): boolean {
    return this.#byName.size === 0;
  }

  /** All pools with their use, in the order given. */
  get usages(): Iterable<PoolUsage> {
    return this.#byName.values();
  }

  /** The pool of that name. */
  pool(name: string): PoolUsage | undefined {
    return this.#byName.get(name);
  }

  /** The pool and prefix that own a usable address; O(log prefixes). */
  locate(ip: Ip): AddressPlace | undefined {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.#sorted[middle];
      if (entry !== undefined && compareIp(entry.first, ip) <= 0) {
        low = middle + 1;
      } else high = middle;
    }
    const entry = this.#sorted[low - 1];
    if (entry === undefined || compareIp(ip, entry.last) > 0) return undefined;
    if (entry.range.range.indexOf(ip) === undefined) return undefined;
    return { pool: entry.usage.pool, range: entry.range };
  }
}

/** Addresses of one family as the pool's status counts them, at most 2⁶³−1. */
export function capacity(usage: PoolUsage, family: IpFamily): bigint {
  let total = 0n;
  for (const { range } of rangesOf(usage, family)) {
    if (prefixSize(range.prefix) >= COUNTABLE_SIZE) return MAX_INT64;
    total += range.counted;
  }
  return total < MAX_INT64 ? total : MAX_INT64;
}

/** Addresses of one family that are in use. */
export function assigned(usage: PoolUsage, family: IpFamily): bigint {
  let total = 0;
  for (const range of rangesOf(usage, family)) total += range.used;
  return BigInt(total);
}

/** The pool's counters. */
export function poolCounters(usage: PoolUsage): PoolCounters {
  const [assignedIPv4, assignedIPv6] = [
    assigned(usage, "IPv4"),
    assigned(usage, "IPv6"),
  ];
  return {
    assignedIPv4,
    assignedIPv6,
    availableIPv4: capacity(usage, "IPv4") - assignedIPv4,
    availableIPv6: capacity(usage, "IPv6") - assignedIPv6,
  };
}

/**
 * The lowest address of a family that the claimant may have: prefixes in
 * their order, in each the first address that is free or can be shared.
 */
export function lowestAddress(
  usage: PoolUsage,
  family: IpFamily,
  claim: SharingClaim,
  mayReuse: (range: RangeUsage) => readonly Ip[],
): Ip | undefined {
  for (const range of rangesOf(usage, family)) {
    let lowest = range.lowest(claim);
    for (const own of mayReuse(range)) {
      if (lowest === undefined || compareIp(own, lowest) < 0) lowest = own;
    }
    if (lowest !== undefined) return lowest;
  }
  return undefined;
}

function rangesOf(usage: PoolUsage, family: IpFamily): readonly RangeUsage[] {
  return usage.ranges.filter(({ range }) => range.prefix.ip.family === family);
}
