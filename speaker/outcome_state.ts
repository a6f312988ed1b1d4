/** Whether the packet worker has to be told of an outcome again. */
import type { GroupCandidate, InterfaceSelection } from "../mod/layer2/mod.ts";
import { equalIp } from "../mod/net/mod.ts";
import type { Announced, Outcome, Watched } from "./outcomes.ts";

/**
 * Whether two outcomes are the same to the packet worker.
 *
 * @param before `undefined` = there was none; the same for `after`.
 */
export function isSameState(
  before: Outcome | undefined,
  after: Outcome | undefined,
): boolean {
  if (before === after) return true;
  const { watched: oldWatched, announced: oldAnnounced } = before ?? NONE;
  const { watched, announced } = after ?? NONE;
  // Who owns what is watched is the worker's own news.
  return watched.length > 0 || oldWatched.length > 0
    ? isSameList(oldWatched, watched, isSameWatched)
    : isSameList(oldAnnounced, announced, isSameAnnounced);
}

const NONE: Pick<Outcome, "announced" | "watched"> = {
  announced: [],
  watched: [],
};

function isSameList<T>(
  some: readonly T[],
  others: readonly T[],
  isSame: (a: T, b: T) => boolean,
): boolean {
  return some.length === others.length &&
    some.every((each, i) => {
      const other = others[i];
      return other !== undefined && isSame(each, other);
    });
}

function isSameAnnounced(a: Announced, b: Announced): boolean {
  return isSameSelection(a.interfaces, b.interfaces) &&
    isSameList(a.ips, b.ips, equalIp);
}

function isSameWatched(a: Watched, b: Watched): boolean {
  return a.key === b.key && a.failbackDelay === b.failbackDelay &&
    isSameAnnounced(a, b) &&
    isSameList(a.candidates, b.candidates, isSameCandidate);
}

function isSameCandidate(a: GroupCandidate, b: GroupCandidate): boolean {
  return a.node === b.node && a.hash === b.hash;
}

function isSameSelection(
  a: InterfaceSelection,
  b: InterfaceSelection,
): boolean {
  if (a === "all" || b === "all") return a === b;
  return isSameList(a, b, (one, other) => one === other);
}
