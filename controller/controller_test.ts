import { assertEquals, assertMatch } from "@std/assert";
import { IP_ADDRESS_POOLS } from "../mod/config/mod.ts";
import { EVENTS, SERVICES } from "../mod/kube/mod.ts";
import {
  addresses,
  NAMESPACE,
  pool,
  Rig,
  service,
} from "../tests/controller_rig.ts";

const POOL_ANNOTATION = "metallb.io/ip-allocated-from-pool";

Deno.test("controller gives a new Service an address and says of which pool", {
  permissions: "none",
}, async () => {
  await using rig = await Rig.withPools(pool("a", "192.0.2.0/30"));
  rig.start();
  await rig.create(service("s1"));
  await rig.has({ s1: "192.0.2.0" });
  const found = await rig.cluster.client.get(SERVICES, {
    name: "s1",
    namespace: "default",
  });
  assertEquals(found.metadata.annotations?.[POOL_ANNOTATION], "a");
  assertEquals(found.status?.loadBalancer?.ingress, [
    { ip: "192.0.2.0", ipMode: "VIP" },
  ]);
  const events = await rig.cluster.until(EVENTS, ({ size }) => size > 0);
  const [event] = [...events.values()];
  assertEquals(event?.reason, "IPAllocated");
  assertEquals(event?.involvedObject.name, "s1");
});

Deno.test(
  "controller frees an address when its Service is deleted, and gives it to one that waits",
  {
    permissions: "none",
  },
  async () => {
    await using rig = await Rig.withPools(pool("a", "192.0.2.0/32"));
    rig.start();
    await rig.create(service("s1"));
    await rig.has({ s1: "192.0.2.0" });
    await rig.create(service("s2"));
    await rig.cluster.until(
      EVENTS,
      (events) =>
        [...events.values()].some(({ reason }) =>
          reason === "AllocationFailed"
        ),
    );
    await rig.remove("s1");
    await rig.has({ s2: "192.0.2.0" });
  },
);

Deno.test("controller clears and frees when a Service changes its type", {
  permissions: "none",
}, async () => {
  await using rig = await Rig.withPools(pool("a", "192.0.2.0/32"));
  rig.start();
  await rig.create(service("s1"));
  await rig.has({ s1: "192.0.2.0" });
  await rig.change("s1", (one) => ({
    ...one,
    spec: {
      ...one.spec,
      type: "ClusterIP",
      ports: service("s1").spec.ports ?? [],
    },
  }));
  await rig.has({ s1: "" });
  await rig.cluster.until(
    SERVICES,
    (services) =>
      services.get("s1")?.metadata.annotations?.[POOL_ANNOTATION] === undefined,
  );
  await rig.create(service("s2"));
  await rig.has({ s2: "192.0.2.0" });
});

Deno.test("controller meets requests for an address and for a pool", {
  permissions: "none",
}, async () => {
  await using rig = await Rig.withPools(
    pool("a", "192.0.2.0/24"),
    pool("b", "198.51.100.0/24"),
  );
  rig.start();
  const wants = { "metallb.io/loadBalancerIPs": "192.0.2.77" };
  await rig.create(service("by-annotation", {}, wants));
  await rig.create(service("by-spec", { loadBalancerIP: "198.51.100.9" }));
  await rig.create(service("by-pool", {}, { "metallb.io/address-pool": "b" }));
  await rig.has({
    "by-annotation": "192.0.2.77",
    "by-spec": "198.51.100.9",
    "by-pool": "198.51.100.0",
  });
});

Deno.test(
  "controller keeps an address whose Service asks for one that is taken",
  {
    permissions: "none",
  },
  async () => {
    await using rig = await Rig.withPools(pool("a", "192.0.2.0/24"));
    rig.start();
    await rig.create(service("s1"));
    await rig.has({ s1: "192.0.2.0" });
    await rig.create(service("s2"));
    await rig.has({ s2: "192.0.2.1" });
    await rig.change("s2", (one) => ({
      ...one,
      spec: { ...one.spec, loadBalancerIP: "192.0.2.0" },
    }));
    await rig.cluster.until(
      EVENTS,
      (events) =>
        [...events.values()].some(({ reason }) =>
          reason === "AllocationFailed"
        ),
    );
    await rig.has({ s1: "192.0.2.0", s2: "192.0.2.1" });
    await rig.remove("s1");
    await rig.has({ s2: "192.0.2.0" });
  },
);

