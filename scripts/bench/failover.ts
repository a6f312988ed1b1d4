/**
 * How long an address is without an owner, or has two, when something breaks:
 * real processes in the lab's network, with the default settings of speakers.
 *
 * usage: deno task bench:failover [--runs N] [--json] [--logs DIR] [CASE…]
 *
 * Exits with 1 when a bound is not kept.
 */
import { parseArgs } from "@std/cli/parse-args";
import { LabError } from "../lab/lab_error.ts";
import { defaultIsolation, prepareLab, runInLab } from "../lab/session.ts";
import {
  CASE_NAMES,
  type CaseName,
  type Order,
  type Run,
} from "./failover/protocol.ts";
import { formatRows, isKept, type Row, rowsOf } from "./failover/report.ts";

const INSIDE = new URL("failover/inside.ts", import.meta.url);
/** How many Services a case takes; others take one. 715 of all kinds have 1,001 addresses. */
const SERVICES: Partial<Record<CaseName, number>> = { many: 715, idle: 1000 };

interface Options {
  readonly runs: number;
  readonly isJson: boolean;
  readonly logs: string | null;
  readonly cases: readonly CaseName[];
}

function readOptions(args: readonly string[]): Options | string {
  const { runs, json, logs, _: words } = parseArgs([...args], {
    boolean: ["json"],
    string: ["runs", "logs"],
    default: { runs: "20" },
  });
  const count = Number(runs);
  if (!Number.isInteger(count) || count < 1) return `Cannot make ${runs} runs`;
  const cases = CASE_NAMES.filter((name) => words.includes(name));
  if (cases.length < words.length) {
    return `There are the cases ${CASE_NAMES.join(", ")}`;
  }
  return {
    runs: count,
    isJson: json === true,
    logs: typeof logs === "string" ? logs : null,
    cases: cases.length === 0 ? CASE_NAMES : cases,
  };
}

async function* runsOf(order: Order): AsyncGenerator<Run> {
  const isolation = defaultIsolation();
  await prepareLab({ apiserver: "embedded", proxy: "lab" }, isolation);
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
  const { runs, logs, cases } = options;
  // One lab for all cases that take as many Services.
  const groups = Map.groupBy(cases, (name) => SERVICES[name] ?? 1);
  const all: Run[] = [];
  for (const [services, cases] of groups) {
    const order: Order = { cases, services, runs, logs };
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
