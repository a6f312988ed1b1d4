import { adopt, type NativeLibrary, release, symbolsOf } from "./library.ts";
import { NativeError } from "./native_error.ts";
import type { NativeSymbols } from "./symbols.ts";

/** An open file descriptor that closes once, and before its library does. */
export class Descriptor implements Disposable {
  /** The functions of the library that it was opened on. */
  readonly symbols: NativeSymbols;
  readonly #library: NativeLibrary;
  readonly #what: string;
  #fd: number;

  /** Takes over `fd`; `what` names it in errors. */
  constructor(library: NativeLibrary, fd: number, what: string) {
    this.symbols = symbolsOf(library);
    this.#library = library;
    this.#what = what;
    this.#fd = fd;
    adopt(library, this);
  }

  /** The descriptor's number; -1 once closed. */
  get fd(): number {
    return this.#fd;
  }

  /**
   * The descriptor's number.
   *
   * @throws {NativeError} `closed`.
   */
  get openFd(): number {
    if (this.#fd >= 0) return this.#fd;
    throw new NativeError(`Cannot use the ${this.#what}: it is closed`, {
      operation: this.#what,
      reason: "closed",
    });
  }

  /** Closes the descriptor; a second call does nothing. */
  close(): void {
    if (this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    release(this.#library, this);
    this.symbols.close(fd);
  }

  /** Same as {@link close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}
