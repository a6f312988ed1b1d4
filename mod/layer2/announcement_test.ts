import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type Announcement,
  ANNOUNCEMENT_INTERVAL,
  ANNOUNCEMENT_WINDOW,
  AnnouncementSchedule,
  type Pacing,
} from "./announcement.ts";

const options = { permissions: "none" } as const;
const FAST: Pacing = { framesPerSecond: 1e6, burst: 1000 };

interface Sent extends Announcement {
  readonly at: number;
}

/** Runs a schedule from deadline to deadline, as the loop does. */
function run(schedule: AnnouncementSchedule, from: number, to: number): Sent[] {
  const sent: Sent[] = [];
  let now = from;
  while (now <= to) {
    for (;;) {
      const announcement = schedule.take(now);
      if (announcement === undefined) break;
      const { id, slot } = announcement;
      sent.push({ id, slot, at: now });
    }
    const deadline = schedule.deadline(now);
    // The loop waits whole milliseconds.
    now += Math.max(1, Math.ceil(deadline - now));
  }
  return sent;
}

Deno.test(
  "AnnouncementSchedule announces at once and four times more",
  options,
  () => {
    const schedule = new AnnouncementSchedule(FAST);
    schedule.start({ id: 1, slot: 0 }, 2);
    const sent = run(schedule, 10_000, 30_000);
    assertEquals(sent.map(({ at }) => at - 10_000), [
      0,
      1100,
      2200,
      3300,
      4400,
    ]);
    assertEquals(schedule.size, 0);
    assertEquals(schedule.deadline(30_000), Infinity);
  },
);

Deno.test(
  "AnnouncementSchedule sends all first announcements before repetitions",
  options,
  () => {
    const schedule = new AnnouncementSchedule({
      framesPerSecond: 100,
      burst: 2,
    });
    for (let id = 1; id <= 100; id++) schedule.start({ id, slot: 0 }, 2);
    const sent = run(schedule, 0, 60_000);
    const firsts = sent.slice(0, 100).map(({ id }) => id);
    assertEquals(firsts, Array.from({ length: 100 }, (_, i) => i + 1));
  },
);

Deno.test("AnnouncementSchedule stops at once", options, () => {
  const schedule = new AnnouncementSchedule(FAST);
  schedule.start({ id: 1, slot: 0 }, 2);
  schedule.start({ id: 2, slot: 0 }, 2);
  schedule.start({ id: 2, slot: 1 }, 2);
  schedule.stop({ id: 1, slot: 0 });
  const sent = run(schedule, 0, 1000);
  assertEquals(sent, [{ id: 2, slot: 0, at: 0 }, { id: 2, slot: 1, at: 0 }]);
  schedule.stop({ id: 2, slot: 0 });
  const later = run(schedule, 1000, 20_000);
  assertEquals(later.map(({ slot }) => slot), [1, 1, 1, 1]);
});

Deno.test("AnnouncementSchedule begins anew when asked to", options, () => {
  const schedule = new AnnouncementSchedule(FAST);
  schedule.start({ id: 1, slot: 0 }, 1);
  assertEquals(run(schedule, 0, 2000).map(({ at }) => at), [0, 1100]);
  schedule.start({ id: 1, slot: 0 }, 1);
  assertEquals(
    run(schedule, 2001, 30_000).map(({ at }) => at),
    [2001, 3101, 4201, 5301, 6401],
  );
});

Deno.test(
  "AnnouncementSchedule lets an announcement larger than the bucket pass",
  options,
  () => {
    const schedule = new AnnouncementSchedule({ framesPerSecond: 1, burst: 1 });
    schedule.start({ id: 1, slot: 0 }, 2);
    assertEquals(run(schedule, 0, 100).length, 1);
  },
);

Deno.test(
  "AnnouncementSchedule keeps interval, window and rate",
  options,
  () => {
    const starts = fc.array(
      fc.record({ at: fc.nat(4000), id: fc.integer({ min: 1, max: 40 }) }),
      { maxLength: 80 },
    );
    const pacing = fc.record({
      framesPerSecond: fc.integer({ min: 5, max: 500 }),
      burst: fc.integer({ min: 2, max: 50 }),
    });
    fc.assert(fc.property(starts, pacing, (unordered, limits) => {
      const schedule = new AnnouncementSchedule(limits);
      const ordered = unordered.toSorted((a, b) => a.at - b.at);
      const sent: Sent[] = [];
      const lastStart = new Map<number, number>();
      let now = 0;
      for (const { at, id } of ordered) {
        sent.push(...run(schedule, now, at - 1));
        now = Math.max(now, at);
        schedule.start({ id, slot: 0 }, 2);
        lastStart.set(id, now);
      }
      sent.push(...run(schedule, now, 200_000));
      assertEquals(schedule.size, 0);
      for (const [id, start] of lastStart) {
        const times = sent.filter((one) => one.id === id && one.at >= start)
          .map(({ at }) => at);
        assertBurst(times);
      }
      assertRate(sent, limits);
    }));
  },
);

function assertBurst(times: readonly number[]): void {
  const first = times[0];
  assertEquals(first !== undefined, true, "was never announced");
  for (const [i, time] of times.entries()) {
    const before = times[i - 1];
    if (before === undefined) continue;
    assertEquals(time - before >= ANNOUNCEMENT_INTERVAL, true);
    // A repetition is planned within the window; the pacing may delay it.
    assertEquals(before - (first ?? 0) < ANNOUNCEMENT_WINDOW, true);
  }
}

/** No more frames leave in any second than the bucket gives. */
function assertRate(sent: readonly Sent[], limits: Pacing): void {
  for (const [i, { at }] of sent.entries()) {
    const inSecond = sent.slice(i).filter((one) => one.at < at + 1000).length;
    const allowed = limits.framesPerSecond + limits.burst + 2;
    assertEquals(inSecond * 2 <= allowed, true, `${inSecond} from ${at}`);
  }
}
