import { assertEquals, assertRejects } from "@std/assert";
import { SkippingClock } from "../../tests/kube/clocks.ts";
import {
  ScriptedClient,
  type Step,
  thing,
  THINGS,
} from "../../tests/kube/scripted_client.ts";
import { KubeError } from "./port.ts";
import {
  Reflector,
  type ReflectorFailure,
  type ReflectorOptions,
  type ReflectorState,
} from "./reflector.ts";
import type { KubeObject } from "./types.ts";

const OFFLINE = new KubeError("Cannot reach the server", {
  code: 0,
  reason: "connectionFailed",
});
const EXPIRED = new KubeError("Too old", { code: 410, reason: "Expired" });

interface Run {
  readonly client: ScriptedClient<KubeObject>;
  readonly clock: SkippingClock;
  readonly reflector: Reflector<KubeObject>;
  /** One line per call of `onChange`. */
  readonly changes: readonly string[];
  readonly states: readonly ReflectorState[];
  readonly failures: readonly ReflectorFailure[];
}

/** Runs a script to its end; every watch lasts `watchMs`. */
async function run(
  steps: readonly Step<KubeObject>[],
  options: Partial<ReflectorOptions<KubeObject>> & { watchMs?: number } = {},
): Promise<Run> {
  const clock = new SkippingClock();
  const client = new ScriptedClient(steps.map((step) =>
    "watch" in step
      ? {
        ...step,
        during: (): void => {
          clock.time += options.watchMs ?? 5_000;
          step.during?.();
        },
      }
      : step
  ));
  const changes: string[] = [];
  const states: ReflectorState[] = [];
  const failures: ReflectorFailure[] = [];
  const reflector = new Reflector(client.asClient(), THINGS, {
    clock,
    random: () => 0.5,
    onChange: (batch) =>
      changes.push(
        batch.map(({ type, key, object }) =>
          `${type} ${key}@${object.metadata.resourceVersion}`
        ).join(", "),
      ),
    onState: (state) => states.push(state),
    onFailure: (failure) => failures.push(failure),
    ...options,
  });
  const stop = new AbortController();
  const running = reflector.start(stop.signal);
  await Promise.race([client.finished, running]);
  stop.abort();
  await running;
  return { client, clock, reflector, changes, states, failures };
}

function page(
  resourceVersion: string,
  items: readonly KubeObject[],
  continueToken?: string,
): Step<KubeObject> {
  return {
    list: {
      resourceVersion,
      items,
      ...(continueToken !== undefined && { continueToken }),
    },
  };
}

Deno.test("Reflector hands over all pages of the first list at once", {
  permissions: "none",
}, async () => {
  const { client, changes, reflector } = await run([
    page("9", [thing("a", "1"), thing("b", "2")], "next"),
    page("9", [thing("c", "3")]),
  ], { pageSize: 2 });
  assertEquals(changes, ["ADDED ns/a@1, ADDED ns/b@2, ADDED ns/c@3"]);
  assertEquals([...reflector.store.keys()], ["ns/a", "ns/b", "ns/c"]);
  assertEquals(client.asked, [
    { verb: "list", limit: 2 },
    { verb: "list", limit: 2, continueToken: "next" },
    { verb: "watch", resourceVersion: "9", timeoutSeconds: 45 },
  ]);
  await reflector.synced;
});

Deno.test("Reflector reports an empty first list", {
  permissions: "none",
}, async () => {
  const { changes, states } = await run([page("9", [])]);
  assertEquals(changes, [""]);
  assertEquals(states.map(({ kind }) => kind), ["connected"]);
});

Deno.test("Reflector shows nothing of a list that breaks off", {
  permissions: "none",
}, async () => {
  const { client, changes } = await run([
    page("9", [thing("a", "1")], "next"),
    { list: OFFLINE },
    page("10", [thing("b", "2")]),
  ]);
  assertEquals(changes, ["ADDED ns/b@2"]);
  assertEquals(client.asked[2], { verb: "list" });
});

