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
import type { Context } from "./context.ts";
import { flapsAfter, holdAfter } from "./failback.ts";
import type { Group } from "./group.ts";
import { addGroup, addPeer, makeContext } from "./test_context.ts";
import { timingFor } from "./timing.ts";
import {
  exitPeriod,
  keptClaim,
  LATEST_EXIT,
  leaveReason,
  nextSuccessor,
  offeredTerm,
  takesOffer,
} from "./yielding.ts";

const NOW = 100_000;
const SOUND = { beatAt: NOW - 50, isTwoWay: true, isArmed: true };

function owner(order: readonly number[]): {
  readonly ctx: Context;
  readonly group: Group;
} {
  const ctx = makeContext(ME, new RecordingSink());
  for (const node of [ANNA, BERT, CARL]) addPeer(ctx, node, SOUND);
  const group = addGroup(ctx, GROUP, order);
  group.role = "owner";
  group.claim = claimOf(ME, 3);
  group.seen = group.claim;
  return { ctx, group };
}

/** A first candidate that newly comes first: who it is, and until when it is waited for. */
function reorder(group: Group, until: number): void {
  group.placed = [ANNA];
  group.placementUntil = until;
}

interface LeaveCase {
  readonly name: string;
  readonly order: readonly number[];
  readonly change?: (ctx: Context, group: Group) => void;
  readonly reason: string | undefined;
}

const LEAVES: readonly LeaveCase[] = [
  { name: "comes first", order: [ME, ANNA], reason: undefined },
  {
    name: "does not come first, and nothing changed",
    order: [ANNA, ME],
    reason: undefined,
  },
  { name: "is no candidate", order: [ANNA, BERT], reason: "notCandidate" },
  {
    name: "drains",
    order: [ME, ANNA],
    change: ({ self }) => self.lifecycle = "draining",
    reason: "drain",
  },
  {
    name: "drains, but nobody took it just before",
    order: [ME, ANNA],
    change: ({ self }, { handover }) => {
      self.lifecycle = "draining";
      handover.retryAt = NOW + 1;
    },
    reason: undefined,
  },
  {
    name: "ends, even if nobody took it just before",
    order: [ME, ANNA],
    change: ({ self }, { handover }) => {
      self.lifecycle = "exiting";
      handover.retryAt = NOW + 1;
    },
    reason: "exit",
  },
  {
    name: "has a main thread that says nothing",
    order: [ME, ANNA],
    change: ({ self }) => self.isMainSilent = true,
    reason: "mainSilent",
  },
  {
    name: "no longer comes first of those who are here",
    order: [ANNA, ME],
    change: (_, group) => reorder(group, NOW + 1),
    reason: "placement",
  },
  {
    name: "did not come first before the order changed behind the first",
    order: [ANNA, ME],
    change: (_, group) => {
      reorder(group, NOW + 1);
      group.placed = [BERT];
    },
    reason: undefined,
  },
  {
    name: "no longer comes first, but the first is not in sound contact",
    order: [ANNA, ME],
    change: (ctx, group) => {
      reorder(group, NOW + 1);
      addPeer(ctx, ANNA, { isTwoWay: false });
    },
    reason: undefined,
  },
  {
    name: "no longer comes first, and contact with the new first only begins",
    order: [BERT, ANNA, ME],
    change: (ctx, group) => {
      reorder(group, NOW + 9001);
      addPeer(ctx, BERT, { isTwoWay: false });
    },
    reason: undefined,
  },
  {
    name: "no longer comes first, and contact with the new first did not begin",
    order: [BERT, ANNA, ME],
    change: (ctx, group) => {
      reorder(group, NOW + 9000);
      addPeer(ctx, BERT, { isTwoWay: false });
    },
    reason: "placement",
  },
  {
    name: "no longer comes first, and the new first is dead",
    order: [BERT, ANNA, ME],
    change: (ctx, group) => {
      reorder(group, NOW + 9001);
      addPeer(ctx, BERT, { isAlive: false });
    },
    reason: "placement",
  },
  {
    name: "has just been offered it against its own view",
    order: [ANNA, BERT],
    change: (_, group) => group.overrideUntil = NOW + 1,
    reason: undefined,
  },
  {
    name: "comes after one that has been back for the hold time",
    order: [ANNA, ME],
    change: (ctx, group) => {
      group.failback = { kind: "immediate" };
      addPeer(ctx, ANNA, { steadySince: NOW - 10_000 });
    },
    reason: "failback",
  },
  {
    name: "comes after one that has not been back for the hold time",
    order: [ANNA, ME],
    change: (ctx, group) => {
      group.failback = { kind: "immediate" };
      addPeer(ctx, ANNA, { steadySince: NOW - 9999 });
    },
    reason: undefined,
  },
  {
    name: "comes after one that failed twice of late",
    order: [ANNA, ME],
    change: (ctx, group) => {
      group.failback = { kind: "immediate" };
      addPeer(ctx, ANNA, { steadySince: NOW - 39_999, flaps: 2 });
    },
    reason: undefined,
  },
  {
    name: "waits longer by its policy",
    order: [ANNA, ME],
    change: (ctx, group) => {
      group.failback = { kind: "delay", delay: 5000 };
      addPeer(ctx, ANNA, { steadySince: NOW - 14_999 });
    },
    reason: undefined,
  },
  {
    name: "has waited as long as its policy says",
    order: [ANNA, ME],
    change: (ctx, group) => {
      group.failback = { kind: "delay", delay: 5000 };
      addPeer(ctx, ANNA, { steadySince: NOW - 15_000 });
    },
    reason: "failback",
  },
  {
    name: "gives nothing back by its policy",
    order: [ANNA, ME],
    change: (ctx, group) => {
      group.failback = { kind: "never" };
      addPeer(ctx, ANNA, { steadySince: NOW - 1e9 });
    },
    reason: undefined,
  },
];
Deno.test.each(LEAVES)(
  "leaveReason() of an owner that $name is $reason",
  { permissions: "none" },
  ({ order, change, reason }) => {
    const { ctx, group } = owner(order);
    change?.(ctx, group);
    assertEquals(leaveReason(ctx, group, NOW), reason);
  },
);

