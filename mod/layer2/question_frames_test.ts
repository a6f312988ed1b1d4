import { assertEquals } from "@std/assert";
import fc from "fast-check";
import * as arbitrary from "../../tests/arbitraries.ts";
import { KEYS, ObservingNode, VIP4, VIP6 } from "../../tests/arbitration.ts";
import {
  arpProbe,
  arpRequest,
  BROADCAST_MAC,
  decodeArp,
  decodeEthernet,
  decodeIpv6,
  type Ip,
  ipToBytes,
  type Mac,
  multicastMac,
  parseIp,
  receiveNdp,
  solicitedNodeMulticast,
} from "../net/mod.ts";
import { addressWords } from "./address_table.ts";
import { AnnouncementFrames } from "./announcement_frames.ts";
import { Arbitration } from "./arbitration.ts";
import {
  arpClaimHash,
  arpClaimWord,
  CLAIM_STATE,
  ClaimSeal,
  claimWord,
  ndpClaimHash,
  ndpClaimWord,
} from "./claim_seal.ts";
import type { AddressWords } from "./mod.ts";
import { QuestionFrames } from "./question_frames.ts";
import { witnessQuestion } from "./witness_question.ts";

const pure = { permissions: "none" } as const;
const LINK_LOCAL = parseIp("fe80::a");
const seal = new ClaimSeal([KEYS.claims]);
const { arbitration } = new ObservingNode().member;

function wordsOf(ip: Ip): AddressWords {
  const words = addressWords(ip);
  return { word: (_, i) => words[i] ?? 0 };
}

const unicast = arbitrary.ipv6.filter(({ value }) =>
  value >> 120n !== 0xffn && value >> 32n !== 0xffffn
);

/** The ND message of a frame and the headers that matter. */
function ndpOf(frame: Uint8Array): unknown {
  const ethernet = decodeEthernet(frame);
  const packet = decodeIpv6(ethernet.payload);
  const received = receiveNdp(packet);
  if (received.kind !== "accept") return received;
  const { kind, target, options } = received.message;
  return {
    to: ethernet.destination,
    source: packet.source,
    destination: packet.destination,
    kind,
    target,
    options: options.filter((option) => option.kind !== "raw"),
  };
}

/** What a solicitation from an interface must be. */
function solicitation(
  mac: Mac,
  target: Ip,
  to: Mac = multicastMac(solicitedNodeMulticast(target)),
  destination: Ip = solicitedNodeMulticast(target),
): unknown {
  return {
    to,
    source: LINK_LOCAL,
    destination,
    kind: "neighborSolicitation",
    target,
    options: [{ kind: "sourceLinkLayerAddress", mac }],
  };
}

Deno.test("QuestionFrames asks with an ARP Probe", pure, () => {
  fc.assert(fc.property(arbitrary.mac, arbitrary.ipv4, (mac, ip) => {
    const frames = new QuestionFrames({ mac }, arbitration);
    const frame = frames.probe(wordsOf(ip), 1).slice(0, frames.claim.arpLength);
    const { destination, source, payload } = decodeEthernet(frame);
    assertEquals([destination, source], [BROADCAST_MAC, mac]);
    assertEquals(decodeArp(payload), arpProbe(mac, ip));
    assertEquals(frame.length, 60);
    assertEquals(seal.checkArp(frame, 60), CLAIM_STATE.right);
    assertEquals([arpClaimWord(frame), arpClaimHash(frame)], [0, 0]);
  }));
});

Deno.test(
  "QuestionFrames asks with a solicitation from the link-local address",
  pure,
  () => {
    fc.assert(fc.property(arbitrary.mac, unicast, (mac, ip) => {
      const link = { mac, linkLocal: LINK_LOCAL };
      const frames = new QuestionFrames(link, arbitration);
      const frame = frames.solicitation(wordsOf(ip), 1)
        ?.slice(0, frames.claim.ndpLength) ?? new Uint8Array();
      assertEquals(ndpOf(frame), solicitation(mac, ip));
      assertEquals(seal.checkNdp(frame, 86), CLAIM_STATE.right);
      assertEquals([ndpClaimWord(frame, 86), ndpClaimHash(frame, 86)], [0, 0]);
    }));
  },
);

