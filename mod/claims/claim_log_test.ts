import { assertEquals } from "@std/assert";
import { ClaimLog } from "./claim_log.ts";
import { Group } from "./group.ts";

Deno.test("ClaimLog keeps each group at its last change", {
  permissions: "none",
}, () => {
  const log = new ClaimLog({ version: 0 });
  const [a, b] = [new Group(1), new Group(2)];
  for (const group of [a, b, a]) log.note(group);
  assertEquals(
    [...log.entries()].map(([group, version]) => [group.id, version]),
    [[2, 2], [1, 3]],
  );
  assertEquals([log.version, log.resume(2), log.resume(9)], [3, 2, 3]);
});

Deno.test("ClaimLog tells all to who followed an earlier log", {
  permissions: "none",
}, () => {
  const versions = { version: 0 };
  const first = new ClaimLog(versions);
  first.note(new Group(1));
  const second = new ClaimLog(versions);
  second.note(new Group(2));
  assertEquals([second.version, second.resume(0), second.resume(1)], [2, 0, 1]);
  second.note(new Group(3));
  const third = new ClaimLog(versions);
  assertEquals(
    third.resume(2),
    0,
    "it followed less than what the third begins with",
  );
});

Deno.test("ClaimLog forgets what ended long ago, and then tells all anew", {
  permissions: "none",
}, () => {
  const log = new ClaimLog({ version: 0 });
  const kept = new Group(1);
  kept.isKnown = true;
  log.note(kept);
  for (let id = 2; id < 1028; id++) {
    const group = new Group(id);
    log.note(group);
    log.forget(group);
  }
  assertEquals([...log.entries()].length < 1027, true);
  assertEquals([...log.entries()][0]?.[0], kept);
  assertEquals(log.resume(5), 0);
});

Deno.test(
  "ClaimLog tells a follower all in parts to the end, whatever was forgotten",
  { permissions: "none" },
  () => {
    const log = new ClaimLog({ version: 0 });
    for (let id = 1; id <= 600; id++) {
      const group = new Group(id);
      group.isKnown = true;
      log.note(group);
    }
    for (let id = 1001; id <= 1001 + 1024; id++) {
      const group = new Group(id);
      log.note(group);
      log.forget(group);
    }
    let followed = 0;
    for (let part = 0; part < 20; part++) {
      const entries = [...log.entries(log.resume(followed))].slice(0, 61);
      followed = entries.at(-1)?.[1] ?? log.version;
    }
    assertEquals(followed, log.version);
  },
);
