import {
  AddressTable,
  MAX_INTERFACES,
  WORDS_PER_ENTRY,
} from "./address_table.ts";
import type { SlottedInterface } from "./desired_state.ts";
import {
  CANDIDATES_PER_GROUP,
  GroupTable,
  WORDS_PER_CANDIDATE,
  WORDS_PER_GROUP,
} from "./group_table.ts";
import {
  getInterface,
  putInterface,
  WORDS_PER_INTERFACE,
} from "./interface_record.ts";
import { MEMBERSHIP_WORDS, MembershipRecord } from "./membership_record.ts";
import { PEER_CAPACITY, PeerTable, WORDS_PER_PEER } from "./peer_table.ts";
import {
  STATION_CAPACITY,
  StationTable,
  WORDS_PER_STATION,
} from "./station_table.ts";

/** 32-bit words of each part. There are at most as many groups as addresses. */
function sizesOf(addressCapacity: number): Readonly<Record<Part, number>> {
  return {
    interfaces: MAX_INTERFACES * WORDS_PER_INTERFACE,
    table: 2 * addressCapacity * WORDS_PER_ENTRY,
    groups: (addressCapacity + 1) * WORDS_PER_GROUP,
    candidates: addressCapacity * CANDIDATES_PER_GROUP * WORDS_PER_CANDIDATE,
    peers: (PEER_CAPACITY + 1) * WORDS_PER_PEER,
    stations: (2 * STATION_CAPACITY + 1) * WORDS_PER_STATION,
    membership: MEMBERSHIP_WORDS,
  };
}

type Part =
  | "interfaces"
  | "table"
  | "groups"
  | "candidates"
  | "peers"
  | "stations"
  | "membership";

/** 32-bit words of a copy of the desired state. */
export function generationWords(addressCapacity: number): number {
  const sizes = Object.values(sizesOf(addressCapacity));
  return sizes.reduce((sum, words) => sum + words, 0);
}

/** One of the two copies of the desired state in shared memory. */
export class Generation {
  /** The addresses. */
  readonly table: AddressTable;
  /** The groups. */
  readonly groups: GroupTable;
  /** The other nodes. */
  readonly peers: PeerTable;
  /** Their and our MAC addresses. */
  readonly stations: StationTable;
  /** What else arbitration takes. */
  readonly membership: MembershipRecord;
  readonly #interfaces: DataView;

  /**
   * Lays a copy over memory as it is; zeroed memory is an empty state.
   *
   * @param words `generationWords` of them.
   * @param addressCapacity The most addresses.
   */
  constructor(words: Int32Array, addressCapacity: number) {
    const sizes = sizesOf(addressCapacity);
    let end = 0;
    const take = (part: Part): Int32Array =>
      words.subarray(end, end += sizes[part]);
    const { buffer, byteOffset, byteLength } = take("interfaces");
    this.#interfaces = new DataView(buffer, byteOffset, byteLength);
    this.table = new AddressTable(take("table"));
    this.groups = new GroupTable(take("groups"), take("candidates"));
    this.peers = new PeerTable(take("peers"));
    this.stations = new StationTable(take("stations"));
    this.membership = new MembershipRecord(take("membership"));
  }

  /** Forgets everything. */
  clear(): void {
    const { buffer, byteOffset, byteLength } = this.#interfaces;
    new Uint8Array(buffer, byteOffset, byteLength).fill(0);
    this.table.clear();
    this.groups.clear();
    this.peers.clear();
    this.stations.clear();
    this.membership.clear();
  }

  /**
   * Puts an interface into its slot.
   *
   * @throws {RangeError} When name or MAC address have the wrong length.
   */
  putInterface(link: SlottedInterface): void {
    putInterface(this.#interfaces, link);
  }

  /** All interfaces, by slot. */
  interfaces(): SlottedInterface[] {
    const found: SlottedInterface[] = [];
    for (let slot = 0; slot < MAX_INTERFACES; slot++) {
      const link = getInterface(this.#interfaces, slot);
      if (link !== undefined) found.push(link);
    }
    return found;
  }
}
