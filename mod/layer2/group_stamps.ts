import type { GroupCandidate, GroupEntry } from "./group_table.ts";

interface Stamped {
  readonly group: GroupEntry;
  readonly limit: number;
  readonly stamp: number;
}

/**
 * When each group was last another one: who follows a state need not look at
 * the groups that are what they were.
 */
export class GroupStamps {
  #known = new Map<number, Stamped>();

  /**
   * Stamps of exactly these groups.
   *
   * @param groups By index.
   * @param limit Most candidates that are told of a group.
   * @param generation The one that will say so.
   */
  assign(
    groups: ReadonlyMap<number, GroupEntry>,
    limit: number,
    generation: number,
  ): ReadonlyMap<number, number> {
    const known = new Map<number, Stamped>();
    const stamps = new Map<number, number>();
    for (const [index, group] of groups) {
      const before = this.#known.get(index);
      const isSame = before !== undefined && before.limit === limit &&
        isSameGroup(before.group, group);
      const stamp = isSame ? before.stamp : generation;
      known.set(index, { group, limit, stamp });
      stamps.set(index, stamp);
    }
    this.#known = known;
    return stamps;
  }
}

function isSameGroup(a: GroupEntry, b: GroupEntry): boolean {
  return a.id === b.id && a.hash === b.hash && a.isNew === b.isNew &&
    a.failbackDelay === b.failbackDelay &&
    a.candidates.length === b.candidates.length &&
    a.candidates.every((each, i) => isSameCandidate(each, b.candidates[i]));
}

function isSameCandidate(
  { node, hash }: GroupCandidate,
  other: GroupCandidate | undefined,
): boolean {
  return node === other?.node && hash === other.hash;
}
