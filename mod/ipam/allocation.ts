/** What one Service holds, and how others may share it. */
import type { Ip } from "../net/mod.ts";

/** What decides whether two Services may hold one address. */
export interface SharingClaim {
  /** `namespace/name` of the Service. */
  readonly key: string;
  /** Value of the sharing annotation; `""` = does not share. */
  readonly sharingKey: string;
  /**
   * Canonical text of the Service's selector under
   * `externalTrafficPolicy: Local`, else `""`: only Services that reach the
   * same Pods may share an address under Local.
   */
  readonly backendKey: string;
  /** Protocol and port pairs in use, as `TCP/80`. */
  readonly ports: readonly string[];
}

/** One record of the allocator: the addresses of one Service. */
export interface Allocation extends SharingClaim {
  /** One address, or one of each family, in the order of the status. */
  readonly ips: readonly Ip[];
  /** Pool that the first address belongs to. */
  readonly pool: string;
}

/** Who holds one address. All holders have equal sharing and backend keys. */
export interface AddressUse {
  /** Records of the holders, by key. */
  readonly holders: ReadonlyMap<string, Allocation>;
  /** `TCP/80` → key of the Service that uses it. */
  readonly ports: ReadonlyMap<string, string>;
}

/** Why an address in use cannot be shared. */
export type SharingConflict =
  | { readonly kind: "sharingConflict"; readonly holder: string }
  | {
    readonly kind: "portConflict";
    readonly holder: string;
    readonly port: string;
  };

/** Separates a Service's key from the number of what it is giving up. */
const RETIRED = "\u0000";

/** Key of a record of addresses that a Service is giving up. */
export function retiredKey(key: string, number: number): string {
  return `${key}${RETIRED}${number}`;
}

/** Whether a holder is the Service itself, or what it is giving up. */
export function isOwnHolder(holder: string, key: string): boolean {
  return holder === key || holder.startsWith(key + RETIRED);
}

/**
 * Why `claim` may not have an address that is used as `use` says, or
 * `undefined` when it may. What the claimant itself holds does not count.
 */
export function sharingConflict(
  use: AddressUse | undefined,
  claim: SharingClaim,
): SharingConflict | undefined {
  if (use === undefined) return undefined;
  const other = otherHolder(use, claim.key);
  if (other === undefined) return undefined;
  if (!sameGroup(other, claim)) {
    return { kind: "sharingConflict", holder: other.key };
  }
  for (const port of claim.ports) {
    const holder = use.ports.get(port);
    if (holder !== undefined && !isOwnHolder(holder, claim.key)) {
      return { kind: "portConflict", holder, port };
    }
  }
  return undefined;
}

/** Whether two claims belong to one sharing group. Without a key nobody does. */
export function sameGroup(a: SharingClaim, b: SharingClaim): boolean {
  return a.sharingKey !== "" && a.sharingKey === b.sharingKey &&
    a.backendKey === b.backendKey;
}

function otherHolder(use: AddressUse, key: string): Allocation | undefined {
  for (const [holder, allocation] of use.holders) {
    if (!isOwnHolder(holder, key)) return allocation;
  }
  return undefined;
}
