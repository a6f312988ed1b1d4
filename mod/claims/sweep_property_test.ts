/** Who looks only at what an event concerns decides as who looks at everything, always. */
import { assertEquals } from "@std/assert";
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
import {
  type BeatState,
  type Claim,
  NO_CLAIM,
  NO_NODE,
  NO_OWNER,
} from "../ownership/mod.ts";
import { ClaimEngine, type Part } from "./mod.ts";

/** How often both are run, in ms. */
const TICK = 5;

const peer$ = fc.constantFrom(ANNA, BERT);
const group$ = fc.constantFrom(GROUP, GROUP + 1);
const part$ = fc.constantFrom<Part>("member", "reserve", "draining");
const step$ = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("beat"),
      node: peer$,
      group: group$,
      term: fc.option(fc.nat(6)),
      hearsUs: fc.boolean(),
      newestAge: fc.constantFrom(0, 0, 50, 400),
      state: fc.constantFrom<BeatState>(
        ...["ready", "ready", "ready", "draining", "starting"] as const,
      ),
      interval: fc.constantFrom(100, 100, 100, 250),
      incarnation: fc.constantFrom(1, 1, 1, 1, 1, 2),
      /** The term of an offer. */
      offers: fc.constantFrom(null, null, null, NO_OWNER, 7),
      vouchesFor: fc.option(peer$),
      /** Whether it tells who is said to own the group. */
      relays: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("frame"),
      path: fc.constantFrom("announcement", "answer", "question"),
      node: fc.constantFrom(ANNA, BERT, NO_NODE),
      group: group$,
      term: fc.option(fc.nat(6)),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("table"),
      order: fc.constantFrom([ME, ANNA, BERT], [ANNA, ME], [BERT, ANNA], []),
      alive: fc.constantFrom<readonly number[]>([ANNA, BERT], [ANNA], []),
      /** Members that know no claims, and those that have said goodbye. */
      legacy: fc.constantFrom<readonly number[]>([], [], [ANNA], [ANNA, BERT]),
      left: fc.constantFrom<readonly number[]>([], [], [ANNA], [BERT]),
      isNew: fc.boolean(),
      hasFailback: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("part"),
      part: part$,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("witness") }) },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("wait"),
      ms: fc.constantFrom(5, 20, 60, 95, 95, 95, 350, 2000, 11_000),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("calm"),
      claims: fc.option(peer$),
      times: fc.nat(12),
    }),
  },
);
type Step = typeof step$ extends fc.Arbitrary<infer T> ? T : never;
type BeatStep = Step & { readonly kind: "beat" };

