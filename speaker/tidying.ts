/** Keeps the process as small as what it holds. */
import type { Clock } from "../mod/time/mod.ts";

/** How memory is given back. */
export interface Memory {
  /**
   * Bytes of the engine's heap that are in use. What the heap takes would not do:
   * right after a collection that is what it was before, and the next one would
   * wait until it takes as much more, and so on.
   */
  readonly heapBytes: () => number;
  /** Collects the garbage of the engine's heap. */
  readonly collect: () => void;
  /** Gives the system back what has been freed. */
  readonly trim: () => void;
}

/** Between two looks, in ms. The first comes when a start is over. */
const INTERVAL = 10_000;
/** Growth of the heap that is worth a collection, in bytes. */
const GROWTH = 4 * 1024 * 1024;

/**
 * Gives memory back that is not needed, until the signal: after the start, which
 * parses the code and lists everything, and after whatever made the heap grow.
 * The engine has its garbage collected in its own time, which may be never on a
 * machine where nothing happens.
 */
export async function keepTidy(
  clock: Pick<Clock, "sleep">,
  memory: Memory,
  signal: AbortSignal,
): Promise<void> {
  let kept = 0;
  for (;;) {
    await clock.sleep(INTERVAL, signal);
    if (signal.aborted) return;
    if (memory.heapBytes() < kept + GROWTH) continue;
    memory.collect();
    memory.trim();
    kept = memory.heapBytes();
  }
}
