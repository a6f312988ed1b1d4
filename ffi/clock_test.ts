import { assert, assertEquals } from "@std/assert";
import { monotonicNow } from "./clock.ts";
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
