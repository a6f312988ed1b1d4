import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { SequenceWindow } from "./sequence_window.ts";

Deno.test(
  "SequenceWindow takes each number once, and late ones of the last 32",
  {
    permissions: "none",
  },
  () => {
    const window = new SequenceWindow();
    const taken = [1, 1, 3, 2, 2, 40, 9, 8, 7, 39, 39, 72, 40, 41].map((
      number,
    ) => window.take(number));
    assertEquals(taken, [
      "new",
      "old",
      "new",
      "late",
      "old",
      "new",
      "late",
      "late",
      "old",
      "late",
      "old",
      "new",
      "old",
      "late",
    ]);
    window.clear();
    assertEquals(window.take(1), "new");
  },
);

Deno.test("SequenceWindow never takes a number twice", {
  permissions: "none",
}, () => {
  const numbers$ = fc.array(fc.integer({ min: 1, max: 120 }), {
    maxLength: 200,
  });
  fc.assert(fc.property(numbers$, (numbers) => {
    const window = new SequenceWindow();
    const taken = numbers.filter((number) => window.take(number) !== "old");
    assertEquals(new Set(taken).size, taken.length);
  }));
});
