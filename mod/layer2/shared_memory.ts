import { MAX_INTERFACES } from "./address_table.ts";
import { beatCells } from "./beat_counters.ts";
import { ClaimBoard, WORDS_PER_HOLDING } from "./claim_board.ts";
import { EVENT_RING_BYTES, EventRing } from "./event_ring.ts";
import { PROTOCOLS } from "./frame_responder.ts";
import { Generation, generationSize } from "./generation.ts";
import { OUTCOME_COUNT } from "./reasons.ts";

/**
 * Most addresses of one speaker, IPv4 and IPv6 together, unless told otherwise.
 *
 * The number is fixed when the worker starts: a worker that never yields cannot
 * be handed larger memory, and restarting it would leave all addresses
 * unanswered for a moment. At 32 bytes a place, the addresses of both
 * generations of the default take 2 MiB; the tables of groups and stations
 * become resident as they are used.
 */
export const DEFAULT_ADDRESS_CAPACITY = 16384;

/** Ids of addresses and of groups share a word. */
const MAX_ADDRESS_CAPACITY = 32768;

/** Words of {@linkcode SharedMemory.control}, all read and written atomically. */
export const CONTROL = {
  /** Number of the newest generation that was written, from 0 (none). */
  published: 0,
  /** Number of the newest generation that is in force. */
  applied: 1,
  /** Not 0: the worker must end. */
  stop: 2,
  /** Where the worker is, one of `WORKER_STATES` by index. */
  state: 3,
  /** What scheduling class it has, one of `SCHEDULING_CLASSES` by index. */
  scheduling: 4,
  /** Changes with everything that the worker tells; wakes who waits for it. */
  news: 5,
  /** What this node is to be for the others, one of `MEMBER_PHASES` by index. */
  phase: 6,
  /** Changes again and again while the main thread is alive. */
  mainAlive: 7,
  /** Changes with everything that is said on the board of claims. */
  claims: 8,
  /** Changes when the kernel tells that interfaces have changed. */
  links: 9,
} as const;

/** The life of the worker, in order. */
export const WORKER_STATES = [
  "starting",
  "running",
  "stopped",
  "failed",
] as const;

/** One of {@linkcode WORKER_STATES}. */
export type WorkerState = typeof WORKER_STATES[number];

/** What the main thread wants this node to be for the other members. */
export const MEMBER_PHASES = [
  /** Nothing yet: it listens, and claims nothing. */
  "starting",
  /** It says that it starts, and takes only what nobody else does: it may not forward yet. */
  "reserve",
  /** It takes part. */
  "member",
  /** It gives away what it owns, and goes on answering for what nobody takes. */
  "draining",
  /** It gives away what it owns, and ends. */
  "exiting",
] as const;

/** One of {@linkcode MEMBER_PHASES}. */
export type MemberPhase = typeof MEMBER_PHASES[number];

/** Cells of {@linkcode SharedMemory.gauges}. */
export const GAUGE = {
  /** Rounds of the loop so far. */
  rounds: 0,
  /** When the last round began, in ms since boot, sleep included. */
  heartbeat: 1,
  /** Longest time between the end of a wait and its deadline, in ms. */
  lateness: 2,
  /** Groups joined at present. */
  groups: 3,
  /** Announcements waiting to be sent. */
  announcements: 4,
  /** Milliseconds after which a silent peer counts as lost at present. */
  detectionTime: 5,
  /** Peers that get heartbeats, counted on each interface. */
  partners: 6,
  /** Groups that this node answers for, counted on each interface. */
  owned: 7,
  /** Milliseconds between beats at present. */
  beatInterval: 8,
  /** Milliseconds that others wait for this node at present. */
  patience: 9,
  /** 1 while beats of every living member are heard, else 0. */
  hearsAll: 10,
} as const;

/** Cells per interface of {@linkcode SharedMemory.statistics}. */
export const STATISTIC = {
  received: 0,
  droppedByKernel: 1,
  droppedByInterface: 2,
} as const;

/** Cells per address of {@linkcode SharedMemory.addresses}. */
export const ADDRESS_COUNTER = {
  requestsReceived: 0,
  responsesSent: 1,
  gratuitousSent: 2,
} as const;

const CONTROL_WORDS = 16;
const GAUGE_CELLS = 16;
/** Cells for what became of claims; their layout is the speaker's. */
const CLAIM_CELLS = 128;
/** Cells per interface or address, a power of two for cheap indexes. */
const STATISTIC_CELLS = 4;
const ADDRESS_CELLS = 4;

/** What both sides must agree on. */
export interface MemoryShape {
  /** Most addresses, and most groups of them; a power of two, at most 32768. */
  readonly addressCapacity: number;
}