Deno.test("Reflector keeps its cache while a new list fails half-way", {
  permissions: "none",
}, async () => {
  const { changes, reflector } = await run([
    page("9", [thing("a", "1"), thing("b", "2")]),
    { watch: [], error: EXPIRED },
    page("20", [thing("c", "3")], "next"),
    { list: EXPIRED },
  ]);
  assertEquals(changes, ["ADDED ns/a@1, ADDED ns/b@2"]);
  assertEquals([...reflector.store.keys()], ["ns/a", "ns/b"]);
});

Deno.test("Reflector follows events and continues from the last version", {
  permissions: "none",
}, async () => {
  const { client, changes, reflector } = await run([
    page("9", [thing("a", "1")]),
    {
      watch: [
        { type: "ADDED", object: thing("b", "10") },
        { type: "MODIFIED", object: thing("a", "11") },
        { type: "DELETED", object: thing("b", "12") },
      ],
    },
    { watch: [{ type: "BOOKMARK", resourceVersion: "30" }] },
  ]);
  assertEquals(changes, [
    "ADDED ns/a@1",
    "ADDED ns/b@10",
    "MODIFIED ns/a@11",
    "DELETED ns/b@12",
  ]);
  assertEquals([...reflector.store.keys()], ["ns/a"]);
  const versions = client.asked.map((asked) =>
    asked.verb === "watch" ? asked.resourceVersion : "list"
  );
  assertEquals(versions, ["list", "9", "12", "30"]);
});

Deno.test("Reflector lists again at 410 and reports only the differences", {
  permissions: "none",
}, async () => {
  const { clock, changes, states } = await run([
    page("9", [thing("a", "1"), thing("b", "2"), thing("c", "3")]),
    { watch: [], error: EXPIRED },
    page("20", [
      thing("a", "1"),
      thing("b", "15"),
      thing("c", "16", "another"),
      thing("d", "17"),
    ]),
  ]);
  assertEquals(
    changes[1],
    "MODIFIED ns/b@15, DELETED ns/c@3, ADDED ns/c@16, ADDED ns/d@17",
  );
  // An expired version is no outage: no delay and no change of state.
  assertEquals(clock.sleeps, []);
  assertEquals(states.map(({ kind }) => kind), ["connected"]);
});

Deno.test("Reflector deletes what a new list no longer has", {
  permissions: "none",
}, async () => {
  const { changes, reflector } = await run([
    page("9", [thing("a", "1"), thing("b", "2")]),
    { watch: [], error: EXPIRED },
    page("20", []),
  ]);
  assertEquals(changes[1], "DELETED ns/a@1, DELETED ns/b@2");
  assertEquals(reflector.store.size, 0);
});

Deno.test("Reflector backs off when version after version has expired", {
  permissions: "none",
}, async () => {
  const { clock } = await run([
    page("9", []),
    { watch: [], error: EXPIRED },
    page("10", []),
    { watch: [], error: EXPIRED },
    page("11", []),
  ], { watchMs: 0 });
  assertEquals(clock.sleeps, [200]);
});

Deno.test("Reflector backs off exponentially with full jitter up to the cap", {
  permissions: "none",
}, async () => {
  const steps = Array.from({ length: 9 }, () => ({ list: OFFLINE }));
  const { clock, failures, states, reflector } = await run(steps);
  assertEquals(
    clock.sleeps,
    [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000],
  );
  assertEquals(failures.map((failure) => failure.failures).at(-1), 9);
  // Never synced: nothing to act on.
  assertEquals(states, []);
  assertEquals(reflector.state, { kind: "unsynced", since: 0, error: OFFLINE });
});

Deno.test("Reflector draws every delay from the whole range", {
  permissions: "none",
}, async () => {
  const draws = [0, 0.25, 0.999];
  const { clock } = await run(
    [{ list: OFFLINE }, { list: OFFLINE }, { list: OFFLINE }],
    { random: () => draws.shift() ?? 0, backoffMs: 1_000 },
  );
  // A draw of 0 means no sleep at all.
  assertEquals(clock.sleeps, [500, 3_996]);
});

Deno.test("Reflector waits as long as the server asks", {
  permissions: "none",
}, async () => {
  const busy = new KubeError("Too many requests", {
    code: 429,
    reason: "TooManyRequests",
    retryAfterMs: 7_000,
  });
  const { clock } = await run([{ list: busy }]);
  assertEquals(clock.sleeps, [7_000]);
});

