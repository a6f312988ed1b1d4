import { assertEquals, assertThrows } from "@std/assert";
import { fromHex, toHex } from "../../tests/bytes.ts";
import { Reader, WireError, Writer } from "../net/mod.ts";
import {
  readBool,
  readBytes,
  readText,
  readUint,
  writeBytes,
  writeInt,
  writeUint,
} from "./msgpack.ts";
import { skipValue } from "./msgpack_shape.ts";

const pure = { permissions: "none" } as const;
const U32 = 0xffffffff;

/** A number's forms: the unsigned types, the signed ones, and nil. */
const numbers: readonly { hex: string; value: number }[] = [
  { hex: "00", value: 0 },
  { hex: "7f", value: 127 },
  { hex: "cc 80", value: 128 },
  { hex: "cd 0100", value: 256 },
  { hex: "ce ffffffff", value: U32 },
  { hex: "cf 0000000000000007", value: 7 },
  { hex: "d0 07", value: 7 },
  { hex: "d1 7fff", value: 0x7fff },
  { hex: "d2 7fffffff", value: 0x7fffffff },
  { hex: "d3 00000000ffffffff", value: U32 },
  { hex: "c0", value: 0 },
];

Deno.test.each(numbers)("readUint() reads $hex", pure, ({ hex, value }) => {
  const reader = new Reader(fromHex(hex));
  assertEquals(readUint(reader, U32, "number"), value);
  reader.end("number");
});

Deno.test.each([
  { name: "-1 in one byte", hex: "ff" },
  { name: "-1 in int8", hex: "d0 ff" },
  { name: "-1 in int16", hex: "d1 ffff" },
  { name: "-1 in int32", hex: "d2 ffffffff" },
  { name: "-1 in int64", hex: "d3 ffffffffffffffff" },
  { name: "2^32", hex: "cf 0000000100000000" },
  { name: "2^63", hex: "cf 8000000000000000" },
  { name: "a fraction", hex: "ca 3f800000" },
  { name: "a text", hex: "a1 31" },
  { name: "a map", hex: "80" },
  { name: "a number cut off", hex: "ce 0000" },
])("readUint() refuses $name", pure, ({ hex }) => {
  assertThrows(
    () => readUint(new Reader(fromHex(hex)), U32, "number"),
    WireError,
    "number",
  );
});

Deno.test.each([
  { name: "the old raw family, short", hex: "a3 616263" },
  { name: "the old raw family, 16-bit length", hex: "da 0003 616263" },
  { name: "the old raw family, 32-bit length", hex: "db 00000003 616263" },
  { name: "str8", hex: "d9 03 616263" },
  { name: "bin8", hex: "c4 03 616263" },
  { name: "bin16", hex: "c5 0003 616263" },
  { name: "bin32", hex: "c6 00000003 616263" },
  { name: "an array of numbers", hex: "93 61 cc62 63" },
  { name: "a long array of numbers", hex: "dc 0003 61 62 63" },
])("readText() and readBytes() read $name", pure, ({ hex }) => {
  assertEquals(readText(new Reader(fromHex(hex)), "text"), "abc");
  assertEquals(readBytes(new Reader(fromHex(hex)), "bytes"), fromHex("616263"));
});

Deno.test("nil is no bytes, the empty text, and false", pure, () => {
  assertEquals(readBytes(new Reader(fromHex("c0")), "bytes"), null);
  assertEquals(readText(new Reader(fromHex("c0")), "text"), "");
  assertEquals(readBool(new Reader(fromHex("c0")), "flag"), false);
});

Deno.test.each([
  { name: "bytes longer than the message", hex: "c6 ffffffff 61" },
  { name: "an array longer than the message", hex: "dd ffffffff 61" },
  { name: "an array of what is no byte", hex: "91 cd0100" },
  { name: "a number", hex: "07" },
  { name: "a map", hex: "80" },
])("readBytes() refuses $name", pure, ({ hex }) => {
  assertThrows(() => readBytes(new Reader(fromHex(hex)), "bytes"), WireError);
});

