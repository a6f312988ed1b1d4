import type { Rules } from "../../mod/claims/mod.ts";
import { noWorst, type Violation, type Worst } from "./properties.ts";
import { type Scenario, scenarioOf } from "./scenario.ts";
import { World } from "./world.ts";

/** Runs of one mix with seeds in a row. */
export interface BatchOptions {
  /** Name of the mix. */
  readonly mix: string;
  /** The first seed. */
  readonly seed: number;
  /** How many runs. */
  readonly runs: number;
  /** Rules of every node; those of the product by default. */
  readonly rules?: Rules;
  /** Stop at the first run with a violation. */
  readonly stopsEarly?: boolean;
}

/** A run in which something was breached. */
export interface Failure {
  /** What was run. */
  readonly scenario: Scenario;
  /** What was breached. */
  readonly violations: readonly Violation[];
}

/** What many runs showed. */
export interface BatchResult {
  /** Runs that were made. */
  readonly runs: number;
  /** Those in which something was breached. */
  readonly failures: readonly Failure[];
  /** The worst of all. */
  readonly worst: Worst;
  /** Moves of groups, over all runs. */
  readonly moves: number;
  /** Runs that ended in a state which no protocol can avoid, by state. */
  readonly limits: ReadonlyMap<string, number>;
}

/** Makes many runs. */
export function runBatch(options: BatchOptions): BatchResult {
  const failures: Failure[] = [];
  const worst = noWorst();
  const limits = new Map<string, number>();
  let moves = 0;
  let runs = 0;
  while (runs < options.runs) {
    const scenario = scenarioOf(options.mix, options.seed + runs);
    const { checker } = run(scenario, options.rules);
    runs++;
    moves += checker.moves;
    raise(worst, checker.worst);
    for (const limit of new Set(checker.limits)) {
      limits.set(limit, (limits.get(limit) ?? 0) + 1);
    }
    if (checker.violations.length === 0) continue;
    failures.push({ scenario, violations: checker.violations });
    if (options.stopsEarly === true) break;
  }
  return { runs, failures, worst, moves, limits };
}

/** Makes one run. */
export function run(
  scenario: Scenario,
  rules?: Rules,
  keepsHistory = false,
): World {
  return new World(scenario, {
    ...rules === undefined ? {} : { rules },
    keepsHistory,
  }).run();
}

function raise(worst: Worst, other: Worst): void {
  for (const key of Object.keys(worst) as (keyof Worst)[]) {
    worst[key] = Math.max(worst[key], other[key]);
  }
}
