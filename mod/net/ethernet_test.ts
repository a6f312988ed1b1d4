import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { mac } from "../../tests/arbitraries.ts";
import { fieldBytes, type FieldRow, fromHex } from "../../tests/bytes.ts";
import {
  BROADCAST_MAC,
  decodeEthernet,
  encodeEthernet,
  type EthernetFrame,
  EtherType,
  parseMac,
  WireError,
} from "./mod.ts";

const pure = { permissions: "none" } as const;
const source = parseMac("02:00:5e:00:53:01");
const payload = fromHex("cafe");

interface Case {
  readonly name: string;
  readonly frame: EthernetFrame;
  readonly rows: readonly FieldRow[];
}

const cases: readonly Case[] = [
  {
    name: "untagged",
    frame: {
      destination: BROADCAST_MAC,
      source,
      tags: [],
      etherType: EtherType.arp,
      payload,
    },
    rows: [
      ["ff ff ff ff ff ff", "destination address"],
      ["02 00 5e 00 53 01", "source address"],
      ["08 06", "EtherType: ARP"],
      ["ca fe", "payload"],
    ],
  },
  {
    name: "without payload",
    frame: {
      destination: BROADCAST_MAC,
      source,
      tags: [],
      etherType: EtherType.ipv6,
      payload: fromHex(""),
    },
    rows: [
      ["ff ff ff ff ff ff", "destination address"],
      ["02 00 5e 00 53 01", "source address"],
      ["86 dd", "EtherType: IPv6"],
    ],
  },
  {
    name: "802.1Q",
    frame: {
      destination: BROADCAST_MAC,
      source,
      tags: [{
        protocol: EtherType.cVlan,
        priority: 5,
        dropEligible: false,
        id: 100,
      }],
      etherType: EtherType.ipv4,
      payload,
    },
    rows: [
      ["ff ff ff ff ff ff", "destination address"],
      ["02 00 5e 00 53 01", "source address"],
      ["81 00", "tag protocol identifier: customer VLAN"],
      ["a0 64", "priority 5, not drop eligible, VLAN 100"],
      ["08 00", "EtherType: IPv4"],
      ["ca fe", "payload"],
    ],
  },
  {
    name: "a service tag and a customer tag",
    frame: {
      destination: BROADCAST_MAC,
      source,
      tags: [
        {
          protocol: EtherType.sVlan,
          priority: 0,
          dropEligible: true,
          id: 4095,
        },
        { protocol: EtherType.cVlan, priority: 7, dropEligible: false, id: 0 },
      ],
      etherType: EtherType.ipv6,
      payload,
    },
    rows: [
      ["ff ff ff ff ff ff", "destination address"],
      ["02 00 5e 00 53 01", "source address"],
      ["88 a8", "tag protocol identifier: service VLAN"],
      ["1f ff", "priority 0, drop eligible, VLAN 4095"],
      ["81 00", "tag protocol identifier: customer VLAN"],
      ["e0 00", "priority 7, not drop eligible, VLAN 0"],
      ["86 dd", "EtherType: IPv6"],
      ["ca fe", "payload"],
    ],
  },
  {
    name: "IEEE 802.3 with a length",
    frame: {
      destination: BROADCAST_MAC,
      source,
      tags: [],
      etherType: 2,
      payload,
    },
    rows: [
      ["ff ff ff ff ff ff", "destination address"],
      ["02 00 5e 00 53 01", "source address"],
      ["00 02", "length"],
      ["ca fe", "payload"],
    ],
  },
];

Deno.test.each(cases)("Ethernet frame: $name", pure, ({ frame, rows }) => {
  assertEquals(encodeEthernet(frame), fieldBytes(rows));
  assertEquals(decodeEthernet(fieldBytes(rows)), frame);
});

Deno.test.each(cases)(
  "decodeEthernet() refuses a header cut short: $name",
  pure,
  (c) => {
    const bytes = fieldBytes(c.rows);
    const headerLength = bytes.length - c.frame.payload.length;
    for (let length = 0; length < headerLength; length++) {
      const error = assertThrows(
        () => decodeEthernet(bytes.subarray(0, length)),
        WireError,
      );
      assertEquals(error.offset <= length, true);
    }
  },
);

const malformed: readonly { name: string; field: string; hex: string }[] = [
  { name: "no bytes", field: "destination address", hex: "" },
  { name: "one byte", field: "destination address", hex: "ff" },
  {
    name: "a tag without an EtherType",
    field: "EtherType",
    hex: "ffffffffffff 02005e005301 8100 0064",
  },
  {
    name: "three tags",
    field: "VLAN tag",
    hex: "ffffffffffff 02005e005301 88a8 0001 8100 0002 8100 0003 0800",
  },
];

Deno.test.each(malformed)(
  "decodeEthernet() refuses $name",
  pure,
  ({ field, hex }) => {
    const error = assertThrows(() => decodeEthernet(fromHex(hex)), WireError);
    assertEquals(error.field, field);
  },
);

const untagged: EthernetFrame = {
  destination: BROADCAST_MAC,
  source,
  tags: [],
  etherType: EtherType.arp,
  payload,
};
const tag = {
  protocol: EtherType.cVlan,
  priority: 0,
  dropEligible: false,
  id: 1,
};

Deno.test.each<{ name: string; field: string; change: Partial<EthernetFrame> }>(
  [
    {
      name: "a short address",
      field: "source address",
      change: { source: fromHex("02") },
    },
    {
      name: "an EtherType of 17 bits",
      field: "EtherType",
      change: { etherType: 0x10000 },
    },
    {
      name: "a tag as EtherType",
      field: "EtherType",
      change: { etherType: EtherType.cVlan },
    },
    {
      name: "three tags",
      field: "VLAN tag",
      change: { tags: [tag, tag, tag] },
    },
    {
      name: "a tag that is none",
      field: "tag protocol identifier",
      change: { tags: [{ ...tag, protocol: EtherType.ipv4 }] },
    },
    {
      name: "VLAN 4096",
      field: "VLAN identifier",
      change: { tags: [{ ...tag, id: 4096 }] },
    },
    {
      name: "priority 8",
      field: "priority code point",
      change: { tags: [{ ...tag, priority: 8 }] },
    },
  ],
)("encodeEthernet() refuses $name", pure, ({ field, change }) => {
  const error = assertThrows(
    () => encodeEthernet({ ...untagged, ...change }),
    WireError,
  );
  assertEquals(error.field, field);
});

Deno.test("decodeEthernet() undoes encodeEthernet()", pure, () => {
  const vlanTag = fc.record({
    protocol: fc.constantFrom<number>(EtherType.cVlan, EtherType.sVlan),
    priority: fc.nat(7),
    dropEligible: fc.boolean(),
    id: fc.nat(4095),
  });
  const frame: fc.Arbitrary<EthernetFrame> = fc.record({
    destination: mac,
    source: mac,
    tags: fc.array(vlanTag, { maxLength: 2 }),
    etherType: fc.nat(0xffff).filter((type) =>
      type !== 0x8100 && type !== 0x88a8
    ),
    payload: fc.uint8Array(),
  });
  fc.assert(fc.property(frame, (frame) => {
    assertEquals(decodeEthernet(encodeEthernet(frame)), frame);
  }));
});
