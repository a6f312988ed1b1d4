/**
 * How many pools and nodes a number of addresses takes. A pool's nodes all back
 * each other up, and only one of them forwards an address: in the worst case one
 * node has to carry all of its pool.
 */

/** What the cluster has to carry, all whole numbers. */
export interface CapacityRequest {
  /** Addresses in total, 1 or more. */
  readonly vips: number;
  /** Addresses that one node can handle, 1 or more. */
  readonly perNode: number;
  /** Nodes of a pool that may fail at once, 0 or more. */
  readonly failures: number;
  /** Whether the nodes are virtual machines. */
  readonly virtualMachines: boolean;
}

/** One pool of a plan. */
export interface PlannedPool {
  /** Name of its resources: `pool-1`, `pool-2`, … */
  readonly name: string;
  /** Addresses that it holds; pools differ by one at most. */
  readonly vips: number;
  /** Nodes that announce it, and no other pool. */
  readonly nodes: number;
}

/** What it takes. */
export interface CapacityPlan {
  /** What was asked for. */
  readonly request: CapacityRequest;
  /** The pools, larger ones first. */
  readonly pools: readonly PlannedPool[];
  /** Nodes in each pool. */
  readonly nodesPerPool: number;
  /** Nodes in total. */
  readonly nodes: number;
  /** The calculation, one step a line. */
  readonly working: readonly string[];
}

/** Numbers that no plan can be made for: what, where, what to do. */
export class CapacityRequestError extends RangeError {
  /** Name of the class, for logs. */
  override readonly name = "CapacityRequestError";
  /** The number that does not fit. */
  readonly field: keyof CapacityRequest;

  /** Makes an error about one number. */
  constructor(field: keyof CapacityRequest, message: string) {
    super(message);
    this.field = field;
  }
}

/** Settings of {@linkcode planCapacity}. */
export interface CapacityPlanOptions {
  /** Pools that a plan may have at most; default 1000. */
  readonly maxPools?: number;
}

/** Virtual machines share hosts: with fewer of them one host can hold them all. */
const MIN_VIRTUAL_MACHINES = 3;

const DEFAULT_MAX_POOLS = 1000;

/**
 * Plans the pools and nodes: `ceil(vips / perNode)` pools, each with
 * `1 + failures` nodes of its own. Of virtual machines each pool has at least
 * three, and one failure at most is tolerated.
 *
 * @throws {CapacityRequestError} For numbers that no plan can be made for.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { planCapacity } from "./mod.ts";
 *
 * const plan = planCapacity({
 *   vips: 10,
 *   perNode: 5,
 *   failures: 1,
 *   virtualMachines: false,
 * });
 * assertEquals(plan.pools.length, 2);
 * assertEquals(plan.nodes, 4);
 * ```
 */
export function planCapacity(
  request: CapacityRequest,
  { maxPools = DEFAULT_MAX_POOLS }: CapacityPlanOptions = {},
): CapacityPlan {
  const { vips, perNode, failures, virtualMachines } = request;
  checkNumbers(request);
  const count = Math.ceil(vips / perNode);
  if (count > maxPools) {
    throw new CapacityRequestError(
      "perNode",
      `${vips} addresses at ${perNode} a node make ${count} pools, more than ${maxPools}: raise the number of addresses a node can handle`,
    );
  }
  const needed = 1 + failures;
  const nodesPerPool = virtualMachines
    ? Math.max(MIN_VIRTUAL_MACHINES, needed)
    : needed;
  const nodes = count * nodesPerPool;
  const what = virtualMachines ? "virtual machines" : "nodes";
  const perPool = virtualMachines
    ? `${what} per pool = max(${MIN_VIRTUAL_MACHINES}, 1 + tolerated failures) = max(${MIN_VIRTUAL_MACHINES}, 1 + ${failures}) = ${nodesPerPool}`
    : `${what} per pool = 1 + tolerated failures = 1 + ${failures} = ${nodesPerPool}`;
  return {
    request,
    pools: poolsOf(vips, count, nodesPerPool),
    nodesPerPool,
    nodes,
    working: [
      `pools = ceil(addresses / addresses per node) = ceil(${vips} / ${perNode}) = ${count}`,
      perPool,
      `${what} = pools × ${what} per pool = ${count} × ${nodesPerPool} = ${nodes}`,
    ],
  };
}

/** Least value of each number. */
const LEAST = { vips: 1, perNode: 1, failures: 0 } as const;

const MEANINGS = {
  vips: "the number of addresses",
  perNode: "the number of addresses that one node can handle",
  failures: "the number of failures to tolerate",
} as const;

function checkNumbers(request: CapacityRequest): void {
  for (const field of ["vips", "perNode", "failures"] as const) {
    const value = request[field];
    if (Number.isSafeInteger(value) && value >= LEAST[field]) continue;
    throw new CapacityRequestError(
      field,
      `${value} cannot be ${MEANINGS[field]}: give a whole number from ${
        LEAST[field]
      } on`,
    );
  }
  const { failures, virtualMachines } = request;
  if (!virtualMachines || failures <= 1) return;
  throw new CapacityRequestError(
    "failures",
    `${failures} failures cannot be tolerated with virtual machines, because one host that dies takes several with it: plan for 1, or use machines of their own`,
  );
}

function poolsOf(
  vips: number,
  count: number,
  nodes: number,
): readonly PlannedPool[] {
  const larger = vips % count;
  return Array.from({ length: count }, (_, index) => ({
    name: `pool-${index + 1}`,
    vips: Math.floor(vips / count) + (index < larger ? 1 : 0),
    nodes,
  }));
}

/** Label by which the planned advertisements select the nodes of a pool. */
const POOL_LABEL = "herald-lb.io/pool";

/**
 * The planned pools as resources to be completed: an `IPAddressPool` with a
 * placeholder range (RFC 2544) of the planned size and an `L2Advertisement`
 * that selects the pool's nodes by label, for each pool.
 *
 * @param namespace Namespace of the resources.
 */
export function planManifests(
  plan: CapacityPlan,
  namespace: string,
): readonly Readonly<Record<string, unknown>>[] {
  const apiVersion = "metallb.io/v1beta1";
  let next = FIRST_ADDRESS;
  return plan.pools.flatMap(({ name, vips }) => {
    const range = `${ipv4(next)}-${ipv4(next + vips - 1)}`;
    next += vips;
    const metadata = { name, namespace };
    return [
      {
        apiVersion,
        kind: "IPAddressPool",
        metadata,
        spec: { addresses: [range] },
      },
      {
        apiVersion,
        kind: "L2Advertisement",
        metadata,
        spec: {
          ipAddressPools: [name],
          nodeSelectors: [{ matchLabels: { [POOL_LABEL]: name } }],
        },
      },
    ];
  });
}

/** 198.18.0.0/15 (RFC 2544) is no network of anybody, and large. */
const FIRST_ADDRESS = 0xc612_0001;

function ipv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join(".");
}
