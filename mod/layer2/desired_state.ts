import { type Ip, ipToBytes, type Mac, MAC_LENGTH } from "../net/mod.ts";
import { type AddressTable, MAX_INTERFACES } from "./address_table.ts";

/** An interface that frames are answered on. */
export interface DesiredInterface {
  /** The kernel's index of it; its identity. */
  readonly index: number;
  /** Its name, at most 15 bytes. */
  readonly name: string;
  /** Its present address. */
  readonly mac: Mac;
  /** Answer ARP here: it can broadcast. */
  readonly arp: boolean;
  /** Answer NDP here: it has an IPv6 link-local address. */
  readonly ndp: boolean;
  /** A change makes all addresses be announced here anew, as after a lost carrier. */
  readonly epoch: number;
}

/** An address that is answered for. */
export interface DesiredAddress {
  /** The address. */
  readonly ip: Ip;
  /** On which interfaces, by name; names that are not there count for nothing. */
  readonly interfaces: "all" | readonly string[];
  /** A change makes it be announced anew. */
  readonly epoch: number;
}

/** All that the packet worker should do. Publishing the same again changes nothing. */
export interface DesiredState {
  /** Interfaces with unique indexes. */
  readonly interfaces: readonly DesiredInterface[];
  /** Unique addresses. */
  readonly addresses: readonly DesiredAddress[];
}

/** An interface and the slot that stands for it in bit masks and counters. */
export interface SlottedInterface extends DesiredInterface {
  /** From 0, below {@linkcode MAX_INTERFACES}. */
  readonly slot: number;
}

/** 32-bit words of one interface record. */
export const WORDS_PER_INTERFACE = 12;

const FLAG_ARP = 1;
const FLAG_NDP = 2;
const NAME_AT = 20;
/** IFNAMSIZ: bytes of a name with its NUL. */
const NAME_BYTES = 16;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * One of the two copies of the desired state in shared memory: the interfaces
 * by slot and the table of addresses.
 */
export class Generation {
  /** The addresses. */
  readonly table: AddressTable;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  /**
   * Lays a copy over memory as it is; zeroed memory is an empty state.
   *
   * @param records `MAX_INTERFACES` records of `WORDS_PER_INTERFACE` words.
   * @param table The addresses.
   */
  constructor(records: Int32Array, table: AddressTable) {
    this.#bytes = new Uint8Array(
      records.buffer,
      records.byteOffset,
      records.byteLength,
    );
    this.#view = new DataView(
      records.buffer,
      records.byteOffset,
      records.byteLength,
    );
    this.table = table;
  }

  /** Forgets everything. */
  clear(): void {
    this.#bytes.fill(0);
    this.table.clear();
  }

  /**
   * Puts an interface into its slot.
   *
   * @throws {RangeError} When name or MAC address have the wrong length.
   */
  putInterface(link: SlottedInterface): void {
    const at = link.slot * WORDS_PER_INTERFACE * 4;
    const name = encoder.encode(link.name);
    if (name.length >= NAME_BYTES || link.mac.length !== MAC_LENGTH) {
      throw new RangeError(
        `Cannot take interface "${link.name}": it needs a name of at most 15 bytes and a MAC address of 6`,
      );
    }
    this.#view.setInt32(at, link.index, true);
    this.#view.setInt32(
      at + 4,
      (link.arp ? FLAG_ARP : 0) | (link.ndp ? FLAG_NDP : 0),
      true,
    );
    this.#view.setInt32(at + 8, link.epoch, true);
    this.#bytes.set(link.mac, at + 12);
    this.#bytes.set(name, at + NAME_AT);
  }

  /** All interfaces, by slot. */
  interfaces(): SlottedInterface[] {
    const found: SlottedInterface[] = [];
    for (let slot = 0; slot < MAX_INTERFACES; slot++) {
      const link = this.#interface(slot);
      if (link !== undefined) found.push(link);
    }
    return found;
  }

  #interface(slot: number): SlottedInterface | undefined {
    const at = slot * WORDS_PER_INTERFACE * 4;
    const index = this.#view.getInt32(at, true);
    if (index === 0) return undefined;
    const flags = this.#view.getInt32(at + 4, true);
    const name = this.#bytes.slice(at + NAME_AT, at + NAME_AT + NAME_BYTES);
    return {
      slot,
      index,
      name: decoder.decode(name.subarray(0, name.indexOf(0))),
      mac: this.#bytes.slice(at + 12, at + 12 + MAC_LENGTH),
      arp: (flags & FLAG_ARP) !== 0,
      ndp: (flags & FLAG_NDP) !== 0,
      epoch: this.#view.getInt32(at + 8, true),
    };
  }
}

/** A text that is the same for the same address only. */
export function addressKey(ip: Ip): string {
  return String.fromCharCode(...ipToBytes(ip));
}
