import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { Beat, claimOf, RecordList } from "./mod.ts";

Deno.test("RecordList makes each record once", { permissions: "none" }, () => {
  let made = 0;
  const list = new RecordList(() => ({ value: made++ }));
  const first = list.add();
  list.add().value = 7;
  assertEquals([list.length, list.at(1).value], [2, 7]);
  list.clear();
  assertThrows(() => list.at(0), RangeError, "there are 0");
  assertStrictEquals(list.add(), first);
  assertEquals(made, 2);
});

Deno.test("Beat weighs its items", { permissions: "none" }, () => {
  const beat = new Beat();
  beat.changes.add();
  beat.offers.add();
  beat.corrections.add();
  beat.heard.add();
  assertEquals(beat.itemWeight, 14 + 10 + 20);
  beat.clearLists();
  assertEquals([beat.itemWeight, beat.heard.length], [0, 0]);
});

Deno.test("claimOf() adds the sender to a change", {
  permissions: "none",
}, () => {
  assertEquals(claimOf({ group: 1, term: 2, full: true, hash: 3 }, 4), {
    term: 2,
    full: true,
    hash: 3,
    node: 4,
  });
});
