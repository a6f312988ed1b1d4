import { assertEquals } from "@std/assert";
import {
  ENDPOINT_SLICES,
  type KubeObject,
  type Lease,
  LEASES,
  NAMESPACES,
  NODES,
  type Resource,
  SERVICES,
} from "../mod/kube/mod.ts";
import { EmbeddedCluster } from "../tests/embedded_cluster.ts";
import { ManualClock } from "../tests/manual_clock.ts";
import { Caches } from "./caches.ts";

const NAMESPACE = "metallb-system";

/** Caches of an embedded cluster that write down what they tell. */
class Rig implements AsyncDisposable {
  readonly cluster = new EmbeddedCluster();
  readonly clock = new ManualClock();
  readonly told: string[] = [];
  readonly caches: Caches;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #wake: () => void = () => {};

  constructor() {
    const tell = (what: string): void => {
      this.told.push(what);
      this.#wake();
    };
    this.caches = new Caches({
      client: this.cluster.client,
      clock: this.clock,
      random: () => 0.5,
      namespace: NAMESPACE,
      onConfig: () => tell("config"),
      onDirty: (dirty) =>
        tell(`dirty ${dirty === "all" ? "all" : [...dirty].sort().join()}`),
      onLeases: (changes) =>
        tell(`leases ${changes.map(({ object }) => holderOf(object)).join()}`),
      onUpdates: () => {},
    });
  }

  /** A cluster with the namespaces that the objects of these tests are in. */
  static async furnished(): Promise<Rig> {
    const rig = new Rig();
    for (const name of [NAMESPACE, "default"]) {
      await rig.create(NAMESPACES, { metadata: { name } });
    }
    return rig;
  }

  async create<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
  ): Promise<void> {
    await this.cluster.client.create(resource, object).catch((error) => {
      if (error.code !== 409) throw error;
    });
  }

  async start(): Promise<void> {
    this.#running = this.caches.run(this.#stop.signal);
    await this.until(() => this.caches.areSynced);
    this.told.length = 0;
  }

  /** Waits until something is so; looks after everything that is told. */
  async until(isReached: () => boolean): Promise<void> {
    while (!isReached()) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Waits until this is told. */
  async hears(what: string): Promise<void> {
    await this.until(() => this.told.includes(what));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.cluster[Symbol.dispose]();
  }
}

function holderOf({ spec }: Lease): string {
  return spec?.holderIdentity ?? "";
}

async function createSlice(rig: Rig, name: string, of: string): Promise<void> {
  await rig.create(ENDPOINT_SLICES, {
    metadata: {
      name,
      namespace: "default",
      labels: { "kubernetes.io/service-name": of },
    },
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.244.0.5"], nodeName: "node-a" }],
  });
}

function slicesOf(rig: Rig, service: string): string[] {
  return rig.caches.slicesOf(service).map(({ metadata }) => metadata.name);
}

Deno.test("Caches know nothing before every kind has been listed", async () => {
  await using rig = await Rig.furnished();
  assertEquals(rig.caches.areSynced, false);
  assertEquals(
    rig.caches.states.map(([kind, { kind: state }]) => `${kind} ${state}`),
    [
      "services unsynced",
      "endpointslices unsynced",
      "nodes unsynced",
      "namespaces unsynced",
      "ipaddresspools unsynced",
      "l2advertisements unsynced",
      "leases unsynced",
    ],
  );
  await rig.start();
  assertEquals(
    new Set(rig.caches.states.map(([, { kind }]) => kind)),
    new Set(["connected"]),
  );
});

Deno.test("Caches move an EndpointSlice with its label, and name both Services", async () => {
  await using rig = await Rig.furnished();
  await createSlice(rig, "s1", "web");
  await createSlice(rig, "s2", "web");
  await rig.start();
  assertEquals(slicesOf(rig, "default/web").sort(), ["s1", "s2"]);
  await rig.cluster.client.patch(
    ENDPOINT_SLICES,
    { namespace: "default", name: "s1" },
    {
      type: "merge",
      body: { metadata: { labels: { "kubernetes.io/service-name": "api" } } },
    },
  );
  await rig.hears("dirty default/api,default/web");
  assertEquals(slicesOf(rig, "default/web"), ["s2"]);
  assertEquals(slicesOf(rig, "default/api"), ["s1"]);
});

Deno.test("Caches forget a deleted EndpointSlice, and one without the label", async () => {
  await using rig = await Rig.furnished();
  await createSlice(rig, "s1", "web");
  await createSlice(rig, "s2", "web");
  await rig.start();
  const key = { namespace: "default", name: "s1" };
  await rig.cluster.client.delete(ENDPOINT_SLICES, key);
  await rig.until(() => slicesOf(rig, "default/web").length === 1);
  await rig.cluster.client.patch(
    ENDPOINT_SLICES,
    { ...key, name: "s2" },
    {
      type: "merge",
      body: { metadata: { labels: { "kubernetes.io/service-name": null } } },
    },
  );
  await rig.until(() => slicesOf(rig, "default/web").length === 0);
  assertEquals(rig.told, ["dirty default/web", "dirty default/web"]);
});

Deno.test("Caches do not ask for a new configuration when a Node's status is renewed", async () => {
  await using rig = await Rig.furnished();
  const name = "node-a";
  await rig.create(NODES, { metadata: { name } });
  await rig.start();
  const patch = (body: unknown, isStatus: boolean) =>
    rig.cluster.client.patch(
      NODES,
      { name },
      { type: "merge", body },
      isStatus ? { subresource: "status" } : {},
    );
  const ready = { type: "Ready", status: "True" };
  await patch({ status: { conditions: [ready] } }, true);
  // Its event comes after that of the status.
  await patch({ metadata: { labels: { zone: "z1" } } }, false);
  await rig.hears("config");
  assertEquals(rig.told, ["config"]);
  const [node] = rig.caches.nodes;
  assertEquals(node?.metadata.labels?.["zone"], "z1");
  const cut = { type: "NetworkUnavailable", status: "True" };
  await patch({ status: { conditions: [ready, cut] } }, true);
  await rig.until(() => rig.told.length === 2);
  assertEquals(rig.told, ["config", "config"]);
  assertEquals(rig.caches.nodes[0]?.status?.conditions, [cut]);
});

Deno.test("Caches tell of speakers' Leases and of no others", async () => {
  await using rig = await Rig.furnished();
  await rig.start();
  const create = (name: string, labels: Readonly<Record<string, string>>) =>
    rig.create(LEASES, {
      metadata: { name, namespace: NAMESPACE, labels },
      spec: { holderIdentity: name },
    });
  await create("foreign", {});
  await create("ours", { "herald-lb.io/component": "speaker" });
  await rig.hears("leases ours");
  assertEquals(rig.told, ["leases ours"]);
});

Deno.test("Caches name the Service that changed", async () => {
  await using rig = await Rig.furnished();
  await rig.start();
  await rig.create(SERVICES, {
    metadata: { name: "web", namespace: "default" },
    spec: { type: "LoadBalancer", ports: [{ port: 80 }] },
  });
  await rig.hears("dirty default/web");
  assertEquals(rig.caches.services.has("default/web"), true);
});
