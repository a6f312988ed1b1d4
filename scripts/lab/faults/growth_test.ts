import { assertEquals } from "@std/assert";
import type { Footprint } from "./footprint.ts";
import { describeGrowth, growing, lastHalf } from "./growth.ts";

const MINUTE_MS = 60_000;

/** A run of so many minutes, looked at every minute. */
function looks(
  minutes: number,
  megabytes: (minute: number) => number,
  pid: (minute: number) => number = () => 1,
): Footprint[] {
  return Array.from({ length: minutes + 1 }, (_, minute) => ({
    at: 1000 + minute * MINUTE_MS,
    processes: [{
      ...{ name: "speaker-node-a", pid: pid(minute) },
      kilobytes: megabytes(minute) * 1024,
      anonymousKilobytes: megabytes(minute) * 512,
    }, {
      ...{ name: "judge", pid: 9, anonymousKilobytes: 0 },
      kilobytes: minute * 10_000,
    }],
    fileKilobytes: 0,
  }));
}

const CASES: readonly (readonly [string, readonly Footprint[], string[]])[] = [
  [
    "growth of the first half, which a start needs",
    looks(60, (minute) => 80 + Math.min(minute, 30) / 3),
    ["speaker-node-a: 0.0 MB/h resident, 0.0 anonymous in the last 30 min, at most 4: level"],
  ],
  [
    "a heap that goes up and down",
    looks(60, (minute) => 90 + minute % 5),
    ["speaker-node-a: 0.7 MB/h resident, 0.4 anonymous in the last 30 min, at most 4: level"],
  ],
  [
    "growth that goes on",
    looks(60, (minute) => 80 + minute / 10),
    ["speaker-node-a: 6.0 MB/h resident, 3.0 anonymous in the last 30 min, at most 4: GROWS"],
  ],
  [
    "growth that goes on in a short run",
    looks(20, (minute) => 80 + minute / 10),
    ["speaker-node-a: 6.0 MB/h resident, 3.0 anonymous in the last 10 min, at most 4: too short to judge"],
  ],
  [
    "a process that was started anew",
    looks(60, (minute) => 80 + minute, (minute) => minute < 45 ? 1 : 2),
    [],
  ],
  ["nothing", [], []],
];

for (const [title, run, expected] of CASES) {
  Deno.test(`describeGrowth() judges the last half of a run: ${title}`, {
    permissions: "none",
  }, () => {
    const half = lastHalf(run);
    assertEquals(describeGrowth(half), expected);
    assertEquals(
      growing(half).length > 0,
      expected.some((line) => line.endsWith("GROWS")),
    );
  });
}
