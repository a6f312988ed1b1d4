import { assertEquals } from "@std/assert";
import {
  ANNA,
  GROUP,
  groupRecord,
  ME,
  RecordingSink,
  segmentRecord,
} from "../../tests/claims_rig.ts";
import { ClaimEngine, DEFAULT_CLAIM_SETTINGS } from "./mod.ts";
import { slackAfter } from "./strain.ts";

const pure = { permissions: "none" } as const;

const SLACKS = [
  { slack: 1, isLate: false, quiet: Infinity, next: 1 },
  { slack: 1, isLate: true, quiet: Infinity, next: 1 },
  { slack: 1, isLate: true, quiet: 10_000, next: 1 },
  { slack: 1, isLate: true, quiet: 9999, next: 2 },
  { slack: 2, isLate: true, quiet: 500, next: 4 },
  { slack: 4, isLate: true, quiet: 500, next: 4 },
  { slack: 4, isLate: false, quiet: 9999, next: 4 },
  { slack: 4, isLate: false, quiet: 10_000, next: 2 },
  { slack: 2, isLate: false, quiet: 10_000, next: 1 },
];
Deno.test.each(SLACKS)(
  "slackAfter() of $slack, late: $isLate, $quiet ms after the last time, is $next",
  pure,
  ({ slack, isLate, quiet, next }) =>
    assertEquals(slackAfter(slack, isLate, quiet), next),
);

interface World {
  readonly engine: ClaimEngine;
  readonly sink: RecordingSink;
}

/** A member with a peer, which beats every 100 ms. */
function world(): World {
  const sink = new RecordingSink();
  const engine = new ClaimEngine({ node: ME, incarnation: 1, sink });
  engine.apply([segmentRecord([ANNA], [groupRecord([ME, ANNA])])], 0);
  engine.join(0);
  return { engine, sink };
}

/** Runs rounds when they are due until a time, but none between these times. */
function go(
  { engine }: World,
  from: number,
  until: number,
  gaps: readonly (readonly [number, number])[] = [],
): void {
  for (let now = from; now <= until; now++) {
    const isRun = !gaps.some(([begin, end]) => now > begin && now < end);
    if (!isRun || now < engine.nextDeadline) continue;
    engine.wake(now);
    engine.run(now);
  }
}

function lateNotices({ sink }: World): number {
  return sink.done.filter((each) => each === "notice 0 late").length;
}

Deno.test("a node that is late once asks for nothing", pure, () => {
  const one = world();
  go(one, 0, 3000, [[1000, 1200]]);
  assertEquals(one.engine.patience, 300);
  assertEquals(lateNotices(one), 0);
});

Deno.test(
  "a node that is late again and again says in its beats that others are to wait longer, and keeps what it owns meanwhile",
  pure,
  () => {
    const one = world();
    go(one, 0, 3000, [[1000, 1200], [2000, 2200]]);
    assertEquals(one.engine.patience, 600);
    assertEquals(
      one.engine.detectionTime,
      300,
      "it waits for others as before",
    );
    assertEquals(one.sink.beats.at(-1)?.beat.interval, 200);
    assertEquals(lateNotices(one), 1);
    go(one, 3001, 6000, [[4000, 4450]]);
    assertEquals(one.engine.state(0, GROUP)?.role, "owner");
    go(one, 6001, 9000, [[7000, 8250]]);
    assertEquals(
      one.sink.done.filter((each) => each.includes("stall")).length,
      1,
      "after what it asked for, it may have been replaced",
    );
  },
);

Deno.test("a node that is on time again is waited for as before", pure, () => {
  const one = world();
  go(one, 0, 15_000, [[1000, 1200], [2000, 2200]]);
  assertEquals(one.engine.patience, 300);
  assertEquals(one.sink.beats.at(-1)?.beat.interval, 100);
});

Deno.test(
  "a node on time asks for nothing where two missed beats are a loss",
  pure,
  () => {
    const sink = new RecordingSink();
    const engine = new ClaimEngine({
      node: ME,
      incarnation: 1,
      sink,
      settings: {
        ...DEFAULT_CLAIM_SETTINGS,
        heartbeats: { ...DEFAULT_CLAIM_SETTINGS.heartbeats, misses: 2 },
      },
    });
    engine.apply([segmentRecord([ANNA], [groupRecord([ME, ANNA])])], 0);
    engine.join(0);
    let late = 0;
    for (let now = 0; now < 20_000;) {
      engine.wake(now);
      engine.run(now);
      if (engine.patience > 200) late++;
      // A timer of whole milliseconds.
      now = Math.max(now + 0.1, engine.nextDeadline + ((now * 7) % 5) / 10);
    }
    assertEquals(late, 0);
    assertEquals(sink.done.filter((each) => each.includes("late")), []);
  },
);
