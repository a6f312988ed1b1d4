import { assertEquals } from "@std/assert";
import {
  ANNA,
  beatFrom,
  BERT,
  CARL,
  claimOf,
  GROUP,
  ME,
  RecordingSink,
} from "../../tests/claims_rig.ts";
import { Beat, MAX_AGE, NO_CLAIM, NO_OWNER } from "../ownership/mod.ts";
import { readBeat } from "./beat_reader.ts";
import { sendBeats } from "./beat_writer.ts";
import {
  detectionOf,
  hearsAll,
  heedsEnd,
  incarnationAfter,
  isDenied,
  isDisarmed,
  isSound,
  lifeOf,
  lifeOfBeat,
  tellsEnd,
} from "./liveness.ts";
import { addGroup, addPeer, makeContext } from "./test_context.ts";
import { timingFor } from "./timing.ts";

const NOW = 10_000;
const TIMING = timingFor(100, 3);

const DATED = [
  { name: "that heard something just now", newestAge: 0, life: NOW },
  { name: "that heard something a beat ago", newestAge: 100, life: NOW },
  { name: "that is deaf for 250 ms", newestAge: 250, life: NOW - 150 },
  {
    name: "that is deaf for longer than can be told",
    newestAge: MAX_AGE,
    life: -Infinity,
  },
];
Deno.test.each(DATED)(
  "lifeOfBeat() of a sender $name",
  { permissions: "none" },
  ({ newestAge, life }) => {
    assertEquals(lifeOfBeat(beatFrom(ANNA, 1, { newestAge }), NOW), life);
  },
);

const HEARD = [
  { name: "a cluster of one", segments: [{}], all: true },
  {
    name: "everybody on one segment at least",
    segments: [
      { [ANNA]: { beatAt: NOW - 100 }, [BERT]: { beatAt: -Infinity } },
      { [BERT]: { beatAt: NOW - 250 } },
    ],
    all: true,
  },
  {
    name: "all but one that lives",
    segments: [
      { [ANNA]: { beatAt: NOW - 100 }, [BERT]: { beatAt: NOW - 300 } },
      { [BERT]: { beatAt: -Infinity } },
    ],
    all: false,
  },
  {
    name: "a slow one within its own time",
    segments: [{ [ANNA]: { beatAt: NOW - 900, interval: 500 } }],
    all: true,
  },
  {
    name: "all but the dead",
    segments: [{ [ANNA]: { beatAt: NOW }, [BERT]: { isAlive: false } }],
    all: true,
  },
  {
    name: "all but one that knows no claims, and no beats",
    segments: [{ [ANNA]: { beatAt: NOW }, [BERT]: { speaksClaims: false } }],
    all: false,
  },
  { name: "nobody but itself", segments: [{ [ME]: {} }], all: true },
];
Deno.test.each(HEARD)(
  "hearsAll() of a node that hears $name is $all",
  { permissions: "none" },
  ({ segments, all }) => {
    const contexts = segments.map((peers) => {
      const ctx = makeContext(ME, new RecordingSink());
      for (const [node, fields] of Object.entries(peers)) {
        addPeer(ctx, Number(node), fields);
      }
      return ctx;
    });
    const { self } = makeContext(ME, new RecordingSink());
    assertEquals(hearsAll(contexts, self, NOW), all);
  },
);

const DETECTION = [
  { interval: 0, detection: 300 },
  { interval: 50, detection: 300 },
  { interval: 100, detection: 300 },
  { interval: 250, detection: 750 },
];
Deno.test.each(DETECTION)(
  "detectionOf() a peer that beats every $interval ms is $detection ms",
  { permissions: "none" },
  ({ interval, detection }) => {
    const ctx = makeContext(ME, new RecordingSink());
    const peer = addPeer(ctx, ANNA, { interval });
    assertEquals(detectionOf(peer, TIMING), detection);
  },
);

