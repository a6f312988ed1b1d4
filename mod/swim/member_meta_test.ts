import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { bytes, ipv4, mac } from "../../tests/arbitraries.ts";
import { fieldBytes, fromHex, toHex } from "../../tests/bytes.ts";
import { ipToBytes, WireError } from "../net/mod.ts";
import {
  decodeMemberMeta,
  encodeMemberMeta,
  eui64,
  MAX_META_LENGTH,
  type MetaInterface,
} from "./mod.ts";

const pure = { permissions: "none" } as const;
const macA = fromHex("02005e005301");

Deno.test("three kinds of interfaces: bytes and back", pure, () => {
  const interfaces: readonly MetaInterface[] = [
    { mac: macA },
    { mac: macA, identifier: fromHex("00005efffe005301") },
    { mac: macA, identifier: fromHex("0102030405060708") },
  ];
  const encoded = fieldBytes([
    ["48 4c", "magic: HL"],
    ["01", "version"],
    ["00", "flags"],
    ["03", "number of interfaces"],
    ["02005e005301 00", "no link-local address"],
    ["02005e005301 01", "one made of the MAC address"],
    ["02005e005301 02 0102030405060708", "another one"],
  ]);
  assertEquals(toHex(encodeMemberMeta(interfaces)), toHex(encoded));
  const meta = { interfaces, isComplete: true };
  assertEquals(decodeMemberMeta(encoded), { kind: "speaker", meta });
});

Deno.test("IPv4 addresses: bytes and back", pure, () => {
  const interfaces: readonly MetaInterface[] = [
    { mac: macA, identifier: fromHex("00005efffe005301") },
    { mac: macA, ipv4: fromHex("c0000201") },
    { mac: macA },
  ];
  const encoded = fieldBytes([
    ["48 4c 01 00 03", "magic, version, flags, number of interfaces"],
    ["02005e005301 01", "a link-local address made of the MAC address"],
    ["02005e005301 00", "none"],
    ["02005e005301 00", "none"],
    ["02", "number of IPv4 addresses"],
    ["00000000", "of the first: none is told"],
    ["c0000201", "of the second"],
  ]);
  assertEquals(toHex(encodeMemberMeta(interfaces)), toHex(encoded));
  const meta = { interfaces, isComplete: true };
  assertEquals(decodeMemberMeta(encoded), { kind: "speaker", meta });
});

Deno.test("eui64() flips the universal bit (RFC 4291 appendix A)", pure, () => {
  assertEquals(
    toHex(eui64(fromHex("34567890abcd"))),
    "365678fffe90abcd",
  );
});

const anyInterface: fc.Arbitrary<MetaInterface> = fc.oneof(
  mac.map((mac) => ({ mac })),
  mac.map((mac) => ({ mac, identifier: eui64(mac) })),
  fc.record({ mac, identifier: bytes(8) }),
  fc.record({
    mac,
    // That one nobody has: it stands for none.
    ipv4: ipv4.filter(({ value }) => value !== 0n).map(ipToBytes),
  }),
);

function withoutIpv4({ ipv4: _, ...rest }: MetaInterface): MetaInterface {
  return rest;
}

Deno.test("what fits survives, and what does not is told", pure, () => {
  fc.assert(
    fc.property(fc.array(anyInterface, { maxLength: 100 }), (interfaces) => {
      const encoded = encodeMemberMeta(interfaces);
      assert(encoded.length <= MAX_META_LENGTH);
      const decoded = decodeMemberMeta(encoded);
      assert(decoded.kind === "speaker");
      const { meta } = decoded;
      const kept = meta.interfaces.length;
      const told = meta.interfaces.findLastIndex(({ ipv4 }) =>
        ipv4 !== undefined
      );
      assertEquals(
        meta.interfaces,
        interfaces.slice(0, kept).map((each, index) =>
          index <= told ? each : withoutIpv4(each)
        ),
      );
      assertEquals(meta.isComplete, kept === interfaces.length);
      assert(kept === interfaces.length || kept >= 33);
      // 26 interfaces and all addresses of theirs fit, whatever they are.
      assert(
        interfaces.length > 26 ||
          told === interfaces.findLastIndex(({ ipv4 }) => ipv4 !== undefined),
      );
    }),
  );
});

Deno.test("what follows the addresses is for later releases", pure, () => {
  const each = { mac: macA, ipv4: fromHex("c0000201") };
  const meta = { interfaces: [each], isComplete: true };
  const encoded = fromHex(`${toHex(encodeMemberMeta(meta.interfaces))}ffff`);
  assertEquals(decodeMemberMeta(encoded), { kind: "speaker", meta });
});

Deno.test.each([
  { name: "MetalLB's, which tell nothing", hex: "", kind: "foreign" },
  { name: "somebody's", hex: "48", kind: "foreign" },
  { name: "somebody else's", hex: "7b7d", kind: "foreign" },
  { name: "a later release's", hex: "484c02ff", kind: "unknownVersion" },
  { name: "ours, cut off", hex: "484c", kind: "malformed" },
  { name: "ours, without the interface", hex: "484c010001", kind: "malformed" },
  {
    name: "ours, with an unknown ending",
    hex: "484c010001 02005e005301 03",
    kind: "malformed",
  },
  {
    name: "ours, with more addresses than interfaces",
    hex: "484c010001 02005e005301 00 02 c0000201 c0000202",
    kind: "malformed",
  },
  {
    name: "ours, without the address",
    hex: "484c010001 02005e005301 00 01 c000",
    kind: "malformed",
  },
])("decodeMemberMeta() takes $name", pure, ({ hex, kind }) => {
  assertEquals<string>(decodeMemberMeta(fromHex(hex)).kind, kind);
});

Deno.test.each([
  { name: "a MAC address of 8 bytes", each: { mac: new Uint8Array(8) } },
  {
    name: "an identifier of 16 bytes",
    each: { mac: macA, identifier: new Uint8Array(16) },
  },
  {
    name: "an IPv4 address of 16 bytes",
    each: { mac: macA, ipv4: new Uint8Array(16) },
  },
])("encodeMemberMeta() refuses $name", pure, ({ each }) => {
  assertThrows(() => encodeMemberMeta([each]), WireError);
});
