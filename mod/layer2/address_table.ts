import { type Ip, ipToBytes } from "../net/mod.ts";

/** 32-bit words of one entry: four of the address, two of interfaces, id, epoch. */
export const WORDS_PER_ENTRY = 8;

/** Interface slots that an entry can name. */
export const MAX_INTERFACES = 64;

const MASK_WORD = 4;
const ID_WORD = 6;
const EPOCH_WORD = 7;

/** A word has both the id and, in its upper half, the group. */
const ID_BITS = 0xffff;
const GROUP_SHIFT = 16;

/** Third word of an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2). */
const MAPPED = 0xffff;

/** What is stored for an address. */
export interface AddressEntry {
  /** The announced address. */
  readonly ip: Ip;
  /** Bit n: announced on the interface in slot n (0–31). */
  readonly lowMask: number;
  /** Bit n: announced on the interface in slot 32 + n. */
  readonly highMask: number;
  /** Identity for counters, from 1, below 2^16; 0 marks a free place. */
  readonly id: number;
  /** Index of the group whose owner answers for it; left out or 0: this node always does. */
  readonly group?: number;
  /** A change asks for a new burst of announcements. */
  readonly epoch: number;
}

/**
 * The announced addresses: an open-addressing hash over shared memory, never
 * more than half full, looked up straight from the bytes of a frame without
 * allocating. IPv4 addresses are kept in their IPv4-mapped form.
 *
 * It holds signed words, so that every value is a small integer to the engine.
 */
export class AddressTable {
  readonly #words: Int32Array;
  /** How many places are taken, and which: nobody has to go through the free ones. */
  readonly #taken: Int32Array;
  readonly #placeMask: number;

  /**
   * Lays a table over memory as it is; zeroed memory is an empty table.
   *
   * @param words Room for a power of two of entries, at least twice the most
   *   addresses that will be put in.
   * @param taken One word more than there can be addresses.
   * @throws {RangeError} When the number of places is no power of two.
   */
  constructor(
    words: Int32Array,
    taken: Int32Array = new Int32Array(words.length / WORDS_PER_ENTRY + 1),
  ) {
    const places = words.length / WORDS_PER_ENTRY;
    if (!Number.isInteger(Math.log2(places))) {
      throw new RangeError(
        `Cannot lay out ${places} places: give a power of two`,
      );
    }
    this.#words = words;
    this.#taken = taken;
    this.#placeMask = places - 1;
  }

  /** How many addresses it holds. */
  get size(): number {
    return this.#taken[0] ?? 0;
  }

  /** The place of one of its addresses, by a number from 0 on. */
  placeOf(number: number): number {
    return this.#taken[number + 1] ?? 0;
  }

  /** Forgets all addresses. Memory that was never used is not made resident. */
  clear(): void {
    for (let number = 0; number < this.size; number++) {
      const at = this.placeOf(number) * WORDS_PER_ENTRY;
      this.#words.fill(0, at, at + WORDS_PER_ENTRY);
    }
    this.#taken[0] = 0;
  }

