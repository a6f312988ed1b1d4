import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { toHex } from "../../tests/bytes.ts";
import {
  readU16,
  readU32,
  readU48,
  writeU16,
  writeU32,
  writeU48,
} from "./mod.ts";

const pure = { permissions: "none" } as const;

const NUMBERS = [
  { bytes: 2, read: readU16, write: writeU16 },
  { bytes: 4, read: readU32, write: writeU32 },
  { bytes: 6, read: readU48, write: writeU48 },
];

for (const { bytes, read, write } of NUMBERS) {
  const bits = bytes * 8;
  Deno.test(`a ${bits}-bit number is big-endian and unsigned`, pure, () => {
    const number = fc.integer({ min: 0, max: 2 ** bits - 1 });
    fc.assert(fc.property(number, (value) => {
      const packet = new Uint8Array(8).fill(0xee);
      write(packet, 1, value);
      const digits = value.toString(16).padStart(bytes * 2, "0");
      assertEquals(toHex(packet), `ee${digits}`.padEnd(16, "e"));
      assertEquals(read(packet, 1), value);
    }));
  });

  Deno.test(`a ${bits}-bit number past the end is 0`, pure, () => {
    const packet = new Uint8Array(8).fill(0xff);
    assertEquals(read(packet, 8), 0);
    write(packet, 8, 1);
    assertEquals(read(packet, 8), 0);
  });
}
