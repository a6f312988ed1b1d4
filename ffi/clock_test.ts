import { assert, assertEquals } from "@std/assert";
import { bootTimeNow, monotonicNow } from "./clock.ts";
import { openLibrary, symbolsOf } from "./library.ts";

Deno.test("monotonicNow() agrees with both words of the clock", () => {
  using library = openLibrary();
  const timespec = new BigUint64Array(16).fill(0xaaaaaaaaaaaaaaaan);
  const before = monotonicNow(library);
  assertEquals(symbolsOf(library).clock_gettime(1, timespec), 0);
  const after = monotonicNow(library);
  const [seconds = 0n, nanoseconds = 0n, beyond] = timespec;
  const now = Number(seconds) * 1000 + Number(nanoseconds) / 1e6;
  assert(before <= now && now <= after, `${before} ${now} ${after}`);
  assertEquals(beyond, 0xaaaaaaaaaaaaaaaan, "struct timespec is 16 bytes");
});

Deno.test("bootTimeNow() is CLOCK_BOOTTIME", () => {
  using library = openLibrary();
  const timespec = new BigUint64Array(16);
  const before = bootTimeNow(library);
  assertEquals(symbolsOf(library).clock_gettime(7, timespec), 0);
  const after = bootTimeNow(library);
  const [seconds = 0n, nanoseconds = 0n] = timespec;
  const now = Number(seconds) * 1000 + Number(nanoseconds) / 1e6;
  assert(before <= now && now <= after, `${before} ${now} ${after}`);
  // Both begin at boot; only this one counts what was slept through.
  assert(after >= monotonicNow(library) - 1);
});
