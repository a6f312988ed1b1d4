import { assert, assertEquals } from "@std/assert";
import { DatagramSocket } from "../../ffi/mod.ts";
import { membershipKeys } from "../../mod/crypto/mod.ts";
import { internetChecksum } from "../../mod/net/mod.ts";
import { privilegedTests } from "../privileges.ts";
import { HeartbeatPair, KEYS, PORT } from "./heartbeat_pair.ts";

const OTHER_KEYS = membershipKeys(new Uint8Array(8).fill(1));
const FAMILIES = [["IPv6"], ["IPv4"], ["IPv4", "IPv6"]] as const;
/** Where frames have the IP version, and the hop limit or the time to live. */
const ETHER_TYPE_AT = 12;
const HOP_LIMIT_AT = 21;

privilegedTests(import.meta.url, (test) => {
  for (const families of FAMILIES) {
    test(`Heartbeats go both ways over ${families.join(" or ")}`, () => {
      using pair = new HeartbeatPair();
      const { near, far } = pair;
      near.publish({ other: families });
      far.publish({ other: families });
      using capture = pair.capture("far");
      assert(near.send({ newestAge: 7 }));
      far.until(() => far.received.length > 0, "a beat");
      const [beat] = far.received;
      assertEquals(beat?.node, near.id);
      assertEquals([beat?.sequence, beat?.newestAge], [1, 7]);
      assertEquals(beat?.link, near.link);
      assert(far.send());
      near.until(() => near.received.length > 0, "an answer");
      assertEquals([near.counters, far.counters], [
        { received: 1, sent: 1 },
        { received: 1, sent: 1 },
      ]);
      const frame = new Uint8Array(2048);
      assert(capture.next(frame) > 0);
      const isIpv6 = frame[ETHER_TYPE_AT] === 0x86;
      assertEquals(isIpv6, families.some((family) => family === "IPv6"));
    });
  }

  test("Heartbeats answer who is in no table", () => {
    using pair = new HeartbeatPair();
    const { near, far } = pair;
    near.publish();
    far.publish({ other: [] });
    assertEquals(far.send(), false);
    assertEquals(far.counters, { noAddress: 1 });
    near.send();
    far.until(() => far.received.length > 0, "a beat");
    assert(far.send());
    near.until(() => near.received.length > 0, "an answer");
  });

  test("Heartbeats fall back to IPv4 where IPv6 is swallowed", () => {
    using pair = new HeartbeatPair();
    const { near, far } = pair;
    near.publish();
    far.publish({ own: ["IPv4"] });
    for (let i = 0; i < 2; i++) near.send();
    far.until(() => far.received.length > 0, "a beat over IPv4");
    assert(far.send());
    near.until(() => near.received.length > 0, "an answer over IPv4");
    for (let i = 0; i < 3; i++) near.send();
    far.until(() => far.received.length === 4, "all beats over IPv4");
  });

  test("Heartbeats refuse a recorded beat", () => {
    using pair = new HeartbeatPair();
    const { near, far } = pair;
    near.publish({ other: ["IPv6"] });
    far.publish();
    using there = pair.capture("far");
    using here = pair.capture("near");
    near.send();
    far.until(() => far.received.length === 1, "a beat");
    const frame = new Uint8Array(2048);
    const length = there.next(frame);
    assert(length > 0);
    finishChecksum(frame);
    assert(here.send(frame, length));
    far.until(() => far.counters.replayed === 1, "a replayed beat");
    // An ended incarnation.
    near.send({ incarnation: 6, sequence: 1 });
    near.send({ incarnation: 5, sequence: 99 });
    far.until(() => far.counters.oldIncarnation === 1, "an old incarnation");
    assertEquals(far.received.length, 2);
  });

  for (const families of [["IPv6"], ["IPv4"]] as const) {
    test(`Heartbeats refuse what a router passed on, ${families[0]}`, () => {
      using pair = new HeartbeatPair();
      const { near, far } = pair;
      near.publish({ other: families });
      far.publish();
      using there = pair.capture("far");
      using here = pair.capture("near");
      near.send();
      far.until(() => far.received.length === 1, "a beat");
      const frame = new Uint8Array(2048);
      const length = there.next(frame);
      assert(length > 0);
      finishChecksum(frame);
      if (families[0] === "IPv6") frame[HOP_LIMIT_AT] = 254;
      else forwardIpv4(frame);
      assert(here.send(frame, length));
      far.until(() => far.counters.hopLimit === 1, "a forwarded beat");
      assertEquals(far.received.length, 1);
    });
  }

  test("Heartbeats refuse another key, until it is theirs too", () => {
    using pair = new HeartbeatPair();
    const { near, far } = pair;
    near.publish({ keys: [OTHER_KEYS] });
    far.publish();
    near.send();
    far.until(() => far.counters.badSeal === 1, "a bad seal");
    far.publish({ keys: [KEYS, OTHER_KEYS] });
    near.send();
    far.until(() => far.received.length === 1, "a beat");
  });

  test("Heartbeats refuse what is none", () => {
    using pair = new HeartbeatPair();
    const { near, far } = pair;
    near.publish();
    far.publish();
    using socket = pair.in("near", () =>
      DatagramSocket.open(pair.library, {
        family: "IPv4",
        interfaceName: "near0",
        interfaceIndex: near.link,
        port: PORT + 1,
      }));
    near.send();
    far.until(() => far.received.length === 1, "a beat");
    const { source } = socket;
    source.bytes.set([2, 0, PORT >> 8, PORT & 0xff, 192, 0, 2, 11]);
    for (const length of [0, 1, 59, 1400, 3000]) {
      assert(socket.send(new Uint8Array(4096), length, source));
    }
    far.until(() => far.counters.notABeat === 5, "five of them");
  });

  test("Heartbeats end with the interface and begin with it anew", () => {
    using pair = new HeartbeatPair();
    const { near, far } = pair;
    near.publish();
    far.publish();
    assertEquals(far.rounds.heartbeats.size, 2);
    pair.namespace.ip("link", "delete", "far0");
    assertEquals(far.run(), ["interfaceGone far0"]);
    assertEquals(far.rounds.heartbeats.size, 0);
    assertEquals(far.send(), false);
    assertEquals(near.run(), ["interfaceGone near0"]);
    pair.wire();
    near.publish();
    far.publish();
    assertEquals(far.rounds.heartbeats.size, 2);
    near.send();
    far.until(() => far.received.length === 1, "a beat");
  });

  test("Heartbeats end with the membership", () => {
    using pair = new HeartbeatPair();
    const { far } = pair;
    far.publish();
    assertEquals(far.rounds.heartbeats.size, 2);
    far.publish({ isAlone: true });
    assertEquals(far.rounds.heartbeats.size, 0);
    far.publish({ keys: [] });
    assertEquals(far.rounds.heartbeats.size, 0);
  });

  test("Heartbeats follow the addresses of their interface", () => {
    using pair = new HeartbeatPair();
    const { far } = pair;
    for (
      const [own, size] of [[["IPv4"], 1], [[], 0], [["IPv6"], 1]] as const
    ) {
      far.publish({ own });
      assertEquals(far.rounds.heartbeats.size, size);
    }
  });

  test("Heartbeats wait for a port that another process has", () => {
    using pair = new HeartbeatPair();
    const { far } = pair;
    const other = DatagramSocket.open(pair.library, {
      family: "IPv4",
      interfaceName: "far0",
      interfaceIndex: far.link,
      port: PORT,
    });
    assertEquals(far.publish(), [
      "interfaceOpened far0",
      "heartbeatsFailed far0",
    ]);
    assertEquals(far.rounds.heartbeats.size, 1);
    assertEquals(far.run(250), []);
    other.close();
    assertEquals(far.run(5000), ["late"], "no round for five seconds");
    assertEquals(far.rounds.heartbeats.size, 2);
  });

  test("Heartbeats take one of those that wait, and in the next round the others", () => {
    using pair = new HeartbeatPair();
    const { near, far } = pair;
    near.publish({ other: ["IPv6"] });
    far.publish();
    // Of the first beat something follows, and before that all are read.
    near.send();
    far.run();
    far.run();
    for (let i = 0; i < 10; i++) near.send();
    const received: number[] = [];
    for (let round = 0; round < 3; round++) {
      far.run();
      received.push(far.received.length);
    }
    assertEquals(received, [2, 11, 11]);
  });

  test("Heartbeats say when more is waiting than is taken at once", () => {
    using pair = new HeartbeatPair();
    const { near, far } = pair;
    near.publish({ other: ["IPv6"] });
    far.publish();
    for (let i = 0; i < 70; i++) near.send();
    const { heartbeats } = far.rounds;
    assertEquals([heartbeats.catchUp(), far.received.length], [true, 64]);
    assertEquals([heartbeats.catchUp(), far.received.length], [false, 70]);
  });
});

/** Makes the UDP checksum right: on a veth pair it is left to nobody. */
function finishChecksum(frame: Uint8Array): void {
  const isIpv6 = frame[ETHER_TYPE_AT] === 0x86;
  const udp = isIpv6 ? 54 : 34;
  const addresses = isIpv6 ? frame.subarray(22, 54) : frame.subarray(26, 34);
  const length = (frame[udp + 4] ?? 0) << 8 | (frame[udp + 5] ?? 0);
  frame.set([0, 0], udp + 6);
  const sum = internetChecksum(
    addresses,
    Uint8Array.of(0, 17, length >> 8, length & 0xff),
    frame.subarray(udp, udp + length),
  );
  frame.set([sum >> 8, sum & 0xff], udp + 6);
}

/** Takes one from the time to live, and makes the header's checksum right (RFC 1624). */
function forwardIpv4(frame: Uint8Array): void {
  const ttl = 22;
  const checksum = 24;
  frame[ttl] = (frame[ttl] ?? 0) - 1;
  const sum = ((frame[checksum] ?? 0) << 8 | (frame[checksum + 1] ?? 0)) +
    0x100;
  const folded = (sum & 0xffff) + (sum >> 16);
  frame.set([folded >> 8, folded & 0xff], checksum);
}
