/**
 * The allocator's state: one record per Service that holds addresses. All
 * indexes are derived from the records and can be rebuilt from them.
 */
import { equalIp, type Ip, type IpFamily } from "../net/mod.ts";
import {
  type AddressUse,
  type Allocation,
  holdersOf,
  isOwnHolder,
  retiredKey,
  SharedUse,
  type SharingClaim,
  type SharingConflict,
  sharingConflict,
  yielding,
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

/** What the pure reconcile may ask of the state; it changes nothing. */
export type AllocatorView = Pick<
  Allocator,
  | "allocation"
  | "conflict"
  | "hasPools"
  | "lowest"
  | "pool"
  | "poolsOf"
  | "pools"
  | "usage"
  | "yielding"
>;

/** Addresses in use and to be had of one pool, as exact numbers. */
export interface PoolFill {
  /** Addresses that somebody holds. */
  readonly used: bigint;
  /** Addresses that there are. */
  readonly capacity: bigint;
}

/**
 * Records of who holds what, and the indexes over them. Taking or freeing an
 * address costs O(log n) in the size of the pool and none in the number of
 * Services; a pool costs nothing to hold.
 */
export class Allocator {
  readonly #records = new Map<string, Allocation>();
  readonly #retired = new Map<string, readonly Allocation[]>();
  readonly #uses: Readonly<Record<IpFamily, Map<bigint, AddressUse>>> = {
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
    return this.#table.pools;
  }

  /** The pool of that name. */
  pool(name: string): Pool | undefined {
    return this.#table.pool(name)?.pool;
  }

  /** What a Service holds. */
  allocation(key: string): Allocation | undefined {
    return this.#records.get(key);
  }

  /**
   * The pools that own these addresses: one, or where `twoPools` allows it,
   * two in the order of the addresses. None when the addresses may not be
   * held together.
   */
  poolsOf(ips: readonly Ip[], twoPools = false): readonly Pool[] {
    const pools = new Set<Pool>();
    for (const ip of ips) {
      const pool = this.#table.locate(ip)?.pool;
      if (pool === undefined) return [];
      pools.add(pool);
    }
    return pools.size > 1 && !twoPools ? [] : [...pools];
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
   * Services that have to give `ip` up to the claimant, whose status names it
   * too; `undefined` when it is the claimant that has to.
   */
  yielding(ip: Ip, claim: SharingClaim): readonly string[] | undefined {
    return yielding(this.use(ip), claim);
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
    const own = this.#own(claim.key)
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
    const own = this.#own(key).filter((ip) =>
      ip.family === family && this.#table.locate(ip)?.pool === usage.pool &&
      [...holdersOf(this.use(ip))].every((use) => isOwnHolder(use.key, key))
    );
    return {
      used: assigned(usage, family) - BigInt(own.length),
      capacity: capacity(usage, family),
    };
  }

  /** The counters of every pool, by name. */
  counters(): ReadonlyMap<string, PoolCounters> {
    const usages: Iterable<PoolUsage> = this.#table.usages;
    return new Map(
      Array.from(usages, (usage) => [usage.pool.name, poolCounters(usage)]),
    );
  }

  /**
   * Puts other pools in force. Records whose addresses no longer lie in one
   * pool are dropped; a record whose pool was renamed gets the new name.
   *
   * @returns The dropped records.
   */
  setPools(pools: readonly Pool[]): readonly Allocation[] {
    const records = [...this.#records.values()];
    const retired = [...this.#retired.values()].flat();
    for (const { key } of records) this.release(key);
    for (const record of retired) this.#freeAll(record);
    this.#table = new PoolTable(pools);
    const dropped: Allocation[] = [];
    for (const record of records) {
      const owners = this.poolsOf(record.ips, record.twoPools);
      if (owners.length === 0) dropped.push(record);
      else this.hold({ ...record, pool: poolNames(owners) });
    }
    for (const record of retired) this.#takeAll(record);
    return dropped;
  }

  /**
   * Keeps addresses from others until {@linkcode dropRetired}: their Service
   * no longer has them here, but its status still says so.
   */
  retire(allocation: Allocation): void {
    const before = this.#retired.get(allocation.key) ?? [];
    const key = retiredKey(allocation.key, before.length);
    const record = { ...allocation, key };
    this.#retired.set(allocation.key, [...before, record]);
    this.#takeAll(record);
  }

  /** Frees what a Service was giving up; false when there was nothing. */
  dropRetired(key: string): boolean {
    const records = this.#retired.get(key) ?? [];
    this.#retired.delete(key);
    for (const record of records) this.#freeAll(record);
    return records.length > 0;
  }

  /** Records what a Service holds, in place of what it held before. */
  hold(allocation: Allocation): void {
    this.release(allocation.key);
    this.#unretire(allocation);
    this.#records.set(allocation.key, allocation);
    this.#takeAll(allocation);
  }

  /** Frees what a Service holds; false when it held nothing. */
  release(key: string): boolean {
    const allocation = this.#records.get(key);
    if (allocation === undefined) return false;
    this.#records.delete(key);
    this.#freeAll(allocation);
    return true;
  }

  /** What is held again is no longer being given up. */
  #unretire(allocation: Allocation): void {
    const records = this.#retired.get(allocation.key);
    if (records === undefined) return;
    for (const record of records) this.#freeAll(record);
    const left = records.map((record) => ({
      ...record,
      ips: record.ips.filter((ip) =>
        !allocation.ips.some((held) => equalIp(held, ip))
      ),
    }));
    this.#retired.set(allocation.key, left);
    for (const record of left) this.#takeAll(record);
  }

  #own(key: string): readonly Ip[] {
    const held = this.#records.get(key)?.ips ?? [];
    const retired = this.#retired.get(key);
    if (retired === undefined) return held;
    return [...held, ...retired.flatMap(({ ips }) => ips)];
  }

  #takeAll(allocation: Allocation): void {
    for (const ip of allocation.ips) this.#take(ip, allocation);
  }

  #freeAll(allocation: Allocation): void {
    for (const ip of allocation.ips) this.#free(ip, allocation);
  }

  #take(ip: Ip, allocation: Allocation): void {
    const uses = this.#uses[ip.family];
    const before = uses.get(ip.value);
    const use = before === undefined
      ? allocation
      : before instanceof SharedUse
      ? before
      : new SharedUse(before);
    if (use instanceof SharedUse) use.add(allocation);
    if (use !== before) uses.set(ip.value, use);
    this.#table.locate(ip)?.range.take(ip, allocation, use);
  }

  #free(ip: Ip, allocation: Allocation): void {
    const uses = this.#uses[ip.family];
    const use = uses.get(ip.value);
    if (use instanceof SharedUse) {
      use.remove(allocation);
      if (use.single !== undefined) uses.set(ip.value, use.single);
    } else uses.delete(ip.value);
    const left = uses.get(ip.value);
    this.#table.locate(ip)?.range.free(ip, allocation, left);
  }
}

/** The names of one pool or two, as records and statuses have them. */
export function poolNames(pools: readonly Pool[]): string {
  return pools.map(({ name }) => name).join();
}

/** Whether two lists hold the same addresses, in any order. */
export function sameAddresses(
  a: readonly Ip[],
  b: readonly Ip[],
): boolean {
  return a.length === b.length &&
    a.every((ip) => b.some((other) => equalIp(ip, other)));
}
