/** Which addresses of one prefix are in use, and which of them are shared. */
import type { Ip } from "../net/mod.ts";
import { AddressSet } from "./address_set.ts";
import type { SharingClaim } from "./allocation.ts";
import type { UsableRange } from "./usable_range.ts";

interface SharedGroup {
  readonly addresses: AddressSet;
  /** `TCP/80` → the addresses at which it is taken. */
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

  /** Marks `ip` as used by a Service; more than one may. */
  take(ip: Ip, claim: SharingClaim): void {
    const index = this.range.indexOf(ip);
    if (index === undefined) return;
    this.#used.add(index);
    if (claim.sharingKey === "") return;
    const group = this.#group(claim);
    group.addresses.add(index);
    for (const port of claim.ports) {
      let taken = group.ports.get(port);
      if (taken === undefined) {
        taken = new AddressSet(this.range.size);
        group.ports.set(port, taken);
      }
      taken.add(index);
    }
  }

  /** Takes a Service's mark off `ip`; `last` when nobody else uses it. */
  free(ip: Ip, claim: SharingClaim, last: boolean): void {
    const index = this.range.indexOf(ip);
    if (index === undefined) return;
    if (last) this.#used.delete(index);
    if (claim.sharingKey === "") return;
    const key = groupKey(claim);
    const group = this.#groups.get(key);
    if (group === undefined) return;
    for (const port of claim.ports) {
      const taken = group.ports.get(port);
      taken?.delete(index);
      if (taken?.count === 0) group.ports.delete(port);
    }
    if (last) group.addresses.delete(index);
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
    return group.addresses.firstOutside(taken);
  }

  #group(claim: SharingClaim): SharedGroup {
    const key = groupKey(claim);
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { addresses: new AddressSet(this.range.size), ports: new Map() };
      this.#groups.set(key, group);
    }
    return group;
  }
}

function groupKey(claim: SharingClaim): string {
  return JSON.stringify([claim.sharingKey, claim.backendKey]);
}
