/** How often a node sends what nobody asked it for. */
import { assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import {
  ANNA,
  beatFrom,
  claimOf,
  GROUP,
  groupRecord,
  ME,
  RecordingSink,
  segmentRecord,
  SLOT,
} from "../../tests/claims_rig.ts";
import {
  ClaimEngine,
  type ClaimSettings,
  DEFAULT_CLAIM_SETTINGS,
} from "./mod.ts";
import type { Rate } from "./token_bucket.ts";

const options = { permissions: "none" } as const;

/** A node alone, and what happens to it. */
interface Run extends Partial<ClaimSettings> {
  /** Groups that it has from the beginning; the second half of them takes two frames each. */
  readonly groups: number;
  /** Groups that come after a second, of two frames each. */
  readonly laterGroups?: number;
  /** How long it runs, in ms. */
  readonly end: number;
  /** Every random number. */
  readonly random?: number;
  /** Writes down what is done; a new one. */
  readonly sink?: RecordingSink;
}

/** A node alone with groups: what it did, each with its time. */
function run(
  {
    groups,
    laterGroups = 0,
    end,
    random = 0.5,
    sink = new RecordingSink(),
    ...settings
  }: Run,
): { readonly at: number; readonly what: string }[] {
  const engine = new ClaimEngine({
    node: ME,
    incarnation: 1,
    sink,
    settings: { ...DEFAULT_CLAIM_SETTINGS, ...settings },
    random: () => random,
  });
  const records = Array.from(
    { length: groups + laterGroups },
    (_, index) =>
      groupRecord([ME], {
        id: 1000 + index,
        frames: index < groups / 2 ? 1 : 2,
      }),
  );
  engine.apply([segmentRecord([], records.slice(0, groups))], 0);
  engine.join(0);
  const done: { at: number; what: string }[] = [];
  let known = groups;
  for (let now = 0; now <= end; now = Math.max(now, engine.nextDeadline)) {
    if (now >= 1000 && known < records.length) {
      known = records.length;
      engine.apply([segmentRecord([], records)], now);
    }
    engine.mainSpoke(now);
    engine.run(now);
    done.push(...sink.take().map((what) => ({ at: now, what })));
  }
  return done;
}

function announcements(
  done: readonly { readonly at: number; readonly what: string }[],
): { readonly at: number; readonly what: string }[] {
  return done.filter(({ what }) => what.startsWith("announce"));
}

Deno.test.each([
  { random: 0, after: 7500 },
  { random: 0.5, after: 10_000 },
  { random: 1, after: 12_500 },
])(
  "an owner refreshes after 10 s, a quarter earlier or later: $after ms",
  options,
  ({ random, after }) => {
    const sent = announcements(
      run({ groups: 1, end: 20_000, refresh: 10_000, random }),
    );
    const pause = (sent[5]?.at ?? 0) - (sent[4]?.at ?? 0);
    // It leaves with the beat before it is due.
    assertLessOrEqual(pause, after);
    assertGreater(pause, after - 200);
  },
);

Deno.test("refreshes are 20 frames a second at most", options, () => {
  const sent = announcements(run({ groups: 200, end: 20_000, refresh: 1000 }));
  const refreshed = sent.filter(({ at }) => at > 9000 && at <= 19_000);
  const frames = refreshed.map(({ what }) => what < "announce 1100" ? 1 : 2)
    .reduce<number>((sum, each) => sum + each, 0);
  // Four may leave at once after a pause.
  assertLessOrEqual(frames, 204);
  assertGreater(frames, 190);
});

Deno.test(
  "what nobody has heard is announced before what repeats",
  options,
  () => {
    const first20 = announcements(run({
      groups: 20,
      end: 6000,
      announcements: { perSecond: 10, burst: 2 },
    })).slice(0, 20);
    assertEquals(new Set(first20.map(({ what }) => what)).size, 20);
    // 30 frames at 10 a second.
    const last = first20.at(-1)?.at ?? 0;
    const first = first20[0]?.at ?? 0;
    assertGreater(last - first, 2700);
  },
);

Deno.test(
  "what repeats does not take the frames for which something new waits",
  options,
  () => {
    // The first group repeats at 1.4 s, when one frame may leave; each of the others needs two.
    const sent = announcements(run({
      groups: 1,
      laterGroups: 5,
      end: 4000,
      announcements: { perSecond: 10, burst: 2 },
    }));
    const places = sent.flatMap(({ what }, place) =>
      what.startsWith("announce 1000") ? [place] : []
    );
    assertEquals(places.slice(0, 2), [0, 6]);
  },
);

Deno.test("questions are paced", options, () => {
  const done = run({
    groups: 50,
    end: 250,
    questions: { perSecond: 10, burst: 2 },
  });
  const asked = done.filter(({ what }) => what.startsWith("ask 1"));
  assertLessOrEqual(asked.length, 5);
  assertGreater(asked.length, 2);
});

Deno.test(
  "a refresh takes its turn, and what changes something does not",
  options,
  () => {
    const sink = new RecordingSink();
    const announced = announcements(
      run({ groups: 1, end: 8500, refresh: 1000, sink }),
    );
    // Five leave at once and in the 4.4 s after it.
    assertEquals(announced.length - sink.turns.length, 5);
    assertEquals(sink.turns, [6, 7, 8, 9]);
  },
);

Deno.test(
  "what a peer is to hear at once goes into one beat for 5 ms",
  options,
  () => {
    const sink = new RecordingSink();
    const engine = new ClaimEngine({ node: ME, incarnation: 1, sink });
    engine.apply([segmentRecord([ANNA], [groupRecord([ME, ANNA])])], 0);
    engine.join(0);
    let sequence = 0;
    const pass = (from: number, to: number, greets: boolean): void => {
      for (let now = from; now < to; now++) {
        if (now % 100 === 50) {
          engine.receiveBeat(SLOT, beatFrom(ANNA, ++sequence), now);
        }
        const lower = claimOf(ANNA, 1, false);
        // Who claims less gets a beat at once.
        if (greets) engine.receiveAnnouncement(SLOT, GROUP, ANNA, lower, now);
        engine.run(now);
      }
    };
    pass(0, 2000, false);
    assertEquals(sink.answering.size, 1);
    sink.beats = [];
    pass(2000, 2031, true);
    assertEquals(sink.beats.length, 7);
  },
);

/** How many of so many new groups are answered for without a question about them. */
function unasked(
  count: number,
  questions: Rate = DEFAULT_CLAIM_SETTINGS.questions,
): number {
  const sink = new RecordingSink();
  const engine = new ClaimEngine({
    node: ME,
    incarnation: 1,
    sink,
    settings: { ...DEFAULT_CLAIM_SETTINGS, questions },
    random: () => 0.5,
  });
  const groups = Array.from(
    { length: count },
    (_, i) => groupRecord([ME], { id: 5000 + i, isNew: true }),
  );
  engine.apply([segmentRecord([], groups)], 0);
  engine.join(0);
  const asked = new Set<string>();
  let sum = 0;
  for (let now = 0; now <= 60_000; now++) {
    engine.mainSpoke(now);
    engine.run(now);
    for (const each of sink.take()) {
      const [verb, id] = each.split(" ");
      if (verb === "ask") asked.add(id ?? "");
      if (verb === "answer" && !asked.has(id ?? "")) sum++;
    }
  }
  assertEquals(sink.answering.size, count);
  return sum;
}

const SLOW: Rate = { perSecond: 15, burst: 2 };

Deno.test(
  "each new address is asked for before it is used, however many come and however slow the pace",
  options,
  () => {
    assertEquals(unasked(1000), 0);
    assertEquals(unasked(100, SLOW), 0);
  },
);

Deno.test(
  "nobody asks about an owner that is on time, where two missed beats are a loss",
  options,
  () => {
    const sink = new RecordingSink();
    const { heartbeats } = DEFAULT_CLAIM_SETTINGS;
    const engine = new ClaimEngine({
      node: ME,
      incarnation: 1,
      sink,
      settings: {
        ...DEFAULT_CLAIM_SETTINGS,
        heartbeats: { ...heartbeats, misses: 2 },
      },
    });
    engine.apply([segmentRecord([ANNA], [groupRecord([ANNA, ME])])], 0);
    engine.join(0);
    const claims = [{ group: GROUP, claim: claimOf(ANNA, 1) }];
    let asked = 0;
    let next = 50;
    let sequence = 0;
    for (let now = 0; now < 20_000; now += 0.25) {
      if (now >= next) {
        const beat = beatFrom(ANNA, ++sequence, { claims });
        engine.receiveBeat(SLOT, beat, now);
        // A beat comes up to 1 ms earlier or later.
        next = sequence * 100 + 50 + (sequence * 7 % 5) / 4;
      }
      engine.mainSpoke(now);
      engine.wake(now);
      engine.caughtUp();
      engine.run(now);
      const asks = sink.take().filter((each) => each === `ask ${GROUP}`);
      if (now > 5000) asked += asks.length;
    }
    assertEquals(asked, 0);
  },
);
