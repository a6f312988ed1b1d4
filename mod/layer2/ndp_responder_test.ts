import { assertEquals } from "@std/assert";
import {
  assertAdvertisement,
  type ExpectedAnswer,
  resealed,
} from "../../tests/advertisements.ts";
import { fieldBytes, type FieldRow, toHex } from "../../tests/bytes.ts";
import {
  OWN_MAC,
  PEER_IPV6,
  PEER_MAC,
  solicitationFrame,
  type SolicitationParts,
  sourceOption,
  tagged,
} from "../../tests/frames.ts";
import {
  ALL_NODES,
  multicastMac,
  parseIp,
  parseMac,
  ZERO_MAC,
} from "../net/mod.ts";
import { AddressTable, WORDS_PER_ENTRY } from "./address_table.ts";
import { type FrameDecision, FrameResponder } from "./frame_responder.ts";
import type { DropReason } from "./reasons.ts";

const options = { permissions: "none" } as const;
const VIP = parseIp("2001:db8::1:2:3");
const ELSEWHERE = parseIp("2001:db8::2");
const FOREIGN = parseIp("2001:db8::3");
const UNSPECIFIED = parseIp("::");
const OTHER_MAC = parseMac("02:00:00:00:00:cc");

const table = new AddressTable(new Int32Array(8 * WORDS_PER_ENTRY));
table.insert({ ip: VIP, id: 1, lowMask: 0, highMask: 1 << 3, epoch: 0 });
table.insert({ ip: ELSEWHERE, id: 2, lowMask: 1, highMask: 0, epoch: 0 });

function decide(frame: Uint8Array, ndp = true): FrameDecision {
  return new FrameResponder({ mac: OWN_MAC, slot: 35, arp: true, ndp })
    .decide(frame, table);
}

const SOLICITATION: readonly FieldRow[] = [
  ["33 33 ff 02 00 03", "Ethernet destination"],
  ["02 00 00 00 00 0b", "Ethernet source"],
  ["86 dd", "EtherType"],
  ["60 00 00 00", "version, traffic class, flow label"],
  ["00 20", "payload length"],
  ["3a", "next header"],
  ["ff", "hop limit"],
  ["fe80 0000 0000 0000 0000 0000 0000 000b", "source"],
  ["ff02 0000 0000 0000 0000 0001 ff02 0003", "destination"],
  ["87", "type"],
  ["00", "code"],
  ["42 18", "checksum"],
  ["00 00 00 00", "reserved"],
  ["2001 0db8 0000 0000 0000 0001 0002 0003", "target"],
  ["01 01", "option: source link-layer address"],
  ["02 00 00 00 00 0b", "link-layer address"],
];

/** The answer, its checksum left to the codec. */
const ADVERTISEMENT: readonly FieldRow[] = [
  ["02 00 00 00 00 0b", "Ethernet destination: who asked"],
  ["02 00 00 00 00 0a", "Ethernet source: this interface"],
  ["86 dd", "EtherType"],
  ["60 00 00 00", "version, traffic class, flow label"],
  ["00 20", "payload length"],
  ["3a", "next header: ICMPv6"],
  ["ff", "hop limit"],
  ["2001 0db8 0000 0000 0000 0001 0002 0003", "source: the target"],
  ["fe80 0000 0000 0000 0000 0000 0000 000b", "destination: who asked"],
  ["88", "type: Neighbor Advertisement"],
  ["00", "code"],
  ["00 00", "checksum"],
  ["60 00 00 00", "Solicited and Override"],
  ["2001 0db8 0000 0000 0000 0001 0002 0003", "target"],
  ["02 01", "option: target link-layer address"],
  ["02 00 00 00 00 0a", "link-layer address: this interface"],
];

Deno.test("solicitationFrame() makes the frame of the table", options, () => {
  const built = solicitationFrame(VIP);
  built.fill(0, 56, 58);
  const expected = fieldBytes(SOLICITATION);
  expected.fill(0, 56, 58);
  assertEquals(toHex(built), toHex(expected));
});

