import { assertEquals } from "@std/assert";
import {
  claimEventCell,
  claimNoticeCell,
  readClaimEvents,
} from "./claim_events.ts";

Deno.test("readClaimEvents() gives what was counted, by event and reason", {
  permissions: "none",
}, () => {
  const cells = new Float64Array(128);
  cells[claimEventCell("takeOver", "ownerSilent")] = 3;
  cells[claimEventCell("silent", "ownerSilent")] = 1;
  cells[claimNoticeCell("contested")] = 2;
  assertEquals(readClaimEvents(cells), [
    { event: "takeOver", reason: "ownerSilent", count: 3 },
    { event: "silent", reason: "ownerSilent", count: 1 },
    { event: "contested", reason: "", count: 2 },
  ]);
});
