/** Keeps the process as small as what it holds. */
import type { Clock } from "../mod/time/mod.ts";

/** A start parses the code and lists everything: its garbage goes first, in ms. */
const FIRST = 10_000;
/** Between two times later, in ms: bursts of changes and relists leave some too. */
const INTERVAL = 60_000;

/**
 * Gives freed memory back to the system, again and again, until the signal.
 *
 * @param trim Gives it back.
 */
export async function keepTidy(
  clock: Pick<Clock, "sleep">,
  trim: () => void,
  signal: AbortSignal,
): Promise<void> {
  for (let pause = FIRST;; pause = INTERVAL) {
    await clock.sleep(pause, signal);
    if (signal.aborted) return;
    trim();
  }
}
