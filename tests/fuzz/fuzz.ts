import { toHex } from "../bytes.ts";
import { makeInput } from "./input.ts";
import type { FuzzTarget } from "./target.ts";

/** Longest that one input may take, in milliseconds. */
export const SLOW_MS = 100;

/** An input that a target does not handle; `seed` and `index` make it again. */
export interface Finding {
  readonly target: string;
  readonly seed: number;
  readonly index: number;
  readonly hex: string;
  readonly problem: string;
}

/** What a run over one target did. */
export interface Report {
  readonly target: string;
  readonly executions: number;
  readonly accepted: number;
  readonly elapsedMs: number;
  readonly finding?: Finding;
}

/** How a run goes on and when it ends. */
export interface RunOptions {
  readonly seed: number;
  /** First execution. */
  readonly from?: number;
  /** Whether to run that execution, given the milliseconds since the start. */
  readonly goesOn: (index: number, elapsedMs: number) => boolean;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Told before each execution, so that a watcher can name one that hangs. */
  readonly onStart?: (index: number) => void;
}

/** Runs a target until `goesOn` says no or something is found. */
export function fuzz(target: FuzzTarget, options: RunOptions): Report {
  const start = options.now();
  const first = options.from ?? 0;
  let index = first;
  let accepted = 0;
  const report = (): Report => ({
    target: target.name,
    executions: index - first,
    accepted,
    elapsedMs: options.now() - start,
  });
  for (; options.goesOn(index, options.now() - start); index++) {
    options.onStart?.(index);
    const input = makeInput(target.seeds, options.seed, index);
    const outcome = execute(target, input, options.now);
    if (outcome.problem !== undefined) {
      const finding = findingOf(target, options.seed, index, outcome.problem);
      index++;
      return { ...report(), finding };
    }
    if (outcome.isAccepted) accepted++;
  }
  return report();
}

/** The finding of one execution, with its input made again. */
export function findingOf(
  target: FuzzTarget,
  seed: number,
  index: number,
  problem: string,
): Finding {
  const hex = toHex(makeInput(target.seeds, seed, index));
  return { target: target.name, seed, index, hex, problem };
}

interface Outcome {
  readonly isAccepted: boolean;
  readonly problem?: string;
}

/** Attempts after which a slow input is slow by itself and not by a pause of the machine. */
const SLOW_ATTEMPTS = 3;

function execute(
  target: FuzzTarget,
  input: Uint8Array,
  now: () => number,
): Outcome {
  let fastest = Infinity;
  let isAccepted = false;
  try {
    for (
      let attempt = 0;
      attempt < SLOW_ATTEMPTS && fastest > SLOW_MS;
      attempt++
    ) {
      const start = now();
      isAccepted = target.run(input) === "accepted";
      fastest = Math.min(fastest, now() - start);
    }
  } catch (error) {
    const problem = error instanceof Error
      ? error.stack ?? error.message
      : String(error);
    return { isAccepted: false, problem };
  }
  return fastest > SLOW_MS
    ? { isAccepted, problem: `It takes ${Math.round(fastest)} ms` }
    : { isAccepted };
}
