import { MAX_TERM, NO_CLAIM } from "../ownership/mod.ts";
import { assertEquals } from "@std/assert";
import {
  ANNA,
  BERT,
  claimOf,
  GROUP,
  hashOf,
  ME,
  RecordingSink,
} from "../../tests/claims_rig.ts";
import type { Context } from "./context.ts";
import type { Group } from "./group.ts";
import {
  claimInQuestion,
  evidenceOf,
  footingOf,
  heardInVainAt,
  isAlone,
  mayBroadcast,
  patienceToAsk,
  patienceWhileAsking,
  takeOverClaim,
  unprovenAt,
} from "./question.ts";
import {
  addGroup,
  addPeer,
  makeContext,
  type PeerFields,
} from "./test_context.ts";
import { noteProof } from "./watching.ts";

const NOW = 10_000;

function watched(owner: PeerFields | undefined): {
  readonly ctx: Context;
  readonly group: Group;
} {
  const ctx = makeContext(ME, new RecordingSink());
  const group = addGroup(ctx, GROUP, [ANNA, ME, BERT]);
  if (owner !== undefined) {
    const peer = addPeer(ctx, ANNA, owner);
    group.believe(claimOf(ANNA, 4), peer, 0);
    group.seen = claimOf(ANNA, 4);
  }
  return { ctx, group };
}

const ARMED = { isArmed: true, life: NOW - 200, beatAt: NOW - 200 };
const FOOTINGS = [
  { name: "unknown", owner: undefined, rank: 1, ask: 0, take: 300 },
  { name: "armed", owner: ARMED, rank: 1, ask: 200, take: 100 },
  { name: "armed", owner: ARMED, rank: 3, ask: 200, take: 100 },
  {
    name: "dead",
    owner: { isAlive: false },
    rank: 1,
    ask: 1000,
    take: 300,
  },
  { name: "first", owner: {}, rank: 1, ask: 1000, take: 300 },
  { name: "other", owner: {}, rank: 2, ask: 5000, take: 600 },
] as const;
Deno.test.each(FOOTINGS)(
  "footingOf() rank $rank is $name: asks after $ask ms, takes over $take ms later",
  { permissions: "none" },
  ({ name, owner, rank, ask, take }) => {
    const { ctx, group } = watched(owner);
    const footing = footingOf(ctx, group, rank, NOW);
    assertEquals(footing, name);
    assertEquals(patienceToAsk(ctx, group, footing), ask);
    assertEquals(patienceWhileAsking(ctx, group, footing), take);
  },
);

Deno.test(
  "footingOf() an armed owner that only answers needs more than two lost questions",
  {
    permissions: "none",
  },
  () => {
    const { ctx, group } = watched({ isArmed: true, life: NOW - 900 });
    group.asking.since = NOW - 100;
    const footing = footingOf(ctx, group, 1, NOW);
    assertEquals(footing, "mute");
    assertEquals(patienceToAsk(ctx, group, footing), 200);
    assertEquals(patienceWhileAsking(ctx, group, footing), 300);
  },
);

Deno.test("footingOf() a new address is new until anybody claimed it", {
  permissions: "none",
}, () => {
  const { ctx, group } = watched(undefined);
  group.isNew = true;
  assertEquals(footingOf(ctx, group, 1, NOW), "new");
  assertEquals(patienceWhileAsking(ctx, group, "new"), 500);
  group.seen = claimOf(BERT, 1);
  assertEquals(footingOf(ctx, group, 1, NOW), "unknown");
});

Deno.test("patienceToAsk() follows an owner that beats more slowly", {
  permissions: "none",
}, () => {
  const { ctx, group } = watched({ ...ARMED, interval: 200 });
  assertEquals(patienceToAsk(ctx, group, "armed"), 400);
  assertEquals(patienceWhileAsking(ctx, group, "armed"), 200);
});

const EVIDENCE = [
  { name: "its beats", life: NOW - 50, answered: NOW - 70, is: NOW - 50 },
  {
    name: "its answer for another group",
    life: NOW - 900,
    answered: NOW - 70,
    is: NOW - 70,
  },
];
Deno.test.each(EVIDENCE)(
  "evidenceOf() an owner is $name",
  { permissions: "none" },
  ({ life, answered, is }) => {
    const { ctx, group } = watched({ life, answeredAt: answered });
    assertEquals(evidenceOf(ctx, group, NOW), is);
  },
);

Deno.test(
  "evidenceOf() a group that is asked for is nothing that its owner answers for others",
  {
    permissions: "none",
  },
  () => {
    const { ctx, group } = watched({ life: NOW - 900, answeredAt: NOW - 10 });
    group.asking.since = NOW - 100;
    assertEquals(evidenceOf(ctx, group, NOW), NOW - 10, "it is not yet");
    group.asking.at = NOW - 50;
    assertEquals(evidenceOf(ctx, group, NOW), NOW - 900);
  },
);