const VETOES = [
  {
    name: "vouches for it",
    witness: { isTwoWay: true, beatAt: NOW - 50 },
    report: { incarnation: 7, life: NOW - 60 },
    life: NOW - 60,
  },
  {
    name: "does not hear us",
    witness: { isTwoWay: false, beatAt: NOW - 50 },
    report: { incarnation: 7, life: NOW - 60 },
    life: NOW - 250,
  },
  {
    name: "is itself silent",
    witness: { isTwoWay: true, beatAt: NOW - 300 },
    report: { incarnation: 7, life: NOW - 60 },
    life: NOW - 250,
  },
  {
    name: "means an earlier life of it",
    witness: { isTwoWay: true, beatAt: NOW - 50 },
    report: { incarnation: 6, life: NOW - 60 },
    life: NOW - 250,
  },
  {
    name: "knows less",
    witness: { isTwoWay: true, beatAt: NOW - 50 },
    report: { incarnation: 7, life: NOW - 400 },
    life: NOW - 250,
  },
];
Deno.test.each(VETOES)(
  "lifeOf() a silent peer when another $name",
  { permissions: "none" },
  ({ witness, report, life }) => {
    const ctx = makeContext(ME, new RecordingSink());
    const peer = addPeer(ctx, ANNA, { incarnation: 7, life: NOW - 250 });
    addPeer(ctx, BERT, witness).reports.set(ANNA, report);
    assertEquals(lifeOf(ctx, peer, NOW), life);
  },
);

const CONTACT = [
  { fields: { beatAt: NOW - 299, isTwoWay: true }, sound: true },
  { fields: { beatAt: NOW - 300, isTwoWay: true }, sound: false },
  { fields: { beatAt: NOW, isTwoWay: false }, sound: false },
];
Deno.test.each(CONTACT)(
  "isSound() of contact $fields is $sound",
  { permissions: "none" },
  ({ fields, sound }) => {
    const peer = addPeer(makeContext(ME, new RecordingSink()), ANNA, fields);
    assertEquals(isSound(peer, TIMING, NOW), sound);
  },
);

const SESSIONS = [
  { fields: { isWanted: true, beatAt: NOW - 1000 }, disarmed: false },
  { fields: { isWanted: false, beatAt: NOW - 100 }, disarmed: false },
  { fields: { isWanted: false, beatAt: NOW - 300 }, disarmed: true },
  {
    fields: { isWanted: false, beatAt: NOW - 300, wantsUsAt: NOW - 300 },
    disarmed: false,
  },
  {
    fields: { isWanted: false, beatAt: NOW - 300, wantsUsAt: NOW - 400 },
    disarmed: true,
  },
  {
    fields: { isWanted: false, beatAt: NOW - 1300, wantsUsAt: NOW - 1300 },
    disarmed: true,
  },
];
Deno.test.each(SESSIONS)(
  "isDisarmed() of a session $fields is $disarmed",
  { permissions: "none" },
  ({ fields, disarmed }) => {
    const peer = addPeer(makeContext(ME, new RecordingSink()), ANNA, fields);
    assertEquals(isDisarmed(peer, TIMING, NOW), disarmed);
  },
);

const INCARNATIONS = [
  { own: 5, remembered: 0, after: 5 },
  { own: 5, remembered: 5, after: 5 },
  { own: 5, remembered: 9, after: 10 },
];
Deno.test.each(INCARNATIONS)(
  "incarnationAfter() $own remembered as $remembered is $after",
  { permissions: "none" },
  ({ own, remembered, after }) => {
    assertEquals(incarnationAfter(own, remembered), after);
  },
);

