/**
 * Fuzzes the decoders with random and mutated input.
 *
 * Usage: deno task fuzz [--seconds N] [--seed N] [TARGET…]
 *
 * Prints the executions of each target. Ends with 1, naming seed and input, when
 * a target throws an error that is not its own, takes more than 100 ms, does not
 * survive a round trip, or hangs; with 2 on bad arguments.
 */
import { parseArgs } from "@std/cli/parse-args";
import { type Finding, findingOf, type Report } from "../tests/fuzz/fuzz.ts";
import { targets } from "../tests/fuzz/targets.ts";
import type { FuzzRequest } from "../tests/fuzz/worker.ts";

/** What the command line asks for. */
export interface FuzzArguments {
  readonly names: readonly string[];
  /** For all targets together. */
  readonly seconds: number;
  /** 0 to 2^32 − 1; absent: a new one each time. */
  readonly seed?: number;
}

const DEFAULT_SECONDS = 13;
const MAX_SEED = 0xffffffff;

/** Reads the command line; a text says what is wrong with it. */
export function parseFuzzArguments(
  args: readonly string[],
): FuzzArguments | string {
  const known = targets.map((target) => target.name);
  const unknown: string[] = [];
  const flags = parseArgs(args, {
    string: ["seconds", "seed"],
    unknown: (arg, key) => key === undefined || unknown.push(arg) === 0,
  });
  if (unknown[0] !== undefined) {
    return `Unknown option "${unknown[0]}": there are --seconds and --seed`;
  }
  const names = flags._.map(String);
  const stranger = names.find((name) => !known.includes(name));
  if (stranger !== undefined) {
    return `Unknown target "${stranger}": there are ${known.join(", ")}`;
  }
  const seconds = numberOf(flags["seconds"], DEFAULT_SECONDS);
  if (seconds === undefined || seconds <= 0) {
    return "--seconds must be a number above 0";
  }
  const seed = numberOf(flags["seed"], -1);
  if (seed === undefined || !Number.isInteger(seed) || seed > MAX_SEED) {
    return `--seed must be a whole number from 0 to ${MAX_SEED}`;
  }
  const chosen = names.length === 0 ? known : names;
  return seed === -1
    ? { names: chosen, seconds }
    : { names: chosen, seconds, seed };
}

function numberOf(flag: unknown, absent: number): number | undefined {
  if (flag === undefined) return absent;
  return typeof flag === "string" && /^\d+(?:\.\d+)?$/.test(flag)
    ? Number(flag)
    : undefined;
}

/** Time without progress after which an execution is taken to hang. */
const HANG_MS = 5000;

/** Runs the targets in a worker, so that even one that hangs can be named. */
function run(request: FuzzRequest): Promise<Finding | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<
    Finding | undefined
  >();
  const worker = new Worker(
    new URL("../tests/fuzz/worker.ts", import.meta.url),
    { type: "module" },
  );
  let done = 0;
  worker.onmessage = ({ data }: MessageEvent<Report>): void => {
    printReport(data);
    done++;
    if (data.finding !== undefined) resolve(data.finding);
    else if (done === request.names.length) resolve(undefined);
  };
  worker.onerror = (event): void => {
    event.preventDefault();
    reject(new Error(`The fuzz worker failed: ${event.message}`));
  };
  worker.postMessage(request);
  const stopWatching = watch(request, resolve);
  return promise.finally(() => {
    stopWatching();
    worker.terminate();
  });
}

/** Looks for an execution that does not end; gives the function that stops looking. */
function watch(
  request: FuzzRequest,
  onHang: (finding: Finding) => void,
): () => void {
  const progress = new Int32Array(request.progress);
  let last = [-1, -1];
  const timer = setInterval(() => {
    const [position, index] = [
      Atomics.load(progress, 0),
      Atomics.load(progress, 1),
    ];
    const target = targets.find((target) =>
      target.name === request.names[position]
    );
    if (
      target !== undefined && index >= 0 && last[0] === position &&
      last[1] === index
    ) {
      onHang(
        findingOf(
          target,
          request.seed,
          index,
          `It hangs for more than ${HANG_MS} ms`,
        ),
      );
    }
    last = [position, index];
  }, HANG_MS);
  return () => clearInterval(timer);
}

function printReport(report: Report): void {
  const rate = Math.round(
    report.executions / Math.max(report.elapsedMs, 1) * 1000,
  );
  const share = Math.round(
    100 * report.accepted / Math.max(report.executions, 1),
  );
  const columns = [
    report.target.padEnd(22),
    `${report.executions.toLocaleString("en")} executions`.padStart(24),
    `${rate.toLocaleString("en")}/s`.padStart(12),
    `${share} % accepted`.padStart(16),
  ];
  console.info(columns.join(""));
}

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseFuzzArguments(args);
  if (typeof parsed === "string") {
    console.error(parsed);
    return 2;
  }
  const seed = parsed.seed ?? crypto.getRandomValues(new Uint32Array(1))[0] ??
    0;
  console.info(`Fuzzing ${parsed.names.length} targets with --seed ${seed}`);
  const progress = new SharedArrayBuffer(8);
  new Int32Array(progress).fill(-1);
  const millisecondsEach = 1000 * parsed.seconds / parsed.names.length;
  const finding = await run({
    names: parsed.names,
    seed,
    millisecondsEach,
    progress,
  });
  if (finding === undefined) return 0;
  console.error(
    `FOUND in ${finding.target} (seed ${finding.seed}, execution ${finding.index})\n` +
      `input: ${finding.hex}\n${finding.problem}`,
  );
  return 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
