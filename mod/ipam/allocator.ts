/**
 * The allocator's state: one record per Service that holds addresses. All
 * indexes are derived from the records and can be rebuilt from them.
 */
import { equalIp, type Ip, type IpFamily } from "../net/mod.ts";
import {
  type AddressUse,
  type Allocation,
  type SharingClaim,
  type SharingConflict,
  sharingConflict,
} from "./allocation.ts";
import type { Pool } from "./pool.ts";
import {
  assigned,
  capacity,
  lowestAddress,
  type PoolCounters,
  poolCounters,
  PoolTable,
  type PoolUsage,
} from "./pool_table.ts";

interface MutableUse extends AddressUse {
  readonly holders: Map<string, Allocation>;
  readonly ports: Map<string, string>;
}

/** What the pure reconcile may ask of the state; it changes nothing. */
export type AllocatorView = Pick<
  Allocator,
  | "allocation"
  | "conflict"
  | "hasPools"
  | "lowest"
  | "pool"
  | "poolOf"
  | "pools"
  | "usage"
>;

/** Addresses in use and to be had of one pool, as exact numbers. */
export interface PoolFill {
  readonly used: bigint;
  readonly capacity: bigint;
}

/**
 * Records of who holds what, and the indexes over them. Taking or freeing an
 * address costs O(log n) in the size of the pool and none in the number of
 * Services; a pool costs nothing to hold.
 */
export class Allocator {
  readonly #records = new Map<string, Allocation>();
  readonly #uses: Readonly<Record<IpFamily, Map<bigint, MutableUse>>> = {
    IPv4: new Map(),
    IPv6: new Map(),
  };
  #table = new PoolTable([]);

  /** All records by key of the Service. */
  get records(): ReadonlyMap<string, Allocation> {
    return this.#records;
  }

  /** Whether any pool is configured. */
  get hasPools(): boolean {
    return !this.#table.isEmpty;
  }

  /** The pools in force. */
  get pools(): readonly Pool[] {
    return Array.from(this.#table.pools, ({ pool }) => pool);
  }

  /** The pool of that name. */
  pool(name: string): Pool | undefined {
    return this.#table.pool(name)?.pool;
  }

  /** What a Service holds. */
  allocation(key: string): Allocation | undefined {
    return this.#records.get(key);
  }

  /** The one pool that owns all of these addresses. */
  poolOf(ips: readonly Ip[]): Pool | undefined {
    const [first, ...rest] = ips.map((ip) => this.#table.locate(ip)?.pool);
    return rest.every((pool) => pool === first) ? first : undefined;
  }

  /** Who holds an address. */
  use(ip: Ip): AddressUse | undefined {
    return this.#uses[ip.family].get(ip.value);
  }

  /** Why the claimant may not have `ip`; its own hold does not count. */
  conflict(ip: Ip, claim: SharingClaim): SharingConflict | undefined {
    return sharingConflict(this.use(ip), claim);
  }

  /**
   * The first address of a family in a pool that the claimant may have, as if
   * it held nothing now.
   */
  lowest(
    name: string,
    family: IpFamily,
    claim: SharingClaim,
  ): Ip | undefined {
    const usage = this.#table.pool(name);
    if (usage === undefined) return undefined;
    const own = (this.#records.get(claim.key)?.ips ?? [])
      .filter((ip) => this.conflict(ip, claim) === undefined);
    return lowestAddress(
      usage,
      family,
      claim,
      (range) => own.filter((ip) => range.range.indexOf(ip) !== undefined),
    );
  }

  /** How full a pool is for a family, as if `key` held nothing. */
  usage(name: string, family: IpFamily, key: string): PoolFill {
    const usage = this.#table.pool(name);
    if (usage === undefined) return { used: 0n, capacity: 0n };
    const own = (this.#records.get(key)?.ips ?? []).filter((ip) =>
      ip.family === family && this.#table.locate(ip)?.pool === usage.pool &&
      this.use(ip)?.holders.size === 1
    );
    return {
      used: assigned(usage, family) - BigInt(own.length),
      capacity: capacity(usage, family),
    };
  }

  /** The counters of every pool, by name. */
  counters(): ReadonlyMap<string, PoolCounters> {
    return new Map(
      Array.from(
        this.#table.pools,
        (usage: PoolUsage) => [usage.pool.name, poolCounters(usage)] as const,
      ),
    );
  }

  /**
   * Puts other pools in force. Records whose addresses no longer lie in one
   * pool are dropped; a record whose pool was renamed gets the new name.
   *
   * @returns The keys of the dropped records.
   */
  setPools(pools: readonly Pool[]): readonly string[] {
    const records = [...this.#records];
    for (const [key] of records) this.release(key);
    this.#table = new PoolTable(pools);
    const dropped: string[] = [];
    for (const [key, record] of records) {
      const pool = this.poolOf(record.ips);
      if (pool === undefined) dropped.push(key);
      else this.hold({ ...record, pool: pool.name });
    }
    return dropped;
  }

  /** Records what a Service holds, in place of what it held before. */
  hold(allocation: Allocation): void {
    this.release(allocation.key);
    this.#records.set(allocation.key, allocation);
    for (const ip of allocation.ips) this.#take(ip, allocation);
  }

  /** Frees what a Service holds; false when it held nothing. */
  release(key: string): boolean {
    const allocation = this.#records.get(key);
    if (allocation === undefined) return false;
    this.#records.delete(key);
    for (const ip of allocation.ips) this.#free(ip, allocation);
    return true;
  }

  #take(ip: Ip, allocation: Allocation): void {
    const uses = this.#uses[ip.family];
    let use = uses.get(ip.value);
    if (use === undefined) {
      use = { holders: new Map(), ports: new Map() };
      uses.set(ip.value, use);
    }
    use.holders.set(allocation.key, allocation);
    for (const port of allocation.ports) use.ports.set(port, allocation.key);
    this.#table.locate(ip)?.range.take(ip, allocation);
  }

  #free(ip: Ip, allocation: Allocation): void {
    const uses = this.#uses[ip.family];
    const use = uses.get(ip.value);
    if (use === undefined) return;
    use.holders.delete(allocation.key);
    for (const port of allocation.ports) use.ports.delete(port);
    const last = use.holders.size === 0;
    if (last) uses.delete(ip.value);
    this.#table.locate(ip)?.range.free(ip, allocation, last);
  }
}

/** Whether two lists hold the same addresses, in any order. */
export function sameAddresses(
  a: readonly Ip[],
  b: readonly Ip[],
): boolean {
  return a.length === b.length &&
    a.every((ip) => b.some((other) => equalIp(ip, other)));
}
