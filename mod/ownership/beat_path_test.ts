import { assertEquals } from "@std/assert";
import { BACK, BeatPath, NOWHERE } from "./mod.ts";

const pure = { permissions: "none" } as const;

function next(
  path: BeatPath,
  now: number,
  { known = 3, hasBack = true, count = 1 } = {},
): number[] {
  return Array.from({ length: count }, () => path.next(known, hasBack, now));
}

Deno.test(
  "BeatPath tries all addresses in turn while nothing comes",
  pure,
  () => {
    const path = new BeatPath();
    assertEquals(next(path, 0, { count: 5, hasBack: false }), [0, 1, 2, 0, 1]);
    assertEquals(next(path, 0, { known: 0, hasBack: false }), [NOWHERE]);
  },
);

Deno.test("BeatPath stays with where the peer is heard from", pure, () => {
  const path = new BeatPath();
  path.heard(5000);
  assertEquals(next(path, 5999, { count: 2 }), [BACK, BACK]);
  assertEquals(next(path, 6000, { count: 4 }), [0, 1, 2, 0]);
  path.heard(6000);
  assertEquals(next(path, 6001), [BACK]);
  assertEquals(next(path, 6001, { hasBack: false }), [1]);
});

Deno.test("BeatPath answers who is in no table", pure, () => {
  const path = new BeatPath();
  path.heard(0);
  assertEquals(next(path, 60_000, { known: 0 }), [BACK]);
});

// Whether a beat arrives: by the way that it takes and who sends it.
for (
  const [name, isCarried] of [
    ["on all ways", () => true],
    ["on the second", (way: number) => way === 1],
    [
      "on the first in one direction",
      (way: number, from: number) => way === 1 || from === 0,
    ],
  ] as const
) {
  Deno.test(`two nodes soon hear each other's beats ${name}`, pure, () => {
    const paths = [new BeatPath(), new BeatPath()] as const;
    /** Way on which each was heard last by the other. */
    const backs: [number, number] = [-1, -1];
    const gaps: [number, number] = [0, 0];
    for (let now = 0; now < 10_000; now += 100) {
      for (const [from, to] of [[0, 1], [1, 0]] as const) {
        const chosen = paths[from].next(2, backs[from] >= 0, now);
        const way = chosen === BACK ? backs[from] : chosen;
        if (isCarried(way, from)) {
          paths[to].heard(now);
          backs[to] = way;
          gaps[to] = 0;
        } else gaps[to]++;
        // Two beats of three may be lost without a peer being lost.
        assertEquals(gaps[to] <= (now < 400 ? 4 : 1), true, `${now} ${gaps}`);
      }
    }
  });
}
