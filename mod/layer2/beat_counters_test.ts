import { assertEquals } from "@std/assert";
import {
  BEAT_OUTCOMES,
  beatCell,
  countLateness,
  readBeatCounters,
  readLateness,
  SharedMemory,
} from "./mod.ts";

Deno.test("readBeatCounters() reads what was counted where", {
  permissions: "none",
}, () => {
  const memory = new SharedMemory({ addressCapacity: 4 });
  memory.beats[beatCell(63, "received")] = 5;
  memory.beats[beatCell(63, "oldIncarnation")] = 2;
  memory.beats[beatCell(62, "badSeal")] = 1;
  assertEquals(readBeatCounters(memory, 63), {
    received: 5,
    oldIncarnation: 2,
  });
  assertEquals(readBeatCounters(memory, 62), { badSeal: 1 });
  assertEquals(readBeatCounters(memory, 0), {});
  const cells = BEAT_OUTCOMES.map((outcome) => beatCell(1, outcome));
  assertEquals(Math.max(...cells) < beatCell(2, "received"), true);
});

Deno.test(
  "readLateness() counts beats up to each bound, and all, and adds up how late they came",
  {
    permissions: "none",
  },
  () => {
    const memory = new SharedMemory({ addressCapacity: 4 });
    for (const lateness of [0, 5, 5.5, 99, 200, 201, 1e6]) {
      countLateness(memory, 63, lateness);
    }
    assertEquals(readLateness(memory, 63), {
      // 5, 10, 25, 50, 100, 200 ms, and all.
      upTo: [2, 3, 3, 3, 4, 5, 7],
      sum: 1_000_510.5,
    });
    assertEquals(readLateness(memory, 62), {
      upTo: [0, 0, 0, 0, 0, 0, 0],
      sum: 0,
    });
    assertEquals(readBeatCounters(memory, 63), {});
  },
);
