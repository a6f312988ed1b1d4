/** When a member holds back what is due. */
import { assertEquals } from "@std/assert";
import { StallGuard } from "./stall_guard.ts";

/** It runs at a time, for a packet or a timer, with something due. */
interface Run {
  readonly now: number;
  readonly due: number;
  readonly for: "packet" | "timer";
  /** When it wants to run next. */
  readonly next: number;
}

function timer(now: number, due: number, next: number): Run {
  return { for: "timer", now, due, next };
}

function packet(now: number, due: number, next: number): Run {
  return { for: "packet", now, due, next };
}

Deno.test.each<{ name: string; due: number; runs: readonly Run[] }>([
  { name: "who is in time acts", due: 1000, runs: [timer(1000, 2000, 2000)] },
  {
    name: "a busy thread is a little late",
    due: 1000,
    runs: [timer(1050, 2000, 2000)],
  },
  {
    name: "who stood still looks three times before it acts",
    due: 1000,
    runs: [
      timer(3000, 1000, 3020),
      timer(3010, 1000, 3020),
      timer(3020, 1000, 3040),
      timer(3040, 1000, 3060),
      timer(3060, 4000, 4000),
    ],
  },
  {
    name: "as long as packets come it reads",
    due: 1000,
    runs: [
      timer(3000, 1000, 3020),
      packet(3001, 1000, 3020),
      timer(3020, 1000, 3040),
      timer(3040, 1000, 3060),
      packet(3045, 1000, 3060),
      timer(3060, 1000, 3080),
      timer(3080, 1000, 3100),
      timer(3100, 4000, 4000),
    ],
  },
  {
    name: "a packet before the timer tells of the stall too",
    due: 1000,
    runs: [packet(3000, 1500, 3020), packet(3001, 1500, 3020)],
  },
  {
    name: "late while it reads, it begins anew",
    due: 1000,
    runs: [
      timer(3000, 1000, 3020),
      timer(3020, 1000, 3040),
      timer(3040, 1000, 3060),
      timer(3900, 1000, 3920),
      timer(3920, 1000, 3940),
      timer(3940, 1000, 3960),
      timer(3960, 4000, 4000),
    ],
  },
  {
    name: "who is never left alone acts after 20 looks",
    due: 1000,
    runs: [
      timer(3000, 1000, 3020),
      ...Array.from({ length: 19 }, (_, look) => [
        timer(3020 + 20 * look, 1000, 3040 + 20 * look),
        packet(3030 + 20 * look, 1000, 3040 + 20 * look),
      ]).flat(),
      timer(3400, 5000, 5000),
    ],
  },
  {
    name: "who is always late acts after 20 looks",
    due: 1000,
    runs: [
      timer(3000, 1000, 3020),
      ...Array.from(
        { length: 19 },
        (_, look) => timer(3120 + 100 * look, 1000, 3140 + 100 * look),
      ),
      timer(5020, 6000, 6000),
    ],
  },
  {
    name: "the next stall counts again",
    due: 1000,
    runs: [
      timer(3000, 1000, 3020),
      timer(3020, 1000, 3040),
      timer(3040, 1000, 3060),
      timer(3060, 5000, 5000),
      timer(5051, 5000, 5071),
    ],
  },
  {
    name: "what was overdue when it came up is no stall",
    due: 2000,
    runs: [packet(1500, 1000, 1000), timer(1550, 1000, 1000)],
  },
  {
    name: "who waits for nothing is never late",
    due: Infinity,
    runs: [packet(1e9, Infinity, Infinity)],
  },
])("$name", { permissions: "none" }, ({ due, runs }) => {
  const guard = new StallGuard();
  guard.expect(due, 0);
  const seen = runs.map((run): Run => {
    const { now, due } = run;
    guard.wake(now);
    if (run.for === "packet") guard.heard();
    else guard.holdsBack(now);
    guard.expect(due, now);
    return { ...run, next: guard.next(due) };
  });
  assertEquals(seen, runs);
});
