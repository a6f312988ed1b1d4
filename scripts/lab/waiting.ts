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

/** Time that the last look gets after the end. */
const GRACE_MS = 1000;

/**
 * Time that a step over all Services may take.
 *
 * @param nodes How many nodes.
 * @param services How many Services.
 * @returns Milliseconds: the work grows with both, on one machine.
 */
export function patience(nodes: number, services: number): number {
  return 20_000 + 10 * nodes * services;
}

/**
 * Pause between looks at all Services: to look takes the time of the machine
 * that is looked at, the more of it the more there are.
 *
 * @param services How many Services.
 * @param shortest The pause when there are few, in ms.
 * @returns Milliseconds.
 */
export function lookEvery(services: number, shortest: number): number {
  return Math.max(shortest, 2 * services);
}

/**
 * Runs a task for every item, a few at a time.
 *
 * @param items What to do it for.
 * @param task What to do.
 * @param atOnce How many at a time.
 */
export async function forEachOf<T>(
  items: readonly T[],
  task: (item: T) => Promise<void>,
  atOnce = 16,
): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await task(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** Waits for some milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A look that hangs is an answer too. */
async function inTime(
  verdict: Promise<Verdict> | Verdict,
  deadline: number,
): Promise<Verdict> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Verdict>((resolve) => {
    timer = setTimeout(
      () => resolve("the last look has not ended"),
      deadline - performance.now() + GRACE_MS,
    );
  });
  try {
    return await Promise.race([verdict, late]);
  } finally {
    clearTimeout(timer);
  }
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
    const verdict = await inTime(look(), deadline);
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
