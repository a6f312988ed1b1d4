import { assertEquals } from "@std/assert";
import {
  AnnouncementFrames,
  claimWord,
  type DesiredState,
} from "../../mod/layer2/mod.ts";
import {
  type EthernetFrame,
  formatIp,
  formatMac,
  type Ip,
  ipToBytes,
  parseIp,
} from "../../mod/net/mod.ts";
import {
  claimedArp,
  claimedNdp,
  FOREIGN_MAC,
  KEYS,
  ObservingNode,
  OTHER,
  OTHER_HASH,
  OTHER_MAC,
  OWN_HASH,
  SELF,
  VIP4,
  VIP6,
} from "../arbitration.ts";
import {
  advertisementFrame,
  arpFrame,
  OWN_MAC,
  PEER_MAC,
  solicitationFrame,
} from "../frames.ts";
import { privilegedTests } from "../privileges.ts";
import { Rounds } from "./rounds.ts";
import {
  advertisementOf,
  arpOf,
  arpReplyOf,
  OWN_INTERFACE,
  PATIENCE,
  Segment,
  until,
} from "./segment.ts";

const GROUP = 77;
/** A question of who claims nothing. */
const NOTHING = { word: 0, hash: 0 };
const { arbitration } = new ObservingNode().member;

/** A state in which another member and this node are candidates for a group. */
function stateOf(segment: Segment): DesiredState {
  const linkLocal = parseIp("fe80::a");
  return {
    interfaces: [segment.own({ linkLocal })],
    addresses: [VIP4, VIP6].map((ip) => ({
      ip,
      interfaces: "all",
      epoch: 0,
      group: GROUP,
    })),
    membership: {
      self: SELF,
      ownMacs: [OWN_MAC],
      keys: [KEYS],
      port: 7473,
      peers: [{
        node: OTHER,
        isAlive: true,
        hasLeft: false,
        speaksClaims: true,
        stations: [{ mac: OTHER_MAC, interfaces: "all" }],
      }],
      groups: [{
        id: GROUP,
        hash: OWN_HASH,
        isNew: false,
        failbackDelay: Infinity,
        candidates: [{ node: OTHER, hash: OTHER_HASH }, {
          node: SELF,
          hash: OWN_HASH,
        }],
      }],
    },
  };
}

/** A frame with an ARP reply. */
function fromUs(frame: EthernetFrame): EthernetFrame | undefined {
  return arpOf(frame)?.operation === 2 ? frame : undefined;
}

