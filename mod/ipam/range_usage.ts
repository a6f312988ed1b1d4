/** Which addresses of one prefix are in use, and which of them are shared. */
import type { Ip } from "../net/mod.ts";
import { AddressSet } from "./address_set.ts";
import {
  type AddressUse,
  groupKey,
  SharedUse,
  type SharingClaim,
} from "./allocation.ts";
import type { UsableRange } from "./usable_range.ts";

interface SharedGroup {
  /** Those that a member uses. */
  readonly addresses: AddressSet;
  /** Those of them that a stranger uses too. */
  readonly closed: AddressSet;
  /** `TCP/80` → those of them at which a member uses it. */
  readonly ports: Map<string, AddressSet>;
}

/**
 * Index over the addresses of one prefix: what is used, and per sharing group
 * at which addresses which ports are taken. Derived from the allocator's
 * records; every operation is logarithmic in the size of the prefix.
 */
export class RangeUsage {
  /** The addresses that this index is about. */
  readonly range: UsableRange;
  readonly #used: AddressSet;
  readonly #groups = new Map<string, SharedGroup>();

  /** Makes the index of an unused range. */
  constructor(range: UsableRange) {
    this.range = range;
    this.#used = new AddressSet(range.size);
  }

  /** How many addresses are in use. */
  get used(): number {
    return this.#used.count;
  }

  /** Marks `ip` as used by a Service; `use` is who uses it from now on. */
  take(ip: Ip, claim: SharingClaim, use: AddressUse): void {
    const index = this.range.indexOf(ip);
    if (index === undefined) return;
    this.#used.add(index);
    this.#enter(index, use);
    const key = groupKey(claim);
    if (key === "") return;
    const { ports } = this.#group(key);
    for (const port of claim.ports) {
      const taken = ports.get(port) ?? new AddressSet(this.range.size);
      ports.set(port, taken);
      taken.add(index);
    }
  }

  /** Takes a Service's mark off `ip`; `use` is who still uses it. */
  free(ip: Ip, claim: SharingClaim, use: AddressUse | undefined): void {
    const index = this.range.indexOf(ip);
    if (index === undefined) return;
    if (use === undefined) this.#used.delete(index);
    else this.#enter(index, use);
    const key = groupKey(claim);
    const group = this.#groups.get(key);
    if (group === undefined) return;
    for (const port of claim.ports) {
      if (isTaken(use, port, key)) continue;
      const taken = group.ports.get(port);
      taken?.delete(index);
      if (taken?.count === 0) group.ports.delete(port);
    }
    if (groupsOf(use).includes(key)) return;
    group.addresses.delete(index);
    group.closed.delete(index);
    if (group.addresses.count === 0) this.#groups.delete(key);
  }

  /**
   * The lowest address that is free, or that the claimant's sharing group
   * holds without using one of its ports.
   */
  lowest(claim: SharingClaim): Ip | undefined {
    const free = this.#used.firstAbsent();
    const shared = this.#lowestShared(claim);
    const index = shared !== undefined && (free === undefined || shared < free)
      ? shared
      : free;
    return index === undefined ? undefined : this.range.at(index);
  }

  #lowestShared(claim: SharingClaim): bigint | undefined {
    if (claim.sharingKey === "") return undefined;
    const group = this.#groups.get(groupKey(claim));
    if (group === undefined) return undefined;
    const taken = claim.ports.map((port) => group.ports.get(port))
      .filter((set) => set !== undefined);
    return group.addresses.firstOutside([group.closed, ...taken]);
  }

  /** Notes an address with every group that uses it: to one alone it is open. */
  #enter(index: bigint, use: AddressUse): void {
    const groups = groupsOf(use);
    for (const key of groups) {
      if (key === "") continue;
      const { addresses, closed } = this.#group(key);
      addresses.add(index);
      if (groups.length === 1) closed.delete(index);
      else closed.add(index);
    }
  }

  #group(key: string): SharedGroup {
    const found = this.#groups.get(key) ?? {
      addresses: new AddressSet(this.range.size),
      closed: new AddressSet(this.range.size),
      ports: new Map(),
    };
    this.#groups.set(key, found);
    return found;
  }
}

/** The sharing groups of those who use an address. */
function groupsOf(use: AddressUse | undefined): readonly string[] {
  if (use === undefined) return [];
  return use instanceof SharedUse ? [...use.groups] : [groupKey(use)];
}

/** Whether a member of a group uses a port of an address. */
function isTaken(
  use: AddressUse | undefined,
  port: string,
  group: string,
): boolean {
  if (use === undefined) return false;
  if (use instanceof SharedUse) return use.uses(port, group);
  return groupKey(use) === group && use.ports.includes(port);
}
