/** From runs to rows with verdicts. */
import { type Distribution, distributionOf } from "./distribution.ts";
import type { CaseName, Run } from "./protocol.ts";

/** What a value may be at most. */
interface Bound {
  readonly of: "p50" | "p95" | "max";
  readonly limit: number;
}

interface Measure {
  readonly value: string;
  /** For people. */
  readonly title: string;
  readonly bounds: readonly Bound[];
}

/** A measure of a case, with all its runs. */
export interface Row {
  readonly name: CaseName;
  readonly title: string;
  readonly runs: number;
  /** Runs that ended without a measurement. */
  readonly failed: number;
  readonly distribution: Distribution;
  readonly bounds: readonly (Bound & { readonly isKept: boolean })[];
}

function lostProbes(title: string): Measure {
  return {
    value: "lost",
    title: `${title}: probes lost`,
    bounds: [{ of: "p50", limit: 0 }, { of: "max", limit: 0 }],
  };
}

function thereAndBack(title: string): readonly Measure[] {
  return [
    lostProbes(title),
    { value: "awayMs", title: "… change → announcement, ms", bounds: [] },
    { value: "backMs", title: "… its end → announcement, ms", bounds: [] },
  ];
}

function takeOvers(
  how: string,
  bounds: readonly Bound[],
): readonly Measure[] {
  const title = `all cores busy${how}: take-overs without a cause`;
  return [
    { value: "takeOvers", title, bounds },
    { value: "stalls", title: "… speakers that stood still", bounds: [] },
    { value: "realTime", title: "… speakers in SCHED_RR", bounds: [] },
    { value: "minutes", title: "… in so many minutes", bounds: [] },
  ];
}

const MEASURES: Readonly<Record<CaseName, readonly Measure[]>> = {
  death: [
    {
      value: "outageMs",
      title: "node death → client served again, ms",
      bounds: [{ of: "p50", limit: 400 }, { of: "p95", limit: 600 }],
    },
    {
      value: "announcedMs",
      title: "… → first announcement, ms",
      bounds: [],
    },
  ],
  killed: [{
    value: "announcedMs",
    title: "speaker killed → first announcement, ms",
    bounds: [{ of: "p50", limit: 400 }],
  }],
  restart: [
    {
      value: "lost",
      title: "SIGTERM, restart, hand-back: probes lost",
      bounds: [{ of: "p50", limit: 0 }, { of: "max", limit: 0 }],
    },
    { value: "announcedMs", title: "… → announcement, ms", bounds: [] },
    { value: "exitMs", title: "… → exit, ms", bounds: [] },
  ],
  paused: [
    {
      value: "twoMs",
      title: "speaker paused, resumed: two MACs answer, ms",
      bounds: [{ of: "p95", limit: 50 }],
    },
    { value: "strayAnswers", title: "… answers of the loser", bounds: [] },
  ],
  partition: [{
    value: "healMs",
    title: "partition healed → one answering MAC, ms",
    bounds: [{ of: "p95", limit: 500 }],
  }],
  cut: [
    {
      value: "twoMs",
      title: "IP between nodes cut: two MACs answer, ms",
      bounds: [{ of: "p95", limit: 50 }],
    },
    { value: "owners", title: "… MACs that answered in turn", bounds: [] },
    { value: "silenceMs", title: "… longest silence, ms", bounds: [] },
  ],
  many: [
    {
      value: "firstMs",
      title: "1,000 addresses: death → first announcement, ms",
      bounds: [{ of: "p95", limit: 500 }],
    },
    {
      value: "lastMs",
      title: "… → last announcement, ms",
      bounds: [{ of: "p95", limit: 1000 }],
    },
    { value: "addresses", title: "… addresses that move", bounds: [] },
  ],
  idle: [
    {
      value: "cpuPercent",
      title: "1,000 Services, nothing happens: % of a core, a speaker",
      bounds: [{ of: "p50", limit: 1 }],
    },
    { value: "residentMb", title: "… memory of a speaker, MB", bounds: [] },
  ],
  drained: thereAndBack("drain by annotation, and its end"),
  preferred: thereAndBack("changed preference, and back"),
  excluded: thereAndBack("exclude label, and none"),
  returned: [
    lostProbes("dead node boots, hand-back"),
    { value: "backMs", title: "… boot → hand-back, ms", bounds: [] },
  ],
  loaded: takeOvers("", []),
  loadedRealTime: takeOvers(", SCHED_RR", [{ of: "max", limit: 0 }]),
  connections: [
    {
      value: "failed",
      title: "node death, kube-proxy: new connections failed in 60 s, %",
      bounds: [],
    },
    { value: "beforeTakeOver", title: "… before the take-over, %", bounds: [] },
    {
      value: "beforeRemoval",
      title: "… from then until no rule leads to the dead Pod, %",
      bounds: [],
    },
    { value: "afterRemoval", title: "… afterwards, %", bounds: [] },
    { value: "rulesMs", title: "… endpoint removed → rules, ms", bounds: [] },
  ],
};

/**
 * Makes the rows of one case.
 *
 * @param name The case.
 * @param runs All of its runs.
 */
export function rowsOf(name: CaseName, runs: readonly Run[]): Row[] {
  const done = runs.filter(({ failure }) => failure === null);
  const failed = runs.length - done.length;
  return MEASURES[name].map(({ value, title, bounds }) => {
    const values = done.map(({ values }) => values[value] ?? NaN);
    const distribution = distributionOf(values);
    return {
      ...{ name, title, runs: runs.length, failed, distribution },
      bounds: bounds.map((bound) => ({
        ...bound,
        isKept: failed === 0 && distribution[bound.of] <= bound.limit,
      })),
    };
  });
}

/** Whether a row keeps all its bounds. */
export function isKept({ bounds }: Row): boolean {
  return bounds.every((bound) => bound.isKept);
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** The table. */
export function formatRows(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ title }) => title.length));
  return rows.map(({ title, runs, failed, distribution, bounds }) => {
    const values = Object.entries(distribution)
      .map(([name, value]) => `${name} ${round(value)}`.padEnd(11)).join(" ");
    const verdicts = bounds.map(({ of, limit, isKept }) =>
      `  ${of} ≤ ${limit}: ${isKept ? "ok" : "FAILED"}`
    ).join("");
    const missing = failed === 0 ? "" : `  ${failed} failed`;
    return `  ${
      title.padEnd(width)
    }  ${runs} runs${missing}  ${values}${verdicts}`;
  }).join("\n");
}
