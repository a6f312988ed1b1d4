/** What is told of beats that come late, or after their sender was taken for lost. */
import { assertEquals, assertLessOrEqual } from "@std/assert";
import {
  ANNA,
  beatFrom,
  GROUP,
  groupRecord,
  ME,
  RecordingSink,
  segmentRecord,
  SLOT,
} from "../../tests/claims_rig.ts";
import { readBeat } from "./beat_reader.ts";
import type { Context } from "./context.ts";
import { ClaimEngine, DEFAULT_CLAIM_SETTINGS } from "./mod.ts";
import { addPeer, makeContext } from "./test_context.ts";

const pure = { permissions: "none" } as const;

interface World {
  readonly sink: RecordingSink;
  readonly ctx: Context;
}

function world(): World {
  const sink = new RecordingSink();
  const ctx = makeContext(ME, sink);
  addPeer(ctx, ANNA);
  return { sink, ctx };
}

/** Hears beats at these times, in ms; each has an interval of 100 ms. */
function hear(
  { ctx }: World,
  times: readonly number[],
  more: Parameters<typeof beatFrom>[2] = {},
): void {
  for (const at of times) readBeat(ctx, beatFrom(ANNA, at, more), at, false);
}

Deno.test(
  "a beat is as late as it comes later than an interval after the last",
  pure,
  () => {
    const all = world();
    hear(all, [1000, 1100, 1205, 1255, 1355, 1600]);
    // One out of turn, at 1255, is early, and not early enough to make up for others.
    assertEquals(all.sink.lateness, [0, 5, 0, 0, 145]);
    assertEquals(all.sink.done, []);
  },
);

Deno.test(
  "a peer that was lost and beats again lives: that is told, and not as lateness",
  pure,
  () => {
    const all = world();
    hear(all, [1000, 1100, 1400, 1500]);
    assertEquals(all.sink.lateness, [0, 0]);
    assertEquals(all.sink.done, ["notice 0 lostPeerLives"]);
  },
);

Deno.test("a peer that started anew was rightly taken for lost", pure, () => {
  const all = world();
  hear(all, [1000, 1100]);
  hear(all, [2000, 2100], { incarnation: 2 });
  assertEquals(all.sink.done, []);
});

Deno.test("a peer whose beats nobody wanted was not lost", pure, () => {
  const all = world();
  hear(all, [1000, 1100]);
  addPeer(all.ctx, ANNA).isArmed = false;
  hear(all, [9000]);
  assertEquals(all.sink.done, []);
});

Deno.test(
  "with more partners than 200 beats a second allow, the engine says how much slower it beats and detects",
  pure,
  () => {
    const sink = new RecordingSink();
    const engine = new ClaimEngine({
      node: ME,
      incarnation: 1,
      sink,
      settings: DEFAULT_CLAIM_SETTINGS,
    });
    const peers = Array.from({ length: 60 }, (_, index) => ME + 1 + index);
    // Each pair of them stands by for a group of ours.
    const groups = peers.map((peer, index) =>
      groupRecord([ME, peer], { id: GROUP + index })
    );
    engine.apply([segmentRecord(peers, groups)], 0);
    engine.join(0);
    for (let now = 0; now <= 2000; now++) {
      if (now < engine.nextDeadline) continue;
      engine.wake(now);
      engine.run(now);
    }
    assertEquals(engine.partners, 60);
    assertEquals(engine.beatInterval, 334);
    assertEquals(engine.detectionTime, 1002);
    sink.beats = [];
    for (let now = 2001; now <= 7000; now++) {
      if (now < engine.nextDeadline) continue;
      engine.wake(now);
      engine.run(now);
    }
    assertLessOrEqual(sink.beats.length, 5 * 200 + 60);
    assertEquals(engine.state(SLOT, GROUP)?.role, "owner");
  },
);
