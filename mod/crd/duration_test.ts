import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseDuration, SECOND, toSeconds } from "./mod.ts";

const NO_PERMISSIONS = { permissions: "none" } as const;

const cases: readonly (readonly [string, bigint | undefined])[] = [
  ["0", 0n],
  ["0s", 0n],
  ["90s", 90n * SECOND],
  ["1m30s", 90n * SECOND],
  ["1.5h", 5400n * SECOND],
  ["1.s", SECOND],
  [".5s", SECOND / 2n],
  ["500ms", SECOND / 2n],
  ["3µs", 3000n],
  ["7ns", 7n],
  ["-3s", -3n * SECOND],
  ["+3s", 3n * SECOND],
  ["1.9ns", 1n],
  ["", undefined],
  ["-", undefined],
  ["90", undefined],
  [".s", undefined],
  ["s", undefined],
  ["3 s", undefined],
  ["3sx", undefined],
  ["3d", undefined],
];

for (const [text, nanoseconds] of cases) {
  Deno.test(`parseDuration() reads "${text}"`, NO_PERMISSIONS, () => {
    assertEquals(parseDuration(text), nanoseconds);
  });
}

Deno.test("parseDuration() adds up the parts", NO_PERMISSIONS, () => {
  fc.assert(fc.property(fc.nat(99), fc.nat(59), fc.nat(59_999), (h, m, ms) => {
    const text = `${h}h${m}m${ms / 1000}s`;
    const milliseconds = h * 3_600_000 + m * 60_000 + ms;
    const total = BigInt(milliseconds) * 1_000_000n;
    assertEquals(parseDuration(text), total);
    // One division: the sum of three rounded numbers may be another number.
    assertEquals(toSeconds(total), milliseconds / 1000);
  }));
});
