import { assertEquals, assertGreater } from "@std/assert";
import fc from "fast-check";
import { LeaderElection, type LeaseRecord, type Moment } from "./mod.ts";

const DURATION = 100;
const OPTIONS = { durationMs: DURATION, relyMs: 60, stallMs: 20 };

function at(now: number): Moment {
  return { now, date: 1_000_000 + now };
}

function lease(holder: string, renewal = "1"): LeaseRecord {
  return { holder, durationMs: DURATION, renewal };
}

Deno.test("LeaderElection takes what nobody holds at once", {
  permissions: "none",
}, () => {
  const election = new LeaderElection({ self: "a", ...OPTIONS });
  assertEquals(election.decide(undefined, 0), { kind: "create" });
  assertEquals(election.decide(lease(""), 0), { kind: "take" });
  assertEquals(election.decide(lease("a"), 0), { kind: "renew" });
  assertEquals(election.mayWrite(at(0)), false, "nothing was written yet");
});

Deno.test("LeaderElection waits from the last change that it saw", {
  permissions: "none",
}, () => {
  const election = new LeaderElection({ self: "a", ...OPTIONS });
  assertEquals(election.decide(lease("b", "1"), 0), { kind: "wait", ms: 100 });
  assertEquals(election.decide(lease("b", "1"), 99), { kind: "wait", ms: 1 });
  assertEquals(election.decide(lease("b", "2"), 99), { kind: "wait", ms: 100 });
  assertEquals(election.decide(lease("b", "2"), 199), { kind: "take" });
  const longer = { ...lease("b", "3"), durationMs: 500 };
  assertEquals(election.decide(longer, 199), { kind: "wait", ms: 500 });
});

Deno.test("LeaderElection relies on a renewal from when it was sent", {
  permissions: "none",
}, () => {
  const election = new LeaderElection({ self: "a", ...OPTIONS, stallMs: 1000 });
  election.renewed(10);
  assertEquals(election.mayWrite(at(40)), true);
  assertEquals(election.mayWrite(at(69)), true);
  assertEquals(election.mayWrite(at(70)), false);
  election.renewed(65);
  assertEquals(election.mayWrite(at(70)), true);
  election.decide(lease("b"), 70);
  assertEquals(election.mayWrite(at(70)), false);
});

const STALLS = [
  { what: "a pause of the process", stalled: { now: 40, date: 1_000_040 } },
  { what: "a sleep of the machine", stalled: { now: 11, date: 9_000_000 } },
];
Deno.test.each(STALLS)(
  "LeaderElection renews after $what before it writes",
  { permissions: "none" },
  ({ stalled }) => {
    const election = new LeaderElection({ self: "a", ...OPTIONS });
    election.renewed(0);
    assertEquals(election.mayWrite(at(10)), true);
    assertEquals(election.mayWrite(stalled), false);
    election.renewed(stalled.now - 1);
    assertEquals(election.mayWrite(stalled), false, "it was sent before");
    election.renewed(stalled.now);
    assertEquals(election.mayWrite(stalled), true);
  },
);

/** A replica whose calls take time, that may stand still, crash and return. */
class Replica {
  election: LeaderElection;
  /** A call under way: what it does when it arrives, and when it was sent. */
  sent: { readonly at: number; readonly write: Written } | undefined;
  answered: (() => void) | undefined;
  version = -1;

  constructor(readonly name: string) {
    this.election = new LeaderElection({ self: name, ...OPTIONS });
  }

  restart(): void {
    this.election = new LeaderElection({ self: this.name, ...OPTIONS });
    this.sent = undefined;
    this.answered = undefined;
    this.version = -1;
  }
}

type Written = { readonly holder: string; readonly onVersion: number };

/** The Lease in the API: a write succeeds only on the version it was made for. */
class Store {
  version = 0;
  holder = "";

  write({ holder, onVersion }: Written): boolean {
    if (onVersion !== this.version) return false;
    this.version++;
    this.holder = holder;
    return true;
  }
}

type Step =
  | { readonly kind: "time"; readonly ms: number }
  | {
    readonly kind:
      | "round"
      | "look"
      | "arrive"
      | "answer"
      | "restart"
      | "release";
    readonly who: number;
  };

const STEP: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("time"), ms: fc.integer({ min: 1, max: 40 }) }),
  fc.record({
    kind: fc.constantFrom("round", "round", "look", "arrive", "answer"),
    who: fc.nat({ max: 2 }),
  }),
  fc.record({
    kind: fc.constantFrom("look", "arrive", "answer", "restart", "release"),
    who: fc.nat({ max: 2 }),
  }),
);

class World {
  readonly store = new Store();
  readonly replicas = ["a", "b", "c"].map((name) => new Replica(name));
  now = 0;
  terms = 0;
  #leader: string | undefined;

  step(step: Step): void {
    if (step.kind === "time") this.now += step.ms;
    else {
      const one = this.replicas[step.who];
      if (one !== undefined) this.#act(one, step.kind);
    }
    const leaders = this.replicas.filter(({ election }) =>
      election.mayWrite(at(this.now))
    ).map(({ name }) => name);
    if (leaders.length > 1) throw new Error(`all lead: ${leaders.join()}`);
    const [leader] = leaders;
    if (leader !== undefined && leader !== this.#leader) this.terms++;
    this.#leader = leader ?? this.#leader;
  }

  #act(one: Replica, kind: Exclude<Step["kind"], "time">): void {
    switch (kind) {
      case "round":
        this.#look(one);
        this.#arrive(one);
        return this.#act(one, "answer");
      case "look":
        return this.#look(one);
      case "arrive":
        return this.#arrive(one);
      case "answer":
        one.answered?.();
        one.answered = undefined;
        return;
      case "restart":
        return one.restart();
      case "release":
        if (!one.election.mayWrite(at(this.now))) return;
        one.election.lost();
        this.store.write({ holder: "", onVersion: one.version });
    }
  }

  #look(one: Replica): void {
    if (one.sent !== undefined || one.answered !== undefined) return;
    const { version, holder } = this.store;
    const record = version === 0 ? undefined : lease(holder, `${version}`);
    const claim = one.election.decide(record, this.now);
    if (claim.kind === "wait") return;
    const write = { holder: one.name, onVersion: version };
    one.sent = { at: this.now, write };
  }

  #arrive(one: Replica): void {
    if (one.sent === undefined) return;
    const { at: sentAt, write } = one.sent;
    one.sent = undefined;
    const done = this.store.write(write);
    const { version } = this.store;
    one.answered = () => {
      if (!done) return one.election.lost();
      one.version = version;
      one.election.renewed(sentAt);
    };
  }
}

Deno.test("of all replicas at most one leads, over any history", {
  permissions: "none",
}, () => {
  let terms = 0;
  fc.assert(
    fc.property(fc.array(STEP, { minLength: 100, maxLength: 300 }), (steps) => {
      const world = new World();
      for (const step of steps) world.step(step);
      terms += world.terms;
    }),
    { numRuns: 300 },
  );
  assertGreater(terms, 200, "leaders changed often enough to tell");
});