const PROOFS = [
  { name: "200 ms ago", proofAt: NOW - 200, hasPeers: true, alone: false },
  { name: "longer ago", proofAt: NOW - 201, hasPeers: true, alone: true },
  {
    name: "never, being the only member",
    proofAt: -Infinity,
    hasPeers: false,
    alone: false,
  },
];
Deno.test.each(PROOFS)(
  "isAlone() with proof $name is $alone",
  { permissions: "none" },
  ({ proofAt, hasPeers, alone }) => {
    const { ctx } = watched(undefined);
    Object.assign(ctx.segment, { proofAt, hasPeers });
    assertEquals(isAlone(ctx, NOW), alone);
  },
);

const REGAINED = [
  {
    name: "was heard when it began to ask",
    proofs: [NOW - 500, NOW - 310, NOW - 120],
    at: -Infinity,
  },
  {
    name: "has been heard again for 80 ms",
    proofs: [NOW - 500, NOW - 80, NOW],
    at: NOW + 20,
  },
  {
    name: "was heard for a moment",
    proofs: [NOW - 500, NOW - 70, NOW],
    at: NOW + 201,
  },
  {
    name: "was heard for a moment, in which it began to ask",
    proofs: [NOW - 600, NOW - 301, NOW - 290],
    at: NOW - 89,
  },
  { name: "has never been heard", proofs: [], at: -Infinity },
];
Deno.test.each(REGAINED)(
  "heardInVainAt() for a candidate that $name",
  { permissions: "none" },
  ({ proofs, at }) => {
    const { ctx, group } = watched({});
    group.asking.since = NOW - 300;
    for (const proof of proofs) noteProof(ctx, proof, proof);
    assertEquals(heardInVainAt(ctx, group), at);
  },
);

const UNPROVEN = [
  {
    name: "was heard since",
    proofAt: NOW - 50,
    beatAt: NOW - 100,
    at: Infinity,
  },
  {
    name: "was last heard before",
    proofAt: NOW - 150,
    beatAt: NOW - 359,
    at: NOW + 51,
  },
  {
    name: "heard nobody but the lost owner",
    proofAt: NOW - 150,
    beatAt: NOW - 360,
    at: Infinity,
  },
  {
    name: "is the only member",
    proofAt: -Infinity,
    beatAt: -Infinity,
    at: Infinity,
  },
];
Deno.test.each(UNPROVEN)(
  "unprovenAt() of who took over 60 ms ago and $name",
  { permissions: "none" },
  ({ proofAt, beatAt, at }) => {
    const { ctx, group } = watched(undefined);
    ctx.segment.proofAt = proofAt;
    group.claimedAt = NOW - 60;
    group.before = { seen: NO_CLAIM, beatAt };
    assertEquals(unprovenAt(ctx, group), at);
  },
);

Deno.test("takeOverClaim() is above what was seen, unless made alone", {
  permissions: "none",
}, () => {
  const { ctx, group } = watched({});
  const ours = { hash: hashOf(ME), node: ME };
  assertEquals(takeOverClaim(ctx, group, false), {
    term: 5,
    full: true,
    ...ours,
  });
  assertEquals(takeOverClaim(ctx, group, true), {
    term: 4,
    full: false,
    ...ours,
  });
  group.seen = { ...group.seen, term: 0 };
  assertEquals(takeOverClaim(ctx, group, true).term, 1, "0 is no term");
  group.seen = { ...group.seen, term: MAX_TERM };
  assertEquals(takeOverClaim(ctx, group, false).term, MAX_TERM);
});

const BROADCASTS = [
  {
    name: "hears others",
    full: true,
    heardAt: NOW - 299,
    hasPeers: true,
    may: true,
  },
  {
    name: "hears nobody",
    full: true,
    heardAt: NOW - 300,
    hasPeers: true,
    may: false,
  },
  {
    name: "is the only member",
    full: true,
    heardAt: -Infinity,
    hasPeers: false,
    may: true,
  },
  {
    name: "claims alone",
    full: false,
    heardAt: NOW,
    hasPeers: true,
    may: false,
  },
];
Deno.test.each(BROADCASTS)(
  "mayBroadcast() of an owner that $name is $may",
  { permissions: "none" },
  ({ full, heardAt, hasPeers, may }) => {
    const { ctx, group } = watched(undefined);
    group.claim = claimOf(ME, 1, full);
    Object.assign(ctx.segment, { heardAt, beatAt: NOW - 100, hasPeers });
    assertEquals(mayBroadcast(ctx, group, NOW), may);
  },
);

Deno.test("claimInQuestion() is the owner's, the loser's, or none", {
  permissions: "none",
}, () => {
  const { group } = watched({});
  assertEquals(claimInQuestion(group), undefined);
  group.loss.gave = claimOf(ME, 3);
  group.loss.reminders = 2;
  assertEquals(claimInQuestion(group), claimOf(ME, 3));
  group.role = "owner";
  group.claim = claimOf(ME, 7);
  assertEquals(claimInQuestion(group), claimOf(ME, 7));
});
