import { failureReason, openHandle, pcapError } from "./capture_open.ts";
import { adopt, type NativeLibrary, release, symbolsOf } from "./library.ts";
import {
  cString,
  lastErrno,
  nativeBuffer,
  SMALLEST_BUFFER,
  wideCells,
} from "./memory.ts";
import { ERRNO, errnoName, NativeError } from "./native_error.ts";
import type { NativeSymbols } from "./symbols.ts";

/** Settings of a capture handle, see {@link CaptureHandle.open}. */
export interface CaptureOptions {
  /** Bytes kept of each frame; the rest is cut off. Default 128. */
  readonly snapLength?: number;
  /**
   * Bytes of the kernel's ring, resident at once. Default 512 KiB: some 2,000
   * ARP frames; take 128 KiB when there are many interfaces.
   */
  readonly bufferBytes?: number;
  /** Also receive frames for other stations' MAC addresses. Default `false`. */
  readonly promiscuous?: boolean;
  /**
   * Deliver frames as they arrive. Only `true` exists: without it the kernel
   * holds frames back for up to its buffering timeout.
   */
  readonly immediate?: true;
}

/** Counters of a capture handle since it was opened. */
export interface CaptureStatistics {
  /** Frames that passed the filter, dropped ones included. */
  readonly received: number;
  /** Frames dropped because the ring was full. */
  readonly droppedByKernel: number;
  /** Frames dropped by the interface or its driver. */
  readonly droppedByInterface: number;
}

/** {@link CaptureHandle.next}: the handle is of no more use, close it. */
export const GONE: number = -1;

const HEADER_BYTES = 24n;
/** Seconds and microseconds, 64 bits each, low halves first. */
const SECONDS_WORD = 0;
const MICROSECONDS_WORD = 2;
const CAPTURED_WORD = 4;
const WIRE_WORD = 5;
const NETMASK_UNKNOWN = 0xffffffff;

/**
 * One interface's Ethernet frames, in and out, without blocking.
 *
 * Frames that this host sends itself are not seen. {@link next} and
 * {@link send} allocate nothing.
 */
export class CaptureHandle implements Disposable, AsyncDisposable {
  /** The interface's name. */
  readonly interfaceName: string;
  /** Index of the interface with that name when the handle had been opened; 0 if there was none. */
  readonly interfaceIndex: number;
  /** Descriptor for a {@link PollSet}; -1 once closed. */
  get fd(): number {
    return this.#fd;
  }

  readonly #library: NativeLibrary;
  readonly #symbols: NativeSymbols;
  #pcap: Deno.PointerObject | null;
  #fd: number;
  #failure: NativeError | null = null;
  readonly #cName: Uint8Array<ArrayBuffer>;
  readonly #headerAddress = wideCells();
  readonly #frameAddress = wideCells();
  readonly #length = wideCells();
  readonly #lengthLow = new Uint32Array(this.#length.buffer);
  readonly #header = new Uint32Array(SMALLEST_BUFFER / 4);

  private constructor(
    library: NativeLibrary,
    interfaceName: string,
    opened: { readonly pcap: Deno.PointerObject; readonly fd: number },
  ) {
    this.#library = library;
    this.#symbols = symbolsOf(library);
    this.interfaceName = interfaceName;
    this.#cName = cString(interfaceName);
    this.interfaceIndex = this.#symbols.if_nametoindex(this.#cName);
    this.#pcap = opened.pcap;
    this.#fd = opened.fd;
    adopt(library, this);
  }

  /**
   * Starts capturing on an interface.
   *
   * @throws {NativeError} `capabilityMissing`, `interfaceMissing`,
   * `interfaceDown`, `linkTypeUnsupported` (only Ethernet is), `systemCall`.
   */
  static open(
    library: NativeLibrary,
    interfaceName: string,
    options: CaptureOptions = {},
  ): CaptureHandle {
    const opened = openHandle(symbolsOf(library), interfaceName, {
      snapLength: options.snapLength ?? 128,
      bufferBytes: options.bufferBytes ?? 512 * 1024,
      promiscuous: options.promiscuous ?? false,
    });
    return new CaptureHandle(library, interfaceName, opened);
  }

  /**
   * Keeps only the frames that match a pcap-filter(7) expression.
   *
   * @throws {NativeError} `filterRefused` with libpcap's reason in the message.
   */
  setFilter(expression: string): void {
    const pcap = this.#opened("pcap_compile");
    const symbols = this.#symbols;
    const program = nativeBuffer(16);
    const text = cString(expression);
    if (symbols.pcap_compile(pcap, program, text, 1, NETMASK_UNKNOWN) !== 0) {
      const detail = pcapError(symbols, pcap);
      throw new NativeError(
        `Cannot compile filter ${JSON.stringify(expression)}: ${detail}`,
        { operation: "pcap_compile", reason: "filterRefused" },
      );
    }
    const result = symbols.pcap_setfilter(pcap, program);
    const errno = result === 0 ? 0 : lastErrno(symbols);
    symbols.pcap_freecode(program);
    if (result !== 0) throw this.#failed("pcap_setfilter", errno, pcap);
  }

