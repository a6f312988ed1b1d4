import { type AddressTable, isIpv4Words } from "./address_table.ts";

/** Who is told what changed for an address on an interface. */
export interface AppliedStateSink {
  /** The address is answered for from now on. */
  begin(id: number, slot: number): void;
  /** The address is no longer answered for. */
  end(id: number, slot: number): void;
  /** Still answered for, but to be announced anew. */
  again(id: number, slot: number): void;
  /** The id now stands for another address than ever before; follows its last `end`. */
  renamed(id: number): void;
}

/** Sets of interface slots: bit n of the first word is slot n, of the second slot 32 + n. */
export type SlotMask = readonly [number, number];

/** The slots that can be used, and those to be announced on anew. */
export interface UsableSlots {
  /** Open, and ARP is answered. */
  readonly arp: SlotMask;
  /** Open, and NDP is answered. */
  readonly ndp: SlotMask;
  /** Interfaces whose epoch or address changed. */
  readonly again: SlotMask;
}

const KEY_WORDS = 4;

/**
 * What the worker does at present, address by address: on which open interfaces
 * it answers for each. {@linkcode reconcile} compares that with a new table or
 * with changed interfaces and tells the difference, so a state that says the
 * same again causes nothing.
 */
export class AppliedState {
  readonly #keys: Int32Array;
  readonly #masks: [Int32Array, Int32Array];
  readonly #epochs: Int32Array;
  readonly #seen: Int32Array;
  readonly #ids: Int32Array;
  #count = 0;
  #pass = 0;

  /**
   * Begins with nothing answered for.
   *
   * @param addressCapacity The largest id.
   */
  constructor(addressCapacity: number) {
    const size = addressCapacity + 1;
    this.#keys = new Int32Array(size * KEY_WORDS);
    this.#masks = [new Int32Array(size), new Int32Array(size)];
    this.#epochs = new Int32Array(size);
    this.#seen = new Int32Array(size);
    this.#ids = new Int32Array(size);
  }

  /** One of the four words of an id's address, IPv4 in its IPv4-mapped form. */
  word(id: number, index: number): number {
    return this.#keys[id * KEY_WORDS + index] ?? 0;
  }

  /** Whether an id's address is IPv4. */
  isIpv4(id: number): boolean {
    return isIpv4Words(this.word(id, 0), this.word(id, 1), this.word(id, 2));
  }

  /** Whether an id's address is answered for, or watched, on the interface in a slot. */
  isOn(id: number, slot: number): boolean {
    return (this.#held(id, slot < 32 ? 0 : 1) & (1 << (slot & 31))) !== 0;
  }

  /** Addresses known, those answered for nowhere included. */
  get size(): number {
    return this.#count;
  }

  /**
   * Makes the present state what the table says, restricted to usable slots.
   *
   * Everything that ends is told before anything that begins, so that what it
   * held is free again.
   */
  reconcile(
    table: AddressTable,
    slots: UsableSlots,
    sink: AppliedStateSink,
  ): void {
    this.#pass++;
    const { size } = table;
    for (let number = 0; number < size; number++) {
      const place = table.placeOf(number);
      this.#shrink(table, place, table.id(place), slots, sink);
    }
    this.#forgetUnseen(sink);
    for (let number = 0; number < size; number++) {
      const place = table.placeOf(number);
      this.#grow(table, place, table.id(place), slots, sink);
    }
  }

  /** Ends what an address must give up; a reused id gives up everything. */
  #shrink(
    table: AddressTable,
    place: number,
    id: number,
    slots: UsableSlots,
    sink: AppliedStateSink,
  ): void {
    this.#seen[id] = this.#pass;
    if (!this.#isSame(table, place, id)) {
      this.#endAll(id, sink);
      this.#rename(table, place, id);
      sink.renamed(id);
      return;
    }
    for (let half = 0; half < 2; half++) {
      const wanted = this.#wanted(table, place, id, slots, half);
      const held = this.#held(id, half);
      forEachSlot(held & ~wanted, half, (slot) => sink.end(id, slot));
      this.#hold(id, half, held & wanted);
    }
  }

  /** Begins what is new, and announces anew what should be. */
  #grow(
    table: AddressTable,
    place: number,
    id: number,
    slots: UsableSlots,
    sink: AppliedStateSink,
  ): void {
    const epoch = table.epoch(place);
    const isNewEpoch = epoch !== this.#epochs[id];
    this.#epochs[id] = epoch;
    for (let half = 0; half < 2; half++) {
      const wanted = this.#wanted(table, place, id, slots, half);
      const held = this.#held(id, half);
      const again = isNewEpoch ? held : held & (slots.again[half] ?? 0);
      forEachSlot(again, half, (slot) => sink.again(id, slot));
      forEachSlot(wanted & ~held, half, (slot) => sink.begin(id, slot));
      this.#hold(id, half, wanted);
    }
  }

  #forgetUnseen(sink: AppliedStateSink): void {
    let kept = 0;
    for (let i = 0; i < this.#count; i++) {
      const id = this.#ids[i] ?? 0;
      if (this.#seen[id] === this.#pass) {
        this.#ids[kept++] = id;
        continue;
      }
      this.#endAll(id, sink);
      this.#keys.fill(0, id * KEY_WORDS, (id + 1) * KEY_WORDS);
    }
    this.#count = kept;
  }

  #wanted(
    table: AddressTable,
    place: number,
    id: number,
    slots: UsableSlots,
    half: number,
  ): number {
    const usable = this.isIpv4(id) ? slots.arp : slots.ndp;
    return table.mask(place, half) & (usable[half] ?? 0);
  }

  #isSame(table: AddressTable, place: number, id: number): boolean {
    for (let i = 0; i < KEY_WORDS; i++) {
      if (this.word(id, i) !== table.word(place, i)) return false;
    }
    return true;
  }

  #rename(table: AddressTable, place: number, id: number): void {
    const isNew = this.word(id, 3) === 0 && this.word(id, 2) === 0 &&
      this.word(id, 1) === 0 && this.word(id, 0) === 0;
    if (isNew) this.#ids[this.#count++] = id;
    for (let i = 0; i < KEY_WORDS; i++) {
      this.#keys[id * KEY_WORDS + i] = table.word(place, i);
    }
    this.#epochs[id] = table.epoch(place);
  }

  #endAll(id: number, sink: AppliedStateSink): void {
    for (let half = 0; half < 2; half++) {
      forEachSlot(this.#held(id, half), half, (slot) => sink.end(id, slot));
      this.#hold(id, half, 0);
    }
  }

  #held(id: number, half: number): number {
    return this.#masks[half === 0 ? 0 : 1][id] ?? 0;
  }

  #hold(id: number, half: number, mask: number): void {
    this.#masks[half === 0 ? 0 : 1][id] = mask;
  }
}

/** Calls back with the slot of every set bit of one half of a mask. */
function forEachSlot(
  mask: number,
  half: number,
  visit: (slot: number) => void,
): void {
  for (let rest = mask; rest !== 0; rest &= rest - 1) {
    visit(half * 32 + 31 - Math.clz32(rest & -rest));
  }
}