Deno.test("FrameResponder answers an NS byte by byte", options, () => {
  const decision = decide(solicitationFrame(VIP));
  assertEquals(decision.kind, "reply");
  if (decision.kind !== "reply") return;
  const reply = Uint8Array.from(decision.frame);
  reply.fill(0, 56, 58);
  assertEquals(toHex(reply), toHex(fieldBytes(ADVERTISEMENT)));
});

interface AnsweredCase {
  readonly name: string;
  readonly parts: SolicitationParts;
  /** Where the answer goes; who asked at the address in the option. */
  readonly to?: Partial<ExpectedAnswer>;
}

const ANSWERED: readonly AnsweredCase[] = [
  { name: "address resolution", parts: {} },
  {
    name: "without a source link-layer option",
    parts: { options: [] },
  },
  {
    name: "an unreachability probe, unicast",
    parts: { destination: VIP, destinationMac: OWN_MAC },
  },
  {
    name: "an unreachability probe without option",
    parts: { destination: VIP, destinationMac: OWN_MAC, options: [] },
  },
  {
    name: "duplicate address detection (RFC 4862 §5.4)",
    parts: { source: UNSPECIFIED, options: [] },
    to: { mac: multicastMac(ALL_NODES), ip: ALL_NODES, solicited: false },
  },
  {
    name: "duplicate address detection with a nonce (RFC 7527)",
    parts: {
      source: UNSPECIFIED,
      options: [{ kind: "nonce", nonce: new Uint8Array(6) }],
    },
    to: { mac: multicastMac(ALL_NODES), ip: ALL_NODES, solicited: false },
  },
  {
    name: "the option's address, not the Ethernet source",
    parts: { options: [sourceOption(OTHER_MAC)] },
    to: { mac: OTHER_MAC },
  },
  {
    name: "the first of two options",
    parts: { options: [sourceOption(OTHER_MAC), sourceOption()] },
    to: { mac: OTHER_MAC },
  },
  {
    name: "unknown options around",
    parts: {
      options: [
        { kind: "raw", type: 253, data: new Uint8Array(14) },
        sourceOption(),
        { kind: "raw", type: 254, data: new Uint8Array(6) },
      ],
    },
  },
  {
    name: "a group turned into unicast by a switch",
    parts: { destinationMac: OWN_MAC },
  },
  {
    name: "to all nodes",
    parts: { destination: ALL_NODES },
  },
  {
    name: "from a global address",
    parts: { source: parseIp("2001:db8::99") },
    to: { ip: parseIp("2001:db8::99") },
  },
];

for (const { name, parts, to } of ANSWERED) {
  Deno.test(`FrameResponder answers NS: ${name}`, options, () => {
    const decision = decide(solicitationFrame(VIP, parts));
    assertEquals(decision.kind, "reply");
    if (decision.kind !== "reply") return;
    assertAdvertisement(decision.frame, VIP, {
      mac: PEER_MAC,
      ip: PEER_IPV6,
      solicited: true,
      ...to,
    });
  });
}

function broken(at: number): Uint8Array<ArrayBuffer> {
  const frame = solicitationFrame(VIP);
  frame[at] = (frame[at] ?? 0) ^ 1;
  return frame;
}

const PLAIN = solicitationFrame(VIP);
const NO_OPTIONS = solicitationFrame(VIP, { options: [] });

