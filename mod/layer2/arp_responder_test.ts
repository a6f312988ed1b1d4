import { assertEquals } from "@std/assert";
import fc from "fast-check";
import * as arbitrary from "../../tests/arbitraries.ts";
import { fieldBytes, type FieldRow, toHex } from "../../tests/bytes.ts";
import { mutate, mutations } from "../../tests/mutations.ts";
import { arpFrame, OWN_MAC, PEER_MAC, tagged } from "../../tests/frames.ts";
import {
  ArpOperation,
  arpReply,
  BROADCAST_MAC,
  decodeArp,
  decodeEthernet,
  encodeArp,
  EtherType,
  parseIp,
  WireError,
} from "../net/mod.ts";
import { AddressTable, WORDS_PER_ENTRY } from "./address_table.ts";
import { type FrameDecision, FrameResponder } from "./frame_responder.ts";
import type { DropReason } from "./reasons.ts";

const options = { permissions: "none" } as const;
const VIP = parseIp("192.0.2.1");
const ELSEWHERE = parseIp("192.0.2.2");
const FOREIGN = parseIp("192.0.2.3");

const table = new AddressTable(new Int32Array(8 * WORDS_PER_ENTRY));
table.insert({ ip: VIP, id: 1, lowMask: 1 << 3, highMask: 0, epoch: 0 });
table.insert({ ip: ELSEWHERE, id: 2, lowMask: 1, highMask: 0, epoch: 0 });

function decide(frame: Uint8Array, arp = true): FrameDecision {
  return new FrameResponder({ mac: OWN_MAC, slot: 3, arp, ndp: true })
    .decide(frame, table);
}

const REQUEST: readonly FieldRow[] = [
  ["ff ff ff ff ff ff", "Ethernet destination"],
  ["02 00 00 00 00 0b", "Ethernet source"],
  ["08 06", "EtherType"],
  ["00 01", "ar$hrd"],
  ["08 00", "ar$pro"],
  ["06", "ar$hln"],
  ["04", "ar$pln"],
  ["00 01", "ar$op: request"],
  ["02 00 00 00 00 0b", "ar$sha"],
  ["c0 00 02 fe", "ar$spa"],
  ["00 00 00 00 00 00", "ar$tha"],
  ["c0 00 02 01", "ar$tpa"],
];

const REPLY: readonly FieldRow[] = [
  ["02 00 00 00 00 0b", "Ethernet destination: who asked"],
  ["02 00 00 00 00 0a", "Ethernet source: this interface"],
  ["08 06", "EtherType"],
  ["00 01", "ar$hrd"],
  ["08 00", "ar$pro"],
  ["06", "ar$hln"],
  ["04", "ar$pln"],
  ["00 02", "ar$op: reply"],
  ["02 00 00 00 00 0a", "ar$sha: this interface"],
  ["c0 00 02 01", "ar$spa: what was asked for"],
  ["02 00 00 00 00 0b", "ar$tha: who asked"],
  ["c0 00 02 fe", "ar$tpa"],
];

Deno.test("FrameResponder answers an ARP request byte by byte", options, () => {
  const decision = decide(fieldBytes(REQUEST));
  assertEquals(decision.kind, "reply");
  if (decision.kind !== "reply") return;
  assertEquals(toHex(decision.frame), toHex(fieldBytes(REPLY)));
});

/** The request with one field changed. */
function changed(field: string, hex: string): Uint8Array<ArrayBuffer> {
  const rows = REQUEST.map(([bytes, name]): FieldRow =>
    name.startsWith(field) ? [hex, name] : [bytes, name]
  );
  return fieldBytes(rows);
}

interface AnsweredCase {
  readonly name: string;
  readonly frame: Uint8Array;
}

const ANSWERED: readonly AnsweredCase[] = [
  { name: "broadcast", frame: fieldBytes(REQUEST) },
  {
    name: "unicast to this interface",
    frame: changed("Ethernet destination", toHex(OWN_MAC)),
  },
  {
    name: "a probe of RFC 5227 §2.1",
    frame: changed("ar$spa", "00000000"),
  },
  {
    name: "another sender than the Ethernet source (proxy, RFC 826)",
    frame: changed("ar$sha", "0200000000cc"),
  },
  {
    name: "anything in the target hardware address",
    frame: changed("ar$tha", "ffffffffffff"),
  },
  {
    name: "Ethernet padding",
    frame: Uint8Array.of(...fieldBytes(REQUEST), ...new Uint8Array(18)),
  },
];

Deno.test(
  "FrameResponder answers ARP with a priority tag, untagged",
  options,
  () => {
    for (const priority of [0, 0xe000, 0x1000]) {
      assertEquals(
        decide(tagged(fieldBytes(REQUEST), priority)),
        decide(fieldBytes(REQUEST)),
      );
    }
  },
);

for (const { name, frame } of ANSWERED) {
  Deno.test(`FrameResponder answers ARP: ${name}`, options, () => {
    const decision = decide(frame);
    assertEquals(decision.kind, "reply");
    if (decision.kind !== "reply") return;
    const request = decodeArp(frame.subarray(14));
    const reply = decodeEthernet(decision.frame);
    assertEquals(decodeArp(reply.payload), arpReply(request, OWN_MAC));
    assertEquals(reply.destination, request.senderHardwareAddress);
    assertEquals(reply.source, OWN_MAC);
    assertEquals(reply.etherType, EtherType.arp);
  });
}

