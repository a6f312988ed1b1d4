import { assertEquals } from "@std/assert";
import {
  ANNA,
  BERT,
  CARL,
  claimOf,
  GROUP,
  ME,
  RecordingSink,
} from "../../tests/claims_rig.ts";
import { NO_CLAIM } from "../ownership/mod.ts";
import {
  isAvailable,
  isPresent,
  partnersOf,
  rankDelay,
  rankOf,
} from "./order.ts";
import {
  addGroup,
  addPeer,
  makeContext,
  type PeerFields,
} from "./test_context.ts";
import { timingFor } from "./timing.ts";

const NOW = 10_000;

const AVAILABILITY = [
  { name: "alive, never heard", fields: {}, is: true },
  { name: "dead by membership", fields: { isAlive: false }, is: false },
  {
    name: "draining by its last beat",
    fields: { state: "draining", beatAt: NOW - 100 },
    is: false,
  },
  {
    name: "starting by its last beat",
    fields: { state: "starting", beatAt: NOW - 1000 },
    is: false,
  },
  {
    name: "draining by a beat of long ago",
    fields: { state: "draining", beatAt: NOW - 1001 },
    is: true,
  },
  {
    name: "draining, and beats every 2 s",
    fields: { state: "draining", beatAt: NOW - 4000, interval: 2000 },
    is: false,
  },
] as const;
Deno.test.each(AVAILABILITY)(
  "isAvailable() of a peer that is $name",
  { permissions: "none" },
  ({ fields, is }) => {
    const peer = addPeer(makeContext(ME, new RecordingSink()), ANNA, fields);
    assertEquals(isAvailable(peer, NOW), is);
  },
);

const RANKS = [
  { name: "first", order: [ME, ANNA], owner: 0, dead: [], rank: 1 },
  { name: "behind two", order: [ANNA, BERT, ME], owner: 0, dead: [], rank: 3 },
  {
    name: "behind the owner",
    order: [ANNA, ME],
    owner: ANNA,
    dead: [],
    rank: 1,
  },
  {
    name: "behind the owner and a dead one",
    order: [BERT, ANNA, CARL, ME],
    owner: ANNA,
    dead: [BERT],
    rank: 2,
  },
  {
    name: "not there",
    order: [ANNA, BERT],
    owner: 0,
    dead: [],
    rank: Infinity,
  },
];
Deno.test.each(RANKS)(
  "rankOf() this node $name",
  { permissions: "none" },
  ({ order, owner, dead, rank }) => {
    const ctx = makeContext(ME, new RecordingSink());
    for (const node of dead) addPeer(ctx, node, { isAlive: false });
    const group = addGroup(ctx, GROUP, order);
    if (owner !== 0) {
      group.believe(claimOf(owner, 1), ctx.segment.peer(owner), 0);
    }
    assertEquals(rankOf(ctx, group, NOW), rank);
  },
);

const STARTING = { state: "starting", beatAt: NOW - 100 } as const;
const RESERVE_RANKS = [
  { name: "alone", order: [ME], owner: 0, rank: 1 },
  { name: "before a candidate that is ready", order: [ME, ANNA], rank: 2 },
  { name: "behind one", order: [ANNA, ME], rank: 2 },
  { name: "before one that starts", order: [ME, BERT], rank: 1 },
  { name: "behind one that starts", order: [BERT, ME], rank: 2 },
  { name: "behind a dead one", order: [CARL, ME], rank: 1 },
  { name: "before the owner", order: [ME, ANNA], owner: ANNA, rank: 1 },
  { name: "amid all", order: [BERT, ME, CARL, ANNA], rank: 3 },
  { name: "not there", order: [ANNA, BERT], rank: Infinity },
];
Deno.test.each(RESERVE_RANKS)(
  "rankOf() this node as a reserve $name",
  { permissions: "none" },
  ({ order, owner, rank }) => {
    const ctx = makeContext(ME, new RecordingSink());
    ctx.self.lifecycle = "reserve";
    addPeer(ctx, BERT, STARTING);
    addPeer(ctx, CARL, { isAlive: false });
    const group = addGroup(ctx, GROUP, order);
    if (owner === ANNA) {
      group.believe(claimOf(owner, 1), ctx.segment.peer(owner), 0);
    }
    assertEquals(rankOf(ctx, group, NOW), rank);
  },
);

Deno.test("rankDelay() grows by 100 ms up to the fifth rank", {
  permissions: "none",
}, () => {
  const ctx = makeContext(ME, new RecordingSink());
  const delays = [1, 2, 3, 4, 5, 6, 50].map((rank) => rankDelay(ctx, rank));
  assertEquals(delays, [0, 100, 200, 300, 400, 400, 400]);
});

