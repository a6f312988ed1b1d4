/** Whom a node greets, and that its interval stays as it is meanwhile. */
import { assertEquals } from "@std/assert";
import {
  beatFrom,
  claimOf,
  GROUP,
  groupRecord,
  ME,
  RecordingSink,
  segmentRecord,
  SLOT,
} from "../../tests/claims_rig.ts";
import { greet, greetInRoom, hasRoom } from "./greeting.ts";
import { ClaimEngine, timingFor } from "./mod.ts";
import { Self } from "./self.ts";
import { addPeer, makeContext } from "./test_context.ts";

const pure = { permissions: "none" } as const;
const NOW = 10_000;

const ROOMS = [
  { partners: 0, interval: 100, room: true },
  { partners: 17, interval: 100, room: true },
  { partners: 18, interval: 100, room: false },
  { partners: 18, interval: 106, room: true },
  { partners: 99, interval: 550, room: false },
];
Deno.test.each(ROOMS)(
  "hasRoom() besides $partners partners, every $interval ms, is $room",
  pure,
  ({ partners, interval, room }) => {
    const self = new Self(ME, 1);
    assertEquals(
      hasRoom(
        Object.assign(self, { partners, timing: timingFor(interval, 3) }),
      ),
      room,
    );
  },
);

Deno.test(
  "greetInRoom() greets until there is no room, and then those that get beats already",
  pure,
  () => {
    const ctx = makeContext(ME, new RecordingSink());
    const nodes = Array.from({ length: 30 }, (_, i) => ME + 1 + i);
    const wanted = addPeer(ctx, ME + 30, { isWanted: true });
    for (const node of nodes) addPeer(ctx, node);
    ctx.self.partners = 1;
    for (let round = 0; round < 2; round++) {
      for (const node of nodes) greetInRoom(ctx, node, NOW + round);
    }
    const greeted = nodes.filter((node) =>
      (ctx.segment.peers.get(node)?.greetedUntil ?? 0) > NOW
    );
    assertEquals(greeted, [...nodes.slice(0, 17), wanted.node]);
    assertEquals(ctx.self.partners, 18);
    greet(ctx, ME + 20, NOW);
    assertEquals(
      ctx.self.partners,
      19,
      "who is needed is greeted all the same",
    );
  },
);

/** The longest interval and detection time of an owner of a group with 99 other candidates, from 3 to 6 s. */
function longest(
  others: readonly number[],
  happen: (engine: ClaimEngine, now: number) => void,
): readonly number[] {
  const engine = new ClaimEngine({
    node: ME,
    incarnation: 1,
    sink: new RecordingSink(),
  });
  engine.apply([segmentRecord(others, [groupRecord([ME, ...others])])], 0);
  engine.join(0);
  let interval = 0;
  let detection = 0;
  for (let now = 0; now < 6000; now++) {
    for (const node of now % 100 === 0 ? others.slice(0, 2) : []) {
      engine.receiveBeat(SLOT, beatFrom(node, 1 + now / 100), now);
    }
    engine.mainSpoke(now);
    if (now >= 3000) happen(engine, now);
    engine.wake(now);
    engine.caughtUp();
    engine.run(now);
    if (now < 3000) continue;
    interval = Math.max(interval, engine.beatInterval);
    detection = Math.max(detection, engine.detectionTime);
  }
  return [interval, detection];
}

const OTHERS = Array.from({ length: 99 }, (_, i) => 10 + i);

Deno.test(
  "a hand-over among many candidates leaves the interval as it is",
  pure,
  () =>
    assertEquals(
      longest(OTHERS, (engine, now) => {
        if (now === 3000) engine.become("draining", now);
      }),
      [100, 300],
    ),
);

Deno.test(
  "old claims of many nodes that are sent again leave the interval as it is",
  pure,
  () =>
    assertEquals(
      longest(OTHERS, (engine, now) => {
        if (now % 500 !== 0) return;
        for (const node of OTHERS) {
          const old = claimOf(node, 1, false);
          engine.receiveAnnouncement(SLOT, GROUP, node, old, now);
        }
      }),
      [100, 300],
    ),
);
