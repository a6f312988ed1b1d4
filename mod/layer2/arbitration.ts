import { ClaimSeal } from "./claim_seal.ts";
import type { Generation } from "./generation.ts";
import { GroupTable } from "./group_table.ts";
import { StationTable, WORDS_PER_STATION } from "./station_table.ts";

/**
 * What all interfaces must know of the other members, beyond the addresses: it
 * follows the generation in force.
 */
export class Arbitration {
  #groups = new GroupTable(
    new Int32Array(0),
    new Int32Array(0),
    new Int32Array(0),
  );
  #stations = new StationTable(
    new Int32Array(WORDS_PER_STATION),
    new Int32Array(1),
  );
  #seal: ClaimSeal | undefined;
  #keys: readonly Uint8Array[] = [];

  /** The groups. */
  get groups(): GroupTable {
    return this.#groups;
  }

  /** Members' MAC addresses. */
  get stations(): StationTable {
    return this.#stations;
  }

  /** Signs and verifies claims; without a key there are none. */
  get seal(): ClaimSeal | undefined {
    return this.#seal;
  }

  /** Takes over what a generation says. */
  follow({ groups, stations, membership }: Generation): void {
    this.#groups = groups;
    this.#stations = stations;
    const keys = membership.keys().map(({ claims }) => claims);
    if (isSame(keys, this.#keys)) return;
    this.#keys = keys;
    this.#seal = keys.length === 0 ? undefined : new ClaimSeal(keys);
  }
}

function isSame(
  some: readonly Uint8Array[],
  others: readonly Uint8Array[],
): boolean {
  return some.length === others.length &&
    some.every((key, i) => key.every((byte, at) => byte === others[i]?.[at]));
}
