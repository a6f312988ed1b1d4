import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  claimedArp,
  claimedNdp,
  FOREIGN_KEYS,
  FOREIGN_MAC,
  KEYS,
  LEGACY_MAC,
  ObservingNode,
  OTHER,
  OTHER_HASH,
  OTHER_MAC,
  OWN_HASH,
  OWN_OTHER_MAC,
  PLAIN4,
  PLAIN6,
  type SeenFrame,
  VIP4,
  VIP6,
} from "../../tests/arbitration.ts";
import {
  advertisementFrame,
  arpFrame,
  OWN_MAC,
  PEER_IPV4,
  PEER_IPV6,
  solicitationFrame,
  sourceOption,
  tagged,
} from "../../tests/frames.ts";
import { mutate, mutations } from "../../tests/mutations.ts";
import { type Ip, ipToBytes, type Mac, parseIp } from "../net/mod.ts";
import {
  arpClaimHash,
  arpClaimWord,
  CLAIM_STATE,
  ClaimSeal,
  claimWord,
  ndpClaimHash,
  ndpClaimWord,
} from "./claim_seal.ts";
import type { DropReason } from "./reasons.ts";

const pure = { permissions: "none" } as const;
const UNSPECIFIED4 = parseIp("0.0.0.0");
const OTHER4 = parseIp("192.0.2.200");
const OTHER6 = parseIp("2001:db8::200");
const OWN6 = parseIp("fe80::a");
const HELD = claimWord(7, true);

/** Nothing known of the sender, nothing claimed. */
const STRANGER: SeenFrame = {
  kind: "announcement",
  claim: "absent",
  node: 0,
  isMember: false,
  term: 0,
  isFull: false,
  hash: 0,
};

/** A member without a claim. */
const MEMBER: SeenFrame = { ...STRANGER, node: OTHER, isMember: true };

/** A member with the claim that frames carry in these tests. */
const CLAIMANT: SeenFrame = {
  ...MEMBER,
  claim: "right",
  term: 3,
  isFull: true,
  hash: OTHER_HASH,
};

function gratuitous(source: Mac, operation = 1): Uint8Array<ArrayBuffer> {
  return arpFrame(VIP4, { senderIp: VIP4, source, operation });
}

/** An ARP reply to this node about an address. */
function arpAnswer(ip: Ip, source: Mac): Uint8Array<ArrayBuffer> {
  const parts = { destination: OWN_MAC, source, senderIp: ip, operation: 2 };
  return arpFrame(UNSPECIFIED4, parts);
}

function probe(source: Mac, target: Ip = VIP4): Uint8Array<ArrayBuffer> {
  return arpFrame(target, { source, senderIp: UNSPECIFIED4 });
}

function unsolicited(sourceMac: Mac): Uint8Array<ArrayBuffer> {
  return advertisementFrame(VIP6, { sourceMac });
}

/** A solicited advertisement to this node. */
function ndpAnswer(target: Ip, sourceMac: Mac): Uint8Array<ArrayBuffer> {
  return advertisementFrame(target, {
    sourceMac,
    solicited: true,
    destination: OWN6,
    destinationMac: OWN_MAC,
  });
}

function solicitation(sourceMac: Mac, source?: Ip): Uint8Array<ArrayBuffer> {
  return solicitationFrame(VIP6, {
    sourceMac,
    options: [sourceOption(sourceMac)],
    ...source === undefined ? {} : { source },
  });
}

const question = { ...CLAIMANT, kind: "question" };
const answer = { ...CLAIMANT, kind: "answer" };
const wrong = { claim: "wrong" };

interface Case {
  readonly name: string;
  readonly frame: Uint8Array<ArrayBuffer>;
  readonly reason: DropReason;
  readonly seen: SeenFrame | null;
}

const foreignKeys = { keys: FOREIGN_KEYS };
const bare = { word: 0, hash: 0 };

