import { assertEquals } from "@std/assert";
import { describeFootprints } from "./footprint.ts";

Deno.test("describeFootprints() compares what lived all the while", {
  permissions: "none",
}, () => {
  const first = {
    at: 0,
    processes: [
      {
        name: "speaker-node-a",
        pid: 1,
        kilobytes: 80 * 1024,
        anonymousKilobytes: 40 * 1024,
      },
      {
        name: "speaker-node-b",
        pid: 2,
        kilobytes: 81 * 1024,
        anonymousKilobytes: 40 * 1024,
      },
      {
        name: "judge",
        pid: 3,
        kilobytes: 100 * 1024,
        anonymousKilobytes: 40 * 1024,
      },
    ],
    fileKilobytes: 512,
  };
  const last = {
    at: 0,
    processes: [
      {
        name: "speaker-node-a",
        pid: 1,
        kilobytes: 82.5 * 1024,
        anonymousKilobytes: 40 * 1024,
      },
      {
        name: "speaker-node-b",
        pid: 4,
        kilobytes: 79 * 1024,
        anonymousKilobytes: 40 * 1024,
      },
      {
        name: "judge",
        pid: 3,
        kilobytes: 110 * 1024,
        anonymousKilobytes: 40 * 1024,
      },
    ],
    fileKilobytes: 2048,
  };
  assertEquals(
    describeFootprints(first, last),
    "MB resident: speaker-node-a 80.0 → 82.5 (40.0 anonymous), " +
      "speaker-node-b started anew 79.0 (40.0 anonymous), " +
      "judge 100.0 → 110.0 (40.0 anonymous); MB of files: 0.5 → 2.0",
  );
});