  /**
   * Takes the next captured frame, if there is one, and copies it.
   *
   * @param frame receives the frame; what does not fit is cut off.
   * @returns bytes copied; 0 when no frame is waiting; {@link GONE} when the
   * interface has vanished ({@link failure} says how).
   * @throws {NativeError} `closed`.
   */
  next(frame: Uint8Array): number {
    const pcap = this.#pcap;
    if (pcap === null) throw this.#closedError("pcap_next_ex");
    const symbols = this.#symbols;
    const result = symbols.pcap_next_ex(
      pcap,
      this.#headerAddress,
      this.#frameAddress,
    );
    if (result === 0) return 0;
    if (result !== 1) return this.#noteFailure(pcap);
    symbols.memcpy(this.#header, this.#headerAddress[0], HEADER_BYTES);
    const captured = this.#header[CAPTURED_WORD] ?? 0;
    const room = frame.byteLength;
    const length = captured < room ? captured : room;
    this.#lengthLow[0] = length;
    symbols.memcpy(frame, this.#frameAddress[0], this.#length[0]);
    return length;
  }

  /**
   * Bytes that the frame of the last {@link next} had on the wire; more than
   * `next` returned if it was cut off.
   */
  get wireLength(): number {
    return this.#header[WIRE_WORD] ?? 0;
  }

  /**
   * When the kernel took in the frame of the last {@link next}, in ms since
   * 1970: before any process had the time to look.
   */
  get arrivedAt(): number {
    const seconds = this.#header[SECONDS_WORD] ?? 0;
    return seconds * 1000 + (this.#header[MICROSECONDS_WORD] ?? 0) / 1000;
  }

  /**
   * Sends the first `length` bytes of `frame` as one Ethernet frame.
   *
   * @returns whether the kernel took it; if not, {@link failure} says why.
   * @throws {NativeError} `closed`.
   * @throws {RangeError} when the buffer is shorter than `length`.
   */
  send(frame: Uint8Array, length: number): boolean {
    const pcap = this.#pcap;
    if (pcap === null) throw this.#closedError("pcap_sendpacket");
    if (!(length > 0 && length <= frame.byteLength)) {
      throw new RangeError(
        `Cannot send ${length} bytes: the buffer has ${frame.byteLength}`,
      );
    }
    if (this.#symbols.pcap_sendpacket(pcap, frame, length) === 0) return true;
    const errno = lastErrno(this.#symbols);
    this.#failure = this.#failed("pcap_sendpacket", errno, pcap);
    return false;
  }

  /** The last failure of {@link next} or {@link send}; `null` if there was none. */
  get failure(): NativeError | null {
    return this.#failure;
  }

  /**
   * Counters since the handle was opened.
   *
   * @throws {NativeError} `closed`, `systemCall`.
   */
  statistics(): CaptureStatistics {
    const pcap = this.#opened("pcap_stats");
    const counters = new Uint32Array(SMALLEST_BUFFER / 4);
    if (this.#symbols.pcap_stats(pcap, counters) !== 0) {
      throw this.#failed("pcap_stats", lastErrno(this.#symbols), pcap);
    }
    const [received = 0, droppedByKernel = 0, droppedByInterface = 0] =
      counters;
    return { received, droppedByKernel, droppedByInterface };
  }

  /** Stops capturing and frees the ring; a second call does nothing. */
  close(): void {
    const pcap = this.#pcap;
    if (pcap === null) return;
    this.#pcap = null;
    this.#fd = -1;
    release(this.#library, this);
    this.#symbols.pcap_close(pcap);
  }

  /** Same as {@link close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Same as {@link close}; there is nothing to wait for. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  #noteFailure(pcap: Deno.PointerObject): number {
    // libpcap has made other calls since: its errno may be of any of them.
    const index = this.#symbols.if_nametoindex(this.#cName);
    const errno = index === this.interfaceIndex ? 0 : ERRNO.ENODEV;
    this.#failure = this.#failed("pcap_next_ex", errno, pcap);
    return GONE;
  }

  #opened(operation: string): Deno.PointerObject {
    if (this.#pcap === null) throw this.#closedError(operation);
    return this.#pcap;
  }

  #closedError(operation: string): NativeError {
    return new NativeError(
      `Cannot use the capture handle of "${this.interfaceName}": it is closed`,
      { operation, reason: "closed" },
    );
  }

  #failed(
    operation: string,
    errno: number,
    pcap: Deno.PointerObject,
  ): NativeError {
    const detail = pcapError(this.#symbols, pcap) || errnoName(errno);
    return new NativeError(
      `Cannot complete ${operation} on "${this.interfaceName}": ${detail}`,
      { operation, errno, reason: failureReason(errno) },
    );
  }
}
