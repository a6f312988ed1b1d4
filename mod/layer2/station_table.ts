import { type Ip, type Mac, readU16, readU32 } from "../net/mod.ts";
import { addressWords } from "./address_table.ts";
import { ipOfWords, readId, writeId } from "./shared_words.ts";

/** Most MAC addresses of members, ours included. */
export const STATION_CAPACITY = 2048;

/**
 * 32-bit words of one station: node (2), MAC address (2), IPv4 address,
 * link-local address (4), interfaces (2), and one that is free.
 */
export const WORDS_PER_STATION = 12;

const NODE = 0;
const MAC_HIGH = 2;
const MAC_LOW = 3;
const IPV4 = 4;
const LINK_LOCAL = 5;
const MASK = 9;

/** Marks in the upper half of a MAC address's first word. */
const USED = 1 << 16;
const SELF = 1 << 17;
const HAS_IPV4 = 1 << 18;
const HAS_LINK_LOCAL = 1 << 19;

/** A network interface of a member, or of a node that is none. */
export interface Station {
  /** Its address. */
  readonly mac: Mac;
  /** Id of the node. */
  readonly node: number;
  /** Whether the node is this one. */
  readonly isSelf: boolean;
  /** Where its heartbeats go over IPv4. */
  readonly ipv4?: Ip;
  /** Where its heartbeats go over IPv6. */
  readonly linkLocal?: Ip;
  /** Bit n: it can be met on the interface in slot n (0–31). */
  readonly lowMask: number;
  /** Bit n: it can be met on the interface in slot 32 + n. */
  readonly highMask: number;
}

/**
 * The MAC addresses of the cluster: an open-addressing hash over shared memory,
 * at most half full, looked up straight from the bytes of a frame without
 * allocating.
 */
export class StationTable {
  readonly #count: Int32Array;
  readonly #words: Int32Array;
  readonly #placeMask: number;

  /**
   * Lays a table over memory as it is; zeroed memory is an empty table.
   *
   * @param words Room for a power of two of stations, at least twice the most
   *   that will be put in.
   * @param count One word, which counts them.
   */
  constructor(words: Int32Array, count: Int32Array) {
    this.#count = count;
    this.#words = words;
    this.#placeMask = words.length / WORDS_PER_STATION - 1;
  }

  /** Stations in it. */
  get size(): number {
    return this.#count[0] ?? 0;
  }

  /** Places, free ones included. */
  get places(): number {
    return this.#placeMask + 1;
  }

  /** Forgets all stations. Memory that was never used is not made resident. */
  clear(): void {
    if (this.size > 0) this.#words.fill(0);
    this.#count[0] = 0;
  }

  /** Puts in a station; of two with one MAC address the first stays. */
  insert(station: Station): void {
    const { mac } = station;
    if (this.find(mac, 0) >= 0) return;
    this.#count[0] = this.size + 1;
    const high = readU16(mac, 0);
    const low = readU32(mac, 2) | 0;
    let place = hash(high, low) & this.#placeMask;
    while (this.#isUsed(place)) place = (place + 1) & this.#placeMask;
    const at = place * WORDS_PER_STATION;
    const words = this.#words;
    writeId(words, at + NODE, station.node);
    words[at + MAC_HIGH] = high | USED | (station.isSelf ? SELF : 0) |
      (station.ipv4 === undefined ? 0 : HAS_IPV4) |
      (station.linkLocal === undefined ? 0 : HAS_LINK_LOCAL);
    words[at + MAC_LOW] = low;
    if (station.ipv4 !== undefined) {
      words.set(addressWords(station.ipv4).slice(3), at + IPV4);
    }
    if (station.linkLocal !== undefined) {
      words.set(addressWords(station.linkLocal), at + LINK_LOCAL);
    }
    words[at + MASK] = station.lowMask;
    words[at + MASK + 1] = station.highMask;
  }

  /** The place of the MAC address at an offset of a frame, or -1. */
  find(frame: Uint8Array, offset: number): number {
    const high = readU16(frame, offset);
    const low = readU32(frame, offset + 2) | 0;
    const words = this.#words;
    let place = hash(high, low) & this.#placeMask;
    for (;;) {
      const at = place * WORDS_PER_STATION;
      const first = words[at + MAC_HIGH] ?? 0;
      if ((first & USED) === 0) return -1;
      if ((first & 0xffff) === high && words[at + MAC_LOW] === low) {
        return place;
      }
      place = (place + 1) & this.#placeMask;
    }
  }

  /** Id of the node of the station in a place. */
  node(place: number): number {
    return readId(this.#words, place * WORDS_PER_STATION + NODE);
  }

  /** Whether the station in a place is this node's. */
  isSelf(place: number): boolean {
    const first = this.#words[place * WORDS_PER_STATION + MAC_HIGH] ?? 0;
    return (first & SELF) !== 0;
  }

  /** Whether heartbeats can go to the station in a place; not to MetalLB's. */
  takesBeats(place: number): boolean {
    const first = this.#words[place * WORDS_PER_STATION + MAC_HIGH] ?? 0;
    return (first & (HAS_IPV4 | HAS_LINK_LOCAL)) !== 0;
  }

  /** All stations, in no order. */
  *stations(): IterableIterator<Station> {
    for (let place = 0; place < this.places; place++) {
      if (this.#isUsed(place)) yield this.#station(place);
    }
  }

  #isUsed(place: number): boolean {
    const first = this.#words[place * WORDS_PER_STATION + MAC_HIGH] ?? 0;
    return (first & USED) !== 0;
  }

  #station(place: number): Station {
    const words = this.#words;
    const at = place * WORDS_PER_STATION;
    const first = words[at + MAC_HIGH] ?? 0;
    const mac = new Uint8Array(6);
    const view = new DataView(mac.buffer);
    view.setUint16(0, first & 0xffff);
    view.setInt32(2, words[at + MAC_LOW] ?? 0);
    return {
      mac,
      node: this.node(place),
      isSelf: this.isSelf(place),
      lowMask: words[at + MASK] ?? 0,
      highMask: words[at + MASK + 1] ?? 0,
      ...(first & HAS_IPV4) === 0
        ? {}
        : { ipv4: ipOfWords(words.subarray(at + IPV4, at + IPV4 + 1)) },
      ...(first & HAS_LINK_LOCAL) === 0 ? {} : {
        linkLocal: ipOfWords(words.subarray(at + LINK_LOCAL, at + MASK)),
      },
    };
  }
}

/** Vendors give out MAC addresses in sequence: the low bits must spread. */
function hash(high: number, low: number): number {
  const h = Math.imul(low ^ Math.imul(high, 0x27d4eb2f), 0x9e3779b1);
  return h ^ (h >>> 15);
}
