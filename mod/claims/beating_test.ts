/** What follows when a node has too many partners for its interval, and when it has fewer again. */
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import {
  beatFrom,
  GROUP,
  groupRecord,
  hashOf,
  ME,
  RecordingSink,
  segmentRecord,
  SLOT,
} from "../../tests/claims_rig.ts";
import { ClaimEngine, DEFAULT_HEARTBEATS, type GroupRecord } from "./mod.ts";

const pure = { permissions: "none" } as const;
const { beatsPerSecond } = DEFAULT_HEARTBEATS;

/** A node that comes first for a group with each of its peers, and beats with all of them. */
class Crowd {
  readonly sink = new RecordingSink();
  readonly engine = new ClaimEngine({
    node: ME,
    incarnation: 1,
    sink: this.sink,
    random: () => 0.5,
  });
  readonly peers: readonly number[];
  /** The beats that it sent, with their times. */
  readonly sent: { readonly at: number; readonly to: number }[] = [];
  /** By peer, until when it waits for the next beat of the node at least. */
  readonly #awaited = new Map<number, number>();
  /** Beats that came later than the one before it had told, in ms. */
  readonly late: number[] = [];
  /** Intervals that came into force when no beats in turn told them, in ms. */
  readonly untold: number[] = [];
  #told: number = DEFAULT_HEARTBEATS.beat;
  #now = 0;
  #sequence = 0;

  constructor(size: number) {
    this.peers = Array.from({ length: size }, (_, index) => ME + 1 + index);
    this.apply(size);
    this.engine.join(0);
  }

  /** The group with a peer, which comes second; the next one is third. */
  group(peer: number): GroupRecord {
    const next = this.peers[(peer - ME) % this.peers.length] ?? peer;
    const candidates = [ME, peer, next];
    return groupRecord(candidates, {
      id: GROUP + peer,
      hash: hashOf(ME),
    });
  }

