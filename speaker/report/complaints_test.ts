import { assertEquals } from "@std/assert";
import { Complaints, type ComplaintWord } from "./complaints.ts";

const options = { permissions: "none" } as const;

function now(
  ...entries: readonly (readonly [string, ComplaintWord])[]
): ReadonlyMap<string, ComplaintWord> {
  return new Map(entries);
}

Deno.test("Complaints tell what has lasted for 10 s, once", options, () => {
  const complaints = new Complaints();
  const wrong = now(["default/web", "noCandidate"]);
  assertEquals(complaints.update(wrong, 0).due, []);
  assertEquals(complaints.nextAt, 10_000);
  assertEquals(complaints.update(wrong, 9_999).due, []);
  assertEquals(complaints.update(wrong, 10_000).due, [[
    "default/web",
    "noCandidate",
  ]]);
  assertEquals(complaints.nextAt, undefined);
  assertEquals(complaints.update(wrong, 60_000).due, []);
});

Deno.test(
  "Complaints begin anew with another reason, and after a pause",
  options,
  () => {
    const complaints = new Complaints();
    complaints.update(now(["default/web", "noCandidate"]), 0);
    const other = now(["default/web", "announceFailed"]);
    assertEquals(complaints.update(other, 9_000).due, []);
    assertEquals(complaints.nextAt, 19_000);
    assertEquals(complaints.update(now(), 18_000), {
      due: [],
      ended: ["default/web"],
    });
    assertEquals(complaints.update(other, 19_000).due, []);
    assertEquals(complaints.update(other, 29_000).due.length, 1);
  },
);
