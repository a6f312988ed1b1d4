import { assertEquals } from "@std/assert";
import { settle } from "../../tests/manual_clock.ts";
import { Tasks } from "./tasks.ts";

Deno.test("Tasks are waited for, and forgotten once they have ended", {
  permissions: "none",
}, async () => {
  const tasks = new Tasks();
  const last = Promise.withResolvers<void>();
  for (let round = 0; round < 10; round++) tasks.add(Promise.resolve());
  tasks.add(last.promise);
  await settle();
  assertEquals(tasks.size, 1);
  let haveEnded = false;
  const ended = tasks.ended().then(() => haveEnded = true);
  await settle();
  assertEquals(haveEnded, false);
  last.resolve();
  await ended;
  assertEquals(tasks.size, 0);
});
