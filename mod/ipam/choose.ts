/** Which addresses a Service that holds none is to get. */
import type { Ip, IpFamily } from "../net/mod.ts";
import { type AllocatorView, poolNames, sameAddresses } from "./allocator.ts";
import type { SharingConflict } from "./allocation.ts";
import type { Pool } from "./pool.ts";
import type { Refusal } from "./refusal.ts";
import type { Families } from "./families.ts";
import type { ParsedAddresses, ServiceRequest } from "./request.ts";

/** The addresses to take, or why there are none. */
export type Choice =
  | {
    readonly kind: "chosen";
    readonly ips: readonly Ip[];
    /** Name of the pool, or of both, as in `Allocation`. */
    readonly pool: string;
    /** Junior Services whose statuses name one of the addresses too. */
    readonly evicts?: readonly string[];
  }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** Whether a pool's scope admits a Service. */
export function admits(pool: Pool, request: ServiceRequest): boolean {
  const scope = pool.serviceAllocation;
  if (scope === undefined) return true;
  return (scope.namespaces?.has(request.namespace) ?? true) &&
    scope.matchesService(request.labels);
}

/**
 * Whether these very addresses may be held by the Service, and of which pool.
 *
 * @param isStated Whether its status says so already: of a duplicate, the
 *   senior Service keeps the address.
 */
export function examine(
  view: AllocatorView,
  request: ServiceRequest,
  ips: readonly Ip[],
  isStated = false,
): Choice {
  const pools = view.poolsOf(ips, request.twoPools);
  if (pools.length === 0) return refused({ class: "notInPools", ips });
  const closed = pools.find((pool) => !admits(pool, request));
  if (closed !== undefined) {
    return refused({ class: "poolNotCompatible", pool: closed.name });
  }
  const evicts: string[] = [];
  for (const ip of ips) {
    const conflict = view.conflict(ip, request);
    if (conflict === undefined) continue;
    const juniors = isStated ? view.yielding(ip, request) : undefined;
    if (juniors === undefined) return refused(conflictRefusal(ip, conflict));
    evicts.push(...juniors);
  }
  const pool = poolNames(pools);
  return evicts.length === 0
    ? { kind: "chosen", ips, pool }
    : { kind: "chosen", ips, pool, evicts };
}

function conflictRefusal(ip: Ip, conflict: SharingConflict): Refusal {
  const { holder } = conflict;
  return conflict.kind === "sharingConflict"
    ? { class: "sharingConflict", ip, holder }
    : { class: "portConflict", ip, holder, port: conflict.port };
}

/**
 * Chooses addresses as if the Service held none: the requested ones, else the
 * lowest of the requested pool, else of the best pool that has some.
 */
export function choose(
  view: AllocatorView,
  request: ServiceRequest,
  families: Families,
  wanted: ParsedAddresses | undefined,
): Choice {
  if (wanted?.kind === "refused") return wanted;
  if (wanted !== undefined) {
    return requested(view, request, families, wanted.ips, wanted.families);
  }
  return request.wantedPool === ""
    ? fromAnyPool(view, request, families)
    : fromWantedPool(view, request, families);
}

function requested(
  view: AllocatorView,
  request: ServiceRequest,
  families: Families,
  ips: readonly Ip[],
  wantedFamilies: Families,
): Choice {
  if (wantedFamilies !== families) {
    return refused({ class: "familyMismatch", ips, families });
  }
  const choice = examine(view, request, ips);
  if (choice.kind === "refused") return choice;
  const { wantedPool } = request;
  return wantedPool === "" || isAsWanted(ips, choice.pool, request, undefined)
    ? choice
    : refused({ class: "poolMismatch", ips, pool: choice.pool, wantedPool });
}

function fromWantedPool(
  view: AllocatorView,
  request: ServiceRequest,
  families: Families,
): Choice {
  const pools: Pool[] = [];
  for (const name of wantedPools(request)) {
    const pool = view.pool(name);
    if (pool === undefined) {
      return refused({ class: "unknownPool", pool: name });
    }
    pools.push(pool);
  }
  const choice = firstFit(view, request, families, [pools]);
  if (choice === undefined) {
    return refused(nothingIn(view, request, request.wantedPool, families));
  }
  const closed = pools.find((pool) => !admits(pool, request));
  return closed === undefined
    ? choice
    : refused({ class: "poolNotCompatible", pool: closed.name });
}

/** Names of the requested pools: one, or with `twoPools` a list of two. */
export function wantedPools(request: ServiceRequest): readonly string[] {
  const { wantedPool, twoPools = false } = request;
  return twoPools
    ? wantedPool.split(",").map((name) => name.trim())
    : [wantedPool];
}

/** Tells an exhausted pool from one that has only the other family to give. */
export function nothingIn(
  view: AllocatorView,
  request: ServiceRequest,
  pool: string,
  families: Families,
): Refusal {
  if (families !== "DualStack") {
    const other = families === "IPv4" ? "IPv6" : "IPv4";
    if (view.lowest(pool, other, request) !== undefined) {
      return { class: "otherFamilyOnly", pool, families };
    }
  }
  return { class: "noAvailableIPsInPool", pool, families };
}

function fromAnyPool(
  view: AllocatorView,
  request: ServiceRequest,
  families: Families,
): Choice {
  return firstFit(view, request, families, ranked(openPools(view, request))) ??
    refused({ class: "noAvailableIPs", families });
}

