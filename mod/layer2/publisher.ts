import type { Ip } from "../net/mod.ts";
import { MAX_INTERFACES } from "./address_table.ts";
import {
  addressKey,
  type DesiredAddress,
  type DesiredBystander,
  type DesiredMembership,
  type DesiredState,
  type InterfaceSelection,
  type SlottedInterface,
} from "./desired_state.ts";
import type { Generation } from "./generation.ts";
import { GroupStamps } from "./group_stamps.ts";
import type { GroupEntry, GroupTable } from "./group_table.ts";
import { IdPool } from "./id_pool.ts";
import { PEER_CAPACITY } from "./peer_table.ts";
import { CONTROL, type SharedMemory } from "./shared_memory.ts";
import { STATION_CAPACITY, type StationTable } from "./station_table.ts";

/** What became of a state that was published. */
export interface Publication {
  /** Number of the generation that has it, or will have it. */
  readonly generation: number;
  /** Whether it is in shared memory already; else it follows when the worker is done with the last one. */
  readonly written: boolean;
  /** Addresses left out because there is no room for more. */
  readonly refusedAddresses: readonly Ip[];
  /** Names of interfaces left out because there is no room for more. */
  readonly refusedInterfaces: readonly string[];
  /** Ids of other nodes left out, they or some of their interfaces, because there is no room for more. */
  readonly refusedPeers: readonly number[];
}

interface Assignment {
  readonly interfaces: readonly SlottedInterface[];
  readonly addresses: readonly (DesiredAddress & { readonly id: number })[];
  readonly membership: DesiredMembership | undefined;
  /** The groups that have addresses, by index. */
  readonly groups: ReadonlyMap<number, GroupEntry>;
  /** The index of a group's id. */
  readonly indexes: ReadonlyMap<number, number>;
}

/**
 * The main thread's end of the desired state: gives slots to interfaces and ids
 * to addresses, and writes generations into shared memory.
 *
 * The worker reads generation n in place, so n + 1 may be written beside it,
 * but n + 2 not before the worker has applied n + 1. Until then the newest
 * state waits; states in between are never seen, which is harmless because
 * each is complete.
 */
export class DesiredStatePublisher {
  readonly #memory: SharedMemory;
  readonly #slots: IdPool;
  readonly #ids: IdPool;
  readonly #groups: IdPool;
  readonly #stamps = new GroupStamps();
  #pending: Assignment | undefined;

  /**
   * Begins with nothing published.
   *
   * @param memory Shared with the worker; nobody else may write generations.
   */
  constructor(memory: SharedMemory) {
    this.#memory = memory;
    this.#slots = new IdPool(0, MAX_INTERFACES);
    this.#ids = new IdPool(1, memory.shape.addressCapacity);
    this.#groups = new IdPool(1, memory.shape.addressCapacity);
  }