/**
 * The memory that the main thread and the packet worker share, laid out. Every
 * part has one writer: the main thread writes generations, the worker the rest.
 */
export class SharedMemory {
  /** The memory itself, to be handed to the worker. */
  readonly buffer: SharedArrayBuffer;
  /** What it was laid out for. */
  readonly shape: MemoryShape;
  /** See {@linkcode CONTROL}. */
  readonly control: Int32Array;
  /** See {@linkcode GAUGE}. */
  readonly gauges: Float64Array;
  /** Frames by interface slot, protocol and outcome; index: {@linkcode frameCell}. */
  readonly frames: Float64Array;
  /** Four cells per interface slot, see {@linkcode STATISTIC}. */
  readonly statistics: Float64Array;
  /** Heartbeats by interface slot and outcome; index: `beatCell`. */
  readonly beats: Float64Array;
  /** Four cells per address id, see {@linkcode ADDRESS_COUNTER}. */
  readonly addresses: Float64Array;
  /** What became of claims, counted. */
  readonly claimEvents: Float64Array;
  /** Who owns which group. */
  readonly board: ClaimBoard;
  /** What the worker tells. */
  readonly events: EventRing;
  /** The two copies of the desired state; generation n is in the one at `n & 1`. */
  readonly generations: readonly [Generation, Generation];
  #offset = 0;

  /**
   * Lays out memory; the same shape gives the same layout on both sides.
   *
   * @param buffer Memory of the other side; left out, zeroed memory is made.
   * @throws {RangeError} When the capacity is no power of two, or too large.
   */
  constructor(shape: MemoryShape, buffer?: SharedArrayBuffer) {
    if (
      !Number.isInteger(Math.log2(shape.addressCapacity)) ||
      shape.addressCapacity > MAX_ADDRESS_CAPACITY
    ) {
      throw new RangeError(
        `Cannot hold ${shape.addressCapacity} addresses: give a power of two up to ${MAX_ADDRESS_CAPACITY}`,
      );
    }
    this.shape = shape;
    this.buffer = buffer ?? new SharedArrayBuffer(bytesOf(shape));
    const { addressCapacity } = shape;
    this.control = this.#words(CONTROL_WORDS);
    this.gauges = this.#cells(GAUGE_CELLS);
    this.frames = this.#cells(frameCell(MAX_INTERFACES, 0));
    this.statistics = this.#cells(MAX_INTERFACES * STATISTIC_CELLS);
    this.beats = this.#cells(beatCells(MAX_INTERFACES));
    this.addresses = this.#cells((addressCapacity + 1) * ADDRESS_CELLS);
    this.claimEvents = this.#cells(CLAIM_CELLS);
    this.events = new EventRing(this.buffer, this.#take(EVENT_RING_BYTES));
    const { resident, spare } = generationSize(addressCapacity);
    const parts = [this.#words(resident), this.#words(resident)] as const;
    this.generations = [
      new Generation(parts[0], this.#words(spare), addressCapacity),
      new Generation(parts[1], this.#words(spare), addressCapacity),
    ];
    this.board = new ClaimBoard(
      this.#words((addressCapacity + 1) * WORDS_PER_HOLDING),
    );
  }

  #words(count: number): Int32Array {
    return new Int32Array(this.buffer, this.#take(count * 4), count);
  }

  #cells(count: number): Float64Array {
    return new Float64Array(this.buffer, this.#take(count * 8), count);
  }

  #take(bytes: number): number {
    const at = this.#offset;
    this.#offset += bytes;
    return at;
  }
}

/** Index of the first outcome's cell (answered) of an interface and a protocol. */
export function frameCell(slot: number, protocol: number): number {
  return (slot * PROTOCOLS.length + protocol) * OUTCOME_CELLS;
}

/** Cells kept for the outcomes, a fixed number above `OUTCOME_COUNT`. */
const OUTCOME_CELLS = Math.ceil(OUTCOME_COUNT / 8) * 8;

/** Index of an address's first counter. */
export function addressCell(id: number): number {
  return id * ADDRESS_CELLS;
}

/** Index of an interface's first statistic. */
export function statisticCell(slot: number): number {
  return slot * STATISTIC_CELLS;
}

function bytesOf({ addressCapacity }: MemoryShape): number {
  const { resident, spare } = generationSize(addressCapacity);
  const words = CONTROL_WORDS + 2 * (resident + spare) +
    (addressCapacity + 1) * WORDS_PER_HOLDING;
  const cells = GAUGE_CELLS + frameCell(MAX_INTERFACES, 0) +
    MAX_INTERFACES * STATISTIC_CELLS + beatCells(MAX_INTERFACES) +
    (addressCapacity + 1) * ADDRESS_CELLS + CLAIM_CELLS;
  return words * 4 + cells * 8 + EVENT_RING_BYTES;
}
