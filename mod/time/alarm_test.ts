import { assertEquals } from "@std/assert";
import { ManualClock } from "../../tests/manual_clock.ts";
import { Alarm } from "./mod.ts";

/** When an alarm rang that was set so, `[when, for when]`, within 1000 ms. */
async function ringsOf(
  settings: readonly (readonly [number, number])[],
): Promise<{ readonly rings: readonly number[]; readonly wakes: number }> {
  const clock = new ManualClock();
  const rings: number[] = [];
  let wakes = 0;
  const counting = {
    now: () => clock.now(),
    sleep: async (ms: number, signal?: AbortSignal) => {
      await clock.sleep(ms, signal);
      wakes++;
    },
  };
  using alarm = new Alarm(counting, () => rings.push(clock.now()));
  for (const [when, at] of settings) {
    await clock.advance(when - clock.now());
    alarm.set(at);
  }
  await clock.advance(1000 - clock.now());
  return { rings, wakes };
}

const CASES: readonly {
  readonly name: string;
  readonly settings: readonly (readonly [number, number])[];
  readonly rings: readonly number[];
  readonly wakes: number;
}[] = [
  { name: "once", settings: [[0, 100]], rings: [100], wakes: 1 },
  { name: "at once", settings: [[50, 20]], rings: [50], wakes: 1 },
  {
    name: "later, which takes one timer more",
    settings: [[0, 100], [10, 200], [20, 300], [30, 400]],
    rings: [400],
    wakes: 2,
  },
  {
    name: "earlier, and not again at the time before",
    settings: [[0, 300], [10, 100]],
    rings: [100],
    wakes: 2,
  },
  {
    name: "earlier and later again",
    settings: [[0, 300], [10, 100], [20, 300]],
    rings: [300],
    wakes: 3,
  },
  {
    name: "not at all",
    settings: [[0, 100], [10, Infinity]],
    rings: [],
    wakes: 1,
  },
  {
    name: "again after it rang",
    settings: [[0, 100], [150, 200]],
    rings: [100, 200],
    wakes: 2,
  },
];

for (const { name, settings, rings, wakes } of CASES) {
  Deno.test(`Alarm rings ${name}`, { permissions: "none" }, async () => {
    assertEquals(await ringsOf(settings), { rings, wakes });
  });
}

Deno.test(
  "Alarm may be set while it rings",
  { permissions: "none" },
  async () => {
    const clock = new ManualClock();
    const rings: number[] = [];
    using alarm: Alarm = new Alarm(clock, () => {
      rings.push(clock.now());
      if (rings.length < 3) alarm.set(clock.now() + 100);
    });
    alarm.set(100);
    await clock.advance(1000);
    assertEquals(rings, [100, 200, 300]);
  },
);

Deno.test(
  "Alarm never rings early, nor after its end",
  { permissions: "none" },
  async () => {
    const clock = new ManualClock();
    const rings: number[] = [];
    // As the runtime's, whose timers may end a moment before the time.
    const hasty = {
      now: () => clock.now(),
      sleep: (ms: number, signal?: AbortSignal) =>
        clock.sleep(Math.max(0.25, ms - 0.5), signal),
    };
    using alarm = new Alarm(hasty, () => rings.push(clock.now()));
    alarm.set(100);
    await clock.advance(99.9);
    assertEquals(rings, []);
    await clock.advance(1);
    assertEquals(rings.length, 1);
    alarm.set(300);
    alarm.close();
    await clock.advance(1000);
    assertEquals([rings.length, clock.sleeping], [1, 0]);
  },
);
