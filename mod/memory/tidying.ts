/** Keeps the process as small as what it holds. */
import type { Clock } from "../time/mod.ts";

/** The engine's heap. */
export interface Heap {
  /**
   * Bytes of it that are in use. What the heap takes would not do: right after a
   * collection that is what it was before, and the next one would wait until it
   * takes as much more, and so on.
   */
  readonly used: () => number;
  /** Collects its garbage. */
  readonly collect: () => void;
}

/** Between two looks, in ms. The first comes when a start is over. */
const INTERVAL = 10_000;
/** The least growth of the heap that is worth a collection, in bytes. */
const GROWTH = 2 * 1024 * 1024;
/** The same as a part of what was kept: the more there is, the longer it takes. */
const GROWTH_PART = 1 / 8;

/**
 * Gives memory back that is not needed, until the signal: after the start, which
 * parses the code and lists everything, and after whatever made the heap grow.
 * The engine has its garbage collected in its own time, which may be never on a
 * machine where nothing happens.
 *
 * @param trim Gives the system back what has been freed, where there is a way.
 */
export async function keepTidy(
  clock: Pick<Clock, "sleep">,
  heap: Heap,
  signal: AbortSignal,
  trim?: () => void,
): Promise<void> {
  let kept = 0;
  for (;;) {
    await clock.sleep(INTERVAL, signal);
    if (signal.aborted) return;
    const growth = Math.max(GROWTH, kept * GROWTH_PART);
    if (heap.used() < kept + growth) continue;
    heap.collect();
    trim?.();
    kept = heap.used();
  }
}
