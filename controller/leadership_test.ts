import { assertEquals } from "@std/assert";
import { LEASES } from "../mod/kube/mod.ts";
import { EmbeddedCluster } from "../tests/embedded_cluster.ts";
import { ManualClock, settle } from "../tests/manual_clock.ts";
import { Leadership, LEASE_NAME } from "./leadership.ts";

const NAMESPACE = "default";

/** A replica that takes part until it is disposed of. */
class Replica implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly changes: boolean[] = [];
  readonly failures: unknown[] = [];
  readonly leadership: Leadership;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(cluster: EmbeddedCluster, identity: string) {
    this.leadership = new Leadership({
      client: cluster.client,
      clock: this.clock,
      namespace: NAMESPACE,
      identity,
      durationMs: 3000,
      renewMs: 500,
      onChange: (leads) => this.changes.push(leads),
      onFailure: (error) => this.failures.push(error),
    });
    this.#running = this.leadership.run(this.#stop.signal);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.leadership.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}

async function holder({ client }: EmbeddedCluster): Promise<string> {
  const key = { name: LEASE_NAME, namespace: NAMESPACE };
  return (await client.get(LEASES, key)).spec?.holderIdentity ?? "";
}

Deno.test("Leadership takes a free Lease at once, and gives it back", {
  permissions: "none",
}, async () => {
  using cluster = new EmbeddedCluster();
  await using a = new Replica(cluster, "a");
  await a.leadership.attempted;
  assertEquals([a.leadership.mayWrite(), a.changes], [true, [true]]);
  await using b = new Replica(cluster, "b");
  await b.leadership.attempted;
  assertEquals([b.leadership.mayWrite(), b.leadership.holder], [false, "a"]);
  await a.stop();
  assertEquals([await holder(cluster), a.changes], ["", [true, false]]);
  await b.clock.advance(500);
  assertEquals([b.leadership.mayWrite(), b.changes], [true, [true]]);
  assertEquals(await holder(cluster), "b");
});

Deno.test("Leadership takes over when nothing was renewed for the duration", {
  permissions: "none",
}, async () => {
  using cluster = new EmbeddedCluster();
  await using a = new Replica(cluster, "a");
  await a.leadership.attempted;
  await using b = new Replica(cluster, "b");
  await b.clock.advance(1500);
  await a.clock.advance(1500);
  await b.clock.advance(2500);
  assertEquals(b.leadership.leads, false, "the renewal was seen");
  await b.clock.advance(1000);
  assertEquals(b.leadership.mayWrite(), true);
  assertEquals(await holder(cluster), "b");
  await a.clock.advance(3000);
  assertEquals([a.leadership.mayWrite(), a.leadership.leads], [false, false]);
});

Deno.test("Leadership stops writing before its Lease is over", {
  permissions: "none",
}, async () => {
  using cluster = new EmbeddedCluster();
  await using a = new Replica(cluster, "a");
  await a.leadership.attempted;
  cluster.server.faults.refuse({
    method: "PATCH",
    path: "/leases/",
    code: 503,
    reason: "ServiceUnavailable",
    times: 20,
  });
  await a.clock.advance(1999);
  assertEquals(a.leadership.mayWrite(), true);
  await a.clock.advance(1);
  assertEquals(a.leadership.mayWrite(), false);
  assertEquals(a.failures.length > 0, true);
  assertEquals(a.leadership.leads, true, "nobody else has taken it");
});

Deno.test("Leadership renews after a stall before it permits a write", {
  permissions: "none",
}, async () => {
  using cluster = new EmbeddedCluster();
  await using a = new Replica(cluster, "a");
  await a.leadership.attempted;
  await settle();
  const renewals = (): number =>
    cluster.requests.filter((one) => one.startsWith("PATCH")).length;
  const before = renewals();
  // The clock goes on while nobody is woken, as for a process that was stopped.
  a.clock.jump(1000);
  assertEquals(a.leadership.mayWrite(), false);
  const { signal } = new AbortController();
  assertEquals(await a.leadership.permission(signal), true);
  assertEquals(renewals(), before + 1);
});

Deno.test("Leadership refuses permission when the caller gives up", {
  permissions: "none",
}, async () => {
  using cluster = new EmbeddedCluster();
  await using a = new Replica(cluster, "a");
  await a.leadership.attempted;
  await using b = new Replica(cluster, "b");
  await b.leadership.attempted;
  const stop = new AbortController();
  const asked = b.leadership.permission(stop.signal);
  stop.abort();
  assertEquals(await asked, false);
});

/** Counts the listeners of a signal from now on. */
function listenersOf(signal: AbortSignal): ReadonlySet<unknown> {
  const listeners = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...call: Parameters<typeof add>) => {
    listeners.add(call[1]);
    add(...call);
  };
  signal.removeEventListener = (...call: Parameters<typeof remove>) => {
    listeners.delete(call[1]);
    remove(...call);
  };
  return listeners;
}

Deno.test("Leadership leaves nothing on a signal that outlives the wait", {
  permissions: "none",
}, async () => {
  using cluster = new EmbeddedCluster();
  await using a = new Replica(cluster, "a");
  await a.leadership.attempted;
  await using b = new Replica(cluster, "b");
  await b.leadership.attempted;
  const { signal } = new AbortController();
  const listeners = listenersOf(signal);
  const asked = b.leadership.permission(signal);
  for (let round = 0; round < 10; round++) {
    await a.clock.advance(500);
    await b.clock.advance(500);
  }
  assertEquals([b.leadership.leads, listeners.size], [false, 1]);
  await a.stop();
  await b.clock.advance(500);
  assertEquals([await asked, listeners.size], [true, 0]);
});