  /**
   * Puts in an address that is not there yet. The caller keeps the table at
   * most half full, which is what ends every search.
   */
  insert(entry: AddressEntry): void {
    const [w0, w1, w2, w3] = addressWords(entry.ip);
    let place = hash(w0, w1, w2, w3) & this.#placeMask;
    while (this.id(place) !== 0) place = (place + 1) & this.#placeMask;
    this.#words.set([
      w0,
      w1,
      w2,
      w3,
      entry.lowMask,
      entry.highMask,
      entry.id | ((entry.group ?? 0) << GROUP_SHIFT),
      entry.epoch,
    ], place * WORDS_PER_ENTRY);
    this.#taken[this.size + 1] = place;
    this.#taken[0] = this.size + 1;
  }

  /** The place of the IPv4 address at an offset of a frame, or -1. */
  findIpv4(frame: Uint8Array, offset: number): number {
    return this.#find(0, 0, MAPPED, readWord(frame, offset));
  }

  /**
   * The place of the IPv6 address at an offset of a frame, or -1. What is
   * IPv4-mapped is no IPv6 address on a link and is not found.
   */
  findIpv6(frame: Uint8Array, offset: number): number {
    const w0 = readWord(frame, offset);
    const w1 = readWord(frame, offset + 4);
    const w2 = readWord(frame, offset + 8);
    if (isIpv4Words(w0, w1, w2)) return -1;
    return this.#find(w0, w1, w2, readWord(frame, offset + 12));
  }

  /** The identity of the address in a place; 0 when the place is free. */
  id(place: number): number {
    return (this.#words[place * WORDS_PER_ENTRY + ID_WORD] ?? 0) & ID_BITS;
  }

  /** Index of the group of the address in a place; 0 = it has none. */
  group(place: number): number {
    const word = this.#words[place * WORDS_PER_ENTRY + ID_WORD] ?? 0;
    return word >>> GROUP_SHIFT;
  }

  /**
   * A place that was found, if its address is a group's and announced on the
   * interface in a slot; else -1, as for one that was not found.
   */
  placeInGroup(place: number, slot: number): number {
    return place >= 0 && this.group(place) !== 0 &&
        this.onInterface(place, slot)
      ? place
      : -1;
  }

  /** The announcement epoch of the address in a place. */
  epoch(place: number): number {
    return this.#words[place * WORDS_PER_ENTRY + EPOCH_WORD] ?? 0;
  }

  /** One of the four words of the address in a place. */
  word(place: number, index: number): number {
    return this.#words[place * WORDS_PER_ENTRY + index] ?? 0;
  }

  /** Slots 0–31 (half 0) or 32–63 (half 1) of the address in a place. */
  mask(place: number, half: number): number {
    return this.#words[place * WORDS_PER_ENTRY + MASK_WORD + half] ?? 0;
  }

  /** Whether the address in a place is announced on the interface in a slot. */
  onInterface(place: number, slot: number): boolean {
    return (this.mask(place, slot >> 5) & (1 << (slot & 31))) !== 0;
  }

  #find(w0: number, w1: number, w2: number, w3: number): number {
    const words = this.#words;
    let place = hash(w0, w1, w2, w3) & this.#placeMask;
    for (;;) {
      const at = place * WORDS_PER_ENTRY;
      if (words[at + ID_WORD] === 0) return -1;
      if (
        words[at + 3] === w3 && words[at + 2] === w2 &&
        words[at + 1] === w1 && words[at] === w0
      ) return place;
      place = (place + 1) & this.#placeMask;
    }
  }
}

/** The four signed words of an address, IPv4 in its IPv4-mapped form. */
export function addressWords(ip: Ip): [number, number, number, number] {
  const bytes = ipToBytes(ip);
  if (ip.family === "IPv4") return [0, 0, MAPPED, readWord(bytes, 0)];
  return [
    readWord(bytes, 0),
    readWord(bytes, 4),
    readWord(bytes, 8),
    readWord(bytes, 12),
  ];
}

/** Whether four address words are an IPv4 address. */
export function isIpv4Words(w0: number, w1: number, w2: number): boolean {
  return w2 === MAPPED && w1 === 0 && w0 === 0;
}

/** The signed 32-bit word at an offset, network byte order. */
export function readWord(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 24) | ((bytes[offset + 1] ?? 0) << 16) |
    ((bytes[offset + 2] ?? 0) << 8) | (bytes[offset + 3] ?? 0);
}

/**
 * Spreads addresses over the places. Neighbours in a pool differ in the last
 * bits only, so these are multiplied through the whole word.
 */
function hash(w0: number, w1: number, w2: number, w3: number): number {
  let h = Math.imul(w0 ^ Math.imul(w1, 0x27d4eb2f), 0x165667b1);
  h = Math.imul(h ^ w2 ^ (h >>> 15), 0x2545f491);
  h = Math.imul(h ^ w3 ^ (h >>> 13), 0x9e3779b1);
  return h ^ (h >>> 16);
}
