import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { fromHex, toHex } from "../../tests/bytes.ts";
import { Reader, WireError, Writer } from "./mod.ts";

const pure = { permissions: "none" } as const;

Deno.test("Reader reads fields in network byte order", pure, () => {
  const reader = new Reader(
    fromHex("01 0203 04050607 08090a0b0c0d0e0f 1011 12"),
  );
  assertEquals(reader.u8("a"), 0x01);
  assertEquals(reader.u16("b"), 0x0203);
  assertEquals(reader.u32("c"), 0x04050607);
  assertEquals(reader.u64("d"), 0x08090a0b0c0d0e0fn);
  assertEquals(toHex(reader.bytes(2, "e")), "1011");
  assertEquals(reader.offset, 17);
  assertEquals(reader.remaining, 1);
  assertEquals(toHex(reader.rest()), "12");
  reader.end("message");
});

Deno.test("Reader and Writer can be little-endian", pure, () => {
  const order = { littleEndian: true };
  const bytes = new Writer(order).u16(0x0102, "a").u32(0x03040506, "b").u64(
    7n,
    "c",
  ).finish();
  assertEquals(toHex(bytes), "0201" + "06050403" + "0700000000000000");
  const reader = new Reader(bytes, order);
  assertEquals([reader.u16("a"), reader.u32("b"), reader.u64("c")], [
    0x0102,
    0x03040506,
    7n,
  ]);
});

Deno.test(
  "Reader reads numbers with the high bit set as unsigned",
  pure,
  () => {
    const reader = new Reader(new Uint8Array(15).fill(0xff));
    assertEquals(reader.u8("a"), 0xff);
    assertEquals(reader.u16("b"), 0xffff);
    assertEquals(reader.u32("c"), 0xffffffff);
    assertEquals(reader.u64("d"), 0xffffffffffffffffn);
  },
);

Deno.test.each<{ name: string; read: (reader: Reader) => unknown }>([
  { name: "u8", read: (reader) => reader.skip(4, "x") ?? reader.u8("length") },
  {
    name: "u16",
    read: (reader) => reader.skip(3, "x") ?? reader.u16("length"),
  },
  {
    name: "u32",
    read: (reader) => reader.skip(1, "x") ?? reader.u32("length"),
  },
  { name: "u64", read: (reader) => reader.u64("length") },
  { name: "bytes", read: (reader) => reader.bytes(5, "length") },
  { name: "skip", read: (reader) => reader.skip(5, "length") },
  { name: "sub", read: (reader) => reader.sub(5, "length") },
  {
    name: "bytes of a negative count",
    read: (reader) => reader.bytes(-1, "length"),
  },
  {
    name: "skip of a negative count",
    read: (reader) => reader.skip(-1, "length"),
  },
  {
    name: "bytes of a fraction",
    read: (reader) => reader.bytes(0.5, "length"),
  },
  { name: "bytes of NaN", read: (reader) => reader.bytes(NaN, "length") },
  {
    name: "bytes of infinity",
    read: (reader) => reader.bytes(Infinity, "length"),
  },
])("Reader refuses to read past the end: $name", pure, ({ read }) => {
  const error = assertThrows(
    () => read(new Reader(new Uint8Array(4))),
    WireError,
    "length",
  );
  assertEquals(error.field, "length");
});

Deno.test("Reader stays where it was after a refused read", pure, () => {
  const reader = new Reader(fromHex("0102"));
  const error = assertThrows(() => reader.u32("number"), WireError);
  assertEquals(error.offset, 0);
  assertEquals(reader.u16("number"), 0x0102);
});

Deno.test(
  "Reader names field and offset within the whole message",
  pure,
  () => {
    const reader = new Reader(fromHex("00000000 aabb cc"));
    reader.skip(4, "header");
    const part = reader.sub(2, "part");
    assertEquals(part.u8("first"), 0xaa);
    assertEquals(part.offset, 5);
    const error = assertThrows(() => part.u16("second"), WireError);
    assertEquals(error.name, "WireError");
    assertEquals(error.field, "second");
    assertEquals(error.offset, 5);
    assertEquals(
      error.message,
      "Malformed second at byte 5: it needs 2 bytes, 1 are left",
    );
    assertEquals(reader.u8("after the part"), 0xcc);
  },
);

