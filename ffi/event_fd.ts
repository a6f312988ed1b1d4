import { Descriptor } from "./descriptor.ts";
import { type NativeLibrary, symbolsOf } from "./library.ts";
import { checked, SMALLEST_BUFFER } from "./memory.ts";

const EFD_CLOEXEC_NONBLOCK = 0o2000000 | 0o4000;

const one = new Uint32Array(SMALLEST_BUFFER / 4);
one[0] = 1;
const counter = new Uint32Array(SMALLEST_BUFFER / 4);

/**
 * A doorbell between threads (eventfd(2)): any thread that knows the number
 * rings with {@link notifyEventFd}, the owner waits for it in a {@link PollSet}.
 */
export class EventFd implements Disposable {
  readonly #descriptor: Descriptor;

  /**
   * Makes a doorbell that has not rung.
   *
   * @throws {NativeError} `systemCall`.
   */
  constructor(library: NativeLibrary) {
    const symbols = symbolsOf(library);
    const fd = symbols.eventfd(0, EFD_CLOEXEC_NONBLOCK);
    checked(symbols, "eventfd", fd);
    this.#descriptor = new Descriptor(library, fd, "eventfd");
  }

  /** The descriptor's number, valid in all threads of the process; -1 once closed. */
  get fd(): number {
    return this.#descriptor.fd;
  }

  /**
   * Rings.
   *
   * @throws {NativeError} `closed`, `systemCall`.
   */
  notify(): void {
    ring(this.#descriptor.symbols, this.#descriptor.openFd);
  }

  /**
   * Takes back all rings and returns how many there were; 0 if none.
   * Allocates nothing.
   *
   * @throws {NativeError} `closed`.
   */
  drain(): number {
    return take(this.#descriptor.symbols, this.#descriptor.openFd);
  }

  /** Closes the descriptor; a second call does nothing. */
  close(): void {
    this.#descriptor.close();
  }

  /** Same as {@link close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Rings the {@link EventFd} with this number, of this or another thread.
 *
 * @throws {NativeError} `systemCall`, with code `"EBADF"` when it was closed.
 */
export function notifyEventFd(library: NativeLibrary, fd: number): void {
  ring(symbolsOf(library), fd);
}

/**
 * Takes back all rings of the {@link EventFd} with this number, of this or
 * another thread, and returns how many there were; 0 if none. Allocates nothing.
 */
export function drainEventFd(library: NativeLibrary, fd: number): number {
  return take(symbolsOf(library), fd);
}

function take(symbols: ReturnType<typeof symbolsOf>, fd: number): number {
  // Nonblocking: without a ring the read fails and there is nothing to take.
  return symbols.read(fd, counter, 8n) === 8 ? counter[0] ?? 0 : 0;
}

function ring(symbols: ReturnType<typeof symbolsOf>, fd: number): void {
  checked(symbols, "write", symbols.write(fd, one, 8n));
}
