/** What one Service holds, and how others may share it. */
import type { Ip } from "../net/mod.ts";

/** What decides between two Services of which only one may hold an address. */
export interface Seniority {
  /** `namespace/name` of the Service. */
  readonly key: string;
  /** When it was created, RFC 3339 in UTC; absent = not known. */
  readonly created?: string;
}

/** Older first, then by key; negative when `a` comes first. */
export function compareSeniority(a: Seniority, b: Seniority): number {
  const [bornA, bornB] = [a.created ?? "", b.created ?? ""];
  if (bornA !== bornB) return bornA < bornB ? -1 : 1;
  if (a.key === b.key) return 0;
  return a.key < b.key ? -1 : 1;
}

/** What decides whether two Services may hold one address. */
export interface SharingClaim extends Seniority {
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
  /**
   * Pool that the addresses belong to; of two pools both names, in the order
   * of the addresses, with a comma between.
   */
  readonly pool: string;
  /** Whether the two addresses may be of two pools. Default: no. */
  readonly twoPools?: boolean;
}

/**
 * Who holds one address: the only holder's record, or all of them. These are
 * of one sharing group and of different ports, but while some of them are
 * giving the address up to another.
 */
export type AddressUse = Allocation | SharedUse;

/** The holders of one address, of which there are several. */
export class SharedUse {
  readonly #holders = new Map<string, Allocation>();
  /** How many holders are of each group. */
  readonly #groups = new Map<string, number>();
  /** Keys of the holders that use a port. */
  readonly #ports = new Map<string, Set<string>>();

  /** Starts with these holders. */
  constructor(...holders: Allocation[]) {
    for (const holder of holders) this.add(holder);
  }

  /** Records of the holders. */
  get holders(): Iterable<Allocation> {
    return this.#holders.values();
  }

  /** The record of the holder, when there is only one left. */
  get single(): Allocation | undefined {
    const [first] = this.#holders.values();
    return this.#holders.size === 1 ? first : undefined;
  }

  /** The sharing groups of the holders; see {@linkcode groupKey}. */
  get groups(): Iterable<string> {
    return this.#groups.keys();
  }

  /** Whether all holders are of this group. */
  isAllOf(group: string): boolean {
    return this.#groups.size === 1 && this.#groups.has(group);
  }

  /** Keys of the holders that use a port, as `TCP/80`. */
  holdersOf(port: string): Iterable<string> {
    return this.#ports.get(port) ?? [];
  }

  /** Whether a holder of this group uses a port. */
  uses(port: string, group: string): boolean {
    for (const key of this.holdersOf(port)) {
      const holder = this.#holders.get(key);
      if (holder !== undefined && groupKey(holder) === group) return true;
    }
    return false;
  }

  /** Adds a holder. */
  add(holder: Allocation): void {
    this.#holders.set(holder.key, holder);
    const group = groupKey(holder);
    this.#groups.set(group, (this.#groups.get(group) ?? 0) + 1);
    for (const port of holder.ports) {
      const users = this.#ports.get(port);
      if (users === undefined) this.#ports.set(port, new Set([holder.key]));
      else users.add(holder.key);
    }
  }

  /** Takes a holder away. */
  remove(holder: Allocation): void {
    this.#holders.delete(holder.key);
    const group = groupKey(holder);
    const left = (this.#groups.get(group) ?? 0) - 1;
    if (left > 0) this.#groups.set(group, left);
    else this.#groups.delete(group);
    for (const port of holder.ports) {
      const users = this.#ports.get(port);
      users?.delete(holder.key);
      if (users?.size === 0) this.#ports.delete(port);
    }
  }
}

/** A text that is equal for claims of one group; `""` = it shares with nobody. */
export function groupKey({ sharingKey, backendKey }: SharingClaim): string {
  return sharingKey === "" ? "" : JSON.stringify([sharingKey, backendKey]);
}

/** The records of all holders. */
export function holdersOf(use: AddressUse | undefined): Iterable<Allocation> {
  if (use === undefined) return [];
  return use instanceof SharedUse ? use.holders : [use];
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

/** Key of the Service of a record, be it of what it is giving up. */
function serviceOf(key: string): string {
  return key.split(RETIRED)[0] ?? key;
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
  const stranger = strangerIn(use, claim);
  return stranger === undefined
    ? portConflict(use, claim)
    : { kind: "sharingConflict", holder: stranger.key };
}

/** A holder of another group, none of the claimant's own. */
function strangerIn(
  use: AddressUse,
  claim: SharingClaim,
): Allocation | undefined {
  const group = groupKey(claim);
  // There may be thousands of holders, and nearly always they are one group.
  if (group !== "" && use instanceof SharedUse && use.isAllOf(group)) {
    return undefined;
  }
  for (const holder of holdersOf(use)) {
    if (isOwnHolder(holder.key, claim.key)) continue;
    if (group === "" || groupKey(holder) !== group) return holder;
  }
  return undefined;
}

/**
 * Holders of an address that have to give it up to the claimant, whose status
 * names it too: those with which it may not share, all of them its juniors.
 * `undefined` when one of them is its senior, and the claimant has to give up.
 */
export function yielding(
  use: AddressUse | undefined,
  claim: SharingClaim,
): readonly string[] | undefined {
  if (claim.created === undefined) return undefined;
  const juniors: string[] = [];
  for (const holder of holdersOf(use)) {
    if (isOwnHolder(holder.key, claim.key)) continue;
    if (sharingConflict(holder, claim) === undefined) continue;
    const isJunior = holder.created !== undefined &&
      compareSeniority(claim, holder) < 0;
    if (!isJunior) return undefined;
    juniors.push(serviceOf(holder.key));
  }
  return juniors;
}

function portConflict(
  use: AddressUse,
  claim: SharingClaim,
): SharingConflict | undefined {
  for (const port of claim.ports) {
    for (const holder of portHolders(use, port)) {
      if (isOwnHolder(holder, claim.key)) continue;
      return { kind: "portConflict", holder, port };
    }
  }
  return undefined;
}

function portHolders(use: AddressUse, port: string): Iterable<string> {
  if (use instanceof SharedUse) return use.holdersOf(port);
  return use.ports.includes(port) ? [use.key] : [];
}