Deno.test("Reader.end() refuses bytes that are left over", pure, () => {
  assertThrows(
    () => new Reader(new Uint8Array(2)).end("message"),
    WireError,
    "2 bytes follow",
  );
});

Deno.test(
  "Reader.fail() points at the start of the field just read",
  pure,
  () => {
    const reader = new Reader(fromHex("0102030405"));
    reader.u32("number");
    const error = assertThrows(
      () => reader.fail("number", "it is odd", 4),
      WireError,
    );
    assertEquals(error.offset, 0);
  },
);

Deno.test(
  "Reader copies out: a later change of the buffer is not seen",
  pure,
  () => {
    const buffer = fromHex("00 010203 00");
    const bytes = new Reader(buffer.subarray(1, 4)).rest();
    buffer.fill(9);
    assertEquals(toHex(bytes), "010203");
    assertEquals(bytes.buffer.byteLength, 3);
  },
);

Deno.test.each<{ name: string; write: (writer: Writer) => unknown }>([
  { name: "256 as u8", write: (writer) => writer.u8(256, "number") },
  { name: "-1 as u8", write: (writer) => writer.u8(-1, "number") },
  { name: "65536 as u16", write: (writer) => writer.u16(0x10000, "number") },
  { name: "2^32 as u32", write: (writer) => writer.u32(2 ** 32, "number") },
  { name: "a fraction", write: (writer) => writer.u32(0.5, "number") },
  { name: "NaN", write: (writer) => writer.u8(NaN, "number") },
  { name: "2^64 as u64", write: (writer) => writer.u64(2n ** 64n, "number") },
  { name: "-1 as u64", write: (writer) => writer.u64(-1n, "number") },
  {
    name: "five bytes of six",
    write: (writer) => writer.bytes(new Uint8Array(5), "number", 6),
  },
  {
    name: "a patch beyond the end",
    write: (writer) => writer.patchU16(1, 0, "number"),
  },
  {
    name: "a patch before the start",
    write: (writer) => writer.patchU16(-1, 0, "number"),
  },
  {
    name: "a patch that does not fit",
    write: (writer) => writer.patchU16(0, 0x10000, "number"),
  },
])("Writer refuses $name", pure, ({ write }) => {
  const writer = new Writer().u16(0xffff, "before");
  const error = assertThrows(() => write(writer), WireError, "number");
  assertEquals(error.field, "number");
  assertEquals(toHex(writer.finish()), "ffff");
});

Deno.test("Writer patches a number in place and fills with zeros", pure, () => {
  const writer = new Writer().u16(0, "length").zeros(3, "reserved").u8(
    1,
    "end",
  );
  writer.patchU16(0, writer.length, "length");
  assertEquals(toHex(writer.finish()), "0006" + "000000" + "01");
});

Deno.test(
  "Reader reads back whatever Writer wrote, beyond the first capacity too",
  pure,
  () => {
    const field = fc.oneof(
      fc.record({ kind: fc.constant("u8" as const), value: fc.nat(0xff) }),
      fc.record({ kind: fc.constant("u16" as const), value: fc.nat(0xffff) }),
      fc.record({
        kind: fc.constant("u32" as const),
        value: fc.nat(0xffffffff),
      }),
      fc.record({
        kind: fc.constant("bytes" as const),
        value: fc.uint8Array({ maxLength: 100 }),
      }),
    );
    fc.assert(fc.property(fc.array(field, { maxLength: 40 }), (fields) => {
      const writer = new Writer();
      for (const field of fields) {
        if (field.kind === "bytes") writer.bytes(field.value, "x");
        else writer[field.kind](field.value, "x");
      }
      const reader = new Reader(writer.finish());
      for (const field of fields) {
        const got = field.kind === "bytes"
          ? reader.bytes(field.value.length, "x")
          : reader[field.kind]("x");
        assertEquals<unknown>(got, field.value);
      }
      reader.end("message");
    }));
  },
);

Deno.test.each(
  [
    { kind: "u8", size: 1 },
    { kind: "u16", size: 2 },
    { kind: "u32", size: 4 },
  ] as const,
)("Writer grows in the middle of a $kind", pure, ({ kind, size }) => {
  for (let before = 60; before <= 64; before++) {
    const bytes = new Writer().zeros(before, "before")[kind](1, "number")
      .finish();
    assertEquals(bytes.length, before + size);
    assertEquals(bytes.at(-1), 1);
  }
});
