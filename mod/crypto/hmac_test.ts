import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { createHmac } from "node:crypto";
import { fromHex, toHex } from "../../tests/bytes.ts";
import { HMAC_BYTES, HmacSha256 } from "./mod.ts";

const pure = { permissions: "none" } as const;
const text = (value: string): string => toHex(new TextEncoder().encode(value));

function signed(key: Uint8Array, message: Uint8Array, length: number): string {
  const out = new Uint8Array(length);
  new HmacSha256(key).sign(message, 0, message.length, out, 0, length);
  return toHex(out);
}

// RFC 4231 §4.2–4.8.
Deno.test.each([
  {
    name: "1",
    key: "0b".repeat(20),
    message: text("Hi There"),
    tag: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
  },
  {
    name: "2, a key shorter than the tag",
    key: text("Jefe"),
    message: text("what do ya want for nothing?"),
    tag: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  },
  {
    name: "3, more than a block of key and message",
    key: "aa".repeat(20),
    message: "dd".repeat(50),
    tag: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
  },
  {
    name: "4, another key length",
    key: "0102030405060708090a0b0c0d0e0f10111213141516171819",
    message: "cd".repeat(50),
    tag: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
  },
  {
    name: "5, truncated to 128 bits",
    key: "0c".repeat(20),
    message: text("Test With Truncation"),
    tag: "a3b6167473100ee06e0c796c2955552b",
  },
  {
    name: "6, a key longer than a block",
    key: "aa".repeat(131),
    message: text("Test Using Larger Than Block-Size Key - Hash Key First"),
    tag: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
  },
  {
    name: "7, key and message longer than a block",
    key: "aa".repeat(131),
    message: text(
      "This is a test using a larger than block-size key and a larger than " +
        "block-size data. The key needs to be hashed before being used by " +
        "the HMAC algorithm.",
    ),
    tag: "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
  },
])("HmacSha256.sign() of RFC 4231, case $name", pure, (row) => {
  const length = row.tag.length / 2;
  assertEquals(signed(fromHex(row.key), fromHex(row.message), length), row.tag);
});

const cut = fc.record({
  bytes: fc.uint8Array({ maxLength: 300 }),
  from: fc.nat(300),
  length: fc.nat(300),
}).filter(({ bytes, from, length }) => from + length <= bytes.length);

Deno.test("HmacSha256.sign() agrees with node:crypto", pure, () => {
  const out = new Uint8Array(80);
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(cut, { minLength: 1 }),
      fc.integer({ min: 1, max: HMAC_BYTES }),
      (key, messages, tagLength) => {
        const hmac = new HmacSha256(key);
        for (const { bytes, from, length } of messages) {
          out.fill(0xee);
          hmac.sign(bytes, from, length, out, 7, tagLength);
          const expected = createHmac("sha256", key)
            .update(bytes.subarray(from, from + length)).digest();
          assertEquals(
            toHex(out.subarray(7, 7 + tagLength)),
            toHex(expected.subarray(0, tagLength)),
          );
          assertEquals([out[6], out[7 + tagLength]], [0xee, 0xee]);
        }
      },
    ),
  );
});

Deno.test("HmacSha256.verify() refuses every changed bit", pure, () => {
  const hmac = new HmacSha256(fromHex("0102"));
  const packet = new Uint8Array(60);
  hmac.sign(packet, 0, 52, packet, 52, 8);
  const isRight = (): boolean => hmac.verify(packet, 0, 52, packet, 52, 8);
  assertEquals(isRight(), true);
  for (let bit = 0; bit < packet.length * 8; bit++) {
    const at = bit >> 3;
    packet[at] = (packet[at] ?? 0) ^ (1 << (bit & 7));
    assertEquals(isRight(), false, `bit ${bit}`);
    packet[at] = (packet[at] ?? 0) ^ (1 << (bit & 7));
  }
  assertEquals(isRight(), true);
});

Deno.test("HmacSha256.verify() refuses another key", pure, () => {
  const packet = new Uint8Array(40);
  new HmacSha256(fromHex("01")).sign(packet, 0, 32, packet, 32, 8);
  const other = new HmacSha256(fromHex("02"));
  assertEquals(other.verify(packet, 0, 32, packet, 32, 8), false);
});

Deno.test.each([
  { name: "of no bytes", offset: 0, length: 0 },
  { name: "that begins past the end", offset: 32, length: 8 },
  { name: "that ends past the end", offset: 20, length: 16 },
  { name: "longer than there is", offset: 0, length: 33 },
])("HmacSha256.verify() refuses a tag $name", pure, ({ offset, length }) => {
  const hmac = new HmacSha256(fromHex("01"));
  const message = fromHex("0203");
  const tag = new Uint8Array(32);
  hmac.sign(message, 0, 2, tag, 0, 32);
  assertEquals(hmac.verify(message, 0, 2, tag, offset, length), false);
});
