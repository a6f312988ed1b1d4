import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import { type KubeClient, KubeError, LEASES } from "../../mod/kube/mod.ts";
import { EmbeddedCluster } from "../../tests/embedded_cluster.ts";
import { ManualClock } from "../../tests/manual_clock.ts";
import type { Obstacle } from "../candidacy.ts";
import {
  LEASE_SELECTOR,
  LeaseKeeper,
  type LeaseKeeperOptions,
  leaseName,
  leaseNode,
  type Renewal,
} from "./lease_keeper.ts";

const KEY = { namespace: "metallb-system", name: "herald-speaker.node-a" };

/** A keeper at work, whose attempts can be waited for. */
class Rig implements AsyncDisposable {
  readonly cluster = new EmbeddedCluster();
  readonly clock = new ManualClock();
  readonly keeper: LeaseKeeper;
  readonly #stop = new AbortController();
  readonly #renewals: Renewal[] = [];
  #wake: () => void = () => {};
  #running: Promise<void> = Promise.resolve();
  macs = "eth0=02:00:00:00:00:0a";
  obstacle: Obstacle | undefined;

  constructor(more: Partial<LeaseKeeperOptions> = {}) {
    this.keeper = new LeaseKeeper({
      client: this.cluster.client,
      leases: LEASES,
      namespace: KEY.namespace,
      node: "node-a",
      renewMs: 2000,
      durationMs: 6000,
      clock: this.clock,
      instance: "pod-1",
      macs: () => this.macs,
      obstacle: () => this.obstacle,
      onRenewal: (renewal) => {
        this.#renewals.push(renewal);
        this.#wake();
      },
      ...more,
    });
  }