const DROPPED: readonly (readonly [DropReason, string, Uint8Array])[] = [
  ["truncated", "half an IPv6 header", PLAIN.subarray(0, 53)],
  ["truncated", "no message", PLAIN.subarray(0, 54)],
  ["truncated", "cut in the target", PLAIN.subarray(0, 70)],
  ["truncated", "cut in the option", PLAIN.subarray(0, 85)],
  ["vlan", "with a tag", tagged(PLAIN, 100)],
  ["ipVersion", "version 4", resealed(PLAIN, { 14: 0x40 })],
  ["extensionHeader", "hop-by-hop options", resealed(PLAIN, { 20: 0 })],
  ["extensionHeader", "a fragment", resealed(PLAIN, { 20: 44 })],
  ["extensionHeader", "destination options", resealed(PLAIN, { 20: 60 })],
  ["messageType", "UDP", resealed(PLAIN, { 20: 17 })],
  ["messageType", "an advertisement", resealed(PLAIN, { 54: 136 })],
  ["messageType", "an echo request", resealed(PLAIN, { 54: 128 })],
  ["payloadLength", "an empty payload", resealed(PLAIN, { 19: 0 })],
  ["payloadLength", "23 bytes", resealed(NO_OPTIONS, { 19: 23 })],
  [
    "ethernetDestination",
    "to another station",
    solicitationFrame(VIP, { destinationMac: OTHER_MAC }),
  ],
  [
    "ownFrame",
    "sent by ourselves",
    solicitationFrame(VIP, { sourceMac: OWN_MAC }),
  ],
  ["hopLimit", "forwarded", solicitationFrame(VIP, { hopLimit: 254 })],
  ["checksum", "a broken checksum", broken(56)],
  ["checksum", "a broken source", broken(30)],
  ["checksum", "a broken target", broken(76)],
  ["code", "code 1", resealed(PLAIN, { 55: 1 })],
  ["targetMulticast", "for a group", resealed(PLAIN, { 62: 0xff, 63: 2 })],
  ["option", "of length 0", resealed(PLAIN, { 79: 0 })],
  ["option", "past the end", resealed(PLAIN, { 78: 253, 79: 2 })],
  ["option", "source link-layer address of 14", longLinkLayer(1)],
  ["option", "target link-layer address of 14", longLinkLayer(2)],
  ["option", "half of one", resealed(PLAIN, { 19: 28 })],
  [
    "unspecifiedSource",
    "with a source option",
    solicitationFrame(VIP, { source: UNSPECIFIED }),
  ],
  [
    "unspecifiedSource",
    "to the address itself",
    solicitationFrame(VIP, {
      source: UNSPECIFIED,
      destination: VIP,
      destinationMac: OWN_MAC,
      options: [],
    }),
  ],
  [
    "unspecifiedSource",
    "to all nodes",
    solicitationFrame(VIP, {
      source: UNSPECIFIED,
      destination: ALL_NODES,
      options: [],
    }),
  ],
  [
    "sourceMulticast",
    "from a group",
    solicitationFrame(VIP, { source: ALL_NODES }),
  ],
  [
    "gratuitous",
    "from the address itself",
    solicitationFrame(VIP, {
      source: VIP,
    }),
  ],
  [
    "ownFrame",
    "that asks us to answer ourselves",
    solicitationFrame(VIP, { options: [sourceOption(OWN_MAC)] }),
  ],
  [
    "senderHardware",
    "from a broadcast",
    solicitationFrame(VIP, {
      options: [sourceOption(parseMac("ff:ff:ff:ff:ff:ff"))],
    }),
  ],
  [
    "senderHardware",
    "from zero",
    solicitationFrame(VIP, { sourceMac: ZERO_MAC, options: [] }),
  ],
  ["notOwned", "for a foreign address", solicitationFrame(FOREIGN)],
  ["notOnInterface", "announced elsewhere", solicitationFrame(ELSEWHERE)],
];

/** A solicitation whose link-layer option has two units. */
function longLinkLayer(type: number): Uint8Array<ArrayBuffer> {
  const option = { kind: "raw", type: 253, data: new Uint8Array(14) } as const;
  const frame = solicitationFrame(VIP, { options: [option] });
  return resealed(frame, { 78: type });
}

for (const [reason, name, frame] of DROPPED) {
  Deno.test(`FrameResponder drops NS: ${name} (${reason})`, options, () => {
    assertEquals(decide(frame), { kind: "drop", reason });
  });
}

Deno.test("FrameResponder leaves NDP alone where it is off", options, () => {
  const decision = decide(solicitationFrame(VIP), false);
  assertEquals(decision, { kind: "drop", reason: "protocolOff" });
});
