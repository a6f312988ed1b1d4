import type { Ip } from "../net/mod.ts";
import { MAX_INTERFACES } from "./address_table.ts";
import {
  addressKey,
  type DesiredAddress,
  type DesiredState,
  type SlottedInterface,
} from "./desired_state.ts";
import { CONTROL, type SharedMemory } from "./shared_memory.ts";

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
}

interface Assignment {
  readonly interfaces: readonly SlottedInterface[];
  readonly addresses: readonly (DesiredAddress & { readonly id: number })[];
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

  /** Makes the worker do this, and nothing else, as soon as it can. */
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
    const interfaces = desired.interfaces.flatMap((link, i) => {
      const slot = slots[i];
      return slot === undefined ? [] : [{ ...link, slot }];
    });
    const addresses = desired.addresses.flatMap((address, i) => {
      const id = ids[i];
      return id === undefined ? [] : [{ ...address, id }];
    });
    this.#pending = { interfaces, addresses };
    return {
      generation,
      written: this.advance(),
      refusedAddresses: desired.addresses
        .filter((_, i) => ids[i] === undefined).map((address) => address.ip),
      refusedInterfaces: desired.interfaces
        .filter((_, i) => slots[i] === undefined).map((link) => link.name),
    };
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
    for (const { ip, id, epoch, interfaces } of state.addresses) {
      const [lowMask, highMask] = maskOf(state.interfaces, interfaces);
      generation.table.insert({ ip, id, epoch, lowMask, highMask });
    }
    Atomics.store(this.#memory.control, CONTROL.published, number);
  }
}

function maskOf(
  links: readonly SlottedInterface[],
  selected: "all" | readonly string[],
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

interface Id {
  readonly number: number;
  /** The first generation in which the number stands for the key. */
  readonly since: number;
}

/** Small numbers for keys; a key keeps its number as long as it is assigned. */
class IdPool {
  readonly #free: number[];
  #ids = new Map<string, Id>();

  constructor(first: number, count: number) {
    this.#free = Array.from({ length: count }, (_, i) => first + count - 1 - i);
  }

  /** The number of a key, if that is so in this generation already. */
  get(key: string, generation: number): number | undefined {
    const id = this.#ids.get(key);
    return id !== undefined && id.since <= generation ? id.number : undefined;
  }

  /** Numbers of exactly these keys from a generation on; `undefined` for those that find none free. */
  assign(
    keys: readonly string[],
    generation: number,
  ): (number | undefined)[] {
    const kept = new Map<string, Id>();
    for (const key of keys) {
      const id = this.#ids.get(key);
      if (id !== undefined) kept.set(key, id);
    }
    for (const [key, id] of this.#ids) {
      if (!kept.has(key)) this.#free.push(id.number);
    }
    this.#ids = kept;
    return keys.map((key) =>
      kept.get(key)?.number ?? this.#take(key, generation)
    );
  }

  #take(key: string, since: number): number | undefined {
    const number = this.#free.pop();
    if (number !== undefined) this.#ids.set(key, { number, since });
    return number;
  }
}
