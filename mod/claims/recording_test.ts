/** Rule 3: what was recorded in an earlier life of ours and is sent to us again is not believed. */
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
import type { Beat } from "../ownership/mod.ts";
import { type BeatOutcome, ClaimEngine } from "./mod.ts";

const pure = { permissions: "none" } as const;

/** Our present incarnation; beats of the rig name the first, or none. */
const PRESENT = 2;

type BeatFields = Parameters<typeof beatFrom>[2];

/** What Anna told an earlier life of ours. */
function recorded(sequence: number, more: BeatFields = {}): Beat {
  return beatFrom(ANNA, sequence, more);
}

/** What Anna tells us now that she has heard us. */
function present(sequence: number, more: BeatFields = {}): Beat {
  const beat = beatFrom(ANNA, sequence, more);
  beat.heard.at(0).incarnation = PRESENT;
  return beat;
}

/** A node that has started again, and a client that hears it. */
class Restarted {
  readonly sink = new RecordingSink();
  readonly engine: ClaimEngine;
  #now = 0;

  constructor(members: readonly number[], candidates: readonly number[]) {
    this.engine = new ClaimEngine({
      node: ME,
      incarnation: PRESENT,
      sink: this.sink,
      random: () => 0.5,
    });
    const record = segmentRecord(members, [groupRecord(candidates)]);
    this.engine.apply([record], 0);
    this.engine.join(0);
  }

  /** The term with which it answers; 0 = it does not. */
  get term(): number {
    return this.sink.answering.get(`${SLOT}/${GROUP}`)?.term ?? 0;
  }

  hear(beat: Beat): BeatOutcome {
    const outcome = this.engine.receiveBeat(SLOT, beat, this.#now);
    this.engine.run(this.#now);
    return outcome;
  }

  /** Lets time pass, with a beat every 100 ms. */
  pass(time: number, beatAt: (turn: number) => Beat | undefined): void {
    const end = this.#now + time;
    for (let turn = 0; this.#now < end; turn++) {
      for (let step = 0; step < 100; step++) {
        this.#now++;
        this.engine.wake(this.#now);
        if (step % 40 === 0) this.engine.receiveWitness(SLOT, this.#now);
        this.engine.run(this.#now);
        this.engine.caughtUp();
      }
      const beat = beatAt(turn);
      if (beat !== undefined) this.hear(beat);
    }
  }

  /** What it last said of Anna to her: her incarnation, and how old her newest beat is. */
  get echo(): readonly [incarnation: number, age: number] {
    const last = this.sink.beats.findLast(({ to }) => to === ANNA);
    const heard = last?.beat.heard.at(0);
    return [heard?.incarnation ?? 0, heard?.age ?? Infinity];
  }
}

const CLAIMS = { claims: [{ group: GROUP, claim: claimOf(ANNA, 3) }] };

Deno.test.each([
  { name: "an earlier life of ours heard", hearsUs: true },
  { name: "were sent when their sender had never heard us", hearsUs: false },
])(
  "recorded beats of a dead owner that $name hold no take-over, and their terms count",
  pure,
  ({ hearsUs }) => {
    const node = new Restarted([ANNA], [ANNA, ME]);
    node.pass(1000, (turn) => recorded(turn + 1, { ...CLAIMS, hearsUs }));
    assertEquals(node.term, 4);
  },
);

Deno.test("a recorded offer is not taken, and a present one is", pure, () => {
  const offers = [{ group: GROUP, term: 7 }];
  const node = new Restarted([ANNA, BERT], [ANNA, ME, BERT]);
  assertEquals(node.hear(recorded(100, { offers })), "unproven");
  assertEquals(node.term, 0);
  assertEquals(node.hear(present(101, { offers })), "taken");
  assertEquals(node.term, 7);
});

Deno.test(
  "a recorded correction is remembered, and silences nobody",
  pure,
  () => {
    const node = new Restarted([ANNA], [ME, ANNA]);
    node.pass(1000, () => undefined);
    assertEquals(node.term, 1);
    const beat = recorded(1);
    const { term, full, hash, node: owner } = claimOf(BERT, 5);
    const correction = { group: GROUP, term, full, hash, node: owner };
    Object.assign(beat.corrections.add(), correction);
    node.hear(beat);
    assertEquals(node.term, 1);
    node.pass(1000, () => undefined);
    assertEquals(node.term, 6, "it asked in vain");
  },
);

Deno.test(
  "a living peer is believed as soon as it has heard us once",
  pure,
  () => {
    const node = new Restarted([ANNA], [ANNA, ME]);
    assertEquals(node.hear(recorded(1, CLAIMS)), "unproven");
    node.pass(100, () => undefined);
    const [incarnation, age] = node.echo;
    assertEquals(
      [incarnation, age <= 100],
      [1, true],
      "it is told that we hear",
    );
    assertEquals(node.hear(present(2, CLAIMS)), "taken");
    assertEquals(node.sink.beats.length > 0, true);
    node.pass(2000, (turn) => present(turn + 3, CLAIMS));
    assertEquals(node.term, 0);
    assertEquals(node.engine.state(SLOT, GROUP)?.claim.node, ANNA);
  },
);

Deno.test.each([
  { name: "that does not hear us any more", more: { hearsUs: false } },
  {
    name: "that has started again and never heard us",
    more: { hearsUs: false, incarnation: 2 },
  },
])("an owner $name is believed: it was there in our time", pure, ({ more }) => {
  const node = new Restarted([ANNA], [ANNA, ME]);
  assertEquals(node.hear(present(1)), "taken");
  node.pass(3000, (turn) => recorded(turn + 2, { ...CLAIMS, ...more }));
  assertEquals(node.term, 0);
  assertEquals(node.engine.state(SLOT, GROUP)?.claim.node, ANNA);
});

Deno.test(
  "a peer that remembers a later incarnation of ours is believed when it knows the one after that",
  pure,
  () => {
    const node = new Restarted([ANNA], [ANNA, ME]);
    const beat = present(1, CLAIMS);
    beat.heard.at(0).incarnation = PRESENT + 5;
    assertEquals(node.hear(beat), "unproven");
    const next = present(2, CLAIMS);
    next.heard.at(0).incarnation = PRESENT + 6;
    assertEquals(node.hear(next), "taken");
  },
);
