import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Freshness, ReplayGuard } from "./mod.ts";

const pure = { permissions: "none" } as const;

type Row = readonly [
  node: number,
  link: number,
  incarnation: number,
  sequence: number,
  verdict: Freshness,
];

interface Case {
  readonly name: string;
  readonly rows: readonly Row[];
}

const CASES: readonly Case[] = [
  {
    name: "the same beat twice",
    rows: [[1, 2, 10, 1, "fresh"], [1, 2, 10, 1, "replayed"]],
  },
  {
    name: "a lost and a late beat",
    rows: [
      [1, 2, 10, 1, "fresh"],
      [1, 2, 10, 3, "fresh"],
      [1, 2, 10, 2, "replayed"],
      [1, 2, 10, 4, "fresh"],
    ],
  },
  {
    name: "a sequence of 0, which nobody sends",
    rows: [[1, 2, 10, 0, "replayed"]],
  },
  {
    name: "a restart, and what was recorded before it",
    rows: [
      [1, 2, 10, 500, "fresh"],
      [1, 2, 11, 1, "fresh"],
      [1, 2, 10, 501, "oldIncarnation"],
      [1, 2, 11, 2, "fresh"],
    ],
  },
  {
    name: "an ended incarnation on an interface that was never heard",
    rows: [[1, 2, 11, 1, "fresh"], [1, 3, 10, 1, "oldIncarnation"]],
  },
  {
    name: "two interfaces of a node, each with a sequence",
    rows: [
      [1, 2, 10, 500, "fresh"],
      [1, 3, 10, 1, "fresh"],
      [1, 2, 10, 501, "fresh"],
      [1, 3, 10, 1, "replayed"],
    ],
  },
  {
    name: "another node",
    rows: [[1, 2, 10, 5, "fresh"], [7, 2, 9, 1, "fresh"]],
  },
];

for (const { name, rows } of CASES) {
  Deno.test(`ReplayGuard judges ${name}`, pure, () => {
    const guard = new ReplayGuard();
    for (const [node, link, incarnation, sequence, verdict] of rows) {
      const origin = { node, link, incarnation, sequence };
      assertEquals(guard.judge(origin), verdict, JSON.stringify(origin));
    }
  });
}

Deno.test("ReplayGuard keeps its senders few", pure, () => {
  const guard = new ReplayGuard();
  for (let link = 1; link <= 100; link++) {
    guard.judge({ node: 1, link, incarnation: 1, sequence: 1 });
  }
  assertEquals(guard.size, 64);
  guard.judge({ node: 2, link: 1, incarnation: 1, sequence: 1 });
  guard.judge({ node: 1, link: 1, incarnation: 2, sequence: 1 });
  assertEquals(guard.size, 2);
  guard.keepOnly(new Set([2, 3]));
  assertEquals(guard.size, 1);
  const known = { node: 2, link: 1, incarnation: 1, sequence: 1 };
  assertEquals(guard.judge(known), "replayed");
});

Deno.test(
  "ReplayGuard takes each beat of an incarnation at most once",
  pure,
  () => {
    const small = fc.integer({ min: 1, max: 4 });
    const origin = fc.record({
      node: small,
      link: small,
      incarnation: small,
      sequence: small,
    });
    fc.assert(fc.property(fc.array(origin, { maxLength: 60 }), (beats) => {
      const guard = new ReplayGuard();
      const taken = new Set<string>();
      const present = new Map<number, number>();
      for (const beat of beats) {
        if (guard.judge(beat) !== "fresh") continue;
        const key = JSON.stringify(beat);
        assertEquals(taken.has(key), false, key);
        taken.add(key);
        const before = present.get(beat.node) ?? 0;
        assertEquals(beat.incarnation >= before, true);
        present.set(beat.node, beat.incarnation);
      }
    }));
  },
);
