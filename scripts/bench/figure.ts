import type { PacketLab } from "./packet_lab.ts";

/** What one figure must keep. */
export interface Bound {
  /** Compared with the bound; what it is, is in `what`. */
  readonly value: number;
  /** The most that it may be. */
  readonly limit: number;
  /** For people: `p50 / C responder`, `lost`, … */
  readonly what: string;
}

/** One line of the table. */
export interface Row {
  /** What was measured. */
  readonly name: string;
  /** Measured values by name, times in µs; medians of all rounds. */
  readonly values: Readonly<Record<string, number>>;
  /** The bound that it must keep; left out for references. */
  readonly bound?: Bound;
}

/** One measurement: a file of its own, listed in the registry. */
export interface Figure {
  /** A word for the command line. */
  readonly name: string;
  /** What it measures, for people. */
  readonly title: string;
  /** Measures. */
  run(lab: PacketLab): Promise<readonly Row[]>;
}

/** Whether a row keeps its bound; `undefined` when it has none. */
export function passes({ bound }: Row): boolean | undefined {
  return bound === undefined ? undefined : bound.value <= bound.limit;
}

/** The middle value; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? NaN;
  const lower = sorted[Math.ceil(middle) - 1] ?? NaN;
  return (lower + upper) / 2;
}

/** The table of all rows, and what failed. */
export function formatRows(title: string, rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.map((row) => {
    const values = Object.entries(row.values)
      .map(([name, value]) => `${name} ${round(value)}`).join("  ");
    return `  ${row.name.padEnd(width)}  ${values}${formatBound(row)}`;
  });
  return [title, ...lines].join("\n");
}

function formatBound(row: Row): string {
  if (row.bound === undefined) return "";
  const { value, limit, what } = row.bound;
  const verdict = passes(row) ? "ok" : "FAILED";
  return `  ${what} ${round(value)} ≤ ${limit}: ${verdict}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
