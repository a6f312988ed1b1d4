import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { createHmac } from "node:crypto";
import {
  claimedArp,
  claimedNdp,
  FOREIGN_KEYS,
  KEYS,
  VIP4,
  VIP6,
} from "../../tests/arbitration.ts";
import { fieldBytes, type FieldRow, toHex } from "../../tests/bytes.ts";
import {
  advertisementFrame,
  arpFrame,
  PEER_MAC,
  solicitationFrame,
} from "../../tests/frames.ts";
import {
  decodeArp,
  decodeEthernet,
  decodeIpv6,
  isArpAnnouncement,
  receiveNdp,
} from "../net/mod.ts";
import {
  arpClaimHash,
  arpClaimWord,
  CLAIM_STATE,
  ClaimSeal,
  claimWord,
  ndpClaimHash,
  ndpClaimWord,
} from "./claim_seal.ts";

const pure = { permissions: "none" } as const;
const seal = new ClaimSeal([KEYS.claims]);
const ANNOUNCEMENT = arpFrame(VIP4, { senderIp: VIP4 });
const ADVERTISEMENT = advertisementFrame(VIP6);
/** Where the option begins in frames with one link-layer option. */
const OPTION = 86;

function tag(covered: Uint8Array, bytes: number): string {
  const digest = createHmac("sha256", KEYS.claims).update(covered).digest();
  return toHex(digest.subarray(0, bytes));
}

const ARP_ROWS: readonly FieldRow[] = [
  ["ff ff ff ff ff ff", "Ethernet destination"],
  ["02 00 00 00 00 0b", "Ethernet source"],
  ["08 06 0001 0800 06 04 0001", "EtherType and ARP header: request"],
  ["02 00 00 00 00 0b", "ar$sha"],
  ["c0 00 02 01", "ar$spa"],
  ["00 00 00 00 00 00", "ar$tha"],
  ["c0 00 02 01", "ar$tpa"],
  ["48 31", "magic"],
  ["80 00 00 03", "full, and the term"],
  ["fe dc ba 98", "hash"],
];

Deno.test("ClaimSeal.stampArp() byte by byte", pure, () => {
  const covered = fieldBytes(ARP_ROWS);
  assertEquals(
    toHex(claimedArp(ANNOUNCEMENT)),
    toHex(covered) + tag(covered.subarray(6), 8),
  );
});

const OPTION_ROWS: readonly FieldRow[] = [
  ["fd", "type 253"],
  ["03", "length in units of 8 bytes"],
  ["48 31", "magic"],
  ["00 00 00 05", "not full, and the term"],
  ["fe dc ba 98", "hash"],
];

Deno.test("ClaimSeal.stampNdp() byte by byte", pure, () => {
  const frame = claimedNdp(ADVERTISEMENT, { word: claimWord(5, false) });
  const covered = Uint8Array.of(
    ...ADVERTISEMENT.subarray(0, OPTION),
    ...fieldBytes(OPTION_ROWS),
  );
  // The longer payload, and no checksum yet.
  covered[19] = 56;
  covered.fill(0, 56, 58);
  assertEquals(
    toHex(frame.subarray(OPTION)),
    toHex(fieldBytes(OPTION_ROWS)) + tag(covered.subarray(18), 12),
  );
});

Deno.test("a claim leaves an ARP frame what it was", pure, () => {
  const { payload } = decodeEthernet(claimedArp(ANNOUNCEMENT));
  const packet = decodeArp(payload);
  assertEquals(packet, decodeArp(decodeEthernet(ANNOUNCEMENT).payload));
  assertEquals(isArpAnnouncement(packet), true);
});

Deno.test("a claim leaves an advertisement what it was", pure, () => {
  const received = [ADVERTISEMENT, claimedNdp(ADVERTISEMENT)].map((frame) =>
    receiveNdp(decodeIpv6(decodeEthernet(frame).payload))
  );
  const [before, after] = received;
  if (before?.kind !== "accept" || after?.kind !== "accept") {
    throw new Error("Not accepted");
  }
  const { options, ...rest } = after.message;
  const { options: without, ...expected } = before.message;
  assertEquals(rest, expected);
  assertEquals(options.slice(0, -1), without);
  assertEquals(options.at(-1)?.kind, "raw");
});

const claim = fc.record({
  word: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  hash: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
});

Deno.test("ClaimSeal reads what it stamped", pure, () => {
  fc.assert(fc.property(claim, ({ word, hash }) => {
    const arp = claimedArp(ANNOUNCEMENT, { word, hash });
    assertEquals(seal.checkArp(arp, 60), CLAIM_STATE.right);
    assertEquals([arpClaimWord(arp), arpClaimHash(arp)], [word, hash]);
    const ndp = claimedNdp(ADVERTISEMENT, { word, hash });
    const before = toHex(ndp);
    assertEquals(seal.checkNdp(ndp, OPTION), CLAIM_STATE.right);
    assertEquals(
      [ndpClaimWord(ndp, OPTION), ndpClaimHash(ndp, OPTION)],
      [word, hash],
    );
    assertEquals(toHex(ndp), before);
  }));
});

