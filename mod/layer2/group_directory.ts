import type { Generation } from "./generation.ts";

const NONE: readonly number[] = [];

/**
 * The groups of the generation in force, for who knows them by id: their index,
 * and the ids of their addresses.
 */
export class GroupDirectory {
  #indexes = new Map<number, number>();
  #ids = new Map<number, number>();
  #addresses = new Map<number, number[]>();
  #groups = new Map<number, number>();

  /** Index of the group with an id; 0 = there is none. */
  indexOf(id: number): number {
    return this.#indexes.get(id) ?? 0;
  }

  /** Id of the group at an index; 0 = there is none. */
  idOf(index: number): number {
    return this.#ids.get(index) ?? 0;
  }

  /** Ids of the addresses of the group at an index. */
  addressesOf(index: number): readonly number[] {
    return this.#addresses.get(index) ?? NONE;
  }

  /** Index of the group of an address; 0 = it has none. */
  groupOf(address: number): number {
    return this.#groups.get(address) ?? 0;
  }

  /**
   * Takes over what a generation says.
   *
   * @param forget Called with every index that stands for its group no longer.
   */
  follow(
    { groups, table }: Generation,
    forget: (index: number) => void,
  ): void {
    const before = this.#ids;
    this.#ids = new Map();
    this.#indexes = new Map();
    for (let index = 1; index <= groups.last; index++) {
      const id = groups.id(index);
      if (id === 0) continue;
      this.#ids.set(index, id);
      this.#indexes.set(id, index);
    }
    for (const [index, id] of before) {
      if (this.#ids.get(index) !== id) forget(index);
    }
    this.#addresses = new Map();
    this.#groups = new Map();
    for (let number = 0; number < table.size; number++) {
      const place = table.placeOf(number);
      const index = table.group(place);
      if (index !== 0) this.#add(index, table.id(place));
    }
  }

  #add(index: number, address: number): void {
    this.#groups.set(address, index);
    const known = this.#addresses.get(index);
    if (known === undefined) this.#addresses.set(index, [address]);
    else known.push(address);
  }
}
