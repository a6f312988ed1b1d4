import { monotonicMilliseconds } from "./clock.ts";
import { type NativeLibrary, symbolsOf } from "./library.ts";
import { lastErrno, SMALLEST_BUFFER, wideCells } from "./memory.ts";
import { ERRNO, errnoName, NativeError } from "./native_error.ts";
import type { NativeSymbols } from "./symbols.ts";

/** Something can be read. */
export const POLLIN = 0x01;
/** The descriptor is in error; always reported. */
export const POLLERR = 0x08;
/** The other end hung up; always reported. */
export const POLLHUP = 0x10;
/** The descriptor is not open; always reported. */
export const POLLNVAL = 0x20;

/** Longest wait, in ms: far away, and its seconds fit 32 bits. */
const LONGEST_WAIT = 2 ** 31;

/**
 * A fixed number of slots for descriptors that are waited for together.
 *
 * A slot keeps its number until it is removed; {@link wait}, {@link revents}
 * and {@link size} allocate nothing.
 */
export class PollSet {
  /** Number of slots. */
  readonly capacity: number;
  readonly #symbols: NativeSymbols;
  // struct pollfd { int fd; short events; short revents }
  readonly #fds: Int32Array<ArrayBuffer>;
  readonly #events: Int16Array<ArrayBuffer>;
  readonly #count = wideCells();
  readonly #countLow = new Uint32Array(this.#count.buffer);
  // struct timespec as 32-bit halves, low first
  readonly #timeout = new Uint32Array(SMALLEST_BUFFER / 4);

  /** Makes a set of `capacity` free slots. */
  constructor(library: NativeLibrary, capacity: number) {
    this.capacity = capacity;
    this.#symbols = symbolsOf(library);
    const memory = new ArrayBuffer(Math.max(capacity * 8, SMALLEST_BUFFER));
    this.#fds = new Int32Array(memory).fill(-1);
    this.#events = new Int16Array(memory);
  }

  /** Slots that {@link wait} looks at: one more than the highest used one. */
  get size(): number {
    return this.#countLow[0] ?? 0;
  }

  /**
   * Puts a descriptor into the lowest free slot and returns the slot.
   *
   * @param events what to wait for; errors are always reported.
   * @throws {RangeError} when all slots are used, or the descriptor is negative.
   */
  add(fd: number, events: number = POLLIN): number {
    if (fd < 0) throw new RangeError(`Cannot poll descriptor ${fd}: not open`);
    for (let slot = 0; slot < this.capacity; slot++) {
      if (this.#fds[slot * 2] !== -1) continue;
      this.#fds[slot * 2] = fd;
      this.#events[slot * 4 + 2] = events;
      this.#events[slot * 4 + 3] = 0;
      this.#countLow[0] = Math.max(this.size, slot + 1);
      return slot;
    }
    throw new RangeError(
      `Cannot poll descriptor ${fd}: all ${this.capacity} slots are used`,
    );
  }

  /** Frees a slot; a free slot stays free. */
  remove(slot: number): void {
    if (slot < 0 || slot >= this.size) return;
    this.#fds[slot * 2] = -1;
    this.#events[slot * 4 + 3] = 0;
    while (this.size > 0 && this.#fds[(this.size - 1) * 2] === -1) {
      this.#countLow[0] = this.size - 1;
    }
  }

  /**
   * Blocks the thread until a descriptor is ready or the time is over.
   *
   * A signal does not end it early: the rest of the time is waited for.
   *
   * @param timeoutMs milliseconds, fractions count; 0 only looks; `Infinity` waits on.
   * @returns the number of ready slots, 0 when the time is over.
   * @throws {NativeError} `systemCall`.
   */
  wait(timeoutMs: number): number {
    const symbols = this.#symbols;
    const start = timeoutMs > 0 ? monotonicMilliseconds(symbols) : 0;
    let left = timeoutMs;
    for (;;) {
      this.#setTimeout(left);
      const ready = symbols.ppoll(
        this.#fds,
        this.#count[0],
        this.#timeout,
        0n,
      );
      if (ready >= 0) return ready;
      const errno = lastErrno(symbols);
      if (errno !== ERRNO.EINTR) throw pollFailed(errno);
      if (timeoutMs > 0) {
        left = timeoutMs - (monotonicMilliseconds(symbols) - start);
      }
    }
  }

  /** What the last {@link wait} found in a slot: a set of `POLL…` bits, 0 for nothing. */
  revents(slot: number): number {
    return this.#events[slot * 4 + 3] ?? 0;
  }

  #setTimeout(milliseconds: number): void {
    const bounded = milliseconds > 0
      ? (milliseconds < LONGEST_WAIT ? milliseconds : LONGEST_WAIT)
      : 0;
    const seconds = Math.floor(bounded / 1000);
    this.#timeout[0] = seconds;
    this.#timeout[2] = Math.min((bounded - seconds * 1000) * 1e6, 999_999_999);
  }
}

function pollFailed(errno: number): NativeError {
  return new NativeError(
    `Cannot wait for descriptors: ppoll failed with ${errnoName(errno)}`,
    { operation: "ppoll", errno, reason: "systemCall" },
  );
}
