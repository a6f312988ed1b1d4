/** Claims as numbered changes: whatever is lost, doubled or overtaken, a peer ends with what the sender claims. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ANNA, claimOf, ME, RecordingSink } from "../../tests/claims_rig.ts";
import {
  type Beat,
  MAX_HEARD,
  MAX_ITEM_WEIGHT,
  NO_CLAIM,
} from "../ownership/mod.ts";
import { Beat as BeatRecord } from "../ownership/mod.ts";
import { readBeat } from "./beat_reader.ts";
import { sendBeats } from "./beat_writer.ts";
import type { Context } from "./context.ts";
import { Group } from "./group.ts";
import { addGroup, addPeer, makeContext } from "./test_context.ts";
import { hold } from "./transitions.ts";

interface Side {
  readonly ctx: Context;
  readonly sink: RecordingSink;
  readonly other: number;
}

function side(node: number, other: number): Side {
  const sink = new RecordingSink();
  const ctx = makeContext(node, sink);
  addPeer(ctx, other);
  return { ctx, sink, other };
}

function send({ ctx, sink, other }: Side, now: number): Beat[] {
  const peer = addPeer(ctx, other);
  sendBeats(ctx, new BeatRecord(), peer, peer.acknowledged, now);
  const sent = sink.beats.map(({ beat }) => beat);
  sink.beats = [];
  return sent;
}

/** Makes a claim, raises it, or ends it. */
function change({ ctx }: Side, id: number, term: number, now: number): void {
  const group = ctx.segment.group(id);
  if (term === 0) {
    group.role = "idle";
    group.claim = NO_CLAIM;
    ctx.log.note(group);
  } else {
    group.role = "owner";
    hold(ctx, group, claimOf(ctx.self.node, term), now);
  }
}

function claimed({ ctx }: Side): [number, number][] {
  return ctx.segment.groupList.filter(({ isOurs }) => isOurs)
    .map(({ id, claim }): [number, number] => [id, claim.term])
    .sort(([a], [b]) => a - b);
}

function told({ ctx, other }: Side): [number, number][] {
  return [...addPeer(ctx, other).told]
    .filter(([, { claim }]) => claim !== NO_CLAIM)
    .map(([id, { claim }]): [number, number] => [id, claim.term])
    .sort(([a], [b]) => a - b);
}

const change$ = fc.record({ id: fc.nat(150), term: fc.nat(3) });
const round$ = fc.record({
  changes: fc.array(change$, { maxLength: 80 }),
  /** What becomes of each beat of the round. */
  fates: fc.array(fc.constantFrom("lost", "once", "twice"), { maxLength: 12 }),
  reversed: fc.boolean(),
  answerLost: fc.boolean(),
  restarts: fc.boolean(),
});

Deno.test("sendBeats() and readBeat() agree once beats get through", {
  permissions: "none",
}, () => {
  fc.assert(
    fc.property(fc.array(round$, { maxLength: 12 }), (rounds) => {
      const sender = side(ME, ANNA);
      let receiver = side(ANNA, ME);
      let now = 1000;
      for (const round of rounds) {
        now += 100;
        for (const { id, term } of round.changes) change(sender, id, term, now);
        if (round.restarts) {
          receiver = side(ANNA, ME);
          receiver.ctx.self.incarnation = now;
        }
        const sent = send(sender, now).flatMap((beat, index) => {
          const fate = round.fates[index] ?? "once";
          return fate === "lost" ? [] : fate === "once" ? [beat] : [beat, beat];
        });
        if (round.reversed) sent.reverse();
        for (const beat of sent) readBeat(receiver.ctx, beat, now, false);
        for (const beat of round.answerLost ? [] : send(receiver, now)) {
          readBeat(sender.ctx, beat, now, false);
        }
      }
      for (let turn = 0; turn < 4; turn++) {
        now += 100;
        for (const beat of send(receiver, now)) {
          readBeat(sender.ctx, beat, now, false);
        }
        for (const beat of send(sender, now)) {
          readBeat(receiver.ctx, beat, now, false);
        }
      }
      assertEquals(told(receiver), claimed(sender));
      for (const beat of send(receiver, now)) {
        readBeat(sender.ctx, beat, now, false);
      }
      const quiet = send(sender, now);
      assertEquals(quiet.length, 1);
      assertEquals(quiet[0]?.itemWeight, 0, "nothing is told twice for ever");
    }),
    { numRuns: 60 },
  );
});