/** What a standby makes of frames: it answers none of them. */
const CASES: readonly Case[] = [
  // Announcements.
  {
    name: "a member's announcement with a claim",
    frame: claimedArp(gratuitous(OTHER_MAC)),
    reason: "memberFrame",
    seen: CLAIMANT,
  },
  {
    name: "the same in reply form",
    frame: claimedArp(gratuitous(OTHER_MAC, 2)),
    reason: "memberFrame",
    seen: CLAIMANT,
  },
  {
    name: "a claim that is not full",
    frame: claimedArp(gratuitous(OTHER_MAC), { word: claimWord(4, false) }),
    reason: "memberFrame",
    seen: { ...CLAIMANT, term: 4, isFull: false },
  },
  {
    name: "the highest term",
    frame: claimedArp(gratuitous(OTHER_MAC), { word: 0xffffffff }),
    reason: "memberFrame",
    seen: { ...CLAIMANT, term: 0x7fffffff },
  },
  {
    name: "with its padding stripped",
    frame: gratuitous(OTHER_MAC),
    reason: "memberFrame",
    seen: MEMBER,
  },
  {
    name: "with a priority tag",
    frame: tagged(claimedArp(gratuitous(OTHER_MAC)), 0),
    reason: "memberFrame",
    seen: CLAIMANT,
  },
  {
    name: "with a claim of another key",
    frame: claimedArp(gratuitous(OTHER_MAC), foreignKeys),
    reason: "spoofedClaim",
    seen: { ...MEMBER, ...wrong },
  },
  {
    name: "from an unknown MAC address, with a right claim",
    frame: claimedArp(gratuitous(FOREIGN_MAC)),
    reason: "memberFrame",
    seen: CLAIMANT,
  },
  {
    name: "from an unknown MAC address, with a claim of an unknown node",
    frame: claimedArp(gratuitous(FOREIGN_MAC), { hash: 1 }),
    reason: "memberFrame",
    seen: { ...CLAIMANT, node: 0, hash: 1 },
  },
  {
    name: "a stranger's announcement",
    frame: gratuitous(FOREIGN_MAC),
    reason: "conflict",
    seen: STRANGER,
  },
  {
    name: "a stranger's announcement with a claim of another key",
    frame: claimedArp(gratuitous(FOREIGN_MAC), foreignKeys),
    reason: "spoofedClaim",
    seen: { ...STRANGER, ...wrong },
  },
  {
    name: "this node's announcement, heard on another interface",
    frame: claimedArp(gratuitous(OWN_OTHER_MAC)),
    reason: "ownFrame",
    seen: null,
  },
  {
    name: "this interface's announcement, sent back by a loop",
    frame: claimedArp(gratuitous(OWN_MAC)),
    reason: "ownFrame",
    seen: null,
  },
  {
    name: "an announcement of an address of no group",
    frame: arpFrame(PLAIN4, { senderIp: PLAIN4 }),
    reason: "gratuitous",
    seen: null,
  },
  // Questions.
  {
    name: "a candidate's question",
    frame: claimedArp(probe(OTHER_MAC), bare),
    reason: "memberFrame",
    seen: { ...question, term: 0, isFull: false, hash: 0 },
  },
  {
    name: "an owner's question",
    frame: claimedArp(probe(OTHER_MAC)),
    reason: "memberFrame",
    seen: question,
  },
  {
    name: "a question with a claim of another key",
    frame: claimedArp(probe(OTHER_MAC), foreignKeys),
    reason: "spoofedClaim",
    seen: { ...MEMBER, ...wrong, kind: "question" },
  },
  {
    name: "this node's question, heard on another interface",
    frame: claimedArp(probe(OWN_OTHER_MAC)),
    reason: "ownFrame",
    seen: null,
  },
  {
    name: "a client's request",
    frame: arpFrame(VIP4),
    reason: "standby",
    seen: null,
  },
  {
    name: "a stranger's probe",
    frame: probe(FOREIGN_MAC),
    reason: "standby",
    seen: null,
  },
  // Answers.
  {
    name: "a member's answer",
    frame: claimedArp(arpAnswer(VIP4, OTHER_MAC)),
    reason: "memberFrame",
    seen: answer,
  },
  {
    name: "a member's answer without a claim",
    frame: arpAnswer(VIP4, OTHER_MAC),
    reason: "memberFrame",
    seen: { ...MEMBER, kind: "answer" },
  },
  {
    name: "a stranger's answer",
    frame: arpAnswer(VIP4, FOREIGN_MAC),
    reason: "conflict",
    seen: { ...STRANGER, kind: "answer" },
  },
  {
    name: "an answer to this node about another address",
    frame: arpAnswer(OTHER4, FOREIGN_MAC),
    reason: "otherAnswer",
    seen: { ...STRANGER, kind: "otherAnswer" },
  },
  {
    name: "an answer to somebody else about another address",
    frame: arpFrame(OTHER4, { senderIp: OTHER4, operation: 2 }),
    reason: "messageType",
    seen: null,
  },
  {
    name: "an answer of another interface of this node",
    frame: arpAnswer(VIP4, OWN_OTHER_MAC),
    reason: "ownFrame",
    seen: null,
  },
  // Use of an address of ours as one's own.
  {
    name: "a stranger that asks for something else as the address",
    frame: arpFrame(OTHER4, { senderIp: VIP4, source: FOREIGN_MAC }),
    reason: "notOwned",
    seen: STRANGER,
  },
  {
    name: "a member's kernel that does the same",
    frame: arpFrame(OTHER4, { senderIp: VIP4, source: OTHER_MAC }),
    reason: "notOwned",
    seen: MEMBER,
  },
  // The same in Neighbor Discovery.
  {
    name: "an unsolicited advertisement with a claim",
    frame: claimedNdp(unsolicited(OTHER_MAC)),
    reason: "memberFrame",
    seen: CLAIMANT,
  },
  {
    name: "an unsolicited advertisement without a claim",
    frame: unsolicited(OTHER_MAC),
    reason: "memberFrame",
    seen: MEMBER,
  },
  {
    name: "an unsolicited advertisement with a claim of another key",
    frame: claimedNdp(unsolicited(OTHER_MAC), foreignKeys),
    reason: "spoofedClaim",
    seen: { ...MEMBER, ...wrong },
  },
  {
    name: "a stranger's unsolicited advertisement",
    frame: unsolicited(FOREIGN_MAC),
    reason: "conflict",
    seen: STRANGER,
  },
  {
    name: "this node's unsolicited advertisement, heard on another interface",
    frame: claimedNdp(unsolicited(OWN_OTHER_MAC)),
    reason: "ownFrame",
    seen: null,
  },
  {
    name: "an advertisement of an address of no group",
    frame: advertisementFrame(PLAIN6),
    reason: "messageType",
    seen: null,
  },
  {
    name: "a candidate's solicitation",
    frame: claimedNdp(solicitation(OTHER_MAC), bare),
    reason: "memberFrame",
    seen: { ...question, term: 0, isFull: false, hash: 0 },
  },
  {
    name: "an owner's solicitation",
    frame: claimedNdp(solicitation(OTHER_MAC)),
    reason: "memberFrame",
    seen: question,
  },
  {
    name: "a client's solicitation",
    frame: solicitationFrame(VIP6),
    reason: "standby",
    seen: null,
  },
  {
    name: "a member's solicited advertisement",
    frame: claimedNdp(ndpAnswer(VIP6, OTHER_MAC)),
    reason: "memberFrame",
    seen: answer,
  },
  {
    name: "a stranger's solicited advertisement",
    frame: ndpAnswer(VIP6, FOREIGN_MAC),
    reason: "conflict",
    seen: { ...STRANGER, kind: "answer" },
  },
  {
    name: "a solicited advertisement about another address",
    frame: ndpAnswer(OTHER6, FOREIGN_MAC),
    reason: "otherAnswer",
    seen: { ...STRANGER, kind: "otherAnswer" },
  },
  {
    name: "an advertisement to all that says it was asked for",
    frame: advertisementFrame(VIP6, { solicited: true }),
    reason: "solicitedFlag",
    seen: null,
  },
  {
    name: "an advertisement from ::",
    frame: advertisementFrame(VIP6, { source: parseIp("::") }),
    reason: "unspecifiedSource",
    seen: null,
  },
  {
    name: "an advertisement from a group",
    frame: advertisementFrame(VIP6, { source: parseIp("ff02::1") }),
    reason: "sourceMulticast",
    seen: null,
  },
  {
    name: "an advertisement that a router passed on",
    frame: advertisementFrame(VIP6, { hopLimit: 254 }),
    reason: "hopLimit",
    seen: null,
  },
  {
    name: "a stranger that solicits from the address",
    frame: solicitation(FOREIGN_MAC, VIP6),
    reason: "conflict",
    seen: STRANGER,
  },
  {
    name: "a stranger that solicits something else from the address",
    frame: solicitationFrame(OTHER6, {
      source: VIP6,
      sourceMac: FOREIGN_MAC,
      options: [sourceOption(FOREIGN_MAC)],
    }),
    reason: "notOwned",
    seen: STRANGER,
  },
];

