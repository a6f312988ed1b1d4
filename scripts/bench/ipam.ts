/**
 * Figures of the controller, each with its reference in the same run, against
 * a real kube-apiserver.
 *
 * usage: deno task bench:ipam [--json] [FIGURE…]
 *
 * Exits with 1 when a bound is not kept.
 */
import { allocatorTimes } from "./allocator.ts";
import { announceLatency } from "./announce_latency.ts";
import { apiWrites } from "./api_writes.ts";
import { backlog } from "./backlog.ts";
import { controllerMemory } from "./controller_memory.ts";
import { controllerStart } from "./controller_start.ts";
import { createLatency } from "./create_latency.ts";
import { formatRows, passes, type Row } from "./figure.ts";

interface Figure {
  /** A word for the command line. */
  readonly name: string;
  /** What it measures, for people. */
  readonly title: string;
  readonly run: () => readonly Row[] | Promise<readonly Row[]>;
}

const FIGURES: readonly Figure[] = [
  { name: "allocator", title: "The allocator in memory", run: allocatorTimes },
  {
    name: "backlog",
    title: "1,000 Services that wait when the controller starts",
    run: backlog,
  },
  {
    name: "writes",
    title: "Writes of all roles until everything about 300 Services is told",
    run: apiWrites,
  },
  {
    name: "latency",
    title: "Service created → address in its status, ms",
    run: createLatency,
  },
  {
    name: "announce",
    title: "Service created → first announcement on the wire, ms",
    run: announceLatency,
  },
  {
    name: "start",
    title: "Controller start → address, with 200 Services, ms",
    run: controllerStart,
  },
  {
    name: "memory",
    title: "RSS of the bundled controller, MB",
    run: controllerMemory,
  },
];

async function bundle(): Promise<void> {
  const script = new URL("../bundle.ts", import.meta.url).pathname;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-P=bundle", script],
  }).output();
  if (success) return;
  throw new Error(`Cannot bundle: ${new TextDecoder().decode(stderr)}`);
}

async function main(args: readonly string[]): Promise<number> {
  const isJson = args.includes("--json");
  const names = args.filter((word) => !word.startsWith("--"));
  const unknown = names.find((name) =>
    !FIGURES.some((figure) => figure.name === name)
  );
  if (unknown !== undefined) {
    const known = FIGURES.map(({ name }) => name).join(", ");
    console.error(`Unknown figure "${unknown}": there are ${known}`);
    return 2;
  }
  await bundle();
  const results: { readonly figure: string; readonly rows: readonly Row[] }[] =
    [];
  for (const { name, title, run } of FIGURES) {
    if (names.length > 0 && !names.includes(name)) continue;
    const rows = await run();
    results.push({ figure: name, rows });
    if (!isJson) console.info(formatRows(title, rows));
  }
  if (isJson) console.info(JSON.stringify(results));
  const all = results.flatMap(({ rows }) => rows);
  return all.some((row) => passes(row) === false) ? 1 : 0;
}

Deno.exit(await main(Deno.args));
