import { assertEquals } from "@std/assert";
import { dumpAddresses, dumpLinks } from "../../ffi/mod.ts";
import type { InterfaceChange } from "../../mod/layer2/mod.ts";
import { isArpAnnouncement, parseIp, parseMac } from "../../mod/net/mod.ts";
import { SYSTEM_CLOCK } from "../../mod/time/mod.ts";
import { InterfaceScanner } from "../../speaker/interfaces.ts";
import type { PacketWorker } from "../../speaker/packet/mod.ts";
import { arpFrame, OWN_MAC } from "../frames.ts";
import { privilegedTests } from "../privileges.ts";
import {
  arpOf,
  arpReplyOf,
  everywhere,
  OWN_INTERFACE,
  PEER_INTERFACE,
  Segment,
  until,
} from "./segment.ts";

const IPV4 = parseIp("192.0.2.1");

/**
 * Publishes one address on every interface that a scanner finds, except the
 * test's. Without the kernel's notices it scans less often than the test waits.
 */
class Following implements Disposable {
  readonly changes: InterfaceChange[] = [];
  readonly #scanner: InterfaceScanner;

  constructor(segment: Segment, worker: PacketWorker) {
    const { library } = segment;
    const scanner = new InterfaceScanner({
      clock: SYSTEM_CLOCK,
      dumpLinks: () => dumpLinks(library),
      dumpAddresses: () => dumpAddresses(library),
      exclude: [/^lo$/, new RegExp(`^${PEER_INTERFACE}$`)],
      onSurvey: ({ desired, changes }) => {
        this.changes.push(...changes);
        worker.publish({ interfaces: desired, addresses: [everywhere(IPV4)] });
      },
      onError: (error) => {
        throw error;
      },
    });
    worker.onLinks = () => scanner.noticed();
    this.#scanner = scanner;
  }

  [Symbol.dispose](): void {
    this.#scanner.close();
  }
}

async function announced(segment: Segment): Promise<string | undefined> {
  const mac = await segment.find((frame) => {
    const arp = arpOf(frame);
    return arp !== undefined && isArpAnnouncement(arp)
      ? arp.senderHardwareAddress
      : undefined;
  });
  return mac?.join(".");
}

async function assertAnswers(segment: Segment): Promise<void> {
  segment.send(arpFrame(IPV4));
  const reply = await segment.find(arpReplyOf);
  assertEquals(reply?.senderIp, IPV4);
}

privilegedTests(import.meta.url, (test) => {
  test("PacketWorker follows an interface that vanishes and returns", async () => {
    await using segment = new Segment();
    const worker = await segment.start();
    using following = new Following(segment, worker);
    await announced(segment);
    await assertAnswers(segment);
    segment.namespace.ip("link", "del", OWN_INTERFACE);
    await until(
      () => following.changes.some(({ kind }) => kind === "disappeared"),
      "the interface is gone",
    );
    await until(
      () =>
        segment.events.some(({ kind }) =>
          kind === "interfaceGone" || kind === "interfaceClosed"
        ),
      "the worker closes it",
    );
    assertEquals(worker.state, "running");
    segment.namespace.wire(OWN_INTERFACE, PEER_INTERFACE);
    segment.reopenPeer();
    assertEquals(await announced(segment), OWN_MAC.join("."));
    await assertAnswers(segment);
  });

  test("PacketWorker follows an interface that goes down and up", async () => {
    await using segment = new Segment();
    const worker = await segment.start();
    using following = new Following(segment, worker);
    await announced(segment);
    segment.namespace.ip("link", "set", OWN_INTERFACE, "down");
    await until(
      () => following.changes.some(({ kind }) => kind === "disappeared"),
      "the interface is down",
    );
    segment.namespace.ip("link", "set", OWN_INTERFACE, "up");
    // The peer's handle saw the carrier go and come back.
    segment.reopenPeer();
    assertEquals(await announced(segment), OWN_MAC.join("."));
    await assertAnswers(segment);
  });

  test("PacketWorker reports an interface that fails under it, and tries again", async () => {
    await using segment = new Segment();
    const worker = await segment.start();
    await segment.announce("192.0.2.1");
    segment.namespace.ip("link", "set", OWN_INTERFACE, "down");
    await until(
      () => segment.events.some(({ kind }) => kind === "interfaceGone"),
      "the handle fails",
    );
    segment.namespace.ip("link", "set", OWN_INTERFACE, "up");
    segment.reopenPeer();
    // Nobody published anything: it is still wanted.
    assertEquals(await announced(segment), OWN_MAC.join("."));
    await assertAnswers(segment);
    assertEquals(worker.state, "running");
  });

  test("PacketWorker announces a changed MAC address", async () => {
    await using segment = new Segment();
    const worker = await segment.start();
    using _following = new Following(segment, worker);
    assertEquals(await announced(segment), OWN_MAC.join("."));
    const mac = parseMac("02:00:00:00:00:77");
    const address = "02:00:00:00:00:77";
    segment.namespace.ip("link", "set", OWN_INTERFACE, "address", address);
    const told = await segment.find((frame) => {
      const arp = arpOf(frame);
      return arp?.senderHardwareAddress.join() === mac.join() ? arp : undefined;
    });
    assertEquals(told !== undefined && isArpAnnouncement(told), true);
    segment.send(arpFrame(IPV4));
    const reply = await segment.find(arpReplyOf);
    assertEquals(reply?.senderHardwareAddress, mac);
  });
});
