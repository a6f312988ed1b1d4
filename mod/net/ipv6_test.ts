import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ipv6 } from "../../tests/arbitraries.ts";
import { fieldBytes, type FieldRow, fromHex } from "../../tests/bytes.ts";
import {
  decodeIpv6,
  encodeIpv6,
  IPV6_HEADER_LENGTH,
  type Ipv6Packet,
  NextHeader,
  parseIp,
  WireError,
} from "./mod.ts";

const pure = { permissions: "none" } as const;

interface Case {
  readonly name: string;
  readonly packet: Ipv6Packet;
  readonly rows: readonly FieldRow[];
}

const plain: Ipv6Packet = {
  trafficClass: 0,
  flowLabel: 0,
  nextHeader: NextHeader.icmpv6,
  hopLimit: 255,
  source: parseIp("fe80::1"),
  destination: parseIp("ff02::1"),
  payload: fromHex("cafe"),
};

const cases: readonly Case[] = [
  {
    name: "ICMPv6",
    packet: plain,
    rows: [
      ["60 00 00 00", "version 6, traffic class 0, flow label 0"],
      ["00 02", "payload length"],
      ["3a", "next header: ICMPv6"],
      ["ff", "hop limit"],
      ["fe80 0000 0000 0000 0000 0000 0000 0001", "source address"],
      ["ff02 0000 0000 0000 0000 0000 0000 0001", "destination address"],
      ["ca fe", "payload"],
    ],
  },
  {
    name: "traffic class and flow label side by side, no payload",
    packet: {
      trafficClass: 0xab,
      flowLabel: 0xcdef1,
      nextHeader: NextHeader.udp,
      hopLimit: 64,
      source: { family: "IPv6", value: 0xffff_c000_0201n },
      destination: parseIp("2001:db8::1"),
      payload: fromHex(""),
    },
    rows: [
      ["6a bc de f1", "version 6, traffic class ab, flow label cdef1"],
      ["00 00", "payload length"],
      ["11", "next header: UDP"],
      ["40", "hop limit"],
      [
        "0000 0000 0000 0000 0000 ffff c000 0201",
        "source address, IPv4-mapped",
      ],
      ["2001 0db8 0000 0000 0000 0000 0000 0001", "destination address"],
    ],
  },
];

Deno.test.each(cases)("IPv6 packet: $name", pure, ({ packet, rows }) => {
  assertEquals(encodeIpv6(packet), fieldBytes(rows));
  assertEquals(decodeIpv6(fieldBytes(rows)), packet);
});

Deno.test.each(cases)(
  "decodeIpv6() refuses a packet cut short: $name",
  pure,
  ({ rows }) => {
    const bytes = fieldBytes(rows);
    for (let length = 0; length < bytes.length; length++) {
      const error = assertThrows(
        () => decodeIpv6(bytes.subarray(0, length)),
        WireError,
      );
      assertEquals(error.offset <= length, true);
    }
  },
);

Deno.test("decodeIpv6() ignores Ethernet padding", pure, () => {
  const padded = new Uint8Array(IPV6_HEADER_LENGTH + 6).fill(0x55);
  padded.set(encodeIpv6(plain));
  assertEquals(decodeIpv6(padded), plain);
});

const addresses =
  "fe800000000000000000000000000001 ff020000000000000000000000000001";
const malformed: readonly {
  name: string;
  field: string;
  offset: number;
  hex: string;
}[] = [
  {
    name: "version 4",
    field: "version",
    offset: 0,
    hex: `40000000 0000 3a ff ${addresses}`,
  },
  {
    name: "version 0",
    field: "version",
    offset: 0,
    hex: `00000000 0000 3a ff ${addresses}`,
  },
  {
    name: "a payload length one above what is there",
    field: "payload",
    offset: 40,
    hex: `60000000 0003 3a ff ${addresses} cafe`,
  },
  {
    name: "the largest payload length",
    field: "payload",
    offset: 40,
    hex: `60000000 ffff 3a ff ${addresses} cafe`,
  },
];

Deno.test.each(malformed)(
  "decodeIpv6() refuses $name",
  pure,
  ({ field, offset, hex }) => {
    const error = assertThrows(() => decodeIpv6(fromHex(hex)), WireError);
    assertEquals([error.field, error.offset], [field, offset]);
  },
);

Deno.test.each<{ name: string; field: string; change: Partial<Ipv6Packet> }>([
  {
    name: "a flow label of 21 bits",
    field: "flow label",
    change: { flowLabel: 0x100000 },
  },
  {
    name: "a negative flow label",
    field: "flow label",
    change: { flowLabel: -1 },
  },
  {
    name: "a flow label of 33 bits",
    field: "flow label",
    change: { flowLabel: 2 ** 32 },
  },
  {
    name: "a traffic class of 9 bits",
    field: "traffic class",
    change: { trafficClass: 256 },
  },
  { name: "a hop limit of 256", field: "hop limit", change: { hopLimit: 256 } },
  {
    name: "IPv4",
    field: "source address",
    change: { source: parseIp("192.0.2.1") },
  },
  {
    name: "a payload of 64 KiB",
    field: "payload length",
    change: { payload: new Uint8Array(0x10000) },
  },
])("encodeIpv6() refuses $name", pure, ({ field, change }) => {
  const error = assertThrows(
    () => encodeIpv6({ ...plain, ...change }),
    WireError,
  );
  assertEquals(error.field, field);
});

Deno.test("decodeIpv6() undoes encodeIpv6()", pure, () => {
  const packet: fc.Arbitrary<Ipv6Packet> = fc.record({
    trafficClass: fc.nat(0xff),
    flowLabel: fc.nat(0xfffff),
    nextHeader: fc.nat(0xff),
    hopLimit: fc.nat(0xff),
    source: ipv6,
    destination: ipv6,
    payload: fc.uint8Array({ maxLength: 200 }),
  });
  fc.assert(fc.property(packet, (packet) => {
    assertEquals(decodeIpv6(encodeIpv6(packet)), packet);
  }));
});