Deno.test("readText() refuses what is no UTF-8", pure, () => {
  assertThrows(
    () => readText(new Reader(fromHex("a2 c328")), "text"),
    WireError,
    "UTF-8",
  );
});

Deno.test.each([
  { hex: "c2", value: false },
  { hex: "c3", value: true },
  { hex: "00", value: false },
  { hex: "01", value: true },
])("readBool() reads $hex", pure, ({ hex, value }) => {
  assertEquals(readBool(new Reader(fromHex(hex)), "flag"), value);
});

Deno.test("readBool() refuses another number", pure, () => {
  assertThrows(() => readBool(new Reader(fromHex("02")), "flag"), WireError);
});

Deno.test.each([
  { value: 127, unsigned: "7f", signed: "7f" },
  { value: 128, unsigned: "cc80", signed: "d10080" },
  { value: 0x7fff, unsigned: "cd7fff", signed: "d17fff" },
  { value: 0x8000, unsigned: "cd8000", signed: "d200008000" },
  { value: 0x10000, unsigned: "ce00010000", signed: "d200010000" },
])("$value in its unsigned and signed form", pure, (row) => {
  const unsigned = new Writer();
  writeUint(unsigned, row.value, "number");
  assertEquals(toHex(unsigned.finish()), row.unsigned);
  const signed = new Writer();
  writeInt(signed, row.value, "number");
  assertEquals(toHex(signed.finish()), row.signed);
});

Deno.test.each([
  { length: 31, head: "bf" },
  { length: 32, head: "da0020" },
  { length: 0xffff, head: "daffff" },
  { length: 0x10000, head: "db00010000" },
])("writeBytes() writes $length bytes behind $head", pure, (row) => {
  const writer = new Writer();
  writeBytes(writer, new Uint8Array(row.length), "bytes");
  const bytes = writer.finish();
  assertEquals(toHex(bytes.subarray(0, row.head.length / 2)), row.head);
  assertEquals(bytes.length, row.head.length / 2 + row.length);
});

/** One value of every kind, each followed by the byte 77. */
const values: readonly string[] = [
  ...[
    "00",
    "7f",
    "e0",
    "ff",
    "c0",
    "c2",
    "c3",
    "cc 01",
    "cd 0101",
    "ce 01010101",
  ],
  ...["cf 0101010101010101", "d0 01", "d1 0101", "d2 01010101"],
  ...["d3 0101010101010101", "ca 00000000", "cb 0000000000000000"],
  ...["a0", "a2 6161", "d9 01 61", "da 0001 61", "db 00000001 61"],
  ...["c4 01 61", "c5 0001 61", "c6 00000001 61"],
  ...["90", "92 01 02", "dc 0001 01", "dd 00000001 01"],
  ...["80", "81 a161 01", "de 0001 a161 01", "df 00000001 a161 01"],
  ...["d4 05 01", "d5 05 0101", "d6 05 01010101", "d7 05 0101010101010101"],
  "d8 05 01010101010101010101010101010101",
  ...["c7 01 05 61", "c8 0001 05 61", "c9 00000001 05 61"],
  "82 a161 92 81 a162 c0 c4 01 61 a163 90",
];

Deno.test.each(values.map((hex) => ({ hex })))(
  "skipValue() passes over $hex",
  pure,
  ({ hex }) => {
    const reader = new Reader(fromHex(`${hex} 77`));
    skipValue(reader, "value");
    assertEquals(toHex(reader.rest()), "77");
  },
);

Deno.test(
  "skipValue() takes any depth, and no byte that begins nothing",
  pure,
  () => {
    const deep = new Uint8Array(1_000_000).fill(0x91);
    assertThrows(
      () => skipValue(new Reader(deep), "value"),
      WireError,
      "1 bytes",
    );
    assertThrows(
      () => skipValue(new Reader(fromHex("c1")), "value"),
      WireError,
      "begins no value",
    );
  },
);