interface SuccessorCase {
  readonly name: string;
  readonly change: (ctx: Context, group: Group) => void;
  readonly successor: number | undefined;
}

const SUCCESSORS: readonly SuccessorCase[] = [
  { name: "the first", change: () => {}, successor: ANNA },
  {
    name: "the next, when the first was tried",
    change: (_, { handover }) => handover.tried.add(ANNA),
    successor: BERT,
  },
  {
    name: "the next, when the first is dead",
    change: (ctx) => addPeer(ctx, ANNA, { isAlive: false }),
    successor: BERT,
  },
  {
    name: "the next, when the first drains",
    change: (ctx) => addPeer(ctx, ANNA, { state: "draining" }),
    successor: BERT,
  },
  {
    name: "the next, when the first does not hear us",
    change: (ctx) => addPeer(ctx, ANNA, { isTwoWay: false }),
    successor: BERT,
  },
  {
    name: "the next, when the first knows no offers",
    change: (ctx) => addPeer(ctx, ANNA, { speaksClaims: false }),
    successor: BERT,
  },
  {
    name: "the first that may be there, when nobody is in sound contact",
    change: (ctx) => {
      for (const node of [ANNA, BERT, CARL]) {
        addPeer(ctx, node, { beatAt: NOW - 300 });
      }
    },
    successor: ANNA,
  },
  {
    name: "nobody, when all were tried",
    change: (_, { handover }) => {
      for (const node of [ANNA, BERT, CARL]) handover.tried.add(node);
    },
    successor: undefined,
  },
];
Deno.test(
  "nextSuccessor() of a returned node's group is nobody behind the owner",
  { permissions: "none" },
  () => {
    const { ctx, group } = owner([ANNA, ME, BERT]);
    group.handover.reason = "failback";
    assertEquals(nextSuccessor(ctx, group, NOW), ANNA);
    group.handover.tried.add(ANNA);
    assertEquals(nextSuccessor(ctx, group, NOW), undefined);
    group.handover.reason = "drain";
    assertEquals(nextSuccessor(ctx, group, NOW), BERT);
  },
);

Deno.test.each(SUCCESSORS)(
  "nextSuccessor() is $name",
  { permissions: "none" },
  ({ change, successor }) => {
    const { ctx, group } = owner([ME, ANNA, BERT, CARL]);
    change(ctx, group);
    assertEquals(nextSuccessor(ctx, group, NOW), successor);
  },
);