privilegedTests(import.meta.url, (test) => {
  test("the kernel heeds announcements with claims as those without", async () => {
    await using segment = new Segment();
    const { namespace } = segment;
    const dev = ["dev", OWN_INTERFACE];
    namespace.ip("addr", "add", "192.0.2.50/24", ...dev);
    namespace.ip("addr", "add", "2001:db8::50/64", "nodad", ...dev);
    const frames = new AnnouncementFrames(PEER_MAC, arbitration);
    frames.claim.set(claimWord(3, true), OTHER_HASH);
    for (
      const [text, form] of [["192.0.2.1", 0], ["192.0.2.2", 1], [
        "2001:db8::1",
        0,
      ]] as const
    ) {
      const entry = ["lladdr", "02:00:00:00:00:aa", "nud", "reachable"];
      namespace.ip("neigh", "replace", text, ...dev, ...entry);
      const bytes = ipToBytes(parseIp(text));
      const wide = bytes.length === 4
        ? Uint8Array.of(...new Uint8Array(10), 0xff, 0xff, ...bytes)
        : bytes;
      const view = new DataView(Uint8Array.from(wide).buffer);
      const word = (_: number, i: number): number => view.getInt32(i * 4);
      segment.send(frames.all({ word }, 1)[form] ?? new Uint8Array());
      await until(
        () => namespace.ip("neigh", "show", text).includes(formatMac(PEER_MAC)),
        `${text} has moved by form ${form}`,
      );
    }
  });

  test("the kernel answers questions as those of anybody", async () => {
    await using segment = new Segment();
    const { namespace } = segment;
    const dev = ["dev", OWN_INTERFACE];
    namespace.ip("addr", "add", `${formatIp(VIP4)}/24`, ...dev);
    namespace.ip("addr", "add", "fe80::a/64", "nodad", ...dev);
    namespace.ip("addr", "add", `${formatIp(VIP6)}/64`, "nodad", ...dev);
    const probe = { senderIp: parseIp("0.0.0.0") };
    const ask = async <T>(
      frame: Uint8Array,
      make: (frame: EthernetFrame) => T | undefined,
    ): Promise<T | undefined> => {
      // A new address is in use when the kernel finds the time.
      for (let attempt = 0; attempt < PATIENCE / 200; attempt++) {
        segment.send(frame);
        const found = await segment.find(make, 200);
        if (found !== undefined) return found;
      }
      return undefined;
    };
    const arpQuestion = claimedArp(arpFrame(VIP4, probe), NOTHING);
    assertEquals(await ask(arpQuestion, arpReplyOf), {
      operation: 2,
      senderHardwareAddress: OWN_MAC,
      senderIp: VIP4,
      targetHardwareAddress: PEER_MAC,
      targetIp: parseIp("0.0.0.0"),
    });
    const ndpQuestion = claimedNdp(solicitationFrame(VIP6), NOTHING);
    const found = await ask(ndpQuestion, advertisementOf);
    assertEquals(found?.message.target, VIP6);
    assertEquals(found?.message.solicited, true);
    assertEquals(found?.frame.destination, PEER_MAC);
  });

  test("a question is no duplicate to a host that takes the address", async () => {
    await using segment = new Segment();
    const { namespace } = segment;
    const dev = ["dev", OWN_INTERFACE];
    const asked = parseIp("2001:db8::aaaa");
    const probed = parseIp("2001:db8::bbbb");
    for (const ip of [asked, probed]) {
      namespace.ip("addr", "add", `${formatIp(ip)}/64`, ...dev);
    }
    const duplicateDetection = { source: parseIp("::"), options: [] };
    const show = (ip: Ip): string =>
      namespace.ip("addr", "show", "to", formatIp(ip));
    // Both addresses are tentative; only who else tries to take one is a duplicate.
    await until(() => {
      segment.send(claimedNdp(solicitationFrame(asked), NOTHING));
      segment.send(solicitationFrame(probed, duplicateDetection));
      return show(probed).includes("dadfailed") &&
        !show(asked).includes("tentative");
    }, "the kernel has made up its mind");
    assertEquals(show(asked).includes("dadfailed"), false);
  });

  test("Ports see members, and answer for what is claimed", async () => {
    await using segment = new Segment();
    const seen: string[] = [];
    using rounds = new Rounds(segment.library, {
      onSighting: (port, { kind, node, term, isMember }) =>
        seen.push(`${port.link.name} ${kind} ${node} ${term} ${isMember}`),
    });
    rounds.publish(stateOf(segment), 1000);
    const port = rounds.ports.get(0);
    const take = async (
      frame: Uint8Array,
    ): Promise<EthernetFrame | undefined> => {
      segment.send(frame);
      rounds.run(1001);
      return await segment.find(fromUs, 20);
    };
    assertEquals(await take(arpFrame(VIP4)), undefined);
    const group = port?.member.arbitration.groups.last ?? 0;
    port?.member.held.set(group, claimWord(1, true));
    assertEquals((await take(arpFrame(VIP4)))?.payload.length, 28);
    const question = { source: OTHER_MAC, senderIp: parseIp("0.0.0.0") };
    const asked = await take(claimedArp(arpFrame(VIP4, question)));
    assertEquals(asked?.payload.length, 46);
    assertEquals(seen.splice(0), [`lan0 2 ${OTHER} 3 true`]);
    // Advertisements pass the filter: they are what arbitration hears.
    const unsolicited = advertisementFrame(VIP6, {
      sourceMac: OTHER_MAC,
      options: [{ kind: "targetLinkLayerAddress", mac: OTHER_MAC }],
    });
    await take(claimedNdp(unsolicited));
    await take(advertisementFrame(VIP6, {
      sourceMac: FOREIGN_MAC,
      options: [{ kind: "targetLinkLayerAddress", mac: FOREIGN_MAC }],
    }));
    assertEquals(seen, [`lan0 1 ${OTHER} 3 true`, "lan0 1 0 0 false"]);
  });
});
