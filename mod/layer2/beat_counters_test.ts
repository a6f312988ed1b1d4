import { assertEquals } from "@std/assert";
import {
  BEAT_OUTCOMES,
  beatCell,
  readBeatCounters,
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
