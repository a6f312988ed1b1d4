import { assertEquals } from "@std/assert";
import type { DropReason, Protocol } from "../../mod/layer2/mod.ts";
import { parseIp, parseMac } from "../../mod/net/mod.ts";
import type { PacketWorker } from "../../speaker/packet/mod.ts";
import { arpFrame, OWN_MAC, solicitationFrame, tagged } from "../frames.ts";
import { privilegedTests } from "../privileges.ts";
import { arpReplyOf, Segment } from "./segment.ts";

const IPV4 = parseIp("192.0.2.1");
const IPV6 = parseIp("2001:db8::1");
const GROUP = parseMac("01:00:5e:00:00:01");

function withByte(
  frame: Uint8Array<ArrayBuffer>,
  at: number,
  value: number,
): Uint8Array<ArrayBuffer> {
  frame[at] = value;
  return frame;
}

/** Each frame is sent once and must be counted once. */
const HOSTILE: readonly (readonly [Protocol, DropReason, Uint8Array])[] = [
  ["arp", "vlan", tagged(arpFrame(IPV4), 100)],
  ["ndp", "vlan", tagged(solicitationFrame(IPV6), 100)],
  ["arp", "truncated", arpFrame(IPV4).subarray(0, 41)],
  ["arp", "truncated", arpFrame(IPV4).subarray(0, 15)],
  ["arp", "messageType", arpFrame(IPV4, { operation: 0xffff })],
  ["arp", "hardwareType", withByte(arpFrame(IPV4), 15, 6)],
  ["arp", "protocolType", withByte(arpFrame(IPV4), 16, 0x86)],
  ["arp", "addressLength", withByte(arpFrame(IPV4), 18, 0xff)],
  ["arp", "senderHardware", arpFrame(IPV4, { senderHardwareAddress: GROUP })],
  ["arp", "gratuitous", arpFrame(IPV4, { senderIp: IPV4 })],
  ["arp", "notOwned", arpFrame(parseIp("192.0.2.9"))],
  ["ndp", "truncated", solicitationFrame(IPV6).subarray(0, 50)],
  ["ndp", "truncated", solicitationFrame(IPV6).subarray(0, 54)],
  ["ndp", "truncated", solicitationFrame(IPV6).subarray(0, 80)],
  ["ndp", "hopLimit", solicitationFrame(IPV6, { hopLimit: 64 })],
  ["ndp", "checksum", withByte(solicitationFrame(IPV6), 60, 1)],
  ["ndp", "extensionHeader", withByte(solicitationFrame(IPV6), 20, 0)],
  ["ndp", "extensionHeader", withByte(solicitationFrame(IPV6), 20, 44)],
  ["ndp", "notOwned", solicitationFrame(parseIp("2001:db8::9"))],
  [
    "ndp",
    "unspecifiedSource",
    solicitationFrame(IPV6, { source: parseIp("::") }),
  ],
];

function dropped(
  worker: PacketWorker,
  protocol: Protocol,
): Partial<Record<DropReason, number>> {
  const found = worker.counters().frames.find((one) =>
    one.protocol === protocol
  );
  return found?.dropped ?? {};
}

function expected(protocol: Protocol): Partial<Record<DropReason, number>> {
  const counts: Partial<Record<DropReason, number>> = {};
  for (const [of, reason] of HOSTILE) {
    if (of === protocol) counts[reason] = (counts[reason] ?? 0) + 1;
  }
  return counts;
}

/** Asks and waits: everything sent before has been looked at then. */
async function assertAnswers(segment: Segment): Promise<void> {
  segment.send(arpFrame(IPV4));
  const reply = await segment.find(arpReplyOf);
  assertEquals(reply?.senderHardwareAddress, OWN_MAC);
}

privilegedTests(import.meta.url, (test) => {
  test("PacketWorker counts hostile frames by reason and goes on", async () => {
    await using segment = new Segment();
    const worker = await segment.start();
    await segment.announce("192.0.2.1", "2001:db8::1");
    for (const [, , frame] of HOSTILE) segment.send(frame);
    await assertAnswers(segment);
    assertEquals(dropped(worker, "arp"), expected("arp"));
    assertEquals(dropped(worker, "ndp"), expected("ndp"));
    assertEquals(worker.state, "running");
  });

  test("PacketWorker survives random frames", async () => {
    await using segment = new Segment();
    const worker = await segment.start();
    await segment.announce("192.0.2.1", "2001:db8::1");
    const templates = [arpFrame(IPV4), solicitationFrame(IPV6)];
    for (let i = 0; i < 2000; i++) {
      const frame = Uint8Array.from(templates[i % 2] ?? []);
      const noise = crypto.getRandomValues(new Uint8Array(3));
      // Past the EtherType, so that it reaches the responders.
      for (const byte of noise) frame[14 + (byte % (frame.length - 14))] = byte;
      const cut = i % 5 === 0 ? 14 + (i % (frame.length - 14)) : frame.length;
      segment.send(frame.subarray(0, cut));
    }
    await assertAnswers(segment);
    assertEquals(worker.state, "running");
  });
});
