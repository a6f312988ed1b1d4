import { getLogger } from "@logtape/logtape";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { Registry } from "prom-client";
import { SERVICES } from "../mod/kube/mod.ts";
import {
  addresses,
  NAMESPACE,
  pool,
  Rig,
  service,
} from "../tests/controller_rig.ts";
import { ManualClock, settle } from "../tests/manual_clock.ts";
import { type Controller, startController } from "./controller.ts";

/** One of several controllers of a cluster, with a clock of its own. */
class Replica implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly registry = new Registry();
  readonly controller: Controller;

  constructor(rig: Rig, identity: string) {
    this.controller = startController({
      namespace: NAMESPACE,
      loadBalancerClass: "",
      election: { identity, durationMs: 3000, renewMs: 500 },
    }, {
      client: rig.cluster.client,
      clock: this.clock,
      random: () => 0.5,
      log: getLogger(["herald", "test"]),
      registry: this.registry,
    });
  }

  async leader(): Promise<string> {
    this.controller.observe();
    const text = await this.registry.metrics();
    return /^herald_leader (\d)$/m.exec(text)?.[1] ?? "";
  }

  async ready(): Promise<void> {
    while (!this.controller.ready().ok) await settle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.controller.stop();
  }
}

Deno.test("the standby is ready, says who leads, and takes over at the end", {
  permissions: "none",
}, async () => {
  await using rig = await Rig.withPools(pool("a", "192.0.2.0/24"));
  const first = new Replica(rig, "first");
  await first.ready();
  await rig.create(service("s1"));
  await rig.has({ s1: "192.0.2.0" });
  await using second = new Replica(rig, "second");
  await second.ready();
  const { problems } = second.controller.ready();
  assertStringIncludes(problems.join(), "Standing by: first leads");
  assertEquals([await first.leader(), await second.leader()], ["1", "0"]);
  const writes = rig.statusWrites();
  await first.controller.stop();
  await second.clock.advance(500);
  await rig.create(service("s2"));
  await rig.has({ s1: "192.0.2.0", s2: "192.0.2.1" });
  assertEquals(await second.leader(), "1");
  assertEquals(rig.statusWrites(), writes + 1);
});

Deno.test("a leader that stood still gives nothing out once another leads", {
  permissions: "none",
}, async () => {
  await using rig = await Rig.withPools(pool("a", "192.0.2.0/24"));
  await using first = new Replica(rig, "first");
  await first.ready();
  await rig.create(service("s1"));
  await rig.has({ s1: "192.0.2.0" });
  await using second = new Replica(rig, "second");
  await second.ready();
  first.clock.jump(10_000);
  await second.clock.advance(4000);
  assertEquals(await second.leader(), "1");
  await rig.create(service("s2"));
  await rig.has({ s2: "192.0.2.1" });
  await first.clock.advance(1000);
  assertEquals(await first.leader(), "0");
  const before = rig.statusWrites();
  await rig.create(service("s3"));
  await rig.has({ s1: "192.0.2.0", s2: "192.0.2.1", s3: "192.0.2.2" });
  assertEquals(rig.statusWrites(), before + 1);
});

for (const [holder, claimant] of [["a", "b"], ["b", "a"]] as const) {
  Deno.test(
    `a duplicate that ${claimant} brings ends in one reconcile, for the senior`,
    { permissions: "none" },
    async () => {
      await using rig = await Rig.withPools(pool("p", "192.0.2.0/24"));
      rig.start();
      await rig.create(service(holder));
      await rig.has({ [holder]: "192.0.2.0" });
      const stated = { ingress: [{ ip: "192.0.2.0", ipMode: "VIP" }] };
      const other = service(claimant, { type: "ClusterIP" });
      await rig.create(other);
      await rig.cluster.client.patch(
        SERVICES,
        { name: claimant, namespace: "default" },
        {
          type: "merge",
          body: { spec: { type: "LoadBalancer" } },
        },
      );
      await rig.has({ [claimant]: "192.0.2.1" });
      const writes = rig.statusWrites();
      await rig.cluster.client.patch(
        SERVICES,
        { name: claimant, namespace: "default" },
        { type: "merge", body: { status: { loadBalancer: stated } } },
        { subresource: "status" },
      );
      const found = await rig.cluster.until(SERVICES, (services) => {
        const [a, b] = [services.get("a"), services.get("b")];
        return addresses(a) !== "" && addresses(a) !== addresses(b);
      });
      const isSame = found.get("a")?.metadata.creationTimestamp ===
        found.get("b")?.metadata.creationTimestamp;
      const senior = isSame ? "a" : holder;
      assertEquals(addresses(found.get(senior)), "192.0.2.0");
      await settle();
      // The test's own write, and one that resolves it.
      assertEquals(rig.statusWrites() - writes <= 3, true);
    },
  );
}

Deno.test(
  "a ClusterIP Service that was left behind is cleared after a restart",
  {
    permissions: "none",
  },
  async () => {
    await using rig = await Rig.withPools(pool("a", "192.0.2.0/32"));
    const loadBalancerClass = "example.com/ours";
    const stop = rig.start(loadBalancerClass);
    await rig.create(service("s1", { loadBalancerClass }));
    await rig.has({ s1: "192.0.2.0" });
    await stop.stop();
    rig.registry.clear();
    await rig.cluster.client.patch(
      SERVICES,
      { name: "s1", namespace: "default" },
      {
        type: "merge",
        body: { spec: { type: "ClusterIP", loadBalancerClass: null } },
      },
    );
    rig.start(loadBalancerClass);
    await rig.has({ s1: "" });
    await rig.create(service("s2", { loadBalancerClass }));
    await rig.has({ s2: "192.0.2.0" });
  },
);

Deno.test("a dual-stack Service takes its families from two pools if it may", {
  permissions: "none",
}, async () => {
  await using rig = await Rig.withPools(
    pool("four", "192.0.2.0/24"),
    pool("six", "2001:db8::/64"),
  );
  const controller = rig.start();
  const both = { ipFamilies: ["IPv4", "IPv6"] };
  const may = { "herald-lb.io/families-from-two-pools": "true" };
  const [required, preferred] = [
    { ...both, ipFamilyPolicy: "RequireDualStack" },
    { ...both, ipFamilyPolicy: "PreferDualStack" },
  ];
  await rig.create(service("require", required, may));
  await rig.has({ require: "192.0.2.0 2001:db8::" });
  await rig.create(service("prefer", preferred));
  await rig.has({ prefer: "192.0.2.1" });
  await rig.change("prefer", (one) => ({
    ...one,
    metadata: {
      ...one.metadata,
      annotations: { ...one.metadata.annotations, ...may },
    },
  }));
  await rig.has({ prefer: "192.0.2.1 2001:db8::1" });
  const found = await rig.cluster.client.get(SERVICES, {
    name: "require",
    namespace: "default",
  });
  const annotation = "metallb.io/ip-allocated-from-pool";
  assertEquals(found.metadata.annotations?.[annotation], "four,six");
  const writes = rig.statusWrites();
  await controller.stop();
  rig.registry.clear();
  rig.start();
  await rig.create(service("next"));
  await rig.has({ next: "192.0.2.2" });
  assertEquals(rig.statusWrites(), writes + 1, "a restart changes nothing");
});
