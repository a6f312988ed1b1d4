import { assertEquals } from "@std/assert";
import { History, wallClock } from "./history.ts";

Deno.test("History tells what happened in order, however late it learns of it", () => {
  const history = new History();
  const start = wallClock();
  const step = (text: string, at: number): void =>
    history.add({ kind: "step", text }, start + at);
  step("begins", 0);
  // Somebody took over before the kill had ended.
  step("takes over", 700);
  history.add({ kind: "nodeKilled", node: "node-a" }, start + 100);
  step("takes over too", 700);
  step("ends", 900);
  assertEquals(
    history.events.map((event) => "text" in event ? event.text : event.kind),
    ["begins", "nodeKilled", "takes over", "takes over too", "ends"],
  );
});
