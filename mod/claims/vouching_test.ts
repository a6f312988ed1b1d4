/** What a node tells of another, that it lives or claims nothing any more. */
import { assertEquals } from "@std/assert";
import {
  ANNA,
  beatFrom,
  BERT,
  claimOf,
  GROUP,
  groupRecord,
  ME,
  RecordingSink,
  segmentRecord,
  SLOT,
} from "../../tests/claims_rig.ts";
import { ClaimEngine } from "./mod.ts";

const pure = { permissions: "none" } as const;

Deno.test(
  "a candidate is told that a claim ended although a node that died long ago claimed the group before",
  pure,
  () => {
    const sink = new RecordingSink();
    const engine = new ClaimEngine({ node: ME, incarnation: 1, sink });
    const DEAD = 9;
    engine.apply([
      segmentRecord([ANNA, BERT, DEAD], [groupRecord([BERT, ANNA])]),
    ], 0);
    engine.join(0);
    const told = (node: number, term: number) => [{
      group: GROUP,
      claim: claimOf(node, term),
    }];
    let ends = 0;
    let sequence = 0;
    for (let now = 0; now < 10_000; now++) {
      if (now % 100 === 50) {
        sequence++;
        if (now < 1000) {
          const claims = told(DEAD, 1);
          engine.receiveBeat(SLOT, beatFrom(DEAD, sequence, { claims }), now);
        }
        const ended = now >= 6000;
        const anna = now < 2000
          ? beatFrom(ANNA, sequence)
          : beatFrom(ANNA, sequence, {
            claims: told(ANNA, ended ? 0 : 2),
            version: ended ? 2 : 1,
          });
        engine.receiveBeat(SLOT, anna, now);
        engine.receiveBeat(SLOT, beatFrom(BERT, sequence), now);
      }
      engine.mainSpoke(now);
      engine.wake(now);
      engine.caughtUp();
      engine.run(now);
    }
    for (const { to, beat } of sink.beats) {
      if (to === BERT && beat.offers.length > 0) ends++;
    }
    assertEquals(ends > 10, true, `${ends}`);
  },
);

Deno.test(
  "who stands still again and again does not vouch for a dead owner",
  pure,
  () => {
    const sink = new RecordingSink();
    const engine = new ClaimEngine({ node: ME, incarnation: 1, sink });
    engine.apply([
      segmentRecord([ANNA, BERT], [groupRecord([ANNA, BERT, ME])]),
    ], 0);
    engine.join(0);
    const step = (now: number) => {
      engine.wake(now);
      engine.caughtUp();
      engine.run(now);
    };
    const claims = [{ group: GROUP, claim: claimOf(ANNA, 1) }];
    let sequence = 0;
    let now = 0;
    for (; now < 2000; now++) {
      if (now % 100 === 50) {
        engine.receiveBeat(SLOT, beatFrom(ANNA, ++sequence, { claims }), now);
        engine.receiveBeat(SLOT, beatFrom(BERT, sequence), now);
      }
      step(now);
    }
    // Anna is dead; this node has the processor every 350 ms.
    const ages: number[] = [];
    for (let turn = 0; turn < 20; turn++) {
      now += 350;
      sink.beats = [];
      engine.wake(now);
      engine.receiveBeat(SLOT, beatFrom(BERT, ++sequence), now);
      engine.caughtUp();
      engine.run(now);
      const beat = sink.beats.findLast(({ to }) => to === BERT)?.beat;
      for (let i = 1; i < (beat?.heard.length ?? 0); i++) {
        const heard = beat?.heard.at(i);
        if (heard?.node === ANNA) ages.push(heard.lifeAge);
      }
    }
    assertEquals(ages.filter((age) => age < 1000).length <= 2, true, `${ages}`);
  },
);

Deno.test(
  "a candidate takes over from a dead owner for whom only one vouches that stands still again and again",
  pure,
  () => {
    const sink = new RecordingSink();
    const engine = new ClaimEngine({ node: ME, incarnation: 1, sink });
    engine.apply([
      segmentRecord([ANNA, BERT], [groupRecord([ANNA, ME, BERT])]),
    ], 0);
    engine.join(0);
    const lateSink = new RecordingSink();
    const bert = new ClaimEngine({
      node: BERT,
      incarnation: 1,
      sink: lateSink,
    });
    bert.apply([segmentRecord([ANNA, ME], [groupRecord([ANNA, ME, BERT])])], 0);
    bert.join(0);
    const claims = [{ group: GROUP, claim: claimOf(ANNA, 1) }];
    let sequence = 0;
    for (let now = 0; now < 12_000; now++) {
      engine.mainSpoke(now);
      bert.mainSpoke(now);
      // Anna's machine was busy, too, and she dies after 4 s.
      if (now % 100 === 50 && now < 4000) {
        sequence++;
        for (const [to, node] of [[engine, ME], [bert, BERT]] as const) {
          const beat = beatFrom(ANNA, sequence, { claims, interval: 200 });
          beat.heard.at(0).node = node;
          to.receiveBeat(SLOT, beat, now);
        }
      }
      for (const { beat } of sink.beats.filter(({ to }) => to === BERT)) {
        bert.receiveBeat(SLOT, beat, now);
      }
      sink.beats = [];
      for (const { beat } of lateSink.beats.filter(({ to }) => to === ME)) {
        engine.receiveBeat(SLOT, beat, now);
      }
      lateSink.beats = [];
      engine.wake(now);
      engine.caughtUp();
      if (now % 40 === 0) engine.receiveWitness(SLOT, now);
      engine.run(now);
      // From 2 s on Bert has the processor every 350 ms.
      if (now < 2000 || now % 350 === 0) {
        bert.wake(now);
        bert.caughtUp();
        bert.run(now);
      }
    }
    assertEquals(sink.answering.size, 1);
  },
);
