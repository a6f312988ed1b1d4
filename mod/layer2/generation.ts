import {
  AddressTable,
  MAX_INTERFACES,
  WORDS_PER_ENTRY,
} from "./address_table.ts";
import type { SlottedInterface } from "./desired_state.ts";
import {
  CANDIDATES_PER_GROUP,
  GROUP_COUNTERS,
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

/** Parts that are written with every publication: they are resident. */
type ResidentPart = "counters" | "interfaces" | "membership" | "table";

/**
 * Parts that become resident as they are used. They lie apart from the others:
 * the kernel may make 2 MiB around each written word resident.
 */
type SparePart = "taken" | "peers" | "stations" | "groups" | "candidates";

/** 32-bit words of parts, in their order. */
type Sizes<Part extends string> = Readonly<Record<Part, number>>;

const PEER_COUNTERS = 1;
const STATION_COUNTERS = 1;

function residentSizes(addressCapacity: number): Sizes<ResidentPart> {
  return {
    counters: GROUP_COUNTERS + PEER_COUNTERS + STATION_COUNTERS,
    interfaces: MAX_INTERFACES * WORDS_PER_INTERFACE,
    membership: MEMBERSHIP_WORDS,
    table: 2 * addressCapacity * WORDS_PER_ENTRY,
  };
}

/** There are at most as many groups as addresses. */
function spareSizes(addressCapacity: number): Sizes<SparePart> {
  return {
    taken: addressCapacity + 1,
    peers: PEER_CAPACITY * WORDS_PER_PEER,
    stations: 2 * STATION_CAPACITY * WORDS_PER_STATION,
    groups: (addressCapacity + 1) * WORDS_PER_GROUP,
    candidates: addressCapacity * CANDIDATES_PER_GROUP * WORDS_PER_CANDIDATE,
  };
}

/** 32-bit words of a copy of the desired state. */
export interface GenerationSize {
  /** Those that are always resident. */
  readonly resident: number;
  /** Those that become so. */
  readonly spare: number;
}

/** How large a copy of the desired state is. */
export function generationSize(addressCapacity: number): GenerationSize {
  const sum = (sizes: Readonly<Record<string, number>>): number =>
    Object.values(sizes).reduce((total, words) => total + words, 0);
  return {
    resident: sum(residentSizes(addressCapacity)),
    spare: sum(spareSizes(addressCapacity)),
  };
}

/** Cuts memory into parts, in the order of their sizes. */
function cut<Part extends string>(
  words: Int32Array,
  sizes: Sizes<Part>,
): (part: Part) => Int32Array {
  const parts = new Map<string, Int32Array>();
  let end = 0;
  for (const [part, size] of Object.entries<number>(sizes)) {
    parts.set(part, words.subarray(end, end += size));
  }
  return (part) => parts.get(part) ?? new Int32Array(0);
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
   * @param resident As many words as {@linkcode GenerationSize} says.
   * @param spare The same.
   * @param addressCapacity The most addresses.
   */
  constructor(
    resident: Int32Array,
    spare: Int32Array,
    addressCapacity: number,
  ) {
    const part = cut(resident, residentSizes(addressCapacity));
    const sparePart = cut(spare, spareSizes(addressCapacity));
    const { buffer, byteOffset, byteLength } = part("interfaces");
    this.#interfaces = new DataView(buffer, byteOffset, byteLength);
    this.table = new AddressTable(part("table"), sparePart("taken"));
    this.membership = new MembershipRecord(part("membership"));
    const counters = part("counters");
    this.groups = new GroupTable(
      sparePart("groups"),
      sparePart("candidates"),
      counters.subarray(0, GROUP_COUNTERS),
    );
    this.peers = new PeerTable(
      sparePart("peers"),
      counters.subarray(GROUP_COUNTERS),
    );
    this.stations = new StationTable(
      sparePart("stations"),
      counters.subarray(GROUP_COUNTERS + PEER_COUNTERS),
    );
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
