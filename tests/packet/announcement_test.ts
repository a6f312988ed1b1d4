import { assertEquals } from "@std/assert";
import {
  ADDRESS_COUNTER,
  addressCell,
  ANNOUNCEMENT_INTERVAL,
  ANNOUNCEMENT_WINDOW,
  AnnouncementFrames,
  type DesiredState,
} from "../../mod/layer2/mod.ts";
import {
  formatIp,
  formatMac,
  isArpAnnouncement,
  parseIp,
} from "../../mod/net/mod.ts";
import { PEER_MAC } from "../frames.ts";
import { privilegedTests } from "../privileges.ts";
import { Rounds } from "./rounds.ts";
import {
  advertisementOf,
  arpOf,
  everywhere,
  OWN_INTERFACE,
  Segment,
  until,
} from "./segment.ts";

const IPV4 = parseIp("192.0.2.1");
const IPV6 = parseIp("2001:db8::1");

/** Addresses, and which of their frames announces them. */
const FORMS = [
  ["192.0.2.1", 0],
  ["192.0.2.2", 1],
  ["2001:db8::1", 0],
] as const;

/** Time between two rounds of the loop, in ms. */
const STEP = 10;

/** Announcements of both addresses, in rounds at times of the test's choice. */
class Announcing extends Rounds {
  readonly #segment: Segment;

  constructor(segment: Segment) {
    super(segment.library);
    this.#segment = segment;
  }

  /** Publishes both addresses; epochs are of the addresses, and of the interface. */
  announce(now: number, epoch = 0, ownEpoch = 0): void {
    const desired: DesiredState = {
      interfaces: [this.#segment.own({ epoch: ownEpoch })],
      addresses: [everywhere(IPV4, epoch), everywhere(IPV6, epoch)],
    };
    this.publish(desired, now);
  }

  /** Frames sent so far for each address, unasked. */
  get sent(): readonly number[] {
    return [IPV4, IPV6].map((ip) => {
      const cell = addressCell(this.publisher.idOf(ip) ?? 0) +
        ADDRESS_COUNTER.gratuitousSent;
      return this.memory.addresses[cell] ?? 0;
    });
  }
}

privilegedTests(import.meta.url, (test) => {
  test("addresses are announced at once and then every 1.1 s for 5 s", async () => {
    await using segment = new Segment();
    using loop = new Announcing(segment);
    const start = 1000;
    loop.announce(start);
    const times: number[] = [];
    let before = [0, 0];
    const end = start + 2 * ANNOUNCEMENT_WINDOW;
    for (let now = start; now < end; now += STEP) {
      // The same state again must not begin another burst.
      if (now === start + 2 * ANNOUNCEMENT_INTERVAL + STEP) loop.announce(now);
      else loop.run(now);
      const sent = [...loop.sent];
      if (sent.join() === before.join()) continue;
      times.push(now - start);
      assertEquals(sent.map((all, i) => all - (before[i] ?? 0)), [2, 1]);
      before = sent;
    }
    const intervals = [0, 1, 2, 3, 4];
    assertEquals(times, intervals.map((i) => i * ANNOUNCEMENT_INTERVAL));
    const round = [
      ["192.0.2.1", 1],
      ["192.0.2.1", 2],
      ["2001:db8::1", 136],
    ];
    const seen: unknown[] = [];
    for (let i = 0; i < 3 * times.length; i++) {
      seen.push(await segment.find(announcementOf));
    }
    assertEquals(seen, times.flatMap(() => round));
    // All that was sent had arrived when the last round ended.
    assertEquals(await segment.find(announcementOf, 0), undefined);
  });

  test("PacketWorker goes on announcing by itself", async () => {
    await using segment = new Segment();
    await segment.start();
    await segment.announce("192.0.2.1");
    for (const form of [1, 2, 1, 2]) {
      const announced = await segment.find(announcementOf);
      assertEquals(announced, ["192.0.2.1", form]);
    }
  });

  test("the kernel heeds every form of announcement at once", async () => {
    await using segment = new Segment();
    const { namespace } = segment;
    const dev = ["dev", OWN_INTERFACE];
    namespace.ip("addr", "add", "192.0.2.50/24", ...dev);
    namespace.ip("addr", "add", "2001:db8::50/64", "nodad", ...dev);
    for (const [ip, form] of FORMS) {
      const entry = ["lladdr", "02:00:00:00:00:aa", "nud", "reachable"];
      const { family, value } = parseIp(ip);
      const wide = family === "IPv4" ? value | 0xffffn << 32n : value;
      const word = (_: number, index: number): number =>
        Number(BigInt.asIntN(32, wide >> BigInt(96 - 32 * index)));
      const frames = new AnnouncementFrames(PEER_MAC).all({ word }, 1);
      // For a second after a change the kernel heeds gratuitous frames only.
      namespace.ip("neigh", "replace", ip, ...dev, ...entry);
      segment.send(frames[form] ?? new Uint8Array());
      await until(
        () => namespace.ip("neigh", "show", ip).includes(formatMac(PEER_MAC)),
        `${ip} has moved by form ${form}`,
      );
    }
  });

  test("addresses are announced anew when asked to", async () => {
    await using segment = new Segment();
    using loop = new Announcing(segment);
    loop.announce(1000);
    assertEquals(loop.sent, [2, 1]);
    loop.run(1001);
    assertEquals(loop.sent, [2, 1]);
    loop.announce(1002, 1);
    assertEquals(loop.sent, [4, 2]);
    loop.announce(1003, 1, 1);
    assertEquals(loop.sent, [6, 3]);
    loop.announce(1004, 1, 1);
    assertEquals(loop.sent, [6, 3]);
  });
});

/** The address that a frame announces, and its ARP operation or ICMPv6 type. */
function announcementOf(
  frame: Parameters<typeof advertisementOf>[0],
): readonly [ip: string, form: number] | undefined {
  const arp = arpOf(frame);
  if (arp !== undefined && isArpAnnouncement(arp)) {
    return [formatIp(arp.senderIp), arp.operation];
  }
  const found = advertisementOf(frame);
  if (found === undefined || found.message.solicited) return undefined;
  return [formatIp(found.message.target), 136];
}
