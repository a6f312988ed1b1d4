import { assertEquals } from "@std/assert";
import { ManualClock } from "../../tests/manual_clock.ts";
import { RateLimiter } from "./rate_limiter.ts";

async function takeAll(
  clock: ManualClock,
  limiter: RateLimiter,
  calls: number,
): Promise<readonly number[]> {
  const times: number[] = [];
  const all = Array.from({ length: calls }, async () => {
    await limiter.take();
    times.push(clock.now());
  });
  await clock.advance(10_000);
  await Promise.all(all);
  return times;
}

Deno.test("RateLimiter lets a burst through, then spaces the calls", {
  permissions: "none",
}, async () => {
  const clock = new ManualClock();
  const limiter = new RateLimiter({ perSecond: 10, burst: 3 }, clock);
  const times = await takeAll(clock, limiter, 6);
  assertEquals(times, [0, 0, 0, 100, 200, 300]);
  const later = await takeAll(clock, limiter, 4);
  assertEquals(later, [10_000, 10_000, 10_000, 10_100], "a pause refills it");
});

Deno.test("RateLimiter with 0 does not limit", {
  permissions: "none",
}, async () => {
  const clock = new ManualClock();
  const limiter = new RateLimiter({ perSecond: 0, burst: 1 }, clock);
  const times = await takeAll(clock, limiter, 100);
  assertEquals(times.filter((at) => at === 0).length, 100);
});