for (const { name, frame, reason, seen } of CASES) {
  Deno.test(`FrameResponder sees ${name}`, pure, () => {
    assertEquals(new ObservingNode().take(frame), [reason, seen]);
  });
}

/** The state, term and hash of the claim in an answer. */
function claimOf(frame: string | Uint8Array): readonly number[] {
  if (typeof frame === "string") throw new Error(`Not answered: ${frame}`);
  const seal = new ClaimSeal([KEYS.claims]);
  const isArp = frame[12] === 0x08;
  const state = isArp
    ? seal.checkArp(frame, frame.length)
    : seal.checkNdp(frame, frame.length > 86 ? 86 : 0);
  if (state !== CLAIM_STATE.right) return [state];
  return isArp
    ? [state, arpClaimWord(frame), arpClaimHash(frame)]
    : [state, ndpClaimWord(frame, 86), ndpClaimHash(frame, 86)];
}

const withClaim = [CLAIM_STATE.right, HELD, OWN_HASH];
const without = [CLAIM_STATE.absent];

Deno.test.each([
  {
    name: "a client without a claim",
    frame: arpFrame(VIP4),
    claim: without,
    seen: null,
  },
  {
    name: "a stranger's probe without a claim",
    frame: probe(FOREIGN_MAC),
    claim: without,
    seen: null,
  },
  {
    name: "a member with the claim",
    frame: claimedArp(probe(OTHER_MAC), bare),
    claim: withClaim,
    seen: { ...question, term: 0, isFull: false, hash: 0 },
  },
  {
    name: "another key's question like a client's",
    frame: claimedArp(probe(OTHER_MAC), foreignKeys),
    claim: without,
    seen: { ...MEMBER, ...wrong, kind: "question" },
  },
  {
    name: "a client's solicitation without a claim",
    frame: solicitationFrame(VIP6),
    claim: without,
    seen: null,
  },
  {
    name: "duplicate address detection without a claim",
    frame: solicitationFrame(VIP6, { source: parseIp("::"), options: [] }),
    claim: without,
    seen: null,
  },
  {
    name: "a member's solicitation with the claim",
    frame: claimedNdp(solicitation(OTHER_MAC)),
    claim: withClaim,
    seen: question,
  },
  {
    name: "for an address of no group without a claim",
    frame: claimedArp(probe(OTHER_MAC, PLAIN4)),
    claim: without,
    seen: null,
  },
])("FrameResponder answers $name", pure, ({ frame, claim, seen }) => {
  const node = new ObservingNode();
  node.hold(HELD);
  const [reply, sighted] = node.take(frame);
  assertEquals(claimOf(reply), claim);
  assertEquals(sighted, seen);
});