const OFFERS = [
  { name: "of the owner, above all seen", from: ANNA, term: 4, takes: true },
  { name: "no higher than what was seen", from: ANNA, term: 3, takes: false },
  { name: "of another than the owner", from: BERT, term: 4, takes: false },
];
Deno.test.each(OFFERS)(
  "takesOffer() $name is $takes",
  { permissions: "none" },
  ({ from, term, takes }) => {
    const { ctx, group } = owner([ANNA, ME]);
    group.role = "idle";
    group.seen = claimOf(ANNA, 3);
    group.believe(group.seen, ctx.segment.peer(ANNA), 0);
    assertEquals(takesOffer(ctx, group, from, term), takes);
  },
);

const REFUSALS: readonly {
  readonly name: string;
  readonly change: (ctx: Context, group: Group) => void;
}[] = [
  { name: "is starting", change: ({ self }) => self.lifecycle = "starting" },
  { name: "drains", change: ({ self }) => self.lifecycle = "draining" },
  {
    name: "does not know the addresses",
    change: (_, group) => group.isKnown = false,
  },
  { name: "owns it already", change: (_, group) => group.role = "owner" },
];
Deno.test.each(REFUSALS)(
  "takesOffer() is false for a node that $name",
  { permissions: "none" },
  ({ change }) => {
    const { ctx, group } = owner([ANNA, ME]);
    group.role = "idle";
    assertEquals(takesOffer(ctx, group, ANNA, 9), true);
    change(ctx, group);
    assertEquals(takesOffer(ctx, group, ANNA, 9), false);
  },
);

Deno.test("offeredTerm() is above all, and keptClaim() above that", {
  permissions: "none",
}, () => {
  const { ctx, group } = owner([ME]);
  ctx.segment.heardAt = NOW - 100;
  group.handover.since = NOW - 1900;
  group.seen = claimOf(ANNA, 6);
  assertEquals(offeredTerm(group), 7);
  assertEquals(keptClaim(ctx, group, NOW), claimOf(ME, 8));
});

Deno.test(
  "keptClaim() of an owner that hears others again is the one that it has",
  {
    permissions: "none",
  },
  () => {
    const { ctx, group } = owner([ME]);
    ctx.segment.heardAt = NOW;
    group.handover.since = NOW - 500;
    ctx.segment.regainedAt = NOW - 10;
    assertEquals(keptClaim(ctx, group, NOW), claimOf(ME, 3));
  },
);

Deno.test("keptClaim() of an owner that hears nobody is the one that it has", {
  permissions: "none",
}, () => {
  const { ctx, group } = owner([ME]);
  ctx.segment.heardAt = NOW - 2000;
  assertEquals(keptClaim(ctx, group, NOW), claimOf(ME, 3));
});

Deno.test("holdAfter() doubles with each flap, up to five minutes", {
  permissions: "none",
}, () => {
  const holds = [0, 1, 2, 3, 4, 5, 6].map((flaps) => holdAfter(10_000, flaps));
  assertEquals(holds, [
    10_000,
    20_000,
    40_000,
    80_000,
    160_000,
    300_000,
    300_000,
  ]);
  assertEquals(holdAfter(600_000, 3), 600_000);
});

Deno.test(
  "flapsAfter() counts what broke soon, and forgets after five minutes",
  {
    permissions: "none",
  },
  () => {
    assertEquals(flapsAfter(2, 299_999), 3);
    assertEquals(flapsAfter(2, 300_000), 0);
  },
);

Deno.test.each([
  { beat: 100, isStretched: false, period: 2000 },
  { beat: 500, isStretched: true, period: 2000 },
  { beat: 1100, isStretched: true, period: 2400 },
  { beat: 5000, isStretched: true, period: LATEST_EXIT },
])(
  "exitPeriod() with a beat each $beat ms is $period ms",
  { permissions: "none" },
  ({ beat, isStretched, period }) => {
    const ctx = makeContext(ME, new RecordingSink());
    ctx.self.timing = timingFor(beat, 3);
    assertEquals(ctx.self.isStretched, isStretched);
    assertEquals(exitPeriod(ctx), period);
  },
);
