import { assertEquals, assertRejects } from "@std/assert";
import { KubeError, SERVICES } from "../mod/kube/mod.ts";
import { service } from "../tests/controller_rig.ts";
import { EmbeddedCluster } from "../tests/embedded_cluster.ts";
import { ManualClock, settle } from "../tests/manual_clock.ts";
import { GuardedClient } from "./guarded_client.ts";
import { RateLimiter } from "../mod/work/mod.ts";

const KEY = { name: "s1", namespace: "default" };
const PATCH = { type: "merge", body: { spec: { type: "ClusterIP" } } } as const;

/** A guarded client whose permission the test gives. */
class Bench implements Disposable {
  readonly cluster = new EmbeddedCluster();
  readonly waits: number[] = [];
  permission = Promise.withResolvers<boolean>();
  readonly client = new GuardedClient({
    client: this.cluster.client,
    limiter: new RateLimiter(
      { perSecond: 0, burst: 0 },
      new ManualClock(),
    ),
    permission: () => this.permission.promise,
    onWait: (ms) => this.waits.push(ms),
  });

  [Symbol.dispose](): void {
    this.cluster[Symbol.dispose]();
  }
}

Deno.test("GuardedClient reads without permission, and waits for it to write", {
  permissions: "none",
}, async () => {
  using bench = new Bench();
  await bench.cluster.client.create(SERVICES, service("s1"));
  await bench.client.list(SERVICES);
  await bench.client.get(SERVICES, KEY);
  const sent = bench.cluster.requests.length;
  const written = bench.client.patch(SERVICES, KEY, PATCH);
  await settle();
  assertEquals(bench.cluster.requests.length, sent, "nothing was sent yet");
  bench.permission.resolve(true);
  assertEquals((await written).spec.type, "ClusterIP");
  assertEquals(bench.waits, [0, 0, 0]);
});

Deno.test("GuardedClient sends nothing without permission", {
  permissions: "none",
}, async () => {
  using bench = new Bench();
  bench.permission.resolve(false);
  const { client } = bench;
  const one = service("s1");
  const writes = [
    () => client.create(SERVICES, one),
    () => client.replace(SERVICES, one, { subresource: "status" }),
    () => client.patch(SERVICES, KEY, PATCH),
    () => client.delete(SERVICES, KEY),
  ];
  for (const write of writes) {
    const error = await assertRejects(write, KubeError);
    assertEquals([error.code, error.reason], [0, "aborted"]);
  }
  assertEquals(bench.cluster.requests, []);
});