  async furnish(): Promise<void> {
    await this.cluster.server.handle(
      new Request("http://cluster.test/api/v1/namespaces", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          apiVersion: "v1",
          kind: "Namespace",
          metadata: { name: KEY.namespace },
        }),
      }),
    );
  }

  start(): void {
    this.#running = this.keeper.run(this.#stop.signal);
  }

  async next(): Promise<Renewal> {
    for (;;) {
      const renewal = this.#renewals.shift();
      if (renewal !== undefined) return renewal;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  async leases(): Promise<readonly (string | undefined)[]> {
    const { items } = await this.cluster.client.list(LEASES, {
      namespace: KEY.namespace,
      labelSelector: LEASE_SELECTOR,
    });
    return items.map(leaseNode);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.cluster[Symbol.dispose]();
  }
}

Deno.test("leaseName() hashes what a Kubernetes name has no room for", {
  permissions: "none",
}, () => {
  assertEquals(leaseName("node-a"), "herald-speaker.node-a");
  const longest = "n".repeat(253 - "herald-speaker.".length);
  assertEquals(leaseName(longest).length, 253);
  const names = [`${longest}a`, `${longest}b`].map(leaseName);
  assertEquals(new Set(names).size, 2);
  for (const name of names) {
    assert(/^herald-speaker\.[0-9a-f]{64}$/.test(name), name);
  }
});

Deno.test("LeaseKeeper creates its Lease and renews it every interval", async () => {
  await using rig = new Rig();
  await rig.furnish();
  rig.start();
  assertEquals(await rig.next(), { kind: "ok" });
  assertEquals(await rig.leases(), ["node-a"]);
  const first = await rig.cluster.client.get(LEASES, KEY);
  assertEquals(first.spec?.leaseDurationSeconds, 6);
  assertEquals(first.spec?.renewTime, "2000-01-01T00:00:00.000000Z");
  await rig.clock.advance(2000);
  assertEquals(await rig.next(), { kind: "ok" });
  const second = await rig.cluster.client.get(LEASES, KEY);
  assertEquals(second.spec?.renewTime, "2000-01-01T00:00:02.000000Z");
  assertEquals(second.metadata.uid, first.metadata.uid);
});

Deno.test("LeaseKeeper makes its Lease anew when somebody deleted it", async () => {
  await using rig = new Rig();
  await rig.furnish();
  rig.start();
  assertEquals(await rig.next(), { kind: "ok" });
  await rig.cluster.client.delete(LEASES, KEY);
  await rig.clock.advance(2000);
  assertEquals(await rig.next(), { kind: "ok" });
  assertEquals(await rig.leases(), ["node-a"]);
});

Deno.test("LeaseKeeper restores the label without which nobody sees its Lease", async () => {
  await using rig = new Rig();
  await rig.furnish();
  rig.start();
  assertEquals(await rig.next(), { kind: "ok" });
  const body = { metadata: { labels: { "herald-lb.io/component": null } } };
  await rig.cluster.client.patch(LEASES, KEY, { type: "merge", body });
  assertEquals(await rig.leases(), []);
  await rig.clock.advance(2000);
  assertEquals(await rig.next(), { kind: "ok" });
  assertEquals(await rig.leases(), ["node-a"]);
});

Deno.test("LeaseKeeper sends nothing while there is an obstacle", async () => {
  await using rig = new Rig();
  const why = "packet worker: failed";
  rig.obstacle = { why, givesUp: false };
  await rig.furnish();
  rig.start();
  assertEquals(await rig.next(), { kind: "withheld", why });
  assertEquals(rig.cluster.requests, []);
  rig.obstacle = undefined;
  await rig.clock.advance(2000);
  assertEquals(await rig.next(), { kind: "ok" });
  assertEquals(await rig.leases(), ["node-a"]);
  // A worker that hangs may go on in a moment.
  rig.obstacle = { why, givesUp: false };
  await rig.clock.advance(2000);
  assertEquals(await rig.next(), { kind: "withheld", why });
  assertEquals(await rig.leases(), ["node-a"]);
});

Deno.test("LeaseKeeper gives its Lease up at once when nothing can be announced, and waits its turn to come back", async () => {
  await using rig = new Rig();
  await rig.furnish();
  rig.start();
  assertEquals(await rig.next(), { kind: "ok" });
  const why = "no interface can be used";
  rig.obstacle = { why, givesUp: true };
  rig.keeper.changed();
  assertEquals(await rig.next(), { kind: "withheld", why });
  assertEquals(await rig.leases(), []);
  rig.obstacle = undefined;
  rig.keeper.changed();
  await rig.clock.advance(1999);
  assertEquals(await rig.leases(), []);
  await rig.clock.advance(1);
  assertEquals(await rig.next(), { kind: "ok" });
  assertEquals(await rig.leases(), ["node-a"]);
});

Deno.test("LeaseKeeper tries again to give its Lease up when the server refused", async () => {
  await using rig = new Rig();
  await rig.furnish();
  rig.start();
  assertEquals(await rig.next(), { kind: "ok" });
  rig.obstacle = { why: "no interface can be used", givesUp: true };
  const refusal = { method: "DELETE", code: 503, reason: "Unavailable" };
  rig.cluster.server.faults.refuse(refusal);
  rig.keeper.changed();
  assertEquals((await rig.next()).kind, "failed");
  assertEquals(await rig.leases(), ["node-a"]);
  await rig.clock.advance(2000);
  assertEquals((await rig.next()).kind, "withheld");
  assertEquals(await rig.leases(), []);
});

Deno.test("LeaseKeeper says where the node can announce, at once when that changes", async () => {
  await using rig = new Rig();
  await rig.furnish();
  const written = async () =>
    (await rig.cluster.client.get(LEASES, KEY)).metadata.annotations;
  rig.start();
  assertEquals(await rig.next(), { kind: "ok" });
  assertEquals(await written(), {
    "herald-lb.io/instance": "pod-1",
    "herald-lb.io/macs": "eth0=02:00:00:00:00:0a",
  });
  const requests = rig.cluster.requests.length;
  rig.keeper.changed();
  await rig.clock.advance(1999);
  assertEquals(rig.cluster.requests.length, requests);
  rig.macs = "eth0=02:00:00:00:00:0a,eth1=02:00:00:00:01:0a";
  rig.keeper.changed();
  assertEquals(await rig.next(), { kind: "ok" });
  assertEquals((await written())?.["herald-lb.io/macs"], rig.macs);
});

/** A client whose calls end only by an abort. */
function hanging(client: KubeClient, asked: string[]): KubeClient {
  const hang = (verb: string, signal?: AbortSignal): Promise<never> => {
    asked.push(verb);
    return new Promise((_, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason));
    });
  };
  return {
    list: (resource, options) => client.list(resource, options),
    watch: (resource, options) => client.watch(resource, options),
    get: (resource, key, options) => client.get(resource, key, options),
    create: (_, __, options) => hang("create", options?.signal),
    replace: (_, __, options) => hang("replace", options?.signal),
    patch: (_, __, ___, options) => hang("patch", options?.signal),
    delete: (_, __, options) => hang("delete", options?.signal),
  };
}

Deno.test("LeaseKeeper gives up an attempt that hangs, and tries again at once", async () => {
  const asked: string[] = [];
  using cluster = new EmbeddedCluster();
  await using rig = new Rig({ client: hanging(cluster.client, asked) });
  rig.start();
  await rig.clock.advance(2999);
  assertEquals(asked, ["patch"]);
  await rig.clock.advance(1);
  const renewal = await rig.next();
  assert(renewal.kind === "failed");
  assertInstanceOf(renewal.error, Error);
  assertEquals(renewal.error.message, "No answer within 3000 ms");
  await rig.clock.advance(0);
  assertEquals(asked, ["patch", "patch"]);
});

Deno.test("release() deletes the Lease, and is content when there is none", async () => {
  await using rig = new Rig();
  await rig.furnish();
  rig.start();
  assertEquals(await rig.next(), { kind: "ok" });
  const { signal } = new AbortController();
  await rig.keeper.release(signal);
  assertEquals(await rig.leases(), []);
  await rig.keeper.release(signal);
});

Deno.test("release() ends with its signal when the server hangs", async () => {
  const asked: string[] = [];
  using cluster = new EmbeddedCluster();
  await using rig = new Rig({ client: hanging(cluster.client, asked) });
  const stop = new AbortController();
  const released = rig.keeper.release(stop.signal);
  stop.abort(new KubeError("late", { code: 0, reason: "timeout" }));
  await assertRejects(() => released, KubeError, "late");
  assertEquals(asked, ["delete"]);
});
