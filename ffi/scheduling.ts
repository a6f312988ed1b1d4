import { type NativeLibrary, symbolsOf } from "./library.ts";
import { checked, nativeBuffer } from "./memory.ts";

/**
 * What {@link raiseSchedulingClass} could get: real-time round robin, a higher
 * share among normal threads, or nothing.
 */
export type SchedulingClass = "roundRobin" | "nice" | "none";

const SCHED_RR = 2;
const SCHED_RESET_ON_FORK = 0x40000000;
const ROUND_ROBIN_PRIORITY = 10;
const PRIO_PROCESS = 0;
const NICE = -10;
const CPU_SET_BYTES = 128n;
const CPU_SET_BITS = 1024;

/**
 * Raises the calling thread above ordinary load as far as the process may:
 * SCHED_RR, else nice -10, else not at all. Both need CAP_SYS_NICE.
 */
export function raiseSchedulingClass(library: NativeLibrary): SchedulingClass {
  const symbols = symbolsOf(library);
  const parameters = nativeBuffer(4);
  parameters[0] = ROUND_ROBIN_PRIORITY;
  const policy = SCHED_RR | SCHED_RESET_ON_FORK;
  if (symbols.sched_setscheduler(0, policy, parameters) === 0) {
    return "roundRobin";
  }
  const thread = symbols.gettid();
  const result = symbols.setpriority(PRIO_PROCESS, thread, NICE);
  return result === 0 ? "nice" : "none";
}

/**
 * Keeps the calling thread on one CPU, for measurements.
 *
 * @throws {NativeError} `systemCall`, with code `"EINVAL"` when there is no such CPU.
 * @throws {RangeError} when `cpu` is not an integer from 0 to 1023.
 */
export function pinToCpu(library: NativeLibrary, cpu: number): void {
  if (!Number.isInteger(cpu) || cpu < 0 || cpu >= CPU_SET_BITS) {
    throw new RangeError(`Cannot pin to CPU ${cpu}: must be 0 to 1023`);
  }
  const symbols = symbolsOf(library);
  const mask = nativeBuffer(Number(CPU_SET_BYTES));
  mask[cpu >> 3] = 1 << (cpu & 7);
  const result = symbols.sched_setaffinity(0, CPU_SET_BYTES, mask);
  checked(symbols, "sched_setaffinity", result);
}
