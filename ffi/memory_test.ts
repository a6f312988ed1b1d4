import { assertEquals, assertThrows } from "@std/assert";
import { openLibrary, symbolsOf } from "./library.ts";
import {
  checked,
  cString,
  lastErrno,
  nativeBuffer,
  SMALLEST_BUFFER,
  textAt,
  textOf,
  trimMemory,
  wideCells,
} from "./memory.ts";
import { errnoName, NativeError } from "./native_error.ts";

Deno.test(
  "cString() ends multi-byte text with a NUL",
  { permissions: "none" },
  () => {
    const bytes = cString("né");
    assertEquals([...bytes.subarray(0, 5)], [0x6e, 0xc3, 0xa9, 0, 0]);
    assertEquals(textOf(bytes), "né");
  },
);

Deno.test("cString() makes room for long text", { permissions: "none" }, () => {
  const text = "x".repeat(SMALLEST_BUFFER);
  assertEquals(cString(text).byteLength, SMALLEST_BUFFER + 1);
  assertEquals(textOf(cString(text)), text);
});

Deno.test("cString() refuses an embedded NUL", { permissions: "none" }, () => {
  assertThrows(() => cString("lo\0x"), TypeError, '"lo\\u0000x"');
});

Deno.test("nativeBuffer() and wideCells() are large enough not to move", {
  permissions: "none",
}, () => {
  assertEquals(nativeBuffer(1).byteLength, SMALLEST_BUFFER);
  assertEquals(nativeBuffer(1000).byteLength, 1000);
  assertEquals(wideCells().byteLength, SMALLEST_BUFFER);
});

Deno.test(
  "errnoName() names numbers, listed or not",
  { permissions: "none" },
  () => {
    assertEquals([0, 1, 9, 105, 999].map(errnoName), [
      "",
      "EPERM",
      "EBADF",
      "ENOBUFS",
      "E999",
    ]);
  },
);

Deno.test("memcpy copies from an address, and strlen measures there", () => {
  using library = openLibrary();
  const symbols = symbolsOf(library);
  const errno = nativeBuffer(4);
  symbols.close(-1);
  symbols.memcpy(errno, symbols.__errno_location(), 4n);
  assertEquals([...errno.subarray(0, 5)], [9, 0, 0, 0, 0]);
  // The low byte of the number is followed by zeros: a string of one character.
  assertEquals(symbols.strlen(symbols.__errno_location()), 1n);
  assertEquals(textAt(symbols, symbols.__errno_location()), "\t");
  assertEquals(textAt(symbols, 0n), "");
});

Deno.test("lastErrno() is right after each of 10,000 failing calls", () => {
  using library = openLibrary();
  const symbols = symbolsOf(library);
  const buffer = nativeBuffer(8);
  let wrong = 0;
  for (let i = 0; i < 10_000; i++) {
    symbols.read(-1, buffer, 8n);
    if (lastErrno(symbols) !== 9) wrong++;
    symbols.socket(-1, 0, 0);
    if (lastErrno(symbols) !== 97) wrong++;
  }
  assertEquals(wrong, 0);
});

Deno.test("checked() throws the error number and lets results pass", () => {
  using library = openLibrary();
  const symbols = symbolsOf(library);
  assertEquals(checked(symbols, "close", 0), 0);
  const failure = assertThrows(
    () => checked(symbols, "close", symbols.close(-1)),
    NativeError,
    "Cannot complete close: EBADF",
  );
  const { operation, errno, code, reason, name } = failure;
  assertEquals([operation, errno, code, reason, name], [
    "close",
    9,
    "EBADF",
    "systemCall",
    "NativeError",
  ]);
});

Deno.test("trimMemory() finds the function that gives memory back", () => {
  using library = openLibrary();
  assertEquals(symbolsOf(library).malloc_trim === null, false);
  assertEquals(typeof trimMemory(library), "boolean");
});
