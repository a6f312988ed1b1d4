/**
 * How long an address is without an owner, or has two, when something breaks:
 * real processes in the lab's network, with the default settings of speakers.
 * Exits with 1 when a bound is not kept.
 */
import { parseArgs } from "@std/cli/parse-args";
import { LabError } from "../lab/lab_error.ts";
import { defaultIsolation, prepareLab, runInLab } from "../lab/session.ts";
import {
  CASE_NAMES,
  type CaseLab,
  type CaseName,
  type Order,
  type Run,
} from "./failover/protocol.ts";
import { formatRows, isKept, type Row, rowsOf } from "./failover/report.ts";

/** Runs of a case. */
const RUNS = 20;
/** How long the busy cases last. */
const MINUTES = 10;
const INSIDE = new URL("failover/inside.ts", import.meta.url);
/** The lab of most cases. */
const LAB: CaseLab = { services: 1, proxy: "lab", speakers: "manifest" };
/** What differs in others; 715 Services of all kinds have 1,001 addresses. */
const LABS: Partial<Record<CaseName, Partial<CaseLab>>> = {
  many: { services: 715 },
  idle: { services: 1000 },
  loadedRealTime: { speakers: "realTime" },
  connections: { proxy: "kube-proxy" },
};
/** Cases that take long, made once unless somebody wants more. */
const LONG: readonly CaseName[] = ["loaded", "loadedRealTime", "connections"];

interface Options {
  /** Undefined: 20 of each case, one of those that take long. */
  readonly runs: number | undefined;
  readonly minutes: number;
  readonly isJson: boolean;
  readonly logs: string | null;
  readonly cases: readonly CaseName[];
}

const USAGE =
  "usage: deno task bench:failover [--runs N] [--minutes N] [--json] [--logs DIR] [CASE…]";

function readOptions(args: readonly string[]): Options | string {
  const strangers: string[] = [];
  const { runs, minutes, json, logs, _: words } = parseArgs([...args], {
    boolean: ["json"],
    string: ["runs", "minutes", "logs"],
    unknown: (arg) => {
      if (arg.startsWith("-")) strangers.push(arg);
      return !arg.startsWith("-");
    },
  });
  if (strangers.length > 0) {
    return `${USAGE}\nThere is no ${strangers.join(", ")}; cases: ${
      CASE_NAMES.join(", ")
    }`;
  }
  const count = Number(runs ?? RUNS);
  if (!Number.isInteger(count) || count < 1) return `Cannot make ${runs} runs`;
  const length = Number(minutes ?? MINUTES);
  if (!(length > 0)) return `Cannot take ${minutes} minutes`;
  const cases = CASE_NAMES.filter((name) => words.includes(name));
  if (cases.length < words.length) {
    return `There are the cases ${CASE_NAMES.join(", ")}`;
  }
  return {
    runs: runs === undefined ? undefined : count,
    minutes: length,
    isJson: json === true,
    logs: typeof logs === "string" ? logs : null,
    cases: cases.length === 0 ? CASE_NAMES : cases,
  };
}

async function* runsOf(order: Order): AsyncGenerator<Run> {
  const isolation = defaultIsolation();
  await prepareLab({ apiserver: "embedded", proxy: order.proxy }, isolation);
  try {
    const lines = runInLab(isolation, INSIDE, JSON.stringify(order));
    for await (const line of lines) yield JSON.parse(line);
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    console.error(`${error.message}\n${error.detail}`);
    // What has been measured before counts, and so does that it ended.
    for (const name of order.cases) {
      yield { name, values: {}, failure: "the lab ended" };
    }
  }
}

async function measure(options: Options): Promise<Row[]> {
  const { runs, minutes, logs, cases } = options;
  // One lab for all cases that take the same.
  const groups = Map.groupBy(
    cases,
    (name) =>
      JSON.stringify([LABS[name], runs === undefined && LONG.includes(name)]),
  );
  const all: Run[] = [];
  for (const cases of groups.values()) {
    const [first = "death"] = cases;
    const order: Order = {
      ...{ ...LAB, ...LABS[first], cases, minutes, logs },
      runs: runs ?? (LONG.includes(first) ? 1 : RUNS),
    };
    for await (const run of runsOf(order)) {
      all.push(run);
      const result = run.failure ?? JSON.stringify(run.values);
      console.error(`  ${run.name}: ${result}`);
    }
  }
  return cases.flatMap((name) =>
    rowsOf(name, all.filter((run) => run.name === name))
  );
}

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === "string") {
    console.error(options);
    return 2;
  }
  try {
    const rows = await measure(options);
    console.info(options.isJson ? JSON.stringify(rows) : formatRows(rows));
    return rows.every(isKept) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    console.error(`${error.message}\n${error.detail}`);
    return 1;
  }
}

Deno.exit(await main(Deno.args));
