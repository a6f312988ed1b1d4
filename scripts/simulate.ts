/**
 * Runs the ownership protocol in simulated clusters: the engine of the packet
 * worker under a virtual clock, a virtual LAN and faults.
 *
 * Usage: deno task simulate [--mix NAME[,NAME…]] [--runs N] [--seed N]
 *          [--without RULE|all] [--scenario JSON] [--list]
 */
import { parseArgs } from "@std/cli/parse-args";
import { type BatchResult, runBatch } from "../tests/simulate/batch.ts";
import { MIXES } from "../tests/simulate/mixes.ts";
import { MUTATIONS, rulesWithout } from "../tests/simulate/mutations.ts";
import { scenarioOf } from "../tests/simulate/scenario.ts";
import { tell, tellFailure } from "../tests/simulate/story.ts";

const USAGE =
  `Usage: deno task simulate [--mix NAME[,NAME…]] [--runs N] [--seed N]
         [--without RULE|all] [--scenario JSON] [--list]

  --mix NAME       kinds of runs, default all
  --runs N         runs of each, default 200; without it, --seed makes one run and tells it
  --seed N         the first seed, default 0
  --without RULE   breaks a rule on every node; "all": each in turn, until it shows
  --scenario JSON  makes exactly this run and tells it
  --list           shows the mixes and the rules that can be broken`;

/** What was asked for. */
export interface SimulateOptions {
  readonly mixes: readonly string[] | undefined;
  readonly runs: number | undefined;
  readonly seed: number | undefined;
  readonly without: string | undefined;
  readonly scenario: string | undefined;
  readonly lists: boolean;
}

/**
 * Reads the command line.
 *
 * @throws {RangeError} When it asks for what is not there.
 */
export function readOptions(args: readonly string[]): SimulateOptions {
  const flags = parseArgs([...args], {
    string: ["mix", "runs", "seed", "without", "scenario"],
    boolean: ["list"],
    unknown: (arg: string) => {
      throw new RangeError(`Cannot understand "${arg}"\n${USAGE}`);
    },
  });
  const mixes = textOf(flags["mix"])?.split(",");
  for (const mix of mixes ?? []) known("mix", mix, MIXES);
  const without = textOf(flags["without"]);
  if (without !== undefined && without !== "all") {
    known("rule", without, MUTATIONS);
  }
  return {
    mixes,
    runs: readNumber("runs", textOf(flags["runs"])),
    seed: readNumber("seed", textOf(flags["seed"])),
    without,
    scenario: textOf(flags["scenario"]),
    lists: flags["list"] === true,
  };
}

function textOf(flag: unknown): string | undefined {
  return typeof flag === "string" ? flag : undefined;
}

function known(what: string, name: string, names: object): void {
  if (Object.hasOwn(names, name)) return;
  const list = Object.keys(names).join(", ");
  throw new RangeError(`Unknown ${what} "${name}": there are ${list}`);
}

function readNumber(flag: string, text?: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) {
    throw new RangeError(`Cannot read --${flag}=${text}: give a whole number`);
  }
  return Number(text);
}

function line(mix: string, result: BatchResult, seconds: number): string {
  const { runs, failures, worst, moves } = result;
  const ms = (value: number): string => `${Math.round(value)}`.padStart(5);
  return [
    mix.padEnd(11),
    `${runs} runs`,
    `${failures.length} violating`,
    `gap ${ms(worst.gap)} ${ms(worst.longGap)} ms`,
    `two ${ms(worst.two)} ${ms(worst.twoHealed)} ${ms(worst.twoIpCut)} ms`,
    `moves ${(moves / runs).toFixed(2)}`,
    `announcements ${worst.announcements}`,
    `${Math.round(runs / seconds)} runs/s`,
  ].join("  ");
}

/** Runs mixes; returns how many runs breached something. */
function runMixes(
  mixes: readonly string[],
  runs: number,
  seed: number,
  without: string | undefined,
): number {
  const rules = rulesWithout(without);
  let failing = 0;
  for (const mix of mixes) {
    const started = performance.now();
    const result = runBatch({ mix, seed, runs, rules });
    const seconds = (performance.now() - started) / 1000;
    console.info(line(mix, result, seconds));
    failing += result.failures.length;
    const [first] = result.failures;
    if (first !== undefined) console.info(tellFailure(first, without));
  }
  return failing;
}

/** Breaks each rule in turn and says where it shows. */
function breakEach(
  mixes: readonly string[] | undefined,
  runs: number,
  seed: number,
): void {
  for (const [name, mutation] of Object.entries(MUTATIONS)) {
    const rules = rulesWithout(name);
    const shown = (mixes ?? [mutation.mix]).map((mix) => {
      const options = { mix, seed, runs, rules, stopsEarly: true };
      const { failures, runs: made } = runBatch(options);
      const [first] = failures;
      const property = first?.violations[0]?.property;
      return property === undefined
        ? `${mix}: not in ${made}`
        : `${mix}: "${property}" in run ${made}`;
    });
    console.info(`${name.padEnd(18)}${shown.join("; ")}`);
  }
}

function list(): void {
  for (
    const [what, records] of [["mix", MIXES], ["rule", MUTATIONS]] as const
  ) {
    for (const [name, { about }] of Object.entries(records)) {
      console.info(`${what.padEnd(6)}${name.padEnd(18)}${about}`);
    }
  }
}

function main(args: readonly string[]): number {
  const options = readOptions(args);
  const { mixes, runs, without, scenario } = options;
  const seed = options.seed ?? 0;
  const rules = rulesWithout(without);
  if (options.lists) {
    list();
    return 0;
  }
  if (scenario !== undefined) {
    console.info(tell(JSON.parse(scenario), rules));
    return 0;
  }
  if (without === "all") {
    breakEach(mixes, runs ?? 200, seed);
    return 0;
  }
  const chosen = mixes ?? Object.keys(MIXES);
  if (options.seed !== undefined && runs === undefined) {
    for (const mix of chosen) console.info(tell(scenarioOf(mix, seed), rules));
    return 0;
  }
  return runMixes(chosen, runs ?? 200, seed, without) === 0 ? 0 : 1;
}

if (import.meta.main) {
  try {
    Deno.exit(main(Deno.args));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(error.message);
    Deno.exit(2);
  }
}
