import { assertEquals } from "@std/assert";
import type { Run } from "./protocol.ts";
import { isKept, rowsOf } from "./report.ts";

function runs(...outages: readonly (number | null)[]): Run[] {
  return outages.map((outageMs): Run =>
    outageMs === null
      ? { name: "death", values: {}, failure: "nobody took over" }
      : {
        name: "death",
        values: { outageMs, announcedMs: outageMs },
        failure: null,
      }
  );
}

const CASES: readonly {
  readonly name: string;
  readonly runs: readonly Run[];
  readonly kept: readonly boolean[];
}[] = [
  {
    name: "within both bounds",
    runs: runs(300, 400, 590),
    kept: [true, true],
  },
  {
    name: "the median exceeds",
    runs: runs(300, 401, 590),
    kept: [false, true],
  },
  { name: "the tail exceeds", runs: runs(300, 310, 601), kept: [true, false] },
  {
    name: "a run without an end keeps no bound",
    runs: runs(300, 310, null),
    kept: [false, false],
  },
  { name: "nothing measured keeps no bound", runs: [], kept: [false, false] },
];

for (const { name, runs, kept } of CASES) {
  Deno.test(`rowsOf(): ${name}`, { permissions: "none" }, () => {
    const [outage, announcement] = rowsOf("death", runs);
    assertEquals(outage?.bounds.map((bound) => bound.isKept), [...kept]);
    assertEquals(outage !== undefined && isKept(outage), !kept.includes(false));
    assertEquals(announcement?.bounds, []);
  });
}