const DROPPED: readonly (readonly [DropReason, string, Uint8Array])[] = [
  ["truncated", "no frame at all", new Uint8Array(0)],
  ["truncated", "half an Ethernet header", fieldBytes(REQUEST).subarray(0, 13)],
  ["truncated", "one byte short", fieldBytes(REQUEST).subarray(0, 41)],
  ["vlan", "with an IEEE 802.1Q tag", tagged(fieldBytes(REQUEST), 7)],
  ["vlan", "with two tags", tagged(tagged(fieldBytes(REQUEST), 7), 0)],
  ["vlan", "with a service tag", changed("EtherType", "88a8")],
  ["etherType", "IPv4", changed("EtherType", "0800")],
  ["hardwareType", "of another link layer", changed("ar$hrd", "0006")],
  ["protocolType", "of another protocol", changed("ar$pro", "86dd")],
  ["addressLength", "hardware address of 8", changed("ar$hln", "08")],
  ["addressLength", "protocol address of 16", changed("ar$pln", "10")],
  ["messageType", "a reply", changed("ar$op", "0002")],
  ["messageType", "an operation of 0", changed("ar$op", "0000")],
  ["messageType", "an operation of 257", changed("ar$op", "0101")],
  [
    "ethernetDestination",
    "to another station",
    changed("Ethernet destination", "0200000000cc"),
  ],
  [
    "ethernetDestination",
    "to a multicast group",
    changed("Ethernet destination", "01005e000001"),
  ],
  ["ownFrame", "sent by ourselves", changed("Ethernet source", "02000000000a")],
  ["ownFrame", "in our own name", changed("ar$sha", "02000000000a")],
  ["senderHardware", "from a broadcast", changed("ar$sha", "ffffffffffff")],
  ["senderHardware", "from a multicast", changed("ar$sha", "01005e000001")],
  ["senderHardware", "from zero", changed("ar$sha", "000000000000")],
  ["gratuitous", "an announcement", changed("ar$spa", "c0000201")],
  ["notOwned", "for a foreign address", changed("ar$tpa", "c0000203")],
  ["notOnInterface", "announced elsewhere", changed("ar$tpa", "c0000202")],
];

for (const [reason, name, frame] of DROPPED) {
  Deno.test(`FrameResponder drops ARP: ${name} (${reason})`, options, () => {
    assertEquals(decide(frame), { kind: "drop", reason });
  });
}

Deno.test("FrameResponder leaves ARP alone where it is off", options, () => {
  const decision = decide(fieldBytes(REQUEST), false);
  assertEquals(decision, { kind: "drop", reason: "protocolOff" });
});

/** What RFC 826 and the codec say about a frame, told independently. */
function expectAnswer(frame: Uint8Array): boolean {
  try {
    const { destination, source, tags, etherType, payload } = decodeEthernet(
      frame,
    );
    if (tags.some(({ id }) => id !== 0) || etherType !== EtherType.arp) {
      return false;
    }
    const packet = decodeArp(payload);
    const sender = toHex(packet.senderHardwareAddress);
    return packet.operation === ArpOperation.request &&
      packet.targetIp.value === VIP.value &&
      packet.senderIp.value !== VIP.value &&
      [toHex(OWN_MAC), toHex(BROADCAST_MAC)].includes(toHex(destination)) &&
      toHex(source) !== toHex(OWN_MAC) && sender !== toHex(OWN_MAC) &&
      sender !== "000000000000" &&
      ((packet.senderHardwareAddress[0] ?? 1) & 1) === 0;
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}

Deno.test(
  "FrameResponder answers exactly the ARP frames that the codec accepts",
  options,
  () => {
    const valid = fc.record({
      target: fc.constantFrom(VIP, VIP, ELSEWHERE, FOREIGN),
      senderIp: fc.oneof(arbitrary.ipv4, fc.constant(VIP)),
      senderHardwareAddress: fc.oneof(
        arbitrary.mac,
        fc.constantFrom(OWN_MAC, PEER_MAC, BROADCAST_MAC),
      ),
      destination: fc.oneof(
        arbitrary.mac,
        fc.constantFrom(OWN_MAC, BROADCAST_MAC),
      ),
      operation: fc.constantFrom(1, 1, 2, 3),
    }).map(({ target, ...parts }) => arpFrame(target, parts));
    let answered = 0;
    fc.assert(
      fc.property(valid, mutations(), (frame, changes) => {
        const mutated = mutate(frame, changes);
        const decision = decide(mutated);
        assertEquals(decision.kind === "reply", expectAnswer(mutated));
        if (decision.kind !== "reply") return;
        answered++;
        const request = decodeArp(mutated.subarray(14));
        assertEquals(
          toHex(decision.frame.subarray(14)),
          toHex(encodeArp(arpReply(request, OWN_MAC))),
        );
      }),
      { numRuns: 2000 },
    );
    assertEquals(answered > 20, true, `only ${answered} of 2000 were answered`);
  },
);

Deno.test("FrameResponder never throws on random bytes", options, () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
    assertEquals(decide(bytes).kind, "drop");
  }));
});
