import { assertEquals } from "@std/assert";
import {
  ANNA,
  beatFrom,
  BERT,
  claimOf,
  GROUP,
  ME,
  RecordingSink,
} from "../../tests/claims_rig.ts";
import { Beat, MAX_ITEM_WEIGHT, NO_CLAIM } from "../ownership/mod.ts";
import { readBeat } from "./beat_reader.ts";
import { sendBeats } from "./beat_writer.ts";
import type { Context } from "./context.ts";
import type { Group } from "./group.ts";
import {
  heedsOwner,
  learns,
  noteUnheardOf,
  tellsClaimsOf,
} from "./learning.ts";
import type { Lifecycle } from "./self.ts";
import { addGroup, addPeer, makeContext } from "./test_context.ts";

const NOW = 10_000;

const LEARNERS: readonly {
  readonly name: string;
  readonly change?: (group: Group, ctx: Context) => void;
  readonly lifecycle?: Lifecycle;
  readonly learns: boolean;
}[] = [
  { name: "knows of no owner", learns: true },
  { name: "starts", lifecycle: "starting", learns: true },
  { name: "drains", lifecycle: "draining", learns: false },
  { name: "ends", lifecycle: "exiting", learns: false },
  {
    name: "has believed in an owner",
    change: (group) => group.believe(NO_CLAIM, undefined, NOW - 1),
    learns: false,
  },
  {
    name: "is no candidate",
    change: (group) => group.isCandidate = false,
    learns: false,
  },
  {
    name: "has the address announced no more",
    change: (group) => group.isKnown = false,
    learns: false,
  },
  {
    name: "is asked for an address that was never used",
    change: (group) => group.isNew = true,
    learns: false,
  },
  {
    name: "heard of a claim of an address that was never used before",
    change: (group) => {
      group.isNew = true;
      group.see(claimOf(BERT, 1));
    },
    learns: true,
  },
];
Deno.test.each(LEARNERS)(
  "learns() of a node that $name is $learns",
  { permissions: "none" },
  ({ change, lifecycle = "member", learns: expected }) => {
    const ctx = makeContext(ME, new RecordingSink());
    ctx.self.lifecycle = lifecycle;
    const group = addGroup(ctx, GROUP, [ME, ANNA]);
    noteUnheardOf(ctx, group);
    change?.(group, ctx);
    assertEquals(learns(ctx), expected);
    assertEquals(learns(ctx), expected, "and it is so again");
  },
);

Deno.test("learns() of a node that knows of one of two owners is true", {
  permissions: "none",
}, () => {
  const ctx = makeContext(ME, new RecordingSink());
  for (const id of [GROUP, GROUP + 1]) {
    noteUnheardOf(ctx, addGroup(ctx, id, [ME]));
  }
  ctx.segment.group(GROUP).believe(claimOf(ANNA, 1), undefined, NOW);
  assertEquals(learns(ctx), true);
  ctx.segment.group(GROUP + 1).believe(claimOf(ANNA, 1), undefined, NOW);
  assertEquals(learns(ctx), false);
});

const TOLD = [
  { name: "one that we hear", told: true },
  { name: "one that we do not hear", age: 300, told: false },
  { name: "one that the peer hears, too", heard: 299, told: false },
  { name: "one that the peer hears no more", heard: 300, told: true },
  { name: "itself", to: ANNA, told: false },
];
Deno.test.each(TOLD)(
  "tellsClaimsOf() $name is $told",
  { permissions: "none" },
  ({ to = BERT, age = 50, heard, told }) => {
    const ctx = makeContext(ME, new RecordingSink());
    const owner = addPeer(ctx, ANNA, { beatAt: NOW - age });
    const peer = addPeer(ctx, to);
    if (heard !== undefined) {
      peer.reports.set(ANNA, { incarnation: 1, life: NOW - heard });
    }
    assertEquals(tellsClaimsOf(ctx, owner, peer, NOW), told);
  },
);

