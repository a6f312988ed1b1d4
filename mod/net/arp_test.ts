import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ipv4, mac } from "../../tests/arbitraries.ts";
import { fieldBytes, type FieldRow, fromHex } from "../../tests/bytes.ts";
import {
  ARP_LENGTH,
  arpAnnouncement,
  ArpOperation,
  type ArpPacket,
  arpProbe,
  arpReply,
  arpRequest,
  decodeArp,
  encodeArp,
  isArpAnnouncement,
  isArpProbe,
  parseIp,
  parseMac,
  WireError,
} from "./mod.ts";

const pure = { permissions: "none" } as const;
const asker = { mac: parseMac("02:00:5e:00:53:0a"), ip: parseIp("192.0.2.10") };
const owner = {
  mac: parseMac("02:00:5e:00:53:0b"),
  ip: parseIp("192.0.2.100"),
};
const request = arpRequest(asker, owner.ip);

interface Case {
  readonly name: string;
  readonly packet: ArpPacket;
  readonly rows: readonly FieldRow[];
}

const head: readonly FieldRow[] = [
  ["00 01", "hardware address space: Ethernet"],
  ["08 00", "protocol address space: IPv4"],
  ["06", "hardware address length"],
  ["04", "protocol address length"],
];

const cases: readonly Case[] = [
  {
    name: "request",
    packet: request,
    rows: [
      ...head,
      ["00 01", "operation: request"],
      ["02 00 5e 00 53 0a", "sender hardware address"],
      ["c0 00 02 0a", "sender IP address"],
      ["00 00 00 00 00 00", "target hardware address"],
      ["c0 00 02 64", "target IP address"],
    ],
  },
  {
    name: "reply",
    packet: arpReply(request, owner.mac),
    rows: [
      ...head,
      ["00 02", "operation: reply"],
      ["02 00 5e 00 53 0b", "sender hardware address"],
      ["c0 00 02 64", "sender IP address"],
      ["02 00 5e 00 53 0a", "target hardware address"],
      ["c0 00 02 0a", "target IP address"],
    ],
  },
  {
    name: "ARP Probe (RFC 5227 §1.1)",
    packet: arpProbe(owner.mac, owner.ip),
    rows: [
      ...head,
      ["00 01", "operation: request"],
      ["02 00 5e 00 53 0b", "sender hardware address"],
      ["00 00 00 00", "sender IP address: all zero"],
      ["00 00 00 00 00 00", "target hardware address: all zero"],
      ["c0 00 02 64", "target IP address: the address probed"],
    ],
  },
  {
    name: "ARP Announcement (RFC 5227 §1.1)",
    packet: arpAnnouncement(owner.mac, owner.ip),
    rows: [
      ...head,
      ["00 01", "operation: request"],
      ["02 00 5e 00 53 0b", "sender hardware address"],
      ["c0 00 02 64", "sender IP address"],
      ["00 00 00 00 00 00", "target hardware address"],
      ["c0 00 02 64", "target IP address: the same"],
    ],
  },
  {
    name: "ARP Announcement in reply form",
    packet: arpAnnouncement(owner.mac, owner.ip, "reply"),
    rows: [
      ...head,
      ["00 02", "operation: reply"],
      ["02 00 5e 00 53 0b", "sender hardware address"],
      ["c0 00 02 64", "sender IP address"],
      ["02 00 5e 00 53 0b", "target hardware address: the same"],
      ["c0 00 02 64", "target IP address: the same"],
    ],
  },
  {
    name: "an operation that RFC 826 does not know",
    packet: { ...request, operation: 9 },
    rows: [
      ...head,
      ["00 09", "operation"],
      ["02 00 5e 00 53 0a", "sender hardware address"],
      ["c0 00 02 0a", "sender IP address"],
      ["00 00 00 00 00 00", "target hardware address"],
      ["c0 00 02 64", "target IP address"],
    ],
  },
];

Deno.test.each(cases)("ARP packet: $name", pure, ({ packet, rows }) => {
  assertEquals(encodeArp(packet), fieldBytes(rows));
  assertEquals(decodeArp(fieldBytes(rows)), packet);
});

