/** Waiting for something to become true, with a time limit and a reason. */
import { LabError } from "./lab_error.ts";
import type { LabProcess } from "./process.ts";

/** A check of the scenario that did not hold. */
export class CheckError extends LabError {
  /** The processes whose logs explain it. */
  readonly suspects: readonly LabProcess[];

  /**
   * @param message What should have been, and what was.
   * @param suspects The processes whose logs explain it.
   */
  constructor(message: string, suspects: readonly LabProcess[] = []) {
    super(message);
    this.suspects = suspects;
  }
}

/** `true`, or what is still missing, in words. */
export type Verdict = true | string;

/** What is waited for. */
export interface Waiting {
  /** What should become true, for the message. */
  readonly what: string;
  /** Looks once. */
  readonly look: () => Promise<Verdict> | Verdict;
  readonly timeoutMs: number;
  /** Pause between looks. */
  readonly everyMs?: number;
  /** The processes whose logs explain a failure; a death among them ends it. */
  readonly suspects: readonly LabProcess[];
}

/** Waits for some milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Waits until a look gives `true`.
 *
 * @param waiting What, how long, whose fault.
 * @throws {CheckError} When the time is over or a process died.
 */
export async function until(waiting: Waiting): Promise<void> {
  const { what, look, timeoutMs, everyMs = 25, suspects } = waiting;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const verdict = await look();
    if (verdict === true) return;
    const dead = suspects.find(({ died }) => died);
    if (dead !== undefined) {
      throw new CheckError(`${what}: the process "${dead.name}" has ended`, [
        dead,
      ]);
    }
    if (performance.now() > deadline) {
      throw new CheckError(
        `${what}: not within ${timeoutMs / 1000} s: ${verdict}`,
        suspects,
      );
    }
    await pause(everyMs);
  }
}
