import { assertEquals } from "@std/assert";
import { frameCell } from "../../mod/layer2/mod.ts";
import { parseIp } from "../../mod/net/mod.ts";
import { arpFrame } from "../frames.ts";
import { privilegedTests } from "../privileges.ts";
import { Rounds } from "./rounds.ts";
import {
  everywhere,
  OWN_INTERFACE,
  PEER_INTERFACE,
  Segment,
} from "./segment.ts";

const IPV4 = parseIp("192.0.2.1");
const ADDRESSES = [everywhere(IPV4), everywhere(parseIp("2001:db8::1"))];
/** No interface has this name. */
const ABSENT = { index: 4000, name: "absent0" };

privilegedTests(import.meta.url, (test) => {
  test("Ports that are lost and opened again announce and join anew", async () => {
    await using segment = new Segment();
    using rounds = new Rounds(segment.library);
    const interfaces = [segment.own(), segment.own(ABSENT)];
    assertEquals(rounds.publish({ interfaces, addresses: ADDRESSES }, 1000), [
      `interfaceOpened ${OWN_INTERFACE}`,
      `interfaceFailed ${ABSENT.name}`,
    ]);
    for (let at = 1100; at < 8000; at += 1100) rounds.run(at);
    assertEquals([rounds.joiner.joined, rounds.announcer.size], [1, 0]);
    segment.namespace.ip("link", "set", OWN_INTERFACE, "down");
    segment.namespace.ip("link", "set", OWN_INTERFACE, "up");
    // The absent interface is long due to be tried when the loss is found.
    assertEquals(rounds.run(20_000), [`interfaceGone ${OWN_INTERFACE}`]);
    assertEquals([rounds.joiner.joined, rounds.announcer.size], [0, 0]);
    assertEquals(rounds.run(20_200), [`interfaceOpened ${OWN_INTERFACE}`]);
    assertEquals([rounds.joiner.joined, rounds.announcer.size], [1, 2]);
  });

  test("Ports take a frame a round, and a backlog at once", async () => {
    await using segment = new Segment();
    using rounds = new Rounds(segment.library);
    const interfaces = [segment.own()];
    rounds.publish({ interfaces, addresses: ADDRESSES }, 1000);
    const answers = (sent: number): number => {
      const before = rounds.memory.frames[frameCell(0, 0)] ?? 0;
      for (let i = 0; i < sent; i++) segment.send(arpFrame(IPV4));
      rounds.run(1001);
      return (rounds.memory.frames[frameCell(0, 0)] ?? 0) - before;
    };
    // More than one frame waits, but it takes a few rounds to find that.
    const single = [20, 0, 0, 0, 0, 0, 0, 0].map(answers);
    assertEquals(single, Array(8).fill(1));
    assertEquals([0, 3, 5].map(answers), [12, 3, 5]);
    assertEquals([1, 2, 0].map(answers), [1, 1, 1]);
  });

  test("Ports refuse an interface that took another one's name", async () => {
    await using segment = new Segment();
    using rounds = new Rounds(segment.library);
    const { index } = segment.own();
    const interfaces = [segment.own({ name: PEER_INTERFACE })];
    assertEquals(rounds.publish({ interfaces, addresses: ADDRESSES }, 1000), [
      `interfaceFailed ${PEER_INTERFACE}`,
    ]);
    assertEquals(
      rounds.publish({
        interfaces: [segment.own({ index })],
        addresses: ADDRESSES,
      }, 1001),
      [`interfaceOpened ${OWN_INTERFACE}`],
    );
  });

  test("Ports do not count for an interface what another one counted", async () => {
    await using segment = new Segment();
    using rounds = new Rounds(segment.library);
    const answered = () => rounds.memory.frames[frameCell(0, 0)];
    rounds.publish({ interfaces: [segment.own()], addresses: ADDRESSES }, 1000);
    segment.send(arpFrame(IPV4));
    rounds.run(1001);
    assertEquals(answered(), 1);
    const renamed = [segment.own({ name: "lan1" })];
    rounds.publish({ interfaces: renamed, addresses: ADDRESSES }, 1002);
    assertEquals(answered(), 1);
    const other = [segment.own(ABSENT)];
    rounds.publish({ interfaces: other, addresses: ADDRESSES }, 1003);
    assertEquals(rounds.publisher.slotOf(ABSENT.index), 0);
    assertEquals(answered(), 0);
  });
});
