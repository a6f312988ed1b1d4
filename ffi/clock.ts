import { type NativeLibrary, symbolsOf } from "./library.ts";
import { SMALLEST_BUFFER } from "./memory.ts";
import type { NativeSymbols } from "./symbols.ts";

const CLOCK_MONOTONIC = 1;
const CLOCK_BOOTTIME = 7;
const TWO_TO_32 = 4294967296;

// struct timespec { int64 tv_sec; int64 tv_nsec } as 32-bit halves, low first.
const timespec = new Uint32Array(SMALLEST_BUFFER / 4);

/** {@link monotonicNow} on the symbol table itself, for the loops of this folder. */
export function monotonicMilliseconds(symbols: NativeSymbols): number {
  return milliseconds(symbols, CLOCK_MONOTONIC);
}

function milliseconds(symbols: NativeSymbols, clock: number): number {
  symbols.clock_gettime(clock, timespec);
  const seconds = (timespec[1] ?? 0) * TWO_TO_32 + (timespec[0] ?? 0);
  return seconds * 1000 + (timespec[2] ?? 0) / 1e6;
}

/**
 * Milliseconds since some fixed point in the past, with fractions
 * (CLOCK_MONOTONIC): never jumps, and is the same for all threads.
 *
 * Allocates nothing if the result is used at once or stored in a typed array;
 * stored in an object or an outer variable, it becomes a number object.
 */
export function monotonicNow(library: NativeLibrary): number {
  return monotonicMilliseconds(symbolsOf(library));
}

/**
 * Like {@link monotonicNow}, but goes on while the machine is suspended
 * (CLOCK_BOOTTIME): who slept sees that he is late.
 */
export function bootTimeNow(library: NativeLibrary): number {
  return milliseconds(symbolsOf(library), CLOCK_BOOTTIME);
}