const DENIALS = [
  {
    name: "claims it",
    isArmed: true,
    isFollowed: true,
    beatAt: NOW,
    claims: true,
    denied: false,
  },
  {
    name: "claims nothing",
    isArmed: true,
    isFollowed: true,
    beatAt: NOW,
    claims: false,
    denied: true,
  },
  {
    name: "has not told all",
    isArmed: true,
    isFollowed: false,
    beatAt: NOW,
    claims: false,
    denied: false,
  },
  {
    name: "has not beaten since",
    isArmed: true,
    isFollowed: true,
    beatAt: NOW - 50,
    claims: false,
    denied: false,
  },
  {
    name: "has no session with us",
    isArmed: false,
    isFollowed: true,
    beatAt: NOW,
    claims: false,
    denied: false,
  },
];
Deno.test.each(DENIALS)(
  "isDenied() an owner believed in for 160 ms that $name is $denied",
  { permissions: "none" },
  ({ isArmed, isFollowed, beatAt, claims, denied }) => {
    const ctx = makeContext(ME, new RecordingSink());
    const peer = addPeer(ctx, ANNA, { isArmed, beatAt });
    peer.isFollowed = isFollowed;
    const claim = claimOf(ANNA, 1);
    if (claims) peer.told.set(GROUP, { claim, round: 0 });
    const group = addGroup(ctx, GROUP, [ANNA, ME]);
    group.believe(claim, peer, NOW - 160);
    assertEquals(isDenied(group, TIMING, NOW), denied);
  },
);

const TOLD_ENDS = [
  { name: "to a candidate", told: true },
  { name: "to nobody who is no candidate", to: CARL, told: false },
  { name: "to the owner itself", to: ANNA, told: false },
  { name: "not when another claims the group", claimant: CARL, told: false },
  { name: "not when we do not hear that owner", age: 300, told: false },
  {
    name: "not when we have not followed it",
    isFollowed: false,
    told: false,
  },
];
Deno.test.each(TOLD_ENDS)(
  "tellsEnd() of an owner's claim $name",
  { permissions: "none" },
  ({ to = BERT, claimant, age = 50, isFollowed = true, told }) => {
    const ctx = makeContext(ME, new RecordingSink());
    const owner = addPeer(ctx, ANNA, { beatAt: NOW - age });
    owner.isFollowed = isFollowed;
    addPeer(ctx, BERT);
    const group = addGroup(ctx, GROUP, [BERT, ANNA]);
    if (claimant !== undefined) {
      addPeer(ctx, claimant, { beatAt: NOW - 50 })
        .tell(group, claimOf(claimant, 2));
    }
    assertEquals(tellsEnd(ctx, group, owner, addPeer(ctx, to), NOW), told);
  },
);

Deno.test(
  "readBeat() with a claim that ended before we started remembers it, unless another owns the group",
  {
    permissions: "none",
  },
  () => {
    const ctx = makeContext(ME, new RecordingSink());
    const owner = addPeer(ctx, ANNA);
    const [unknown, known] = [GROUP, GROUP + 1].map((id) =>
      addGroup(ctx, id, [BERT])
    );
    known?.believe(claimOf(BERT, 2), addPeer(ctx, BERT), NOW - 1000);
    const claims = [GROUP, GROUP + 1].map((group) => ({
      group,
      claim: NO_CLAIM,
    }));
    readBeat(ctx, beatFrom(ANNA, 1, { claims }), NOW, false);
    assertEquals([...ctx.segment.ended], [[unknown, owner]]);
  },
);

const HEEDED_ENDS = [
  { name: "vouches for an owner that we do not hear", heeded: true },
  { name: "does not hear us", isTwoWay: false, heeded: false },
  { name: "does not vouch for it", vouches: false, heeded: false },
  { name: "is the owner itself", from: ANNA, heeded: false },
  { name: "speaks of an owner that we hear", age: 299, heeded: false },
  { name: "speaks of a group of ours", role: "owner", heeded: false },
  { name: "speaks of whom we look for already", role: "lost", heeded: false },
] as const;
Deno.test.each(HEEDED_ENDS)(
  "heedsEnd() told by a peer that $name",
  { permissions: "none" },
  (row) => {
    const { from, isTwoWay, vouches, age, role, heeded } = {
      ...{ from: BERT, isTwoWay: true, vouches: true, age: 300 },
      ...{ role: "idle" as const },
      ...row,
    };
    const ctx = makeContext(ME, new RecordingSink());
    const owner = addPeer(ctx, ANNA, { beatAt: NOW - age });
    const group = addGroup(ctx, GROUP, [ME]);
    group.believe(claimOf(ANNA, 1), owner, NOW - 1000);
    group.role = role;
    const peer = addPeer(ctx, from, { isTwoWay });
    if (vouches) peer.reports.set(ANNA, { incarnation: 1, life: NOW - 50 });
    assertEquals(heedsEnd(ctx, group, peer, NOW), heeded);
  },
);

