import { type NativeLibrary, symbolsOf } from "./library.ts";
import { errnoName, NativeError } from "./native_error.ts";
import type { NativeSymbols } from "./symbols.ts";

/**
 * Smallest buffer given to C, in bytes. V8 keeps smaller typed arrays on its
 * own heap, where a collection may move them.
 */
export const SMALLEST_BUFFER = 128;

/** Bytes of an error text that libpcap writes (PCAP_ERRBUF_SIZE). */
export const ERROR_TEXT_BYTES = 256;

/**
 * Room for addresses and sizes that go to C as 64-bit values.
 *
 * An element read straight into a call never becomes a bigint object, which a
 * bigint kept in a variable would.
 */
export type WideCells = BigUint64Array<ArrayBuffer> & {
  0: bigint;
  1: bigint;
};

/** New zeroed cells, as large as a buffer given to C must be. */
export function wideCells(): WideCells {
  return new BigUint64Array(SMALLEST_BUFFER / 8) as WideCells;
}

/** New zeroed buffer of `bytes` bytes, or of {@link SMALLEST_BUFFER} if that is more. */
export function nativeBuffer(bytes: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Math.max(bytes, SMALLEST_BUFFER));
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * `text` in UTF-8 with its terminating NUL.
 *
 * @throws {TypeError} when the text contains a NUL itself.
 */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  if (text.includes("\0")) {
    throw new TypeError(`Cannot pass ${JSON.stringify(text)} to C: has a NUL`);
  }
  const encoded = encoder.encode(text);
  const bytes = nativeBuffer(encoded.byteLength + 1);
  bytes.set(encoded);
  return bytes;
}

/** The text of a NUL-terminated string at the start of `bytes`. */
export function textOf(bytes: Uint8Array<ArrayBuffer>): string {
  const end = bytes.indexOf(0);
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** The text of a NUL-terminated string at a C address, cut at `limit` bytes. */
export function textAt(
  symbols: NativeSymbols,
  address: bigint,
  limit: number = ERROR_TEXT_BYTES,
): string {
  if (address === 0n) return "";
  const length = Math.min(Number(symbols.strlen(address)), limit);
  const bytes = nativeBuffer(length);
  symbols.memcpy(bytes, address, BigInt(length));
  return decoder.decode(bytes.subarray(0, length));
}

const errnoCell = new Int32Array(SMALLEST_BUFFER / 4);

/**
 * Gives the system back what the C heap has freed and kept, of all threads:
 * glibc keeps the memory of a program's start for good. Takes milliseconds.
 *
 * @returns Whether there was anything; `false` with another C library.
 */
export function trimMemory(library: NativeLibrary): boolean {
  return symbolsOf(library).malloc_trim?.(0n) === 1;
}

/** The calling thread's error number; read it right after the failing call. */
export function lastErrno(symbols: NativeSymbols): number {
  symbols.memcpy(errnoCell, symbols.__errno_location(), 4n);
  return errnoCell[0] ?? 0;
}

/**
 * `result`, unless it is negative: then the system call failed.
 *
 * @throws {NativeError} with the error number and reason `"systemCall"`.
 */
export function checked(
  symbols: NativeSymbols,
  operation: string,
  result: number,
): number {
  if (result >= 0) return result;
  const errno = lastErrno(symbols);
  throw new NativeError(
    `Cannot complete ${operation}: ${errnoName(errno)}`,
    { operation, errno, reason: "systemCall" },
  );
}