Deno.test("Reflector does not let the server silence it for long", {
  permissions: "none",
}, async () => {
  for (const retryAfterMs of [86_400_000, Infinity]) {
    const busy = new KubeError("Too many requests", {
      code: 429,
      reason: "TooManyRequests",
      retryAfterMs,
    });
    const { clock } = await run([{ list: busy }]);
    assertEquals(clock.sleeps, [60_000]);
  }
});

Deno.test("Reflector keeps the last state and says since when it is alone", {
  permissions: "none",
}, async () => {
  const { states, reflector, changes, client } = await run([
    page("9", [thing("a", "1")]),
    { watch: [], error: OFFLINE },
    { list: OFFLINE },
    { list: OFFLINE },
    page("12", [thing("a", "1")]),
  ], { watchMs: 0 });
  assertEquals(states, [
    { kind: "connected", since: 0 },
    { kind: "disconnected", since: 0, error: OFFLINE },
    { kind: "connected", since: 700 },
  ]);
  assertEquals(changes.length, 1);
  assertEquals([...reflector.store.keys()], ["ns/a"]);
  // After an outage the watch goes on where it was.
  assertEquals(client.asked.at(-1), {
    verb: "watch",
    resourceVersion: "9",
    timeoutSeconds: 45,
  });
});

Deno.test("Reflector counts the outage from its first failure", {
  permissions: "none",
}, async () => {
  const later = new KubeError("Still down", { code: 503, reason: "Down" });
  const { reflector, clock } = await run([
    page("9", []),
    { watch: [], error: OFFLINE },
    { list: later },
  ]);
  assertEquals(reflector.state, {
    kind: "disconnected",
    since: 5_000,
    error: later,
  });
  assertEquals(clock.sleeps, [100, 200]);
});

Deno.test("Reflector does not spin on a server that ends watches at once", {
  permissions: "none",
}, async () => {
  const { clock, failures } = await run([
    page("9", []),
    { watch: [] },
    page("9", []),
    { watch: [] },
  ], { watchMs: 0 });
  assertEquals(clock.sleeps, [100, 200]);
  assertEquals(failures[0]?.error.reason, "watchEnded");
});

Deno.test("Reflector forgets failures once a watch has lasted", {
  permissions: "none",
}, async () => {
  const { clock } = await run([
    { list: OFFLINE },
    { list: OFFLINE },
    page("9", []),
    { watch: [] },
    { watch: [], error: OFFLINE },
  ]);
  assertEquals(clock.sleeps, [100, 200, 100]);
});

Deno.test("Reflector lists again when the server is back in an older state", {
  permissions: "none",
}, async () => {
  const { client, changes } = await run([
    page("9", [thing("a", "1"), thing("b", "9")]),
    { watch: [], error: OFFLINE },
    page("8", [thing("a", "1")]),
    page("8", [thing("a", "1")]),
  ]);
  assertEquals(client.asked.map(({ verb }) => verb), [
    "list",
    "watch",
    "list",
    "list",
    "watch",
  ]);
  assertEquals(client.asked[2], { verb: "list", limit: 1 });
  assertEquals(changes, ["ADDED ns/a@1, ADDED ns/b@9", "DELETED ns/b@9"]);
});

Deno.test("Reflector compares versions as numbers, and only numbers", {
  permissions: "none",
}, async () => {
  for (
    const [before, now] of [["9", "10"], ["9", "9"], ["b", "a"], ["9", "a"]]
  ) {
    const { client } = await run([
      page(before ?? "", []),
      { watch: [], error: OFFLINE },
      page(now ?? "", []),
    ]);
    assertEquals(client.asked.length, 4, `${before} ${now}`);
  }
});

Deno.test("Reflector does not hide an error of its consumer", {
  permissions: "none",
}, async () => {
  await assertRejects(
    () =>
      run([page("9", [])], {
        onChange: () => {
          throw new RangeError("A bug");
        },
      }),
    RangeError,
    "A bug",
  );
});
