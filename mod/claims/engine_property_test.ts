/** Whatever a node hears, and in whatever order: what must never be. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
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
import { type Claim, NO_CLAIM, NO_NODE } from "../ownership/mod.ts";
import { ClaimEngine, type Part } from "./mod.ts";

/** Checks what the engine does against what it was told. */
class CheckingSink extends RecordingSink {
  /** The highest term of which the engine was told. */
  heard = 0;
  isAnnounced = true;
  /** The highest term that it claimed in full, and what that was before. */
  #claimed = 0;
  #claimedBefore = 0;

  override answer(slot: number, group: number, claim: Claim): void {
    assertEquals(group, GROUP, "it knows the addresses of no other");
    assert(this.isAnnounced, "nobody wants it to be announced");
    assertEquals(claim.node, ME);
    if (claim.full) this.#claimsInFull(claim.term);
    else if (this.answering.get(`${slot}/${group}`)?.full === true) {
      // Nobody can have heard what is taken back.
      this.#claimed = this.#claimedBefore;
    }
    super.answer(slot, group, claim);
  }

  #claimsInFull(term: number): void {
    const highest = Math.max(this.heard, this.#claimed);
    assert(term > highest, `${term} is not above ${highest}`);
    this.#claimedBefore = this.#claimed;
    this.#claimed = term;
  }

  override silence(slot: number, group: number): void {
    assert(this.answering.has(`${slot}/${group}`), "it did not answer");
    super.silence(slot, group);
  }

  override announce(slot: number, group: number): void {
    const claim = this.answering.get(`${slot}/${group}`);
    assert(claim !== undefined, "it announces what it does not answer for");
    assert(claim.full, "it announces a claim that it made alone");
    super.announce(slot, group);
  }
}

const peer$ = fc.constantFrom(ANNA, BERT);
const term$ = fc.nat(12);
const path$ = fc.constantFrom("announcement", "answer", "question");
const step$ = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("beat"),
      node: peer$,
      term: fc.option(term$),
      hearsUs: fc.boolean(),
      newestAge: fc.constantFrom(0, 50, 400),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("offer"),
      node: peer$,
      term: term$,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("correct"),
      node: peer$,
      term: term$,
      of: peer$,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("frame"),
      path: path$,
      node: fc.constantFrom(ANNA, BERT, NO_NODE),
      term: fc.option(term$),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("order"),
      order: fc.constantFrom([ME, ANNA, BERT], [ANNA, ME], [BERT, ANNA], []),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("alive"),
      node: peer$,
      isAlive: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("part"),
      part: fc.constantFrom<Part>("member", "reserve", "draining"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("witness") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("exit") }) },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant("wait"),
      ms: fc.constantFrom(1, 20, 60, 110, 350, 2000),
    }),
  },
);
type Step = typeof step$ extends fc.Arbitrary<infer T> ? T : never;

class Driver {
  readonly sink = new CheckingSink();
  readonly engine = new ClaimEngine({
    node: ME,
    incarnation: 1,
    sink: this.sink,
    random: () => 0.5,
  });
  now = 0;
  #sequence = 0;

  constructor() {
    this.#apply([ME, ANNA, BERT]);
    this.engine.join(0);
  }

  #apply(order: readonly number[]): void {
    this.sink.isAnnounced = order.length > 0;
    this.engine.apply(
      [segmentRecord([ANNA, BERT], [groupRecord(order)])],
      this.now,
    );
  }

  do(step: Step): void {
    const { engine, now } = this;
    switch (step.kind) {
      case "beat":
      case "offer":
      case "correct":
        return this.#beat(step);
      case "frame":
        return this.#frame(step);
      case "order":
        return this.#apply(step.order);
      case "alive":
        return engine.setAlive(step.node, step.isAlive, now);
      case "part":
        return engine.become(step.part, now);
      case "witness":
        return engine.receiveWitness(SLOT, now);
      case "exit":
        return engine.exit(now);
      case "wait":
        return this.#wait(step.ms);
    }
  }

  #hear(claim: Claim): void {
    this.sink.heard = Math.max(this.sink.heard, claim.term);
  }

  #beat(step: Step & { readonly node: number }): void {
    this.#sequence++;
    const beat = beatFrom(step.node, this.#sequence, {
      hearsUs: step.kind !== "beat" || step.hearsUs,
      newestAge: step.kind === "beat" ? step.newestAge : 0,
      ...step.kind === "beat" && step.term !== null && step.term > 0
        ? { claims: [{ group: GROUP, claim: claimOf(step.node, step.term) }] }
        : {},
      ...step.kind === "offer"
        ? { offers: [{ group: GROUP, term: step.term }] }
        : {},
    });
    if (step.kind === "beat" && step.term !== null) {
      this.#hear(claimOf(step.node, step.term));
    }
    if (step.kind === "correct") {
      const claim = claimOf(step.of, step.term);
      this.#hear(claim);
      Object.assign(beat.corrections.add(), { group: GROUP, ...claim });
    }
    this.engine.receiveBeat(SLOT, beat, this.now);
  }

  #frame({ path, node, term }: Step & { readonly kind: "frame" }): void {
    const claim = term === null || node === NO_NODE
      ? NO_CLAIM
      : claimOf(node, term);
    if (claim !== NO_CLAIM) this.#hear(claim);
    const { engine, now } = this;
    if (path === "announcement") {
      engine.receiveAnnouncement(SLOT, GROUP, node, claim, now);
    } else if (path === "answer") {
      engine.receiveAnswer(SLOT, GROUP, node, claim, now);
    } else engine.receiveQuestion(SLOT, GROUP, node, claim, now);
  }

  #wait(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      this.engine.run(this.now);
      const done = this.sink.done.length;
      this.engine.run(this.now);
      assertEquals(this.sink.done.length, done, "what is done is done");
      const next = this.engine.nextDeadline;
      assert(next > this.now, "it would never wait");
      if (next > end) break;
      this.now = next;
    }
    this.now = end;
  }
}

Deno.test("ClaimEngine never answers, claims or announces what it must not", {
  permissions: "none",
}, () => {
  const steps$ = fc.array(step$, { minLength: 10, maxLength: 120 });
  fc.assert(
    fc.property(steps$, (steps) => {
      const driver = new Driver();
      for (const step of steps) driver.do(step);
      const again = new Driver();
      for (const step of steps) again.do(step);
      assertEquals(again.sink.done, driver.sink.done, "it is repeatable");
    }),
    { numRuns: 200 },
  );
});
