import { assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import {
  ANNOUNCEMENT_INTERVAL,
  ANNOUNCEMENT_WINDOW,
  AnnouncementFrames,
} from "../../mod/layer2/mod.ts";
import {
  formatIp,
  formatMac,
  isArpAnnouncement,
  parseIp,
} from "../../mod/net/mod.ts";
import { PEER_MAC } from "../frames.ts";
import { privilegedTests } from "../privileges.ts";
import {
  advertisementOf,
  arpOf,
  OWN_INTERFACE,
  Segment,
  until,
} from "./segment.ts";

/** Addresses, and which of their frames announces them. */
const FORMS = [
  ["192.0.2.1", 0],
  ["192.0.2.2", 1],
  ["2001:db8::1", 0],
] as const;

interface Announced {
  readonly ip: string;
  readonly at: number;
  readonly form: number;
}

privilegedTests(import.meta.url, (test) => {
  test("PacketWorker announces at once and then every 1.1 s for 5 s", async () => {
    await using segment = new Segment();
    await segment.start();
    const start = performance.now();
    await segment.announce("192.0.2.1", "2001:db8::1");
    const seen: Announced[] = [];
    const end = start + ANNOUNCEMENT_WINDOW + ANNOUNCEMENT_INTERVAL;
    let isRepeated = false;
    while (performance.now() < end) {
      const announced = await segment.find(announcementOf, 100);
      if (announced !== undefined) seen.push(announced);
      if (seen.length >= 6 && !isRepeated) {
        // The same state again must not begin another burst.
        await segment.announce("192.0.2.1", "2001:db8::1");
        isRepeated = true;
      }
    }
    assertTimes(seen.filter(({ form }) => form === 1), start);
    assertTimes(seen.filter(({ form }) => form === 2), start);
    assertTimes(seen.filter(({ form }) => form === 136), start);
  });

  test("the kernel heeds every form of announcement at once", async () => {
    await using segment = new Segment();
    const { namespace } = segment;
    const dev = ["dev", OWN_INTERFACE];
    namespace.ip("addr", "add", "192.0.2.50/24", ...dev);
    namespace.ip("addr", "add", "2001:db8::50/64", "nodad", ...dev);
    for (const [ip, form] of FORMS) {
      const entry = ["lladdr", "02:00:00:00:00:aa", "nud", "reachable"];
      namespace.ip("neigh", "replace", ip, ...dev, ...entry);
      const { family, value } = parseIp(ip);
      const wide = family === "IPv4" ? value | 0xffffn << 32n : value;
      const word = (_: number, index: number): number =>
        Number(BigInt.asIntN(32, wide >> BigInt(96 - 32 * index)));
      const frames = new AnnouncementFrames(PEER_MAC).all({ word }, 1);
      segment.send(frames[form] ?? new Uint8Array());
      await until(
        () => namespace.ip("neigh", "show", ip).includes(formatMac(PEER_MAC)),
        `${ip} has moved by form ${form}`,
        // For a second after a change the kernel heeds gratuitous frames only.
        800,
      );
    }
  });

  test("PacketWorker announces anew when asked to", async () => {
    await using segment = new Segment();
    const worker = await segment.start();
    await segment.announce("192.0.2.1");
    assertEquals((await segment.find(announcementOf))?.ip, "192.0.2.1");
    const own = segment.own();
    const address = {
      ip: { family: "IPv4", value: 0xc0000201n },
      interfaces: "all",
    } as const;
    await segment.find(announcementOf);
    worker.publish({
      interfaces: [own],
      addresses: [{ ...address, epoch: 1 }],
    });
    assertEquals((await segment.find(announcementOf, 500))?.ip, "192.0.2.1");
    await segment.find(announcementOf, 500);
    worker.publish({
      interfaces: [{ ...own, epoch: 1 }],
      addresses: [{ ...address, epoch: 1 }],
    });
    assertEquals((await segment.find(announcementOf, 500))?.ip, "192.0.2.1");
  });
});

function announcementOf(
  frame: Parameters<typeof advertisementOf>[0],
): Announced | undefined {
  const arp = arpOf(frame);
  if (arp !== undefined && isArpAnnouncement(arp)) {
    return { ip: formatIp(arp.senderIp), at: frame.at, form: arp.operation };
  }
  const found = advertisementOf(frame);
  if (found === undefined || found.message.solicited) return undefined;
  return { ip: formatIp(found.message.target), at: frame.at, form: 136 };
}

function assertTimes(seen: readonly Announced[], start: number): void {
  assertEquals(seen.length, 5);
  assertLess((seen[0]?.at ?? Infinity) - start, 300);
  for (const [i, { at }] of seen.entries()) {
    const before = seen[i - 1]?.at;
    if (before === undefined) continue;
    // The first frame may wait for the test; a repetition cannot be early.
    assertGreaterOrEqual(at - before, ANNOUNCEMENT_INTERVAL - 200);
    assertLess(at - before, ANNOUNCEMENT_INTERVAL + 300);
  }
}
