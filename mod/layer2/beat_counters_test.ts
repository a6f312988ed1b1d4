import { assertEquals } from "@std/assert";
import {
  BEAT_OUTCOMES,
  beatCell,
  latenessCell,
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

Deno.test("readLateness() counts beats up to each bound, and all", {
  permissions: "none",
}, () => {
  const memory = new SharedMemory({ addressCapacity: 4 });
  for (const lateness of [0, 5, 5.1, 99, 200, 201, 1e9]) {
    const cell = latenessCell(63, lateness);
    memory.beats[cell] = (memory.beats[cell] ?? 0) + 1;
  }
  // 5, 10, 25, 50, 100, 200 ms, and all.
  assertEquals(readLateness(memory, 63), [2, 3, 3, 3, 4, 5, 7]);
  assertEquals(readLateness(memory, 62), [0, 0, 0, 0, 0, 0, 0]);
  assertEquals(readBeatCounters(memory, 63), {});
});
