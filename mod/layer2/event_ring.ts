/** What the packet worker tells the main thread. */
export type PacketEvent =
  /** Frames are answered on the interface from now on. */
  | { readonly kind: "interfaceOpened"; readonly name: string }
  /** The interface is no longer desired; nothing is answered there. */
  | { readonly kind: "interfaceClosed"; readonly name: string }
  /** The interface could not be opened; it is tried again. */
  | {
    readonly kind: "interfaceFailed";
    readonly name: string;
    readonly message: string;
  }
  /** The interface vanished or went down while frames were captured on it. */
  | {
    readonly kind: "interfaceGone";
    readonly name: string;
    readonly message: string;
  }
  /** No heartbeats over the family on the interface; it is tried again. */
  | {
    readonly kind: "heartbeatsFailed";
    readonly name: string;
    readonly family: "IPv4" | "IPv6";
    readonly message: string;
  }
  /** The kernel refused a solicited-node group; it is tried again. */
  | {
    readonly kind: "joinRefused";
    readonly name: string;
    readonly group: string;
    readonly message: string;
  }
  /** What became of a group of addresses on an interface. */
  | {
    readonly kind: "claim";
    readonly what: string;
    readonly reason: string;
    readonly name: string;
    /** Id of the group. */
    readonly group: number;
    /** Id of the other node concerned; 0 = none. */
    readonly node: number;
    readonly term: number;
  }
  /** A host that is no member uses an address of a group. */
  | {
    readonly kind: "conflict";
    readonly what: string;
    readonly name: string;
    /** Id of the group. */
    readonly group: number;
  }
  /** The worker gets the processor too late again and again, and asks the other nodes to wait longer for it. */
  | { readonly kind: "late" }
  /** The worker cannot go on. */
  | { readonly kind: "workerFailed"; readonly message: string };

const RECORD_BYTES = 512;
const RECORDS = 128;
const HEADER_BYTES = 16;

/** Bytes of the ring in shared memory. */
export const EVENT_RING_BYTES: number = HEADER_BYTES + RECORDS * RECORD_BYTES;

const WRITTEN = 0;
const READ = 1;
const LOST = 2;
const LENGTH_BYTES = 2;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Events from the one thread that writes to the one that reads, in order. When
 * the reader is too slow, new events are lost and counted, never old ones
 * overwritten.
 */
export class EventRing {
  readonly #heads: Int32Array;
  readonly #bytes: Uint8Array;

  /**
   * Lays a ring over memory as it is.
   *
   * @param buffer Shared memory.
   * @param offset Where {@linkcode EVENT_RING_BYTES} zeroed bytes begin.
   */
  constructor(buffer: SharedArrayBuffer, offset: number) {
    this.#heads = new Int32Array(buffer, offset, HEADER_BYTES / 4);
    this.#bytes = new Uint8Array(
      buffer,
      offset + HEADER_BYTES,
      RECORDS * RECORD_BYTES,
    );
  }

  /** Events that found no room. */
  get lost(): number {
    return Atomics.load(this.#heads, LOST);
  }

  /** Whether the reader is so far behind that only what matters most should be written. */
  get isBusy(): boolean {
    const written = Atomics.load(this.#heads, WRITTEN);
    return written - Atomics.load(this.#heads, READ) >= RECORDS / 2;
  }

  /** Writes an event; `false` when there was no room. Long messages are cut. */
  push(event: PacketEvent): boolean {
    const written = Atomics.load(this.#heads, WRITTEN);
    if (written - Atomics.load(this.#heads, READ) >= RECORDS) {
      Atomics.add(this.#heads, LOST, 1);
      return false;
    }
    const text = encode(event);
    const at = (written % RECORDS) * RECORD_BYTES;
    this.#bytes[at] = text.length >>> 8;
    this.#bytes[at + 1] = text.length;
    this.#bytes.set(text, at + LENGTH_BYTES);
    Atomics.store(this.#heads, WRITTEN, written + 1);
    return true;
  }

  /** Takes all events that wait. */
  drain(): PacketEvent[] {
    const events: PacketEvent[] = [];
    let read = Atomics.load(this.#heads, READ);
    while (read !== Atomics.load(this.#heads, WRITTEN)) {
      const at = (read % RECORDS) * RECORD_BYTES;
      const length = ((this.#bytes[at] ?? 0) << 8) | (this.#bytes[at + 1] ?? 0);
      const start = at + LENGTH_BYTES;
      // A decoder takes no shared memory: copy first.
      const text = this.#bytes.slice(start, start + length);
      events.push(JSON.parse(decoder.decode(text)));
      read++;
      Atomics.store(this.#heads, READ, read);
    }
    return events;
  }
}

/** An event as text that fits its record; a message that is too long is cut. */
function encode(event: PacketEvent): Uint8Array {
  const text = encoder.encode(JSON.stringify(event));
  if (text.length <= RECORD_BYTES - LENGTH_BYTES || !("message" in event)) {
    return text;
  }
  // Escapes make the text longer than the message, by how much depends on it.
  const half = Math.floor(event.message.length / 2);
  return encode({ ...event, message: event.message.slice(0, half) });
}
