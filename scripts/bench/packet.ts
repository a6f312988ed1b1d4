/**
 * Figures of the packet path, each with its reference in the same run.
 *
 * usage: deno task bench packet [--json] [FIGURE…]   (root)
 *
 * Exits with 1 when a bound is not kept. See BENCHMARKS.md.
 */
import { ARP_LATENCY } from "./arp_latency.ts";
import { type Figure, formatRows, passes, type Row } from "./figure.ts";
import { GARBAGE } from "./garbage.ts";
import { IN_FLIGHT } from "./in_flight.ts";
import { MEMORY } from "./memory.ts";
import { NDP_LATENCY } from "./ndp_latency.ts";
import { PacketLab } from "./packet_lab.ts";
import { SEALING } from "./sealing.ts";
import { STALL } from "./stall.ts";
import { START_UP } from "./start_up.ts";

/** All figures, in order. */
export const FIGURES: readonly Figure[] = [
  ARP_LATENCY,
  NDP_LATENCY,
  IN_FLIGHT,
  GARBAGE,
  SEALING,
  STALL,
  START_UP,
  MEMORY,
];

/** What a figure's rows are, for programs. */
export interface FigureResult {
  readonly figure: string;
  readonly rows: readonly (Row & { readonly pass?: boolean })[];
}

/** Measures the named figures, or all; tells each as it is done. */
export async function benchPacket(
  names: readonly string[],
  tell: (text: string) => void,
): Promise<readonly FigureResult[]> {
  const unknown = names.find((name) =>
    !FIGURES.some((figure) => figure.name === name)
  );
  if (unknown !== undefined) {
    const known = FIGURES.map(({ name }) => name).join(", ");
    throw new Error(`Unknown figure "${unknown}": there are ${known}`);
  }
  const results: FigureResult[] = [];
  for (const figure of FIGURES) {
    if (names.length > 0 && !names.includes(figure.name)) continue;
    await using lab = await PacketLab.make();
    const rows = await figure.run(lab);
    tell(formatRows(figure.title, rows));
    results.push({ figure: figure.name, rows: rows.map(judged) });
  }
  return results;
}

function judged(row: Row): Row & { readonly pass?: boolean } {
  const pass = passes(row);
  return pass === undefined ? row : { ...row, pass };
}

if (import.meta.main) {
  const isJson = Deno.args.includes("--json");
  const names = Deno.args.filter((word) => !word.startsWith("--"));
  const write = (text: string): void => {
    Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
  };
  const results = await benchPacket(names, isJson ? (): void => {} : write);
  if (isJson) write(JSON.stringify(results));
  const isKept = results.every(({ rows }) =>
    rows.every(({ pass }) => pass !== false)
  );
  Deno.exit(isKept ? 0 : 1);
}