Deno.test(
  "ClaimSeal.checkArp() refuses every changed bit that matters",
  pure,
  () => {
    const frame = claimedArp(ANNOUNCEMENT);
    for (let bit = 6 * 8; bit < frame.length * 8; bit++) {
      const changed = frame.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const isMagic = bit >> 3 === 42 || bit >> 3 === 43;
      assertEquals(
        seal.checkArp(changed, changed.length),
        isMagic ? CLAIM_STATE.absent : CLAIM_STATE.wrong,
        `bit ${bit}`,
      );
    }
  },
);

Deno.test(
  "ClaimSeal.checkNdp() refuses every changed bit that matters",
  pure,
  () => {
    const frame = claimedNdp(ADVERTISEMENT);
    for (let bit = 20 * 8; bit < frame.length * 8; bit++) {
      const at = bit >> 3;
      // The checksum is right or the frame is not looked at; it is not covered.
      if (at === 56 || at === 57) continue;
      const changed = frame.slice();
      changed[at] = (changed[at] ?? 0) ^ (1 << (bit & 7));
      const isHead = at === OPTION + 1 || at === OPTION + 2 ||
        at === OPTION + 3;
      assertEquals(
        seal.checkNdp(changed, OPTION),
        isHead ? CLAIM_STATE.absent : CLAIM_STATE.wrong,
        `bit ${bit}`,
      );
    }
  },
);

Deno.test.each([
  { name: "no padding", frame: ANNOUNCEMENT, length: 42 },
  { name: "half of it", frame: claimedArp(ANNOUNCEMENT), length: 59 },
  {
    name: "zeros",
    frame: Uint8Array.of(...ANNOUNCEMENT, ...new Uint8Array(18)),
    length: 60,
  },
])("ClaimSeal.checkArp() finds none in $name", pure, ({ frame, length }) => {
  assertEquals(seal.checkArp(frame, length), CLAIM_STATE.absent);
});

Deno.test("ClaimSeal.checkNdp() finds none without an option", pure, () => {
  assertEquals(seal.checkNdp(ADVERTISEMENT, 0), CLAIM_STATE.absent);
});

Deno.test(
  "ClaimSeal.checkNdp() refuses options that were added behind the claim",
  pure,
  () => {
    const frame = new Uint8Array(118);
    frame.set(claimedNdp(ADVERTISEMENT));
    frame.set([1, 1, ...PEER_MAC], 110);
    frame[19] = 64;
    assertEquals(seal.checkNdp(frame, OPTION), CLAIM_STATE.wrong);
  },
);

Deno.test("a claim cannot be moved to another kind of frame", pure, () => {
  const claimed = claimedArp(ANNOUNCEMENT);
  const others = [
    arpFrame(VIP4, { senderIp: VIP4, operation: 2 }),
    arpFrame(VIP4, { operation: 2 }),
    arpFrame(VIP4, { senderIp: VIP4, source: Uint8Array.of(2, 0, 0, 0, 0, 1) }),
  ];
  for (const frame of others) {
    const forged = Uint8Array.of(...frame, ...claimed.subarray(42));
    assertEquals(seal.checkArp(forged, 60), CLAIM_STATE.wrong);
  }
  const forged = claimedNdp(solicitationFrame(VIP6));
  forged.set(claimedNdp(ADVERTISEMENT).subarray(OPTION), OPTION);
  assertEquals(seal.checkNdp(forged, OPTION), CLAIM_STATE.wrong);
});

Deno.test(
  "ClaimSeal verifies with each of its keys, signs with the first",
  pure,
  () => {
    const both = new ClaimSeal([FOREIGN_KEYS.claims, KEYS.claims]);
    for (const keys of [KEYS, FOREIGN_KEYS]) {
      const arp = claimedArp(ANNOUNCEMENT, { keys });
      assertEquals(both.checkArp(arp, 60), CLAIM_STATE.right);
      const ndp = claimedNdp(ADVERTISEMENT, { keys });
      assertEquals(both.checkNdp(ndp, OPTION), CLAIM_STATE.right);
    }
    const signed = claimedArp(ANNOUNCEMENT);
    both.stampArp(signed, 1, 2);
    assertEquals(seal.checkArp(signed, 60), CLAIM_STATE.wrong);
    assertThrows(() => new ClaimSeal([]), RangeError, "no key");
  },
);
