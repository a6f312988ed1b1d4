import {
  CaptureHandle,
  type CaptureStatistics,
  NativeError,
  type NativeLibrary,
} from "../../ffi/mod.ts";
import {
  ADDRESS_COUNTER,
  addressCell,
  type AddressTable,
  AnnouncementFrames,
  type Arbitration,
  DROP,
  frameCell,
  FrameResponder,
  Member,
  PACKET_FILTER,
  QuestionFrames,
  type SharedMemory,
  SIGHTING,
  type Sighting,
  type SlottedInterface,
  SNAP_LENGTH,
  STATISTIC,
  statisticCell,
} from "../../mod/layer2/mod.ts";

/** Settings of a port. */
export interface PortOptions {
  /** Bytes of the kernel's ring. */
  readonly ringBytes: number;
}

/** Told what frames of others say about addresses of groups; the sighting is filled anew after the call. */
export type SightingListener = (port: Port, sighting: Sighting) => void;

/** What all ports share. */
export interface PortContext {
  /** Counts. */
  readonly memory: SharedMemory;
  /** Knows the other members. */
  readonly arbitration: Arbitration;
  /** Is told what is seen. */
  readonly onSighting: SightingListener;
}

const NO_STATISTICS: CaptureStatistics = {
  received: 0,
  droppedByKernel: 0,
  droppedByInterface: 0,
};

/**
 * One interface that frames are answered on: its capture handle, the responder
 * for its address and the frames that announce from it.
 */
export class Port implements Disposable {
  /** Where the poll set has the handle's descriptor; kept by the owner. */
  pollSlot = -1;
  /** What this node claims here, and what it sees of the others. */
  readonly member: Member;
  readonly #handle: CaptureHandle;
  readonly #memory: SharedMemory;
  readonly #context: PortContext;
  readonly #frame = new Uint8Array(2 * SNAP_LENGTH);
  #link: SlottedInterface;
  #responder: FrameResponder;
  #announcements: AnnouncementFrames;
  #questions: QuestionFrames;
  #statistics = NO_STATISTICS;
  #hasHeard = false;

  private constructor(
    handle: CaptureHandle,
    link: SlottedInterface,
    context: PortContext,
  ) {
    const { memory, arbitration } = context;
    this.#handle = handle;
    this.#memory = memory;
    this.#context = context;
    this.#link = link;
    this.member = new Member(arbitration, memory.shape.addressCapacity);
    this.#responder = new FrameResponder(link, this.member);
    this.#announcements = new AnnouncementFrames(link.mac, arbitration);
    this.#questions = new QuestionFrames(link, arbitration);
  }

  /**
   * Starts capturing on an interface.
   *
   * @throws {NativeError} When the interface cannot be opened.
   */
  static open(
    library: NativeLibrary,
    link: SlottedInterface,
    options: PortOptions,
    context: PortContext,
  ): Port {
    const handle = CaptureHandle.open(library, link.name, {
      snapLength: SNAP_LENGTH,
      bufferBytes: options.ringBytes,
    });
    try {
      requireIndex(handle, link);
      handle.setFilter(PACKET_FILTER);
    } catch (error) {
      handle.close();
      throw error;
    }
    return new Port(handle, link, context);
  }

  /** The interface. */
  get link(): SlottedInterface {
    return this.#link;
  }

  /** Descriptor to poll. */
  get fd(): number {
    return this.#handle.fd;
  }

  /** What ended the handle or the last send, for people. */
  get failure(): string {
    return this.#handle.failure?.message ?? "the descriptor is in error";
  }

  /** The frames that announce from this interface. */
  get announcements(): AnnouncementFrames {
    return this.#announcements;
  }

  /** The frames that ask from this interface. */
  get questions(): QuestionFrames {
    return this.#questions;
  }

  /** Takes over what is new about the interface: addresses, protocols, name. What is claimed stays. */
  update(link: SlottedInterface): void {
    const { arbitration } = this.#context;
    this.#link = link;
    this.#responder = new FrameResponder(link, this.member);
    this.#announcements = new AnnouncementFrames(link.mac, arbitration);
    this.#questions = new QuestionFrames(link, arbitration);
  }

  /**
   * Answers frames that wait, up to a number of them. Allocates nothing.
   *
   * @returns How many waited, at most `budget`; -1 when the handle is of no more use.
   */
  drain(budget: number, table: AddressTable): number {
    const frame = this.#frame;
    for (let i = 0; i < budget; i++) {
      const length = this.#handle.next(frame);
      if (length === 0) return i;
      if (length < 0) return -1;
      this.#hasHeard = true;
      this.#answer(frame, length, table);
    }
    return budget;
  }

  /** Whether any frame came since the last call. */
  takeHeard(): boolean {
    const hasHeard = this.#hasHeard;
    this.#hasHeard = false;
    return hasHeard;
  }

  /** Sends a frame; whether the interface took it. */
  send(frame: Uint8Array<ArrayBuffer>, length: number): boolean {
    return this.#handle.send(frame, length);
  }

  /** Adds what the handle counted since the last call to shared memory. */
  countStatistics(): void {
    const now = this.#handle.statistics();
    const before = this.#statistics;
    this.#statistics = now;
    const at = statisticCell(this.#link.slot);
    const add = (cell: number, to: number, from: number): void => {
      // The handle's counters are unsigned 32-bit numbers and wrap.
      const cells = this.#memory.statistics;
      cells[at + cell] = (cells[at + cell] ?? 0) + ((to - from) >>> 0);
    };
    add(STATISTIC.received, now.received, before.received);
    add(
      STATISTIC.droppedByKernel,
      now.droppedByKernel,
      before.droppedByKernel,
    );
    add(
      STATISTIC.droppedByInterface,
      now.droppedByInterface,
      before.droppedByInterface,
    );
  }

  /** Stops capturing. */
  close(): void {
    this.#handle.close();
  }

  /** Same as {@linkcode close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #answer(frame: Uint8Array, length: number, table: AddressTable): void {
    const responder = this.#responder;
    const result = responder.respond(frame, length, table);
    const cell = frameCell(this.#link.slot, responder.protocol);
    if (result < 0) increment(this.#memory.frames, cell - result);
    else this.#send(responder, result, cell, table);
    const { sighting } = responder;
    if (sighting.kind !== SIGHTING.none) {
      this.#context.onSighting(this, sighting);
    }
  }

  #send(
    responder: FrameResponder,
    length: number,
    cell: number,
    table: AddressTable,
  ): void {
    const address = addressCell(table.id(responder.place));
    const { addresses, frames } = this.#memory;
    increment(addresses, address + ADDRESS_COUNTER.requestsReceived);
    if (this.#handle.send(responder.reply, length)) {
      increment(frames, cell);
      increment(addresses, address + ADDRESS_COUNTER.responsesSent);
    } else {
      increment(frames, cell - DROP.sendFailed);
    }
  }
}

/** Names change hands: what was opened must be what was meant. */
function requireIndex(handle: CaptureHandle, link: SlottedInterface): void {
  const { interfaceName, interfaceIndex } = handle;
  if (interfaceIndex === link.index) return;
  throw new NativeError(
    `Cannot capture on "${interfaceName}": it is interface ${interfaceIndex} now, not ${link.index}`,
    { operation: "if_nametoindex", reason: "interfaceMissing" },
  );
}

function increment(cells: Float64Array, index: number): void {
  cells[index] = (cells[index] ?? 0) + 1;
}