  /** There are the groups of the first peers only. */
  apply(count: number): void {
    const groups = this.peers.slice(0, count).map((peer) => this.group(peer));
    this.engine.apply([segmentRecord(this.peers, groups)], this.#now);
    this.#awaited.clear();
  }

  /** Time passes; these peers beat, each at its part of the interval. */
  pass(
    time: number,
    { interval, peers = this.peers, phases = [0] }: {
      readonly interval: number;
      readonly peers?: readonly number[];
      readonly phases?: readonly number[];
    },
  ): void {
    const end = this.#now + time;
    for (; this.#now < end; this.#now++) {
      const now = this.#now;
      this.engine.mainSpoke(now);
      this.engine.wake(now);
      for (const [index, peer] of peers.entries()) {
        const phase = phases[index % phases.length] ?? 0;
        if (now % interval !== Math.round(phase * interval)) continue;
        const beat = beatFrom(peer, ++this.#sequence, { interval });
        this.engine.receiveBeat(SLOT, beat, now);
      }
      this.engine.caughtUp();
      this.engine.run(now);
      this.#note(now);
    }
  }

  /** Whether it owns the groups of all of its peers. */
  get ownsAll(): boolean {
    return this.peers.every((peer) =>
      this.engine.state(SLOT, this.group(peer).id)?.role === "owner"
    );
  }

  /** When it stands, in ms. */
  get now(): number {
    return this.#now;
  }

  #note(now: number): void {
    for (const { to, beat } of this.sink.beats.splice(0)) {
      this.sent.push({ at: now, to });
      this.offers.push(
        ...Array.from({ length: beat.offers.length }, (_, index) => ({
          at: now,
          to,
          group: beat.offers.at(index).group,
        })),
      );
      const lateBy = now - (this.#awaited.get(to) ?? Infinity);
      if (lateBy > 0) this.late.push(lateBy);
      if (beat.wanted) this.#awaited.set(to, now + beat.interval);
      else this.#awaited.delete(to);
      if (beat.wanted) this.#told = beat.interval;
    }
    const { beatInterval } = this.engine;
    if (beatInterval !== this.#told) this.untold.push(beatInterval);
  }

  /** The offers that it made. */
  readonly offers: {
    readonly at: number;
    readonly to: number;
    readonly group: number;
  }[] = [];

  /** Since when nothing was sent, in ms. */
  rest(): void {
    this.sent.length = 0;
    this.offers.length = 0;
  }
}

Deno.test(
  "who suddenly has fewer partners has not stood still, and beats no later than it told",
  pure,
  () => {
    const crowd = new Crowd(70);
    crowd.pass(10_100, { interval: 389 });
    assertEquals(crowd.engine.beatInterval, 389);
    // All groups but one are deleted, somewhere between two turns.
    crowd.apply(1);
    crowd.pass(5000, { interval: 100, peers: crowd.peers.slice(0, 2) });
    assertEquals(crowd.engine.beatInterval, 100);
    const { done } = crowd.sink;
    const strained = done.filter((what) => /stall|late/.test(what));
    assertEquals(strained, []);
    assertEquals(crowd.late, []);
    assertEquals(crowd.untold, []);
    assertEquals(
      crowd.engine.state(SLOT, crowd.group(ME + 1).id)?.role,
      "owner",
    );
  },
);

Deno.test(
  "who suddenly has more partners is judged by what it had told before them",
  pure,
  () => {
    const crowd = new Crowd(70);
    crowd.apply(1);
    crowd.pass(5000, { interval: 100, peers: crowd.peers.slice(0, 2) });
    crowd.apply(70);
    crowd.pass(5000, { interval: 389 });
    assertEquals(crowd.engine.detectionTime, 3 * 389);
    assertEquals(crowd.late, []);
    assertEquals(crowd.untold, []);
  },
);

Deno.test.each([60, 150, 400])(
  "a node that begins with %d partners keeps its rate from the first turn",
  pure,
  (size) => {
    const crowd = new Crowd(size);
    crowd.pass(6000, { interval: 100, peers: [] });
    for (const [index, { at }] of crowd.sent.entries()) {
      // One round leaves at once.
      assertLessOrEqual(index + 1, size + at * beatsPerSecond / 1000 + 1);
    }
  },
);

Deno.test(
  "where the interval is stretched nobody keeps step: partners of many phases would hurry each other",
  pure,
  () => {
    const crowd = new Crowd(90);
    const interval = 500;
    const phases = [0, 0.3, 0.6];
    crowd.pass(5000, { interval, phases });
    assertEquals(crowd.engine.beatInterval, interval);
    crowd.rest();
    crowd.pass(10_000, { interval, phases });
    assertLessOrEqual(crowd.sent.length, 10 * beatsPerSecond);
  },
);

Deno.test.each([10, 100, 200, 400])(
  "of %d partners each is offered its group at once, whenever this speaker is told to end",
  pure,
  (size) => {
    const crowd = new Crowd(size);
    const interval = Math.max(100, Math.ceil(size * 1000 / 180));
    crowd.pass(30_000, { interval });
    crowd.rest();
    // Right after a turn the next one is farthest.
    while (crowd.sent.length < size) crowd.pass(1, { interval });
    crowd.rest();
    const from = crowd.now;
    crowd.engine.exit(from);
    crowd.pass(10, { interval });
    const told = crowd.offers.map(({ to, group }) => [group, to]);
    const wanted = crowd.peers.map((peer) => [crowd.group(peer).id, peer]);
    const known = new Map(told.map(([group, to]) => [group, to]));
    assertEquals(
      wanted.filter(([group, to]) => known.get(group) !== to),
      [],
    );
  },
);

Deno.test(
  "an offer that has to wait for the turn is not taken back before it",
  pure,
  () => {
    const size = 400;
    const crowd = new Crowd(size);
    const interval = 2223;
    // Of what may leave at once nothing is left: it told what it claims.
    while (!crowd.ownsAll) crowd.pass(10, { interval });
    crowd.pass(100, { interval });
    const began = crowd.now;
    crowd.rest();
    crowd.engine.exit(began);
    crowd.pass(4010, { interval });
    assert(crowd.offers.some(({ at }) => at > began + 500), "some waited");
    const first = new Map<number, number>();
    for (const { group, to } of crowd.offers) {
      if (!first.has(group)) first.set(group, to);
    }
    const owned = crowd.sink.events.filter(({ kind, reason }) =>
      kind === "offer" && reason === "exit"
    );
    assertEquals(new Set(owned.map(({ group }) => group)).size, size);
    const missed = crowd.peers.filter((peer) =>
      first.get(crowd.group(peer).id) !== peer
    );
    assertEquals(missed, []);
    assert(!crowd.engine.ownsAny, "a Pod has five seconds to end");
  },
);
