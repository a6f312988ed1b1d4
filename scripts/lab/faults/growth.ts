/** Whether what a process takes levels off: how fast it grew in the last half of a run. */
import { type Footprint, JUDGE, type Resident } from "./footprint.ts";

/** Growth within which a process counts as level, in MB per hour. */
export const LARGEST_GROWTH = 4;
/**
 * Half a run that is shorter is not judged, in ms: a heap goes up and down by
 * some MB between two collections, which is much of a slope for a while.
 */
const SHORTEST_HALF_MS = 20 * 60_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** How a process grew. */
export interface Growth {
  readonly name: string;
  /** Slope of its resident memory, in MB per hour. */
  readonly resident: number;
  /** Slope of what of it no file backs, in MB per hour. */
  readonly anonymous: number;
}

/** What is known of the last half of a run. */
export interface LastHalf {
  /** How long it was, in ms. */
  readonly lengthMs: number;
  /** Processes that lived all the while, but for the one that judges. */
  readonly growths: readonly Growth[];
}

/** Slope of the line that fits best; 0 where there is none. */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, each) => sum + each, 0) / values.length;
  const meanX = mean(points.map(([x]) => x));
  const meanY = mean(points.map(([, y]) => y));
  const rise = mean(points.map(([x, y]) => (x - meanX) * (y - meanY)));
  const run = mean(points.map(([x]) => (x - meanX) ** 2));
  return run > 0 ? rise / run : 0;
}

/** Reads the last half of what was looked at in a run, in the order of time. */
export function lastHalf(looks: readonly Footprint[]): LastHalf {
  const begin = looks[0]?.at ?? 0;
  const end = looks.at(-1)?.at ?? 0;
  const late = looks.filter(({ at }) => at >= (begin + end) / 2);
  const roles = late.at(-1)?.processes.filter(({ name }) => name !== JUDGE);
  const growths = roles?.flatMap(({ name, pid }): Growth[] => {
    const own = late.flatMap(({ at, processes }) => {
      const found = processes.find((each) => each.pid === pid);
      return found === undefined ? [] : [{ at, ...found }];
    });
    if (own.length < late.length) return [];
    const slopeOf = (kilobytes: (each: Resident) => number): number =>
      slope(own.map((each) => [each.at / HOUR_MS, kilobytes(each) / 1024]));
    return [{
      name,
      resident: slopeOf((each) => each.kilobytes),
      anonymous: slopeOf((each) => each.anonymousKilobytes),
    }];
  });
  return { lengthMs: end - (late[0]?.at ?? end), growths: growths ?? [] };
}

/** Those that do not level off; none where the time was too short to tell. */
export function growing({ lengthMs, growths }: LastHalf): readonly Growth[] {
  if (lengthMs < SHORTEST_HALF_MS) return [];
  return growths.filter(({ resident }) => resident > LARGEST_GROWTH);
}

/** One line for each process, with the bound. */
export function describeGrowth(half: LastHalf): readonly string[] {
  const { lengthMs, growths } = half;
  const minutes = Math.round(lengthMs / MINUTE_MS);
  const tooFast = growing(half);
  const isJudged = lengthMs >= SHORTEST_HALF_MS;
  return growths.map((each) => {
    const { name, resident, anonymous } = each;
    const verdict = !isJudged
      ? "too short to judge"
      : tooFast.includes(each)
      ? "GROWS"
      : "level";
    return `${name}: ${resident.toFixed(1)} MB/h resident, ${
      anonymous.toFixed(1)
    } anonymous in the last ${minutes} min, at most ${LARGEST_GROWTH}: ${verdict}`;
  });
}
