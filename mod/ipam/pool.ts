/**
 * The address pools as the allocator sees them: plain records, already
 * translated from `IPAddressPool` resources.
 */
import type { Prefix } from "../net/mod.ts";

/** Which Services a pool prefers and admits (`spec.serviceAllocation`). */
export interface ServiceAllocation {
  /** Lower numbers are tried first; 0 means "not set" and is tried last. */
  readonly priority: number;
  /**
   * Names of the namespaces whose Services the pool admits: the listed ones
   * and those that the selectors match now. `null` = every namespace, when
   * neither a name nor a selector is given. An empty set admits nobody.
   */
  readonly namespaces: ReadonlySet<string> | null;
  /** Whether the pool's service selectors (OR) match; true without selectors. */
  readonly matchesService: (
    labels: Readonly<Record<string, string>>,
  ) => boolean;
}

/** A pool of addresses. Prefixes of one configuration never overlap. */
export interface Pool {
  /** `metadata.name` of the resource. */
  readonly name: string;
  /** Prefixes in the order of `spec.addresses`, ranges expanded, masked. */
  readonly prefixes: readonly Prefix[];
  /** Whether Services that ask for nothing may be served from here. */
  readonly autoAssign: boolean;
  /** Whether IPv4 addresses that end in `.0` or `.255` are left out. */
  readonly avoidBuggyIPs: boolean;
  /** Scope and priority; absent = open to all, tried after the scoped pools. */
  readonly serviceAllocation?: ServiceAllocation;
}
