import { nativeBuffer } from "./memory.ts";
import type { SocketAddress } from "./socket_address.ts";
import type { NativeSymbols } from "./symbols.ts";

/** Offsets in a struct msghdr on 64-bit machines. */
const HEADER = {
  name: 0,
  nameLength: 8,
  vectors: 16,
  vectorCount: 24,
  control: 32,
  controlLength: 40,
  flags: 48,
  size: 56,
} as const;

/** A struct iovec { void *base; size_t len }. */
const VECTOR_LENGTH_AT = 8;
const VECTOR_BYTES = 16;

/** Offsets in a struct cmsghdr { size_t len; int level; int type }. */
const CONTROL = { level: 8, type: 12, data: 16 } as const;
const CONTROL_BYTES = 64;

/**
 * A struct msghdr for recvmsg(2) with everything that it points to: room for
 * one datagram, for the sender's address and for one control message with a
 * number in it. A pointer in C memory is an address, which memcpy(3) returns.
 */
export class MessageHeader {
  /** The struct msghdr. */
  readonly bytes: Uint8Array<ArrayBuffer> = nativeBuffer(HEADER.size);
  readonly #view = new DataView(this.bytes.buffer);
  readonly #control = nativeBuffer(CONTROL_BYTES);
  readonly #controlView = new DataView(this.#control.buffer);
  /** Must live as long as the header: C knows only its address. */
  readonly #vector = nativeBuffer(VECTOR_BYTES);
  readonly #nameBytes: number;

  /**
   * Points a header to its parts; all of them must outlive it.
   *
   * @param symbols finds out addresses.
   * @param datagram receives datagrams.
   * @param source receives their senders.
   */
  constructor(
    symbols: NativeSymbols,
    datagram: Uint8Array<ArrayBuffer>,
    source: SocketAddress,
  ) {
    const addressOf = (part: Uint8Array<ArrayBuffer>): bigint =>
      symbols.addressOf(part, part, 0n);
    const vector = new DataView(this.#vector.buffer);
    vector.setBigUint64(0, addressOf(datagram), true);
    vector.setBigUint64(VECTOR_LENGTH_AT, BigInt(datagram.byteLength), true);
    this.#nameBytes = source.size;
    this.#view.setBigUint64(HEADER.name, addressOf(source.bytes), true);
    this.#view.setBigUint64(HEADER.vectors, addressOf(this.#vector), true);
    this.#view.setUint32(HEADER.vectorCount, 1, true);
    this.#view.setBigUint64(HEADER.control, addressOf(this.#control), true);
  }

  /** Says again how much room there is: a call overwrites it. */
  reset(): void {
    this.#view.setUint32(HEADER.nameLength, this.#nameBytes, true);
    this.#view.setUint32(HEADER.controlLength, CONTROL_BYTES, true);
  }

  /** The number in the control message, if it is of this level and type; else -1. */
  number(level: number, type: number): number {
    const length = this.#view.getUint32(HEADER.controlLength, true);
    const control = this.#controlView;
    const isMeant = length >= CONTROL.data + 4 &&
      control.getInt32(CONTROL.level, true) === level &&
      control.getInt32(CONTROL.type, true) === type;
    return isMeant ? control.getInt32(CONTROL.data, true) : -1;
  }
}