Deno.test("controller serves IPv6 and dual-stack Services", {
  permissions: "none",
}, async () => {
  await using rig = await Rig.withPools(
    pool("a", "192.0.2.0/24", "2001:db8::/64"),
  );
  rig.start();
  await rig.create(service("six", { ipFamilies: ["IPv6"] }));
  await rig.has({ six: "2001:db8::" });
  await rig.create(service("both", {
    ipFamilyPolicy: "RequireDualStack",
    ipFamilies: ["IPv4", "IPv6"],
  }));
  await rig.has({ both: "192.0.2.0 2001:db8::1" });
});

Deno.test("controller adopts all statuses at a start and writes nothing anew", {
  permissions: "none",
}, async () => {
  await using rig = await Rig.withPools(pool("a", "192.0.2.0/24"));
  rig.start();
  for (const name of ["s1", "s2", "s3"]) await rig.create(service(name));
  await rig.cluster.until(SERVICES, (services) =>
    services.size === 3 &&
    [...services.values()].every((one) => addresses(one) !== ""));
  await rig.remove("s1");
  const before = await rig.cluster.until(SERVICES, ({ size }) => size === 2);
  const kept = Object.fromEntries(
    [...before].map(([name, one]) => [name, addresses(one)]),
  );
  const writes = rig.statusWrites();
  await rig.restart();
  await rig.create(service("s4"));
  await rig.cluster.until(
    SERVICES,
    (services) => addresses(services.get("s4")) !== "",
  );
  await rig.has(kept);
  assertEquals(rig.statusWrites(), writes + 1);
});

Deno.test(
  "controller keeps the last good configuration when two pools overlap",
  {
    permissions: "none",
  },
  async () => {
    await using rig = await Rig.withPools(pool("a", "192.0.2.0/24"));
    const controller = rig.start();
    await rig.create(service("s1"));
    await rig.has({ s1: "192.0.2.0" });
    assertEquals(controller.ready(), { ok: true, problems: [] });
    await rig.createPools(pool("b", "192.0.2.128/25"));
    const problems = await rig.problems(controller, 1);
    assertEquals(controller.ready().ok, true);
    assertMatch(problems, /192\.0\.2\.128\/25/);
    await rig.create(service("s2"));
    await rig.has({ s1: "192.0.2.0", s2: "192.0.2.1" });
  },
);

Deno.test("controller decides nothing without a valid configuration", {
  permissions: "none",
}, async () => {
  await using rig = await Rig.withPools(pool("bad", "192.0.2.0/33"));
  const controller = rig.start();
  assertEquals(controller.ready().ok, false);
  await rig.create(service("s1"));
  const problems = await rig.problems(controller, 2);
  assertEquals(controller.ready().ok, false);
  assertMatch(problems, /192\.0\.2\.0\/33/);
  assertEquals(rig.statusWrites(), 0);
  await rig.createPools(pool("good", "198.51.100.0/24"));
  await rig.cluster.client.delete(IP_ADDRESS_POOLS, {
    name: "bad",
    namespace: NAMESPACE,
  });
  while (!controller.ready().ok) await rig.clock.advance(50);
  await rig.has({ s1: "198.51.100.0" });
  assertEquals(controller.ready(), { ok: true, problems: [] });
});

Deno.test(
  "controller with a class serves only that class, and lets go by type",
  {
    permissions: "none",
  },
  async () => {
    await using rig = await Rig.withPools(pool("a", "192.0.2.0/31"));
    rig.start("example.com/herald");
    await rig.create(service("plain"));
    await rig.create(
      service("ours", { loadBalancerClass: "example.com/herald" }),
    );
    await rig.has({ plain: "", ours: "192.0.2.0" });
    await rig.change("ours", (one) => {
      const { loadBalancerClass: _, ...spec } = one.spec;
      return { ...one, spec: { ...spec, type: "ClusterIP" } };
    });
    await rig.has({ ours: "" });
  },
);

Deno.test("controller writes the counters of a pool to its status", {
  permissions: "none",
}, async () => {
  await using rig = await Rig.withPools(
    pool("a", "192.0.2.0/30", "2001:db8::/64"),
  );
  const controller = rig.start();
  await rig.create(service("s1"));
  await rig.has({ s1: "192.0.2.0" });
  await rig.clock.advance(1000);
  await rig.cluster.until(IP_ADDRESS_POOLS, (pools) => {
    const status = JSON.stringify(pools.get("a")?.status);
    return status ===
      '{"assignedIPv4":1,"assignedIPv6":0,"availableIPv4":3,"availableIPv6":9223372036854775000}';
  });
  controller.observe();
  const text = await rig.registry.metrics();
  assertMatch(text, /metallb_allocator_addresses_in_use_total\{pool="a"\} 1/);
  assertMatch(text, /metallb_allocator_ipv4_addresses_total\{pool="a"\} 4/);
  assertMatch(text, /metallb_k8s_client_config_stale_bool 0/);
});