/** An engine that is told a history. */
class Driver {
  readonly #sink = new RecordingSink();
  readonly #isSweeping: boolean;
  readonly #engine = new ClaimEngine({
    node: ME,
    incarnation: 1,
    sink: this.#sink,
    random: () => 0.5,
  });
  /** What it did, by time; of what is done at once the order does not matter. */
  #done: string[] = [];
  #now = 0;
  #sequence = 0;
  #part: Part = "member";

  /** @param isSweeping Whether it looks at everything in each round. */
  constructor(isSweeping: boolean) {
    this.#isSweeping = isSweeping;
    this.#table({
      kind: "table",
      order: [ME, ANNA, BERT],
      alive: [ANNA, BERT],
      legacy: [],
      left: [],
      isNew: false,
      hasFailback: true,
    });
    this.#engine.join(0);
  }

  /** Takes what was done since the last time. */
  take(): string[] {
    const done = this.#done;
    this.#done = [];
    return done;
  }

  do(step: Step): void {
    switch (step.kind) {
      case "beat":
        return this.#beat(step);
      case "frame":
        return this.#frame(step);
      case "table":
        return this.#table(step);
      case "part":
        this.#part = step.part;
        return this.#engine.become(step.part, this.#now);
      case "witness":
        return this.#engine.receiveWitness(SLOT, this.#now);
      case "wait":
        return this.#wait(step.ms);
      case "calm":
        return this.#calm(step);
    }
  }

  /** Both peers beat as they should. */
  #calm({ claims, times }: Step & { readonly kind: "calm" }): void {
    for (let count = 0; count < times; count++) {
      for (const node of [ANNA, BERT] as const) {
        this.#beat({
          ...{ kind: "beat", node, group: GROUP, hearsUs: true, newestAge: 0 },
          ...{ state: "ready", interval: 100, incarnation: 1, offers: null },
          ...{ term: node === claims ? 2 : null, vouchesFor: null },
          relays: false,
        });
      }
      this.#wait(95);
    }
  }

  #beat(step: BeatStep): void {
    const { node, group, term, state, interval, vouchesFor } = step;
    const claims = term === null || term === 0
      ? []
      : [{ group, claim: claimOf(node, term) }];
    const beat = beatFrom(node, ++this.#sequence, {
      ...step,
      ...{ claims, version: this.#sequence },
      offers: step.offers === null ? [] : [{ group, term: step.offers }],
    });
    beat.state = state;
    beat.interval = interval;
    if (vouchesFor !== null) {
      const vouched = { incarnation: 1, age: 0, twoWay: true, lifeAge: 20 };
      Object.assign(beat.heard.add(), { node: vouchesFor, ...vouched });
      const relayed = { group, ...claimOf(vouchesFor, 3) };
      if (step.relays) Object.assign(beat.corrections.add(), relayed);
    }
    this.#engine.receiveBeat(SLOT, beat, this.#now);
  }

  #frame(
    { path, node, group, term }: Step & { readonly kind: "frame" },
  ): void {
    const claim: Claim = term === null || term === 0 || node === NO_NODE
      ? NO_CLAIM
      : claimOf(node, term);
    const engine = this.#engine;
    const now = this.#now;
    if (path === "announcement") {
      engine.receiveAnnouncement(SLOT, group, node, claim, now);
    } else if (path === "answer") {
      engine.receiveAnswer(SLOT, group, node, claim, now);
    } else engine.receiveQuestion(SLOT, group, node, claim, now);
  }

  #table(step: Step & { readonly kind: "table" }): void {
    const { order, alive, legacy, left, isNew, hasFailback } = step;
    const record = segmentRecord([ANNA, BERT], [
      groupRecord(order, {
        isNew,
        failback: { kind: hasFailback ? "immediate" : "never" },
      }),
      groupRecord([ANNA, BERT, ME], { id: GROUP + 1 }),
    ]);
    const members = record.members.map((member) => ({
      ...member,
      isAlive: alive.includes(member.node) && !left.includes(member.node),
      hasLeft: left.includes(member.node),
      speaksClaims: !legacy.includes(member.node),
    }));
    this.#engine.apply([{ ...record, members }], this.#now);
  }

  #wait(ms: number): void {
    for (const end = this.#now + ms; this.#now < end;) {
      // What is said again changes nothing, but everything is looked at.
      if (this.#isSweeping) this.#engine.become(this.#part, this.#now);
      do this.#engine.run(this.#now); while (
        this.#engine.nextDeadline <= this.#now
      );
      const done = this.#sink.take().sort();
      this.#done.push(...done.map((each) => `${this.#now}: ${each}`));
      this.#now += TICK;
    }
  }
}

Deno.test("ClaimEngine decides as if it looked at every group in each round", {
  permissions: "none",
}, () => {
  const steps$ = fc.array(step$, { minLength: 5, maxLength: 60 });
  fc.assert(
    fc.property(steps$, (steps) => {
      const driver = new Driver(false);
      const sweeping = new Driver(true);
      for (const step of steps) {
        driver.do(step);
        sweeping.do(step);
        assertEquals(driver.take(), sweeping.take());
      }
    }),
    { numRuns: 300 },
  );
});