/** Pools that serve a Service which asks for none. */
function openPools(
  view: AllocatorView,
  request: ServiceRequest,
): readonly Pool[] {
  return view.pools.filter((pool) => pool.autoAssign && admits(pool, request));
}

/**
 * The family that a Service lacks, from another pool than the one it has,
 * where it allows that.
 */
export function secondAddress(
  view: AllocatorView,
  request: ServiceRequest,
  family: IpFamily,
): { readonly ip: Ip; readonly pool: string } | undefined {
  if (request.twoPools !== true) return undefined;
  const groups = request.wantedPool === ""
    ? ranked(openPools(view, request))
    : [
      wantedPools(request).map((name) => view.pool(name))
        .filter((pool) => pool !== undefined)
        .filter((pool) => admits(pool, request)),
    ];
  return bestOf(view, request, groups, family);
}

function bestOf(
  view: AllocatorView,
  request: ServiceRequest,
  groups: readonly (readonly Pool[])[],
  family: IpFamily,
): { readonly ip: Ip; readonly pool: string } | undefined {
  for (const group of groups) {
    for (const pool of emptiestFirst(view, request.key, group, [family])) {
      const ip = view.lowest(pool.name, family, request);
      if (ip !== undefined) return { ip, pool: pool.name };
    }
  }
  return undefined;
}

/** Pools in groups of equal rank: scoped by priority, then the unscoped. */
function ranked(pools: readonly Pool[]): readonly (readonly Pool[])[] {
  if (pools.length < 2) return [pools];
  const groups = new Map<number, Pool[]>();
  for (const pool of pools) {
    const group = groups.get(rank(pool));
    if (group === undefined) groups.set(rank(pool), [pool]);
    else group.push(pool);
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}

function rank(pool: Pool): number {
  if (pool.serviceAllocation === undefined) return Number.POSITIVE_INFINITY;
  const { priority } = pool.serviceAllocation;
  return priority === 0 ? Number.MAX_VALUE : priority;
}

/** The first pool, in order of rank, that has addresses of the families. */
function firstFit(
  view: AllocatorView,
  request: ServiceRequest,
  families: Families,
  groups: readonly (readonly Pool[])[],
): Choice | undefined {
  for (const alternative of alternatives(families, request)) {
    for (const group of groups) {
      for (const pool of emptiestFirst(view, request.key, group, alternative)) {
        const ips = alternative.map((family) =>
          view.lowest(pool.name, family, request)
        ).filter((ip) => ip !== undefined);
        if (ips.length === alternative.length) {
          return { kind: "chosen", ips, pool: pool.name };
        }
      }
    }
    const split = fromTwoPools(view, request, groups, alternative);
    if (split !== undefined) return split;
  }
  return undefined;
}

/** Each family from its own best pool, where no pool has both. */
function fromTwoPools(
  view: AllocatorView,
  request: ServiceRequest,
  groups: readonly (readonly Pool[])[],
  families: readonly IpFamily[],
): Choice | undefined {
  if (request.twoPools !== true || families.length < 2) return undefined;
  const found = families.map((family) => bestOf(view, request, groups, family))
    .filter((one) => one !== undefined);
  if (found.length < families.length) return undefined;
  return {
    kind: "chosen",
    ips: found.map(({ ip }) => ip),
    pool: found.map(({ pool }) => pool).join(),
  };
}

/** What would do, best first: both families, or under Prefer either one. */
function alternatives(
  families: Families,
  request: ServiceRequest,
): readonly (readonly IpFamily[])[] {
  if (families !== "DualStack") return [[families]];
  switch (request.familyPolicy) {
    case "RequireDualStack":
      return [["IPv4", "IPv6"]];
    case "PreferDualStack":
      return request.primaryFamily === "IPv4"
        ? [["IPv4", "IPv6"], ["IPv4"], ["IPv6"]]
        : [["IPv4", "IPv6"], ["IPv6"], ["IPv4"]];
    case "SingleStack":
      return [];
  }
}

function emptiestFirst(
  view: AllocatorView,
  key: string,
  pools: readonly Pool[],
  families: readonly IpFamily[],
): readonly Pool[] {
  if (pools.length < 2) return pools;
  const filled = pools.map((pool) => ({
    pool,
    ...fill(view, key, pool, families),
  }));
  filled.sort((a, b) => {
    const difference = a.used * b.capacity - b.used * a.capacity;
    if (difference !== 0n) return difference < 0n ? -1 : 1;
    return a.pool.name < b.pool.name ? -1 : 1;
  });
  return filled.map(({ pool }) => pool);
}

/** The fuller one of the families decides. */
function fill(
  view: AllocatorView,
  key: string,
  pool: Pool,
  families: readonly IpFamily[],
): { readonly used: bigint; readonly capacity: bigint } {
  const [first, ...rest] = families.map((family) =>
    view.usage(pool.name, family, key)
  );
  let fullest = first ?? { used: 0n, capacity: 0n };
  for (const one of rest) {
    if (one.used * fullest.capacity > fullest.used * one.capacity) {
      fullest = one;
    }
  }
  return fullest;
}

/** Whether what is held is what is asked for. */
export function isAsWanted(
  held: readonly Ip[],
  pool: string,
  request: ServiceRequest,
  wanted: readonly Ip[] | undefined,
): boolean {
  if (request.wantedPool !== "") {
    const asked = wantedPools(request);
    if (!pool.split(",").every((name) => asked.includes(name))) return false;
  }
  return wanted === undefined || sameAddresses(held, wanted);
}

function refused(refusal: Refusal): Choice {
  return { kind: "refused", refusal };
}
