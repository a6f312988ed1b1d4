import { assertEquals } from "@std/assert";
import { ManualClock } from "../tests/manual_clock.ts";
import { keepTidy } from "./tidying.ts";

Deno.test(
  "keepTidy() trims soon after the start, then every minute, until the signal",
  {
    permissions: "none",
  },
  async () => {
    const clock = new ManualClock();
    const stop = new AbortController();
    const trims: number[] = [];
    const tidying = keepTidy(clock, () => trims.push(clock.now()), stop.signal);
    await clock.advance(130_000);
    assertEquals(trims, [10_000, 70_000, 130_000]);
    stop.abort();
    await tidying;
    await clock.advance(60_000);
    assertEquals(trims.length, 3);
    assertEquals(clock.sleeping, 0);
  },
);
