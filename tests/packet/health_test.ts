import { assertEquals } from "@std/assert";
import { parseIp } from "../../mod/net/mod.ts";
import { arpFrame } from "../frames.ts";
import { privilegedTests } from "../privileges.ts";
import { arpReplyOf, everywhere, PATIENCE, Segment, until } from "./segment.ts";

/** The loop shows life at least this often, in ms. */
const LIFE = 200;

privilegedTests(import.meta.url, (test) => {
  test("PacketWorker shows that it lives, also when nothing happens", async () => {
    await using segment = new Segment();
    const worker = await segment.start();
    const before = worker.rounds();
    await until(() => worker.rounds() >= before + 5, "five idle rounds");
    await until(() => worker.health().silentFor <= LIFE, "a fresh round");
    const { state, lostEvents } = worker.health();
    assertEquals([state, lostEvents], ["running", 0]);
    await worker.stop();
    assertEquals(worker.state, "stopped");
    await worker.stop();
  });

  test("PacketWorker answers while the main thread is busy", async () => {
    await using segment = new Segment();
    const worker = await segment.start();
    await segment.announce("192.0.2.1");
    const before = worker.rounds();
    segment.send(arpFrame(parseIp("192.0.2.1")));
    const responses = (): number =>
      worker.addressCounters(parseIp("192.0.2.1"))?.responsesSent ?? 0;
    const end = performance.now() + PATIENCE;
    const hasAnswered = (): boolean =>
      responses() > 0 && worker.rounds() > before;
    // Nothing else gets a turn on this thread meanwhile.
    while (!hasAnswered() && performance.now() < end);
    assertEquals([responses(), worker.rounds() > before], [1, true]);
    assertEquals((await segment.find(arpReplyOf))?.operation, 2);
  });

  test("PacketWorker copies the statistics of its interfaces", async () => {
    await using segment = new Segment();
    const worker = await segment.start();
    await segment.announce("192.0.2.1");
    for (let i = 0; i < 20; i++) segment.send(arpFrame(parseIp("192.0.2.9")));
    await until(
      () => worker.counters().captures[0]?.received === 20,
      "twenty frames are counted",
    );
    const [capture] = worker.counters().captures;
    assertEquals([capture?.droppedByKernel, capture?.droppedByInterface], [
      0,
      0,
    ]);
  });

  test("PacketWorker keeps the newest of many published states", async () => {
    await using segment = new Segment();
    const worker = await segment.start();
    let last = 0;
    for (let i = 1; i <= 200; i++) {
      const ip = parseIp(`192.0.2.${i}`);
      last = worker.publish({
        interfaces: [segment.own()],
        addresses: [everywhere(ip)],
      }).generation;
    }
    await worker.whenApplied(last);
    await until(() => worker.applied === last, "the last is in force");
    segment.send(arpFrame(parseIp("192.0.2.199")));
    segment.send(arpFrame(parseIp("192.0.2.200")));
    const reply = await segment.find(arpReplyOf);
    assertEquals(reply?.senderIp, parseIp("192.0.2.200"));
  });

  test("PacketWorker refuses addresses beyond its capacity and serves the rest", async () => {
    await using segment = new Segment();
    const worker = await segment.start({ addressCapacity: 4 });
    const addresses = [1, 2, 3, 4, 5].map((n) =>
      everywhere(parseIp(`192.0.2.${n}`))
    );
    const { generation, refusedAddresses } = worker.publish({
      interfaces: [segment.own()],
      addresses,
    });
    assertEquals(refusedAddresses, [parseIp("192.0.2.5")]);
    await worker.whenApplied(generation);
    segment.send(arpFrame(parseIp("192.0.2.5")));
    segment.send(arpFrame(parseIp("192.0.2.4")));
    const reply = await segment.find(arpReplyOf);
    assertEquals(reply?.senderIp, parseIp("192.0.2.4"));
  });
});
