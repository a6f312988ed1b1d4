/** Finds entries of pools that share addresses, within and between pools. */
import { compareIp, type Prefix, prefixLast } from "../net/mod.ts";
import type { Note } from "./problem.ts";

/** An entry of `spec.addresses` with the place that it comes from. */
export interface PlacedEntry {
  /** As written. */
  readonly text: string;
  /** The entry as its fewest prefixes; at least one. */
  readonly prefixes: readonly Prefix[];
  /** Name of its pool. */
  readonly pool: string;
  /** Where it stands in the pool, for example `spec.addresses[1]`. */
  readonly field: string;
  /** Notes problems of that pool. */
  readonly note: Note;
}

interface Placed {
  readonly prefix: Prefix;
  /** Place of its entry in the list. */
  readonly index: number;
}

/**
 * Notes every entry that shares addresses with an earlier one of the list, at
 * the later of the two places. Takes n log n steps for n prefixes.
 */
export function checkOverlaps(entries: readonly PlacedEntry[]): void {
  const sorted = entries
    .flatMap(({ prefixes }, index): readonly Placed[] =>
      prefixes.map((prefix) => ({ prefix, index }))
    )
    .sort((a, b) =>
      compareIp(a.prefix.ip, b.prefix.ip) ||
      a.prefix.length - b.prefix.length
    );
  const pairs = new Map<string, readonly [number, number]>();
  let outer: Placed | undefined;
  for (const each of sorted) {
    // Prefixes are nested or apart, so the last outermost one is all that can
    // reach into the next.
    if (outer !== undefined && reaches(outer.prefix, each.prefix)) {
      const first = Math.min(outer.index, each.index);
      const second = Math.max(outer.index, each.index);
      pairs.set(`${first} ${second}`, [first, second]);
    } else {
      outer = each;
    }
  }
  const inOrder = [...pairs.values()].sort((a, b) =>
    a[1] - b[1] || a[0] - b[0]
  );
  for (const [first, second] of inOrder) {
    report(entries[first], entries[second]);
  }
}

function reaches(outer: Prefix, inner: Prefix): boolean {
  return outer.ip.family === inner.ip.family &&
    compareIp(prefixLast(outer), inner.ip) >= 0;
}

function report(
  first: PlacedEntry | undefined,
  second: PlacedEntry | undefined,
): void {
  if (first === undefined || second === undefined) return;
  const place = first.pool === second.pool
    ? first.field
    : `IPAddressPool "${first.pool}" (${first.field})`;
  second.note({
    class: "overlap",
    field: second.field,
    message:
      `Cannot use "${second.text}": it overlaps "${first.text}" of ${place}`,
  });
}
