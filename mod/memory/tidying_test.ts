import { assertEquals } from "@std/assert";
import { ManualClock } from "../../tests/manual_clock.ts";
import { keepTidy } from "./tidying.ts";

const MIB = 1024 * 1024;

Deno.test(
  "keepTidy() collects and trims after the start and after growth, until the signal",
  {
    permissions: "none",
  },
  async () => {
    const clock = new ManualClock();
    const stop = new AbortController();
    const done: string[] = [];
    let heap = 20 * MIB;
    let kept = 14 * MIB;
    const tidying = keepTidy(
      clock,
      {
        used: () => heap,
        collect: () => {
          done.push(`${clock.now()}: collect ${heap / MIB}`);
          heap = kept;
        },
      },
      stop.signal,
      () => done.push(`${clock.now()}: trim`),
    );
    await clock.advance(35_000);
    assertEquals(done.splice(0), ["10000: collect 20", "10000: trim"]);
    heap = 15.9 * MIB;
    await clock.advance(10_000);
    assertEquals(done, []);
    heap = 16 * MIB;
    kept = 80 * MIB;
    await clock.advance(30_000);
    assertEquals(done.splice(0), ["50000: collect 16", "50000: trim"]);
    heap = 89.9 * MIB;
    await clock.advance(10_000);
    assertEquals(done, [], "the more is kept, the more has to grow");
    heap = 90 * MIB;
    await clock.advance(10_000);
    assertEquals(done.splice(0), ["90000: collect 90", "90000: trim"]);
    stop.abort();
    await tidying;
    assertEquals([done, clock.sleeping], [[], 0]);
  },
);