Deno.test.each(cases)(
  "decodeArp() refuses a packet cut short: $name",
  pure,
  ({ rows }) => {
    const bytes = fieldBytes(rows);
    assertEquals(bytes.length, ARP_LENGTH);
    for (let length = 0; length < bytes.length; length++) {
      const error = assertThrows(
        () => decodeArp(bytes.subarray(0, length)),
        WireError,
      );
      assertEquals(error.offset <= length, true);
    }
  },
);

Deno.test("decodeArp() ignores Ethernet padding", pure, () => {
  const padded = new Uint8Array(46).fill(0x55);
  padded.set(encodeArp(request));
  assertEquals(decodeArp(padded), request);
});

const addresses = "0001 02005e00530a c000020a 000000000000 c0000264";
const malformed: readonly {
  name: string;
  field: string;
  offset: number;
  hex: string;
}[] = [
  { name: "no bytes", field: "hardware address space", offset: 0, hex: "" },
  {
    name: "hardware that is not Ethernet",
    field: "hardware address space",
    offset: 0,
    hex: `0006 0800 06 04 ${addresses}`,
  },
  {
    name: "a protocol that is not IPv4",
    field: "protocol address space",
    offset: 2,
    hex: `0001 86dd 06 04 ${addresses}`,
  },
  {
    name: "a hardware address length of 255",
    field: "hardware address length",
    offset: 4,
    hex: `0001 0800 ff 04 ${addresses}`,
  },
  {
    name: "a protocol address length of 0",
    field: "protocol address length",
    offset: 5,
    hex: `0001 0800 06 00 ${addresses}`,
  },
  {
    name: "a protocol address length of 16",
    field: "protocol address length",
    offset: 5,
    hex: `0001 0800 06 10 ${addresses}`,
  },
];

Deno.test.each(malformed)(
  "decodeArp() refuses $name",
  pure,
  ({ field, offset, hex }) => {
    const error = assertThrows(() => decodeArp(fromHex(hex)), WireError);
    assertEquals([error.field, error.offset], [field, offset]);
  },
);

Deno.test.each<{ name: string; field: string; change: Partial<ArpPacket> }>([
  {
    name: "IPv6",
    field: "target IP address",
    change: { targetIp: parseIp("2001:db8::1") },
  },
  {
    name: "a long hardware address",
    field: "sender hardware address",
    change: { senderHardwareAddress: new Uint8Array(8) },
  },
  { name: "operation -1", field: "operation", change: { operation: -1 } },
])("encodeArp() refuses $name", pure, ({ field, change }) => {
  const error = assertThrows(
    () => encodeArp({ ...request, ...change }),
    WireError,
  );
  assertEquals(error.field, field);
});

Deno.test("decodeArp() undoes encodeArp()", pure, () => {
  const packet: fc.Arbitrary<ArpPacket> = fc.record({
    operation: fc.nat(0xffff),
    senderHardwareAddress: mac,
    senderIp: ipv4,
    targetHardwareAddress: mac,
    targetIp: ipv4,
  });
  fc.assert(fc.property(packet, (packet) => {
    assertEquals(decodeArp(encodeArp(packet)), packet);
  }));
});

Deno.test.each([
  { name: "a request", packet: request, probe: false, announcement: false },
  {
    name: "a reply",
    packet: arpReply(request, owner.mac),
    probe: false,
    announcement: false,
  },
  {
    name: "a probe",
    packet: arpProbe(owner.mac, owner.ip),
    probe: true,
    announcement: false,
  },
  {
    name: "an announcement",
    packet: arpAnnouncement(owner.mac, owner.ip),
    probe: false,
    announcement: true,
  },
  {
    name: "an announcement in reply form",
    packet: arpAnnouncement(owner.mac, owner.ip, "reply"),
    probe: false,
    announcement: true,
  },
  {
    name: "a reply to a probe",
    packet: arpReply(arpProbe(asker.mac, owner.ip), owner.mac),
    probe: false,
    announcement: false,
  },
  {
    name: "a probe for 0.0.0.0",
    packet: arpProbe(owner.mac, parseIp("0.0.0.0")),
    probe: true,
    announcement: false,
  },
  {
    name: "a reply from 0.0.0.0",
    packet: { ...arpProbe(owner.mac, owner.ip), operation: ArpOperation.reply },
    probe: false,
    announcement: false,
  },
])("$name: probe $probe, announcement $announcement", pure, (c) => {
  assertEquals(isArpProbe(c.packet), c.probe);
  assertEquals(isArpAnnouncement(c.packet), c.announcement);
});
