import { assertEquals } from "@std/assert";
import {
  arpAnnouncement,
  ArpOperation,
  type ArpPacket,
  arpReply,
  arpRequest,
  BROADCAST_MAC,
  encodeArp,
  encodeEthernet,
  EtherType,
  parseIp,
  parseMac,
} from "../../../mod/net/mod.ts";
import { question } from "../../../mod/ping/mod.ts";
import { readWire, type WireFrame } from "./wire.ts";

const NODE = "02:00:00:00:00:0a";
const NODE_MAC = parseMac(NODE);
const VIP = parseIp("192.0.2.150");
const VIP6 = parseIp("2001:db8:1::1000");
const PORT = {
  ...{ name: "eth0", mac: NODE_MAC, holds: true },
  ...{ ipv4: parseIp("192.0.2.10"), ipv6: parseIp("2001:db8:1::10") },
};
const CLIENT = { mac: parseMac("02:00:00:00:00:c2"), ip: parseIp("192.0.2.2") };

function arp(packet: ArpPacket): Uint8Array {
  return encodeEthernet({
    ...{ destination: BROADCAST_MAC, source: NODE_MAC, tags: [] },
    ...{ etherType: EtherType.arp, payload: encodeArp(packet) },
  });
}

const ANNOUNCED = arpAnnouncement(NODE_MAC, VIP);
const FROM_NODE = { ip: "192.0.2.150", mac: NODE };

const CASES: readonly {
  readonly name: string;
  readonly frame: Uint8Array;
  readonly read: WireFrame | undefined;
}[] = [
  {
    name: "a node asks by ARP",
    frame: question(VIP, PORT),
    read: { kind: "asked", ...FROM_NODE },
  },
  {
    name: "a node asks by Neighbor Discovery",
    frame: question(VIP6, PORT),
    read: { kind: "asked", ip: "2001:db8:1::1000", mac: NODE },
  },
  {
    name: "a node answers",
    frame: arp(arpReply(arpRequest(CLIENT, VIP), NODE_MAC)),
    read: { kind: "answer", ...FROM_NODE },
  },
  {
    name: "an announcement counts in its request form",
    frame: arp(ANNOUNCED),
    read: { kind: "announcement", ...FROM_NODE },
  },
  {
    name: "… and not again in its reply form",
    frame: arp({
      ...ANNOUNCED,
      operation: ArpOperation.reply,
      targetHardwareAddress: NODE_MAC,
    }),
    read: undefined,
  },
  {
    name: "a frame that is cut short",
    frame: question(VIP, PORT).subarray(0, 30),
    read: undefined,
  },
];

for (const { name, frame, read } of CASES) {
  Deno.test(`readWire(): ${name}`, { permissions: "none" }, () => {
    assertEquals(readWire(frame), read);
  });
}