  /** Number of the newest generation in shared memory. */
  get published(): number {
    return Atomics.load(this.#memory.control, CONTROL.published);
  }

  /** Number of the newest generation in force. */
  get applied(): number {
    return Atomics.load(this.#memory.control, CONTROL.applied);
  }

  /**
   * The id of a published address, its index in the counters. `undefined` also
   * until it is in force: so long the counters may be those of another address.
   */
  idOf(ip: Ip): number | undefined {
    return this.#ids.get(addressKey(ip), this.applied);
  }

  /** The slot of a published interface, its index in the counters; see {@linkcode idOf}. */
  slotOf(index: number): number | undefined {
    return this.#slots.get(String(index), this.applied);
  }

  /** Index of the group with an id that is in force; `undefined` when it has none. */
  indexOfGroup(id: number): number | undefined {
    return this.#groups.get(String(id), this.applied);
  }

  /**
   * Makes the worker do this, and nothing else, as soon as it can.
   *
   * @throws {RangeError} When a name, a MAC address or a key has the wrong length.
   */
  publish(desired: DesiredState): Publication {
    const generation = this.published + 1;
    const slots = this.#slots.assign(
      desired.interfaces.map((link) => String(link.index)),
      generation,
    );
    const ids = this.#ids.assign(
      desired.addresses.map((address) => addressKey(address.ip)),
      generation,
    );
    const { membership } = desired;
    this.#pending = {
      interfaces: desired.interfaces.flatMap((link, i) => {
        const slot = slots[i];
        return slot === undefined ? [] : [{ ...link, slot }];
      }),
      addresses: desired.addresses.flatMap((address, i) => {
        const id = ids[i];
        return id === undefined ? [] : [{ ...address, id }];
      }),
      membership,
      ...this.#assignGroups(membership?.groups ?? [], generation),
    };
    return {
      generation,
      written: this.advance(),
      refusedAddresses: desired.addresses
        .filter((_, i) => ids[i] === undefined).map((address) => address.ip),
      refusedInterfaces: desired.interfaces
        .filter((_, i) => slots[i] === undefined).map((link) => link.name),
      refusedPeers: membership === undefined ? [] : surplusPeers(membership),
    };
  }

  /** There are as many places for groups as for addresses: one that has none needs none. */
  #assignGroups(
    groups: readonly GroupEntry[],
    generation: number,
  ): Pick<Assignment, "groups" | "indexes"> {
    const numbers = this.#groups.assign(
      groups.map(({ id }) => String(id)),
      generation,
    );
    const placed = new Map<number, GroupEntry>();
    const indexes = new Map<number, number>();
    for (const [i, group] of groups.entries()) {
      const index = numbers[i];
      if (index === undefined) continue;
      placed.set(index, group);
      indexes.set(group.id, index);
    }
    return { groups: placed, indexes };
  }

  /**
   * Writes the state that waits, if the worker is done with the last one. To be
   * called whenever the applied generation changes.
   *
   * @returns Whether a generation was written, of which the worker must be told.
   */
  advance(): boolean {
    const pending = this.#pending;
    const { published } = this;
    if (pending === undefined || this.applied !== published) return false;
    this.#pending = undefined;
    this.#write(pending, published + 1);
    return true;
  }

  #write(state: Assignment, number: number): void {
    const generation = this.#memory.generations[(number & 1) === 0 ? 0 : 1];
    generation.clear();
    for (const link of state.interfaces) generation.putInterface(link);
    for (const { ip, id, epoch, interfaces, group } of state.addresses) {
      const [lowMask, highMask] = maskOf(state.interfaces, interfaces);
      const index = group === undefined ? 0 : state.indexes.get(group);
      // Nobody could ever answer for it: its group is not told.
      if (index === undefined) continue;
      const entry = { ip, id, epoch, lowMask, highMask, group: index };
      generation.table.insert(entry);
    }
    const limit = candidateLimit(state.groups, generation.groups);
    const stamps = this.#stamps.assign(state.groups, limit, number);
    for (const [index, group] of state.groups) {
      generation.groups.put(index, group, stamps.get(index), limit);
    }
    if (state.membership !== undefined) {
      writeMembership(generation, state.interfaces, state.membership);
    }
    Atomics.store(this.#memory.control, CONTROL.published, number);
  }
}

/**
 * When not all candidates find room, each group keeps equally many of its first
 * ones, the same on every node.
 */
function candidateLimit(
  groups: ReadonlyMap<number, GroupEntry>,
  { candidateCapacity }: GroupTable,
): number {
  let wanted = 0;
  for (const { candidates } of groups.values()) wanted += candidates.length;
  if (wanted <= candidateCapacity) return Infinity;
  return Math.floor(candidateCapacity / groups.size);
}

function writeMembership(
  { membership, peers, stations }: Generation,
  links: readonly SlottedInterface[],
  desired: DesiredMembership,
): void {
  membership.put(desired);
  const everywhere = { lowMask: -1, highMask: -1 };
  for (const mac of desired.ownMacs.slice(0, STATION_CAPACITY)) {
    const node = desired.self;
    stations.insert({ mac, node, isSelf: true, ...everywhere });
  }
  for (const peer of desired.peers) {
    if (!peers.add(peer)) break;
    insertStations(stations, links, peer);
  }
  for (const bystander of desired.bystanders ?? []) {
    insertStations(stations, links, bystander);
  }
}

function insertStations(
  table: StationTable,
  links: readonly SlottedInterface[],
  { node, stations }: DesiredBystander,
): void {
  for (const station of stations) {
    if (table.size >= STATION_CAPACITY) break;
    const [lowMask, highMask] = maskOf(links, station.interfaces);
    table.insert({ ...station, node, isSelf: false, lowMask, highMask });
  }
}

/** The peers that {@linkcode writeMembership} leaves out, wholly or in part. */
function surplusPeers({ ownMacs, peers }: DesiredMembership): number[] {
  let stations = ownMacs.length;
  return peers.filter((peer, i) => {
    stations += peer.stations.length;
    return i >= PEER_CAPACITY || stations > STATION_CAPACITY;
  }).map(({ node }) => node);
}

function maskOf(
  links: readonly SlottedInterface[],
  selected: InterfaceSelection,
): [number, number] {
  let low = 0;
  let high = 0;
  for (const { name, slot } of links) {
    if (selected !== "all" && !selected.includes(name)) continue;
    if (slot < 32) low |= 1 << slot;
    else high |= 1 << (slot - 32);
  }
  return [low, high];
}
