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
import { type Beat, NO_CLAIM, NO_NODE } from "../ownership/mod.ts";
import {
  ClaimEngine,
  type ClaimSettings,
  DEFAULT_CLAIM_SETTINGS,
  type GroupRecord,
} from "./mod.ts";

/** A node whose peers do what the test says. */
class Node {
  readonly sink = new RecordingSink();
  readonly engine: ClaimEngine;
  now = 0;
  /** Peers that beat every 100 ms, by the term with which they claim the group. */
  readonly company = new Map<number, number | undefined>();
  #sequence = 0;
  #nextBeats = 0;

  constructor(
    order: readonly number[],
    settings: Partial<ClaimSettings> = {},
    more: Partial<GroupRecord> = {},
  ) {
    this.engine = new ClaimEngine({
      node: ME,
      incarnation: 1,
      sink: this.sink,
      settings: { ...DEFAULT_CLAIM_SETTINGS, ...settings },
      random: () => 0.5,
    });
    const members = order.filter((node) => node !== ME);
    this.engine.apply([segmentRecord(members, [groupRecord(order, more)])], 0);
    this.engine.join(0);
  }

  /** Lets time pass; tells what was done, with the time of each, but not what was asked of witnesses. */
  until(end: number): string[] {
    const done: string[] = [];
    for (;;) {
      if (this.now >= this.#nextBeats) {
        this.#nextBeats += 100;
        for (const [node, term] of this.company) this.beat(node, term);
      }
      this.engine.run(this.now);
      done.push(...this.sink.take().map((what) => `${this.now}: ${what}`));
      const next = Math.min(this.engine.nextDeadline, this.#nextBeats);
      if (next > end) break;
      this.now = Math.max(this.now, next);
    }
    this.now = end;
    return done.filter((each) => !each.includes("witness"));
  }

  /** What was done of a kind. */
  of(what: RegExp, end: number): string[] {
    return this.until(end).filter((each) => what.test(each));
  }

  /** A peer beats, and claims the group with a term. */
  beat(
    node: number,
    term?: number,
    more: Parameters<typeof beatFrom>[2] = {},
  ): void {
    this.#sequence++;
    const claims = term === undefined
      ? {}
      : { claims: [{ group: GROUP, claim: claimOf(node, term) }] };
    const beat = beatFrom(node, this.#sequence, { ...claims, ...more });
    this.engine.receiveBeat(SLOT, beat, this.now);
  }

  lastBeat(to: number): Beat {
    const sent = this.sink.beats.findLast((each) => each.to === to);
    if (sent === undefined) throw new Error(`no beat to ${to}`);
    return sent.beat;
  }
}

/** A node that owns the group, with peers that beat. */
function owner(
  order: readonly number[],
  settings?: Partial<ClaimSettings>,
): Node {
  const node = new Node(order, settings);
  for (const peer of order) if (peer !== ME) node.company.set(peer, undefined);
  node.until(1050);
  return node;
}

/** A standby of a peer that owns the group with a term. */
function standby(order: readonly number[], of: number, term: number): Node {
  const node = new Node(order);
  for (const peer of order) {
    if (peer !== ME) node.company.set(peer, peer === of ? term : undefined);
  }
  node.until(1050);
  return node;
}

Deno.test(
  "ClaimEngine asks from 200 ms of its owner's silence, and takes over at 300",
  {
    permissions: "none",
  },
  () => {
    const node = standby([ANNA, ME, BERT], ANNA, 1);
    node.company.delete(ANNA);
    assertEquals(node.until(1300), [
      "1200: ask 1000",
      "1250: ask 1000",
      "1300: answer 1000 term 2",
      "1300: takeOver ownerSilent 2",
      "1300: announce 1000",
    ]);
  },
);

Deno.test(
  "ClaimEngine that nobody has heard since it took over has claimed alone, until it is heard",
  {
    permissions: "none",
  },
  () => {
    const node = standby([ANNA, ME, BERT], ANNA, 1);
    node.company.delete(ANNA);
    node.until(1250);
    node.company.delete(BERT);
    assertEquals(node.of(/: (answer|notice)/, 2000), [
      "1300: answer 1000 term 2",
      "1401: answer 1000 term 1 alone",
      "1401: notice 1000 alone",
    ]);
    assertEquals(node.engine.state(SLOT, GROUP)?.claim, {
      ...claimOf(ME, 1),
      full: false,
    });
    node.company.set(BERT, undefined);
    assertEquals(node.of(/: (answer|announce)/, 2300), [
      "2300: answer 1000 term 2",
      "2300: announce 1000",
    ]);
  },
);

Deno.test("ClaimEngine of the second rank leaves the first 100 ms more", {
  permissions: "none",
}, () => {
  const node = standby([ANNA, BERT, ME], ANNA, 1);
  node.company.delete(ANNA);
  assertEquals(node.of(/takeOver/, 2000), ["1400: takeOver ownerSilent 2"]);
});

Deno.test("ClaimEngine does not take over when any member answers", {
  permissions: "none",
}, () => {
  const node = standby([ANNA, ME, BERT], ANNA, 1);
  node.company.delete(ANNA);
  node.until(1250);
  node.engine.receiveAnswer(SLOT, GROUP, BERT, claimOf(BERT, 2), node.now);
  assertEquals(node.of(/takeOver/, 1400), []);
  assertEquals(node.engine.state(SLOT, GROUP)?.claim, claimOf(BERT, 2));
});

Deno.test("ClaimEngine does not take over what a peer vouches for", {
  permissions: "none",
}, () => {
  const node = standby([ANNA, ME, BERT], ANNA, 1);
  node.company.clear();
  const done: string[] = [];
  for (let turn = 0; turn < 20; turn++) {
    const beat = beatFrom(BERT, 1000 + turn);
    const vouched = { incarnation: 1, age: 20, twoWay: true, lifeAge: 20 };
    Object.assign(beat.heard.add(), { node: ANNA, ...vouched });
    node.engine.receiveBeat(SLOT, beat, node.now);
    done.push(...node.of(/takeOver|ask/, node.now + 100));
  }
  assertEquals(done, []);
});

Deno.test(
  "ClaimEngine claims alone without proof that anybody hears it, and then does not announce",
  {
    permissions: "none",
  },
  () => {
    const node = standby([ANNA, ME, BERT], ANNA, 4);
    node.company.clear();
    assertEquals(node.of(/answer|announce|take|notice/, 3000), [
      "1300: answer 1000 term 4 alone",
      "1300: takeOver ownerSilent 2",
      "1300: notice 1000 alone",
    ]);
    node.engine.receiveWitness(SLOT, node.now);
    assertEquals(
      node.of(/answer|announce|take/, 3300),
      [],
      "once is no contact",
    );
    node.engine.receiveWitness(SLOT, node.now);
    for (const until of [3350, 3400]) {
      node.until(until);
      node.engine.receiveWitness(SLOT, node.now);
    }
    assertEquals(node.of(/answer|announce|take/, 3600), [
      "3500: answer 1000 term 5",
      "3500: takeOver hearsAgain",
      "3500: announce 1000",
    ]);
  },
);

Deno.test(
  "ClaimEngine falls silent before a higher claim, and resumes when the winner does not answer",
  {
    permissions: "none",
  },
  () => {
    const node = owner([ME, ANNA, BERT]);
    node.engine.receiveAnnouncement(SLOT, GROUP, ANNA, claimOf(ANNA, 7), 1050);
    assertEquals(node.sink.take(), ["silence 1000", "silent higherClaim 2"]);
    assertEquals(node.until(1250), [
      "1050: ask 1000 term 1",
      "1100: ask 1000 term 1",
      "1150: ask 1000 term 1",
      "1200: ask 1000 term 1",
      "1250: answer 1000 term 8",
      "1250: takeOver winnerSilent 2",
      "1250: announce 1000",
    ]);
  },
);

Deno.test("ClaimEngine that lost believes in a winner that answers", {
  permissions: "none",
}, () => {
  const node = owner([ME, ANNA, BERT]);
  node.engine.receiveAnnouncement(SLOT, GROUP, ANNA, claimOf(ANNA, 7), 1050);
  node.until(1060);
  node.engine.receiveAnswer(SLOT, GROUP, ANNA, claimOf(ANNA, 7), 1060);
  assertEquals(node.of(/take/, 1260), []);
  assertEquals(node.engine.state(SLOT, GROUP), {
    role: "idle",
    claim: claimOf(ANNA, 7),
  });
});

Deno.test(
  "ClaimEngine that lost asks with the claim that it gave up until the winner announces",
  {
    permissions: "none",
  },
  () => {
    const node = owner([ME, ANNA, BERT]);
    node.company.set(ANNA, 5);
    assertEquals(node.of(/ask 1000 term 1/, 2300), [
      "1100: ask 1000 term 1",
      "2200: ask 1000 term 1",
    ]);
    node.engine.receiveAnnouncement(SLOT, GROUP, ANNA, claimOf(ANNA, 5), 2300);
    assertEquals(node.of(/ask/, 9000), []);
  },
);

Deno.test(
  "ClaimEngine answers a lower claim once a second, and never drops the last word",
  {
    permissions: "none",
  },
  () => {
    const node = owner([ME, ANNA], { refresh: 0 });
    node.until(10_000);
    const announced: string[] = [];
    for (const at of [10_000, 10_300, 10_600]) {
      announced.push(...node.of(/announce/, at));
      node.engine.receiveQuestion(SLOT, GROUP, ANNA, claimOf(ANNA, 0), at);
    }
    announced.push(...node.of(/announce/, 20_000));
    assertEquals(announced, ["10000: announce 1000", "11000: announce 1000"]);
  },
);

Deno.test(
  "ClaimEngine announces five times in 4.4 seconds, then from time to time",
  {
    permissions: "none",
  },
  () => {
    const node = new Node([ME], { refresh: 10_000 });
    const times = node.of(/announce/, 29_000).map((each) =>
      Number.parseFloat(each)
    );
    const first = times[0] ?? 0;
    assertEquals(
      times.map((at) => at - first),
      [0, 1100, 2200, 3300, 4400, 14_350, 24_250],
    );
  },
);

Deno.test(
  "ClaimEngine announces a group's new address at once, and after its link was renewed when it has asked",
  { permissions: "none" },
  () => {
    const node = owner([ME, ANNA]);
    node.until(7000);
    node.engine.addressAdded(SLOT, GROUP, 7000);
    assertEquals(node.of(/announce/, 7050), ["7000: announce 1000"]);
    node.engine.linkRenewed(SLOT, GROUP, 7050);
    const done = node.of(/announce|ask/, 7400);
    assertEquals(done, ["7050: ask 1000 term 1", "7300: announce 1000"]);
  },
);

Deno.test(
  "ClaimEngine that claims alone announces nothing, whatever becomes of its link",
  { permissions: "none" },
  () => {
    const node = standby([ANNA, ME, BERT], ANNA, 1);
    node.company.clear();
    assertEquals(node.of(/takeOver/, 2000).length, 1);
    assertEquals(node.engine.state(SLOT, GROUP)?.claim.full, false);
    node.engine.linkRenewed(SLOT, GROUP, 2000);
    node.engine.addressAdded(SLOT, GROUP, 2000);
    assertEquals(node.of(/announce/, 3000), []);
  },
);

Deno.test("ClaimEngine hands over: it answers until it hears the successor", {
  permissions: "none",
}, () => {
  const node = owner([ME, ANNA]);
  node.engine.become("draining", 1050);
  assertEquals(node.until(1060), ["1050: offer drain 2"]);
  assertEquals(node.lastBeat(ANNA).offers.at(0), { group: GROUP, term: 2 });
  assertEquals(node.lastBeat(ANNA).state, "draining");
  assertEquals(node.sink.answering.size, 1);
  node.beat(ANNA, 2);
  assertEquals(node.sink.take(), ["silence 1000", "silent handedOver 2"]);
});

Deno.test(
  "ClaimEngine that drains keeps what nobody takes, above what it offered",
  {
    permissions: "none",
  },
  () => {
    const node = owner([ME, ANNA]);
    node.engine.become("draining", 1050);
    assertEquals(node.of(/offer|keep|answer/, 7100), [
      "1050: offer drain 2",
      "1550: answer 1000 term 3",
      "1550: keep noSuccessor",
      "6550: offer drain 2",
      "7050: answer 1000 term 5",
      "7050: keep noSuccessor",
    ]);
  },
);

Deno.test(
  "ClaimEngine as a reserve says that it starts, and takes no offer",
  { permissions: "none" },
  () => {
    const node = standby([ME, ANNA, BERT], ANNA, 1);
    node.engine.become("reserve", 1050);
    node.until(1300);
    assertEquals(node.lastBeat(ANNA).state, "starting");
    node.beat(ANNA, 1, { offers: [{ group: GROUP, term: 2 }] });
    assertEquals(node.sink.take(), []);
    node.engine.become("member", 1300);
    node.until(1450);
    assertEquals(node.lastBeat(ANNA).state, "ready");
  },
);

Deno.test(
  "ClaimEngine as a reserve takes over what nobody does, after all others had time to",
  { permissions: "none" },
  () => {
    const times = [
      { name: "member", ready: BERT, at: 300 },
      { name: "reserve", ready: BERT, at: 400 },
      { name: "reserve", ready: undefined, at: 300 },
    ] as const;
    for (const { name, ready, at } of times) {
      const node = standby([ME, ANNA, BERT], ANNA, 1);
      node.engine.become(name, 1050);
      node.company.delete(ANNA);
      if (ready === undefined) {
        node.company.delete(BERT);
        node.engine.setAlive(BERT, false, 1050);
      }
      node.sink.take();
      const [first] = node.of(/takeOver/, 2000);
      assertEquals(first, `${1000 + at}: takeOver ownerSilent 2`, name);
    }
  },
);

Deno.test(
  "ClaimEngine that stood still takes nobody for dead whom it did not hear meanwhile",
  { permissions: "none" },
  () => {
    const node = standby([ANNA, ME, BERT], ANNA, 1);
    node.now = 3050;
    assertEquals(node.engine.wake(node.now), true);
    node.engine.caughtUp();
    node.engine.run(node.now);
    // Their next beats are due within an interval.
    assertEquals(node.sink.take(), []);
    node.company.clear();
    node.until(3140);
    node.beat(ANNA, 1);
    node.beat(BERT);
    assertEquals(node.until(3300), []);
  },
);

Deno.test("ClaimEngine that ends is silent after two seconds, taken or not", {
  permissions: "none",
}, () => {
  const node = owner([ME, ANNA]);
  node.engine.exit(1050);
  assertEquals(node.of(/silen/, 9000), [
    "3050: silence 1000",
    "3050: silent noSuccessor",
  ]);
  assertEquals(node.engine.ownsAny, false);
});

Deno.test("ClaimEngine takes an offer of the owner, and says so at once", {
  permissions: "none",
}, () => {
  const node = standby([ANNA, ME], ANNA, 3);
  node.beat(ANNA, 3, { offers: [{ group: GROUP, term: 4 }] });
  assertEquals(node.until(1060), [
    "1050: answer 1000 term 4",
    "1050: takeOver offered 2",
    "1050: announce 1000",
  ]);
  assertEquals(node.lastBeat(ANNA).changes.at(0).term, 4);
});

Deno.test(
  "ClaimEngine gives up what it owned after a stall, and believes nothing that was buffered",
  {
    permissions: "none",
  },
  () => {
    const node = owner([ME, ANNA]);
    node.now = 1400;
    assertEquals(node.engine.wake(1400), true);
    assertEquals(node.sink.take().slice(0, 3), [
      "silence 1000",
      "silent stall",
      "ask 1000 term 1",
    ]);
    node.beat(ANNA, 9, { offers: [{ group: GROUP, term: 10 }] });
    assertEquals(node.engine.state(SLOT, GROUP)?.claim, NO_CLAIM);
    node.engine.caughtUp();
    assertEquals(node.of(/take|answer/, 1750), [
      "1700: answer 1000 term 10",
      "1700: takeOver ownerUnknown",
    ], "but the term is remembered");
  },
);

Deno.test(
  "ClaimEngine does not believe in the claim that a loser's question says it gave up",
  {
    permissions: "none",
  },
  () => {
    const node = owner([ME, ANNA]);
    node.now = 1400;
    node.engine.wake(1400);
    node.engine.caughtUp();
    const done: string[] = [];
    for (let turn = 0; turn < 8; turn++) {
      node.engine.receiveQuestion(
        SLOT,
        GROUP,
        ANNA,
        claimOf(ANNA, 9),
        node.now,
      );
      done.push(...node.of(/take/, node.now + 50));
    }
    assertEquals(done, ["1700: takeOver ownerUnknown"]);
  },
);

Deno.test(
  "ClaimEngine returns beats to whoever needs them, however rare they are",
  { permissions: "none" },
  () => {
    const { heartbeats } = DEFAULT_CLAIM_SETTINGS;
    const node = new Node([ANNA], {
      heartbeats: { ...heartbeats, beat: 2000 },
    });
    const returned = [3500, 5500, 7500].map((at) => {
      node.until(at);
      // Long before our next turn, and we do not need it.
      node.beat(ANNA, undefined, { interval: 2000 });
      node.sink.beats = [];
      node.until(at + 1600);
      return node.sink.beats.map(({ to }) => to);
    });
    assertEquals(returned, [[ANNA], [ANNA], [ANNA]]);
  },
);

Deno.test("ClaimEngine sees no stall as long as its beats went out", {
  permissions: "none",
}, () => {
  const node = owner([ME, ANNA]);
  assertEquals([1300, 1301].map((now) => node.engine.wake(now)), [false, true]);
});

Deno.test(
  "ClaimEngine gives all away when the main thread is silent for 30 s",
  {
    permissions: "none",
  },
  () => {
    const node = owner([ME, ANNA]);
    assertEquals(node.of(/offer/, 30_100), ["30000: offer mainSilent 2"]);
  },
);

Deno.test(
  "ClaimEngine defends an address against a foreign host once in ten seconds, and never gives it up",
  {
    permissions: "none",
  },
  () => {
    const node = owner([ME, ANNA], { refresh: 0 });
    node.until(8000);
    const done: string[] = [];
    for (const at of [8000, 9000, 19_000]) {
      done.push(...node.until(at));
      node.engine.receiveAnnouncement(SLOT, GROUP, NO_NODE, NO_CLAIM, at);
    }
    done.push(...node.until(29_000));
    assertEquals(done, [
      "8000: notice 1000 foreignConflict",
      "8000: announce 1000",
      "9000: notice 1000 foreignConflict",
      "19000: notice 1000 foreignConflict",
      "19000: announce 1000",
    ]);
  },
);

Deno.test(
  "ClaimEngine does not use a new address while a foreign host answers for it",
  {
    permissions: "none",
  },
  () => {
    const node = new Node([ME], {}, { isNew: true });
    node.until(100);
    node.engine.receiveAnswer(SLOT, GROUP, NO_NODE, NO_CLAIM, 100);
    assertEquals(node.sink.take(), ["notice 1000 addressInUse"]);
    assertEquals(node.of(/answer/, 10_500), []);
    assertEquals(node.of(/answer/, 20_000).length, 1, "it is tried again");
  },
);

Deno.test(
  "ClaimEngine gives way to a member that knows no claims and comes first",
  {
    permissions: "none",
  },
  () => {
    const node = new Node([ANNA, ME]);
    const record = segmentRecord([], [groupRecord([ANNA, ME])]);
    const members = [{
      node: ANNA,
      isAlive: true,
      hasLeft: false,
      speaksClaims: false,
    }];
    node.engine.apply([{ ...record, members }], 0);
    node.until(1000);
    assertEquals(node.engine.ownsAny, true, "it does not answer");
    node.engine.receiveAnnouncement(SLOT, GROUP, ANNA, NO_CLAIM, 1000);
    assertEquals(node.sink.take().slice(-2), [
      "silence 1000",
      "silent legacyOwner",
    ]);
  },
);

Deno.test(
  "ClaimEngine asks when a member announces without its claim, and goes on answering",
  {
    permissions: "none",
  },
  () => {
    const node = owner([ME, ANNA]);
    node.until(2050);
    for (let turn = 0; turn < 2; turn++) {
      node.engine.receiveAnnouncement(SLOT, GROUP, ANNA, NO_CLAIM, 2050);
    }
    assertEquals(node.sink.take().filter((each) => !each.includes("witness")), [
      "notice 1000 claimMissing",
      "ask 1000 term 1",
      "notice 1000 claimMissing",
    ]);
    assertEquals(node.engine.ownsAny, true);
  },
);

Deno.test("ClaimEngine ends what is no longer announced", {
  permissions: "none",
}, () => {
  const node = new Node([ME]);
  node.until(1000);
  node.engine.apply([segmentRecord([], [groupRecord([])])], 1000);
  assertEquals(node.sink.take(), ["silence 1000", "silent removed"]);
  node.engine.apply([segmentRecord([], [groupRecord([ME])])], 1000);
  assertEquals(node.of(/take/, 2000).length, 1);
  node.engine.apply([segmentRecord([], [])], 2000);
  assertEquals(node.sink.take(), ["silence 1000", "silent removed"]);
});

Deno.test(
  "ClaimEngine keeps the segments apart",
  { permissions: "none" },
  () => {
    const sink = new RecordingSink();
    const engine = new ClaimEngine({ node: ME, incarnation: 1, sink });
    const one = segmentRecord([ANNA], [groupRecord([ANNA, ME])]);
    const two = { ...one, slot: 3, link: 7 };
    engine.apply([one, two], 0);
    engine.join(0);
    for (let now = 0; now <= 1500; now += 10) {
      if (now % 100 === 0) {
        engine.receiveBeat(
          SLOT,
          beatFrom(ANNA, now + 1, {
            claims: [{ group: GROUP, claim: claimOf(ANNA, 1) }],
          }),
          now,
        );
        engine.receiveWitness(3, now);
      }
      engine.run(now);
    }
    assertEquals([...sink.answering.keys()], ["3/1000"]);
    engine.apply([one], 1500);
    assertEquals(sink.answering.size, 0, "its interface is gone");
  },
);

const REFUSED = [
  { name: "a copy", sequence: 1, incarnation: 5, outcome: "oldSequence" },
  {
    name: "an earlier life",
    sequence: 9,
    incarnation: 4,
    outcome: "oldIncarnation",
  },
  { name: "a later life", sequence: 1, incarnation: 6, outcome: "taken" },
  { name: "the next", sequence: 2, incarnation: 5, outcome: "taken" },
];
Deno.test.each(REFUSED)(
  "ClaimEngine takes $name of a beat as $outcome",
  { permissions: "none" },
  ({ sequence, incarnation, outcome }) => {
    const { engine } = new Node([ME, ANNA]);
    engine.receiveBeat(SLOT, beatFrom(ANNA, 1, { incarnation: 5 }), 0);
    const beat = beatFrom(ANNA, sequence, { incarnation });
    assertEquals(engine.receiveBeat(SLOT, beat, 10), outcome);
  },
);
