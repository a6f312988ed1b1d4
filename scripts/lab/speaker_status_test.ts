import { assertEquals } from "@std/assert";
import type { SpeakerStatus } from "../../speaker/status.ts";
import { asksForPatience, stallsIn } from "./speaker_status.ts";

const OTHERS: SpeakerStatus["claims"] = [
  { event: "takeOver", reason: "ownerSilent", count: 3 },
  { event: "silent", reason: "higherClaim", count: 2 },
];

Deno.test("stallsIn(): how often something was given up after a stall", () => {
  assertEquals(stallsIn({ claims: [] }), 0);
  assertEquals(stallsIn({ claims: OTHERS }), 0);
  const stall = { event: "silent", reason: "stall", count: 4 } as const;
  assertEquals(stallsIn({ claims: [...OTHERS, stall] }), 4);
});

Deno.test(
  "asksForPatience() is true of who is to be waited for longer than the detection time",
  {
    permissions: "none",
  },
  () => {
    const asks = (patience: number): boolean =>
      asksForPatience({ worker: { patience, detectionTime: 300 } });
    assertEquals([300, 600, 1200].map(asks), [false, true, true]);
  },
);
