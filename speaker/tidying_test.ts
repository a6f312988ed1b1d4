import { assertEquals } from "@std/assert";
import { ManualClock } from "../tests/manual_clock.ts";
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
    const tidying = keepTidy(clock, {
      heapBytes: () => heap,
      collect: () => {
        done.push(`${clock.now()}: collect ${heap / MIB}`);
        heap = 14 * MIB;
      },
      trim: () => done.push(`${clock.now()}: trim`),
    }, stop.signal);
    await clock.advance(35_000);
    assertEquals(done.splice(0), ["10000: collect 20", "10000: trim"]);
    heap = 17.9 * MIB;
    await clock.advance(10_000);
    assertEquals(done, []);
    heap = 18 * MIB;
    await clock.advance(30_000);
    assertEquals(done.splice(0), ["50000: collect 18", "50000: trim"]);
    stop.abort();
    await tidying;
    assertEquals([done, clock.sleeping], [[], 0]);
  },
);
