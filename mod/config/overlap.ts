/** Finds prefixes that share addresses, within a pool and between pools. */
import {
  compareIp,
  formatPrefix,
  type Prefix,
  prefixLast,
} from "../net/mod.ts";
import type { Note } from "./problem.ts";

/** A prefix with the place that it comes from. */
export interface PlacedPrefix {
  /** The prefix. */
  readonly prefix: Prefix;
  /** Name of its pool. */
  readonly pool: string;
  /** Its entry in the pool, for example `spec.addresses[1]`. */
  readonly field: string;
  /** Notes problems of that pool. */
  readonly note: Note;
}

/**
 * Notes every prefix that shares addresses with an earlier one of the list,
 * at the later of the two places. Takes n log n steps.
 */
export function checkOverlaps(placed: readonly PlacedPrefix[]): void {
  const sorted = placed
    .map((each, index) => ({ ...each, index }))
    .sort((a, b) =>
      compareIp(a.prefix.ip, b.prefix.ip) ||
      a.prefix.length - b.prefix.length
    );
  const found: { index: number; report: () => void }[] = [];
  let outer: typeof sorted[number] | undefined;
  for (const each of sorted) {
    // Prefixes are nested or apart, so the last outermost one is all that can
    // reach into the next.
    if (outer !== undefined && reaches(outer.prefix, each.prefix)) {
      const [first, second] = outer.index < each.index
        ? [outer, each]
        : [each, outer];
      found.push({ index: second.index, report: () => report(first, second) });
    } else {
      outer = each;
    }
  }
  found.sort((a, b) => a.index - b.index);
  for (const { report } of found) report();
}

function reaches(outer: Prefix, inner: Prefix): boolean {
  return outer.ip.family === inner.ip.family &&
    compareIp(prefixLast(outer), inner.ip) >= 0;
}

function report(first: PlacedPrefix, second: PlacedPrefix): void {
  const where = first.pool === second.pool
    ? first.field
    : `${first.field} of pool "${first.pool}"`;
  second.note({
    class: "overlap",
    field: second.field,
    message: `Cannot use ${formatPrefix(second.prefix)}: it overlaps with ${
      formatPrefix(first.prefix)
    } of ${where}`,
  });
}