const DORA = 5;
const PARTNERS = [
  {
    name: "the owner: its first two standbys",
    order: [ME, ANNA, BERT, CARL],
    owner: ME,
    dead: [],
    wanted: [ANNA, BERT],
  },
  {
    name: "the owner of a dead standby: the next as well",
    order: [ME, ANNA, BERT, CARL],
    owner: ME,
    dead: [ANNA],
    wanted: [ANNA, BERT, CARL],
  },
  {
    name: "a standby: the owner and the other standby",
    order: [ANNA, ME, BERT, CARL],
    owner: ANNA,
    dead: [],
    wanted: [ANNA, BERT],
  },
  {
    name: "a standby behind the owner that comes last",
    order: [BERT, ME, CARL, ANNA],
    owner: ANNA,
    dead: [],
    wanted: [ANNA, BERT],
  },
  {
    name: "nobody's standby: none",
    order: [ANNA, BERT, CARL, ME],
    owner: ANNA,
    dead: [],
    wanted: [],
  },
  {
    name: "a standby only while others are dead",
    order: [ANNA, BERT, CARL, DORA, ME],
    owner: ANNA,
    dead: [BERT, CARL],
    wanted: [ANNA, DORA],
  },
  {
    name: "a candidate of an unowned group: the first as its owner",
    order: [ANNA, ME, BERT],
    owner: 0,
    dead: [],
    wanted: [ANNA, BERT],
  },
];
Deno.test.each(PARTNERS)(
  "partnersOf() of $name",
  { permissions: "none" },
  ({ order, owner, dead, wanted }) => {
    const ctx = makeContext(ME, new RecordingSink());
    for (const node of [ANNA, BERT, CARL, DORA]) {
      addPeer(ctx, node, { isAlive: !dead.includes(node) });
    }
    const group = addGroup(ctx, GROUP, order);
    if (owner === ME) group.role = "owner";
    else if (owner !== 0) {
      group.believe(claimOf(owner, 1), ctx.segment.peer(owner), 0);
    }
    const partners = partnersOf(ctx, group, NOW).map(({ node }) => node);
    assertEquals(partners.sort(), wanted);
  },
);

const WANTED = { isWanted: true, wantedSince: NOW - 1500 };
const PRESENCE: readonly {
  readonly name: string;
  readonly fields: PeerFields | undefined;
  readonly isThere: boolean;
  readonly beat?: number;
}[] = [
  { name: "ourselves", fields: undefined, isThere: true },
  { name: "one that nobody beats", fields: {}, isThere: true },
  { name: "one that beats", fields: { ...WANTED, beatAt: NOW }, isThere: true },
  {
    name: "one that was wanted just now",
    fields: { isWanted: true, wantedSince: NOW - 999 },
    isThere: true,
  },
  { name: "one that never beat", fields: WANTED, isThere: false },
  {
    name: "one that has not beaten for a second",
    fields: { ...WANTED, beatAt: NOW - 1000 },
    isThere: false,
  },
  {
    name: "one that beats every 2 s",
    fields: { ...WANTED, beatAt: NOW - 2500, interval: 2000 },
    isThere: true,
  },
  {
    name: "one that has just been wanted, where all beat every 2 s",
    fields: WANTED,
    isThere: true,
    beat: 2000,
  },
];
Deno.test.each(PRESENCE)(
  "isPresent() of $name is $isThere",
  { permissions: "none" },
  ({ fields, isThere, beat = 100 }) => {
    const peer = fields === undefined
      ? undefined
      : addPeer(makeContext(ME, new RecordingSink()), ANNA, fields);
    assertEquals(isPresent(peer, timingFor(beat, 3), NOW), isThere);
  },
);

Deno.test(
  "partnersOf() of the owner of standbys that are not on its segment: those who are, too",
  { permissions: "none" },
  () => {
    const ctx = makeContext(ME, new RecordingSink());
    for (const node of [ANNA, BERT]) addPeer(ctx, node, WANTED);
    for (const node of [CARL, DORA]) addPeer(ctx, node);
    const group = addGroup(ctx, GROUP, [ANNA, BERT, CARL, ME, DORA]);
    group.role = "owner";
    const partners = partnersOf(ctx, group, NOW).map(({ node }) => node);
    assertEquals(partners.sort(), [ANNA, BERT, CARL, DORA]);
  },
);

const ASKERS = [
  { name: "asks in vain", believed: claimOf(ANNA, 1), needs: true },
  { name: "never heard of an owner", believed: undefined, needs: true },
  { name: "knows that nobody owns it", believed: NO_CLAIM, needs: false },
];
Deno.test.each(ASKERS)(
  "partnersOf() of the last candidate that $name are the first ones: $needs",
  {
    permissions: "none",
  },
  ({ believed, needs }) => {
    const ctx = makeContext(ME, new RecordingSink());
    const group = addGroup(ctx, GROUP, [ANNA, BERT, CARL, ME]);
    if (believed !== undefined) {
      group.believe(believed, ctx.segment.peer(believed.node), 0);
    }
    group.asking.since = NOW - 50;
    const partners = partnersOf(ctx, group, NOW).map(({ node }) => node);
    assertEquals(partners.sort(), needs ? [ANNA, BERT, CARL] : []);
  },
);