Deno.test("sendBeats() keeps every beat within its bounds", {
  permissions: "none",
}, () => {
  const sender = side(ME, ANNA);
  addPeer(sender.ctx, ANNA, { beatAt: 990 });
  for (let node = 10; node < 60; node++) {
    addPeer(sender.ctx, node, { beatAt: 990, life: 990, isTwoWay: true });
  }
  for (let id = 0; id < 400; id++) change(sender, id, 1, 1000);
  const beats = send(sender, 1000);
  for (const beat of beats) {
    assertEquals(beat.itemWeight <= MAX_ITEM_WEIGHT, true);
    assertEquals(beat.heard.length <= MAX_HEARD, true);
    assertEquals(beat.heard.at(0).node, ANNA, "the receiver comes first");
  }
  const changes = beats.reduce((sum, beat) => sum + beat.changes.length, 0);
  assertEquals([beats.length, changes], [7, 400]);
});

Deno.test("sendBeats() vouches for all of many peers in turn", {
  permissions: "none",
}, () => {
  const sender = side(ME, ANNA);
  for (let node = 10; node < 60; node++) {
    addPeer(sender.ctx, node, { beatAt: 990, life: 990, isTwoWay: true });
  }
  const vouched = new Set<number>();
  for (let turn = 0; turn < 4; turn++) {
    for (const beat of send(sender, 1000)) {
      for (let index = 1; index < beat.heard.length; index++) {
        vouched.add(beat.heard.at(index).node);
      }
    }
  }
  assertEquals(vouched.size, 50);
});

Deno.test(
  "readBeat() passes over an overtaken beat, as ReplayGuard does before it",
  {
    permissions: "none",
  },
  () => {
    const sender = side(ME, ANNA);
    const receiver = side(ANNA, ME);
    for (const beat of send(receiver, 900)) {
      readBeat(sender.ctx, beat, 900, false);
    }
    const late = send(sender, 1000);
    change(sender, 1, 1, 1000);
    const beats = [...send(sender, 1100), ...late];
    const outcomes = beats.map((beat) =>
      readBeat(receiver.ctx, beat, 1150, false)
    );
    assertEquals(outcomes, ["taken", "oldSequence"]);
    assertEquals(told(receiver), [[1, 1]]);
    assertEquals(addPeer(receiver.ctx, ME).isFollowed, true);
  },
);

const NOW = 10_000;

Deno.test(
  "a peer that starts again follows 600 claims in a few turns, whatever was forgotten",
  { permissions: "none" },
  () => {
    const sink = new RecordingSink();
    const ctx = makeContext(ME, sink);
    const peer = addPeer(ctx, ANNA, { beatAt: NOW, isTwoWay: true });
    for (let id = 1; id <= 600; id++) {
      const group = addGroup(ctx, id, [ME, ANNA]);
      group.role = "owner";
      group.claim = claimOf(ME, 1);
      ctx.log.note(group);
    }
    for (let id = 1001; id <= 1001 + 1024; id++) {
      const group = new Group(id);
      ctx.log.note(group);
      ctx.log.forget(group);
    }
    const told = new Set<number>();
    let followed = 0;
    for (let turn = 0; turn < 50 && followed < ctx.log.version; turn++) {
      sendBeats(ctx, new BeatRecord(), peer, ctx.log.resume(followed), NOW);
      for (const { beat } of sink.beats) {
        if (beat.since <= followed) followed = Math.max(followed, beat.until);
        if (beat.since === 0) followed = beat.until;
        for (let i = 0; i < beat.changes.length; i++) {
          const { group } = beat.changes.at(i);
          if (group <= 600) told.add(group);
        }
      }
      if (turn > 5) break;
      sink.beats = [];
    }
    assertEquals(told.size, 600);
    assertEquals(followed, ctx.log.version);
    assertEquals(sink.beats, [], "all was told in six turns");
  },
);

Deno.test(
  "sendBeats() tells a peer of all others in turn where all are partners",
  { permissions: "none" },
  () => {
    const sink = new RecordingSink();
    const ctx = makeContext(ME, sink);
    const nodes = Array.from({ length: 36 }, (_, i) => 10 + i);
    const peers = nodes.map((node) =>
      addPeer(ctx, node, {
        beatAt: NOW,
        life: NOW,
        isTwoWay: true,
        isAlive: true,
      })
    );
    const told = new Set<number>();
    const beat = new BeatRecord();
    for (let turn = 0; turn < 10; turn++) {
      for (const peer of peers) sendBeats(ctx, beat, peer, 0, NOW);
    }
    for (const { to, beat } of sink.beats) {
      if (to !== 10) continue;
      for (let i = 1; i < beat.heard.length; i++) {
        told.add(beat.heard.at(i).node);
      }
    }
    assertEquals(told.size, 35);
  },
);
