import { assertEquals } from "@std/assert";
import type { SpeakerStatus } from "../../speaker/status.ts";
import { stallsIn } from "./speaker_status.ts";

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
