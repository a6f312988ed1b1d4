import { assertEquals } from "@std/assert";
import {
  ALL_NODES,
  arpReply,
  decodeArp,
  decodeEthernet,
  type Mac,
  multicastMac,
  parseIp,
} from "../../mod/net/mod.ts";
import {
  arpFrame,
  OWN_MAC,
  PEER_IPV6,
  PEER_MAC,
  solicitationFrame,
  type SolicitationParts,
  tagged,
} from "../frames.ts";
import { privilegedTests } from "../privileges.ts";
import { advertisementOf, arpReplyOf, Segment, until } from "./segment.ts";

const IPV4 = parseIp("192.0.2.1");
const IPV6 = parseIp("2001:db8::1");

privilegedTests(import.meta.url, (test) => {
  test("PacketWorker answers ARP requests on the wire", async () => {
    await using segment = new Segment();
    const worker = await segment.start();
    await segment.announce("192.0.2.1");
    const requests = [
      arpFrame(IPV4),
      arpFrame(IPV4, { destination: OWN_MAC }),
      arpFrame(IPV4, { senderIp: parseIp("0.0.0.0") }),
      // A tag that only gives a priority (IEEE 802.1Q §6.9) is none.
      tagged(arpFrame(IPV4), 0),
    ];
    for (const request of requests) {
      segment.send(request);
      const reply = await segment.find(arpReplyOf);
      const asked = decodeArp(decodeEthernet(request).payload);
      assertEquals(reply, arpReply(asked, OWN_MAC));
    }
    await until(
      () => worker.addressCounters(IPV4)?.responsesSent === 4,
      "the replies are counted, each after it was sent",
    );
    assertEquals(worker.addressCounters(IPV4)?.requestsReceived, 4);
    const [arp] = worker.counters().frames;
    assertEquals([arp?.name, arp?.protocol, arp?.answered], ["lan0", "arp", 4]);
  });

  test("PacketWorker stops answering for what is withdrawn", async () => {
    await using segment = new Segment();
    const worker = await segment.start();
    await segment.announce("192.0.2.1", "192.0.2.2");
    await segment.announce("192.0.2.2");
    segment.send(arpFrame(IPV4));
    segment.send(arpFrame(parseIp("192.0.2.2")));
    const reply = await segment.find(arpReplyOf);
    assertEquals(reply?.senderIp, parseIp("192.0.2.2"));
    const arp = () => worker.counters().frames[0];
    await until(() => arp()?.answered === 1, "the reply is counted");
    assertEquals(arp()?.dropped.notOwned, 1);
  });

  test("PacketWorker answers solicitations on the wire", async () => {
    await using segment = new Segment();
    const worker = await segment.start();
    await segment.announce("2001:db8::1");
    const asks: readonly SolicitationParts[] = [
      {},
      { options: [] },
      { destination: IPV6, destinationMac: OWN_MAC },
      { destination: IPV6, destinationMac: OWN_MAC, options: [] },
    ];
    for (const ask of asks) {
      segment.send(solicitationFrame(IPV6, ask));
      const answer = await segment.find((frame) => {
        const found = advertisementOf(frame);
        return found?.message.solicited ? found : undefined;
      });
      assertEquals(answer?.frame.destination, PEER_MAC);
      assertEquals(answer?.packet.destination, PEER_IPV6);
      assertEquals(answer?.message, advertisement(true, OWN_MAC));
    }
    await until(
      () => worker.addressCounters(IPV6)?.responsesSent === asks.length,
      "the answers are counted",
    );
  });

  test("PacketWorker defends its address against duplicates", async () => {
    await using segment = new Segment();
    const worker = await segment.start();
    await segment.announce("2001:db8::1");
    const unsolicited = await segment.find(advertisementOf);
    assertEquals(unsolicited?.message, advertisement(false, OWN_MAC));
    const probe = { source: parseIp("::"), options: [] };
    segment.send(solicitationFrame(IPV6, probe));
    const responses = () => worker.addressCounters(IPV6)?.responsesSent;
    await until(() => responses() === 1, "the probe is answered");
    const answer = await segment.find(advertisementOf);
    assertEquals(answer?.frame.destination, multicastMac(ALL_NODES));
    assertEquals(answer?.packet.destination, ALL_NODES);
    assertEquals(answer?.packet.source, IPV6);
    assertEquals(answer?.message, advertisement(false, OWN_MAC));
  });
});

function advertisement(solicited: boolean, mac: Mac): unknown {
  return {
    kind: "neighborAdvertisement",
    router: false,
    solicited,
    override: true,
    target: IPV6,
    options: [{ kind: "targetLinkLayerAddress", mac }],
  };
}
