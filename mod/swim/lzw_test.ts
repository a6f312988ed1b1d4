import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { createHash } from "node:crypto";
import { fromHex, toHex } from "../../tests/bytes.ts";
import { WireError } from "../net/mod.ts";
import { lzwCompress, lzwDecompress } from "./mod.ts";

const pure = { permissions: "none" } as const;
const MAX = 1_000_000;

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

// Go's compress/lzw made the results, which memberlist compresses with.
Deno.test.each([
  { text: "", hex: "000302" },
  { text: "a", hex: "00c30404" },
  { text: "aaa", hex: "00c3080c08" },
  { text: "aaaaaaaaaaaaaaaa", hex: "00c3081c48b0609880" },
  { text: "abcabcabcabcabcabc", hex: "00c388192390e0c08208070604" },
  {
    text: "TOBEORNOTTOBEORTOBEORNOT",
    hex: "00a93c1152e48914274fa80824687061c183090302",
  },
])('lzwCompress("$text") gives $hex', pure, ({ text, hex }) => {
  assertEquals(toHex(lzwCompress(ascii(text))), hex);
  assertEquals(lzwDecompress(fromHex(hex), MAX), ascii(text));
});

/** Repeatable bytes; few different ones make long entries, many a full table. */
function noise(length: number, mask: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 24) & mask;
  });
}

// Around the first change of width and the first full table.
Deno.test.each([
  { length: 254, mask: 255, size: 287, hash: "7d793ad806fb0209" },
  { length: 255, mask: 255, size: 288, hash: "827d5fbc84fd6cdc" },
  { length: 256, mask: 255, size: 290, hash: "be07326772242187" },
  { length: 257, mask: 255, size: 291, hash: "33e22437dc56c484" },
  { length: 3837, mask: 255, size: 5240, hash: "18f75359b8dd20a9" },
  { length: 3838, mask: 255, size: 5242, hash: "c7ab4c95cccbe72d" },
  { length: 3839, mask: 255, size: 5243, hash: "7cd2a6643cbf63e0" },
  { length: 3840, mask: 255, size: 5245, hash: "6ec431aeba954147" },
  { length: 50_000, mask: 255, size: 68_408, hash: "11ed3050db07d6bc" },
  { length: 50_000, mask: 3, size: 14_962, hash: "003fda42a0383aa5" },
])("lzwCompress() of $length bytes of noise & $mask", pure, (row) => {
  const input = noise(row.length, row.mask);
  const compressed = lzwCompress(input);
  assertEquals(compressed.length, row.size);
  const hash = createHash("sha256").update(compressed).digest("hex");
  assertEquals(hash.slice(0, 16), row.hash);
  assertEquals(lzwDecompress(compressed, MAX), input);
});

Deno.test("lzwDecompress() undoes lzwCompress()", pure, () => {
  const few = fc.array(fc.nat(2), { maxLength: 9000 })
    .map((bytes) => Uint8Array.from(bytes));
  const any = fc.oneof(fc.uint8Array({ maxLength: 2000 }), few);
  fc.assert(fc.property(any, (bytes) => {
    assertEquals(lzwDecompress(lzwCompress(bytes), bytes.length), bytes);
  }));
});

Deno.test("lzwDecompress() needs no clear code at the beginning", pure, () => {
  // "a", end: 9 bits each.
  assertEquals(lzwDecompress(fromHex("610202"), MAX), ascii("a"));
});

Deno.test.each([
  { name: "no bytes", hex: "" },
  { name: "no end code", hex: "00c304" },
  { name: "a code that stands for nothing yet", hex: "00ff03" },
])("lzwDecompress() refuses $name", pure, ({ hex }) => {
  assertThrows(() => lzwDecompress(fromHex(hex), MAX), WireError);
});

Deno.test("lzwDecompress() stops at the limit, exactly", pure, () => {
  const bomb = lzwCompress(new Uint8Array(500_000));
  assertEquals(bomb.length < 2000, true);
  assertEquals(lzwDecompress(bomb, 500_000).length, 500_000);
  assertThrows(
    () => lzwDecompress(bomb, 499_999),
    WireError,
    "more than 499999",
  );
});