Deno.test(
  "FrameResponder answers a client after a member as before",
  pure,
  () => {
    const node = new ObservingNode();
    node.hold(HELD);
    for (
      const [client, member] of [
        [arpFrame(VIP4), claimedArp(probe(OTHER_MAC))],
        [solicitationFrame(VIP6), claimedNdp(solicitation(OTHER_MAC))],
      ] as const
    ) {
      const [before] = node.take(client);
      node.take(member);
      assertEquals(node.take(client)[0], before);
    }
  },
);

Deno.test("FrameResponder falls silent with the claim", pure, () => {
  const node = new ObservingNode();
  node.hold(HELD);
  node.hold(0);
  assertEquals(node.take(arpFrame(VIP4)), ["standby", null]);
  assertEquals(node.take(solicitationFrame(VIP6)), ["standby", null]);
});

Deno.test(
  "Observer remembers who asks, left out whose beats it gets",
  pure,
  () => {
    const node = new ObservingNode();
    const macOf = (i: number): Mac => Uint8Array.of(2, 0, 0, 9, 0, i);
    const ask = (source: Mac, senderIp = PEER_IPV4): void => {
      node.take(arpFrame(OTHER4, { source, senderIp }));
    };
    ask(OTHER_MAC);
    ask(OWN_OTHER_MAC);
    ask(macOf(9), UNSPECIFIED4);
    assertEquals(node.member.observer.witnesses.all(), []);
    ask(LEGACY_MAC);
    assertEquals(
      node.member.observer.witnesses.all().map(({ mac }) => mac),
      [LEGACY_MAC],
    );
    for (const i of [1, 2, 2, 1, 3, 4, 5]) ask(macOf(i));
    node.take(solicitationFrame(OTHER6, {
      sourceMac: macOf(6),
      options: [sourceOption(macOf(6))],
    }));
    const known = node.member.observer.witnesses.all();
    assertEquals(
      new Set(known.map(({ mac }) => mac[5])),
      new Set([3, 4, 5, 6]),
    );
    assertEquals(
      known.map(({ address }) => address.length).sort(),
      [16, 4, 4, 4],
    );
    assertEquals(
      known.find(({ address }) => address.length === 16)?.address,
      ipToBytes(PEER_IPV6),
    );
  },
);

Deno.test("FrameResponder believes no claim that was changed", pure, () => {
  const node = new ObservingNode();
  const frames = [
    claimedArp(gratuitous(OTHER_MAC)),
    claimedArp(arpAnswer(VIP4, OTHER_MAC)),
    claimedNdp(unsolicited(OTHER_MAC)),
    claimedNdp(ndpAnswer(VIP6, OTHER_MAC)),
  ];
  fc.assert(
    fc.property(fc.constantFrom(...frames), mutations(), (frame, changes) => {
      const changed = mutate(frame, changes);
      const [, seen] = node.take(changed);
      if (seen?.claim !== "right") return;
      // What is not covered does not matter: who it was sent to, and how.
      assertEquals(seen.term, 3);
      assertEquals(changed.subarray(22), frame.subarray(22));
    }),
    { numRuns: 2000 },
  );
});
