import { assertEquals } from "@std/assert";
import { GroupStamps } from "./group_stamps.ts";
import type { GroupEntry } from "./group_table.ts";

const GROUP: GroupEntry = {
  id: 7,
  hash: 70,
  isNew: false,
  failbackDelay: Infinity,
  candidates: [{ node: 1, hash: 70 }, { node: 2, hash: 80 }],
};

const OTHERS: readonly (readonly [string, Partial<GroupEntry>])[] = [
  ["another group", { id: 8 }],
  ["another hash", { hash: 71 }],
  ["no longer new", { isNew: true }],
  ["another fail-back", { failbackDelay: 0 }],
  ["another order", { candidates: GROUP.candidates.toReversed() }],
  ["a candidate less", { candidates: GROUP.candidates.slice(1) }],
];

for (const [what, more] of OTHERS) {
  Deno.test(`GroupStamps are new for ${what}`, { permissions: "none" }, () => {
    const stamps = new GroupStamps();
    const other = { ...GROUP, ...more };
    const kept = new Map([[1, GROUP], [2, GROUP]]);
    const changed = new Map([[1, structuredClone(GROUP)], [2, other]]);
    stamps.assign(kept, Infinity, 3);
    assertEquals([...stamps.assign(changed, Infinity, 4)], [[1, 3], [2, 4]]);
  });
}

Deno.test(
  "GroupStamps are new when more candidates are told, and for who returns",
  {
    permissions: "none",
  },
  () => {
    const stamps = new GroupStamps();
    const groups = new Map([[1, GROUP]]);
    stamps.assign(groups, 1, 3);
    assertEquals(stamps.assign(groups, 2, 4).get(1), 4);
    stamps.assign(new Map(), 2, 5);
    assertEquals(stamps.assign(groups, 2, 6).get(1), 6);
  },
);