Deno.test(
  "sendBeats() tells a candidate that a claim has ended, until there is another",
  {
    permissions: "none",
  },
  () => {
    const sink = new RecordingSink();
    const ctx = makeContext(ME, sink);
    const owner = addPeer(ctx, ANNA);
    const candidate = addPeer(ctx, BERT);
    const group = addGroup(ctx, GROUP, [BERT]);
    const claims = (term: number): Beat =>
      beatFrom(ANNA, term === 0 ? 2 : 1, {
        claims: [{ group: GROUP, claim: claimOf(ANNA, term) }],
      });
    const told = (): readonly unknown[] => {
      sendBeats(ctx, new Beat(), candidate, 0, NOW);
      const { offers } = sink.beats.at(-1)?.beat ?? new Beat();
      return Array.from({ length: offers.length }, (_, at) => offers.at(at));
    };
    readBeat(ctx, claims(1), NOW, false);
    assertEquals(group.ownerPeer, owner);
    assertEquals(told(), []);
    readBeat(ctx, claims(0), NOW, false);
    assertEquals(told(), [{ group: GROUP, term: NO_OWNER }]);
    group.believe(claimOf(BERT, 2), candidate, NOW);
    assertEquals(told(), []);
    assertEquals(ctx.segment.ended.size, 0);
  },
);

Deno.test(
  "readBeat() with the end of a claim takes nothing over, but looks for the owner",
  {
    permissions: "none",
  },
  () => {
    const ctx = makeContext(ME, new RecordingSink());
    const owner = addPeer(ctx, ANNA, { isArmed: true, incarnation: 1 });
    const group = addGroup(ctx, GROUP, [ME]);
    group.believe(claimOf(ANNA, 1), owner, NOW - 1000);
    const beat = beatFrom(BERT, 1, {
      offers: [{ group: GROUP, term: NO_OWNER }],
    });
    const vouched = { incarnation: 1, age: 0, twoWay: true, lifeAge: 20 };
    Object.assign(beat.heard.add(), { node: ANNA, ...vouched });
    readBeat(ctx, beat, NOW, false);
    assertEquals(group.owner, NO_CLAIM);
    assertEquals(group.isOurs, false);
  },
);

Deno.test.each([
  { name: "what a beat can tell", age: MAX_AGE - 1, isHeard: true },
  { name: "the highest age, or more", age: MAX_AGE, isHeard: false },
])(
  "readBeat() where beats are so rare that $name is within the detection time: $isHeard",
  { permissions: "none" },
  ({ age, isHeard }) => {
    const ctx = makeContext(ME, new RecordingSink());
    ctx.self.timing = timingFor(5000, 20);
    const peer = addPeer(ctx, ANNA);
    const beat = beatFrom(ANNA, 1, { interval: 5000 });
    beat.heard.at(0).age = age;
    const other = { node: BERT, incarnation: 1, age, twoWay: true };
    Object.assign(beat.heard.add(), { ...other, lifeAge: age });
    readBeat(ctx, beat, NOW, false);
    assertEquals([peer.isTwoWay, peer.reports.has(BERT)], [isHeard, isHeard]);
  },
);

Deno.test(
  "tellsEnd() although a node that is silent since long claimed the group is true",
  { permissions: "none" },
  () => {
    const ctx = makeContext(ME, new RecordingSink());
    const owner = addPeer(ctx, ANNA, { beatAt: NOW - 50 });
    owner.isFollowed = true;
    addPeer(ctx, BERT);
    const group = addGroup(ctx, GROUP, [BERT, ANNA]);
    addPeer(ctx, 9, { beatAt: NOW - 3_600_000, isAlive: false })
      .tell(group, claimOf(9, 1));
    assertEquals(tellsEnd(ctx, group, owner, addPeer(ctx, BERT), NOW), true);
  },
);