Deno.test("QuestionFrames carries the claim of an owner or loser", pure, () => {
  const mac = Uint8Array.of(2, 0, 0, 0, 0, 1);
  const link = { mac, linkLocal: LINK_LOCAL };
  const frames = new QuestionFrames(link, arbitration);
  frames.claim.set(claimWord(9, false), 5);
  const probe = frames.probe(wordsOf(VIP4), 1);
  assertEquals([arpClaimWord(probe), arpClaimHash(probe)], [9, 5]);
  const frame = frames.solicitation(wordsOf(VIP6), 1) ?? new Uint8Array();
  assertEquals([ndpClaimWord(frame, 86), ndpClaimHash(frame, 86)], [9, 5]);
});

Deno.test(
  "QuestionFrames cannot solicit without a link-local address",
  pure,
  () => {
    const mac = Uint8Array.of(2, 0, 0, 0, 0, 1);
    const frames = new QuestionFrames({ mac }, arbitration);
    assertEquals(frames.solicitation(wordsOf(VIP6), 1), undefined);
  },
);

Deno.test(
  "AnnouncementFrames carries a claim, and none when it is cleared",
  pure,
  () => {
    const mac = Uint8Array.of(2, 0, 0, 0, 0, 1);
    for (const ip of [VIP4, VIP6]) {
      const words = wordsOf(ip);
      const plain = new AnnouncementFrames(mac).all(words, 1);
      const frames = new AnnouncementFrames(mac, arbitration);
      assertEquals(frames.all(words, 1), plain);
      frames.claim.set(claimWord(2, true), 6);
      for (const frame of frames.all(words, 1)) {
        const [state, word, hash] = ip === VIP4
          ? [seal.checkArp(frame, 60), arpClaimWord(frame), arpClaimHash(frame)]
          : [
            seal.checkNdp(frame, 86),
            ndpClaimWord(frame, 86),
            ndpClaimHash(frame, 86),
          ];
        assertEquals([state, word, hash], [CLAIM_STATE.right, 0x80000002, 6]);
        assertEquals(frame.length, ip === VIP4 ? 60 : 110);
      }
      frames.claim.clear();
      assertEquals(frames.all(words, 1), plain);
    }
  },
);

Deno.test("AnnouncementFrames carries nothing without a key", pure, () => {
  const mac = Uint8Array.of(2, 0, 0, 0, 0, 1);
  const frames = new AnnouncementFrames(mac, new Arbitration());
  frames.claim.set(claimWord(2, true), 6);
  assertEquals(
    frames.all(wordsOf(VIP6), 1),
    new AnnouncementFrames(mac).all(wordsOf(VIP6), 1),
  );
});

Deno.test(
  "witnessQuestion() is plain address resolution, to the station alone",
  pure,
  () => {
    fc.assert(
      fc.property(
        arbitrary.mac,
        arbitrary.mac,
        arbitrary.ipv4,
        arbitrary.ipv4,
        unicast,
        (mac, to, ipv4, target4, target6) => {
          const link = { mac, ipv4, linkLocal: LINK_LOCAL };
          const ask = (from: typeof link | { mac: Mac }, target: Ip) => {
            const witness = { mac: to, address: ipToBytes(target) };
            const question = witnessQuestion(from, witness);
            return question?.frame.slice(0, question.length);
          };
          const arp = decodeEthernet(ask(link, target4) ?? new Uint8Array());
          assertEquals([arp.destination, arp.source], [to, mac]);
          assertEquals(
            decodeArp(arp.payload),
            arpRequest({ mac, ip: ipv4 }, target4),
          );
          const probe = decodeEthernet(
            ask({ mac }, target4) ?? new Uint8Array(),
          );
          assertEquals(decodeArp(probe.payload), arpProbe(mac, target4));
          assertEquals(
            ndpOf(ask(link, target6) ?? new Uint8Array()),
            solicitation(mac, target6, to, target6),
          );
          assertEquals(ask({ mac }, target6), undefined);
        },
      ),
    );
  },
);
