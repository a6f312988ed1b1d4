import {
  type Ip,
  isGroupMac,
  type Mac,
  macEquals,
  type NeighbourInfo,
  ZERO_MAC,
} from "../net/mod.ts";
import { addressKey } from "./desired_state.ts";

/**
 * Remembers at which MAC addresses others were met, from reading to reading of
 * the kernel's neighbour table. What the kernel has forgotten stays until the
 * address is met elsewhere: a station that was silent for a minute is still the
 * same one.
 */
export class NeighbourBook {
  #macs: ReadonlyMap<string, readonly Mac[]> = new Map();

  /**
   * Takes in a reading.
   *
   * @param found All entries of the kernel's table.
   * @param wanted Addresses that are of interest; all others are forgotten.
   * @returns Whether anything is known otherwise than before.
   */
  read(found: readonly NeighbourInfo[], wanted: readonly Ip[]): boolean {
    const seen = Map.groupBy(
      found.filter(({ mac }) => isStation(mac)),
      ({ ip }) => addressKey(ip),
    );
    const before = this.#macs;
    const macs = new Map<string, readonly Mac[]>();
    for (const key of new Set(wanted.map(addressKey))) {
      const now = seen.get(key)?.map(({ mac }) => mac) ?? before.get(key);
      if (now !== undefined) macs.set(key, now);
    }
    this.#macs = macs;
    return macs.size !== before.size ||
      [...macs].some(([key, now]) => !areSame(now, before.get(key) ?? []));
  }

  /** The MAC addresses at which these addresses were met, each once. */
  macsOf(addresses: readonly Ip[]): readonly Mac[] {
    const macs: Mac[] = [];
    for (const ip of addresses) {
      for (const mac of this.#macs.get(addressKey(ip)) ?? []) {
        if (!macs.some((each) => macEquals(each, mac))) macs.push(mac);
      }
    }
    return macs;
  }
}

/** Entries of interfaces without ARP have the MAC address 0; multicast has a group's. */
function isStation(mac: Mac): boolean {
  return !isGroupMac(mac) && !macEquals(mac, ZERO_MAC);
}

function areSame(some: readonly Mac[], others: readonly Mac[]): boolean {
  return some.length === others.length &&
    some.every((mac, i) => macEquals(mac, others[i] ?? ZERO_MAC));
}