const HEEDED = [
  { name: "vouches for an owner that we do not hear", heeded: true },
  { name: "does not hear us", isTwoWay: false, heeded: false },
  { name: "does not vouch for it any more", vouched: 300, heeded: false },
  { name: "speaks of one that we hear", age: 299, heeded: false },
  { name: "speaks of one that is no member", node: 99, heeded: false },
  { name: "speaks of a group of ours", role: "owner", heeded: false },
  { name: "speaks of a group whose owner we knew", knew: true, heeded: false },
] as const;
Deno.test.each(HEEDED)(
  "heedsOwner() told by a peer that $name is $heeded",
  { permissions: "none" },
  (row) => {
    const { isTwoWay, vouched, age, node, role, knew, heeded } = {
      ...{ isTwoWay: true, vouched: 50, age: 300, node: ANNA, knew: false },
      ...{ role: "idle" as const },
      ...row,
    };
    const ctx = makeContext(ME, new RecordingSink());
    addPeer(ctx, ANNA, { beatAt: NOW - age });
    const group = addGroup(ctx, GROUP, [ME]);
    if (knew) group.believe(NO_CLAIM, undefined, NOW - 1000);
    group.role = role;
    const from = addPeer(ctx, BERT, { isTwoWay });
    from.reports.set(ANNA, { incarnation: 1, life: NOW - vouched });
    assertEquals(heedsOwner(ctx, group, from, claimOf(node, 2), NOW), heeded);
  },
);

const GROUPS = 1000;

Deno.test(
  "sendBeats() tells a peer that learns a thousand claims in three turns, and no other",
  {
    permissions: "none",
  },
  () => {
    const sink = new RecordingSink();
    const ctx = makeContext(ME, sink);
    const owner = addPeer(ctx, ANNA, { beatAt: NOW - 50 });
    const peer = addPeer(ctx, BERT, { beatAt: NOW - 50 });
    for (let id = GROUP; id < GROUP + GROUPS; id++) {
      const group = addGroup(ctx, id, [ANNA, BERT, ME]);
      owner.tell(group, claimOf(ANNA, 2));
      group.believe(claimOf(ANNA, 2), owner, NOW);
      group.see(claimOf(BERT, 7));
    }
    const turn = (): number => sendBeats(ctx, new Beat(), peer, 0, NOW);
    assertEquals(turn(), 1);
    assertEquals(sink.beats[0]?.beat.corrections.length, 0);
    peer.learns = true;
    assertEquals([turn(), turn(), turn()], [8, 8, 8]);
    const told = new Set<number>();
    for (const { beat } of sink.beats) {
      assertEquals(beat.itemWeight <= MAX_ITEM_WEIGHT, true);
      for (let at = 0; at < beat.corrections.length; at++) {
        const { group, term, node } = beat.corrections.at(at);
        assertEquals({ term, node }, { term: 2, node: ANNA }, "who owns it");
        told.add(group);
      }
    }
    assertEquals(told.size, GROUPS);
  },
);

Deno.test("readBeat() with another's claim believes in it, and does not ask", {
  permissions: "none",
}, () => {
  const ctx = makeContext(ME, new RecordingSink());
  const owner = addPeer(ctx, ANNA);
  const group = addGroup(ctx, GROUP, [ME]);
  const beat = beatFrom(BERT, 1);
  const vouched = { incarnation: 1, age: 0, twoWay: true, lifeAge: 20 };
  Object.assign(beat.heard.add(), { node: ANNA, ...vouched });
  const claim = claimOf(ANNA, 3);
  Object.assign(beat.corrections.add(), { group: GROUP, ...claim });
  readBeat(ctx, beat, NOW, false);
  assertEquals(group.owner, claim);
  assertEquals(group.ownerPeer, owner);
  assertEquals(group.seen, claim);
});

Deno.test("sendBeats() of a node that starts says that it learns", {
  permissions: "none",
}, () => {
  const sink = new RecordingSink();
  const ctx = makeContext(ME, sink);
  const peer = addPeer(ctx, ANNA);
  noteUnheardOf(ctx, addGroup(ctx, GROUP, [ME]));
  sendBeats(ctx, new Beat(), peer, 0, NOW);
  assertEquals(sink.beats[0]?.beat.learns, true);
});
