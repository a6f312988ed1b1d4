import { assert, assertEquals, assertMatch } from "@std/assert";
import { EVENTS, SERVICES } from "../mod/kube/mod.ts";
import { addresses, pool, Rig, service } from "../tests/controller_rig.ts";

const STATUS_PATH = "/services/";

Deno.test(
  "controller tries a refused write again, and holds the address meanwhile",
  {
    permissions: "none",
  },
  async () => {
    await using rig = await Rig.withPools(pool("a", "192.0.2.0/32"));
    rig.start();
    rig.cluster.server.faults.refuse({
      method: "PATCH",
      path: STATUS_PATH,
      code: 500,
      reason: "InternalError",
      times: 2,
    });
    await rig.create(service("s1"));
    await rig.requested(/^PATCH .*s1\/status$/);
    await rig.create(service("s2"));
    await rig.cluster.until(
      EVENTS,
      (events) =>
        [...events.values()].some(({ involvedObject }) =>
          involvedObject.name === "s2"
        ),
    );
    await rig.clock.advance(2000);
    await rig.has({ s1: "192.0.2.0", s2: "" });
  },
);

Deno.test("controller answers a conflict with fresh state, without waiting", {
  permissions: "none",
}, async () => {
  await using rig = await Rig.withPools(pool("a", "192.0.2.0/24"));
  rig.start();
  rig.cluster.server.faults.refuse({
    method: "PATCH",
    path: STATUS_PATH,
    code: 409,
    reason: "Conflict",
  });
  await rig.create(service("s1"));
  await rig.has({ s1: "192.0.2.0" });
  assertEquals(rig.statusWrites(), 2);
});

Deno.test("controller gives nobody an address that a status still names", {
  permissions: "none",
}, async () => {
  await using rig = await Rig.withPools(pool("a", "192.0.2.0/24"));
  rig.start();
  await rig.create(service("s1"));
  await rig.has({ s1: "192.0.2.0" });
  rig.cluster.server.faults.refuse({
    method: "PATCH",
    path: "/services/s1/",
    code: 503,
    reason: "ServiceUnavailable",
  });
  const writes = rig.statusWrites();
  await rig.change("s1", (one) => ({
    ...one,
    spec: { ...one.spec, loadBalancerIP: "192.0.2.9" },
  }));
  await rig.requested(/^PATCH .*s1\/status$/, 2);
  await rig.create(service("s2", { loadBalancerIP: "192.0.2.0" }));
  await rig.cluster.until(
    EVENTS,
    (events) =>
      [...events.values()].some(({ reason }) => reason === "AllocationFailed"),
  );
  await rig.has({ s1: "192.0.2.0", s2: "" });
  await rig.clock.advance(1000);
  await rig.has({ s1: "192.0.2.9", s2: "192.0.2.0" });
  assertEquals(rig.statusWrites(), writes + 3);
});

Deno.test("controller learns of a write whose answer was lost", {
  permissions: "none",
}, async () => {
  await using rig = await Rig.withPools(pool("a", "192.0.2.0/24"));
  rig.start();
  rig.cluster.loseAnswerTo = /^PATCH .*s1\/status$/;
  await rig.create(service("s1"));
  await rig.has({ s1: "192.0.2.0" });
  await rig.create(service("s2"));
  await rig.has({ s2: "192.0.2.1" });
  await rig.clock.advance(1000);
  await rig.has({ s1: "192.0.2.0", s2: "192.0.2.1" });
  assertEquals(rig.statusWrites(), 2);
});

Deno.test("controller survives lost watches and an expired history", {
  permissions: "none",
}, async () => {
  await using rig = await Rig.withPools(pool("a", "192.0.2.0/24"));
  const controller = rig.start();
  await rig.create(service("s1"));
  await rig.has({ s1: "192.0.2.0" });
  rig.cluster.server.compact();
  rig.cluster.server.faults.dropWatches("abort");
  await rig.create(service("s2"));
  await rig.clock.advance(1000);
  await rig.has({ s1: "192.0.2.0", s2: "192.0.2.1" });
  assert(controller.ready().ok);
});

Deno.test("controller is not ready while the API server is away, and says so", {
  permissions: "none",
}, async () => {
  await using rig = await Rig.withPools(pool("a", "192.0.2.0/24"));
  const rule = { code: 503, reason: "ServiceUnavailable", times: 9 };
  rig.cluster.server.faults.refuse({ ...rule, method: "GET" });
  const controller = rig.start();
  await rig.clock.advance(10);
  const { ok, problems } = controller.ready();
  assertEquals(ok, false);
  assertEquals(problems.length, 3);
  assertMatch(problems[0] ?? "", /ServiceUnavailable/);
  await rig.clock.advance(60_000);
  assertEquals(controller.ready(), { ok: true, problems: [] });
  await rig.create(service("s1"));
  await rig.has({ s1: "192.0.2.0" });
});

Deno.test("controller resolves a duplicate in favour of the older Service", {
  permissions: "none",
}, async () => {
  await using rig = await Rig.withPools(pool("a", "192.0.2.0/24"));
  const ingress = [{ ip: "192.0.2.5" }];
  for (const name of ["older", "younger"]) {
    await rig.create(service(name));
    const status = { loadBalancer: { ingress } };
    await rig.cluster.client.patch(
      SERVICES,
      { name, namespace: "default" },
      { type: "merge", body: { status } },
      { subresource: "status" },
    );
  }
  rig.start();
  const services = await rig.cluster.until(
    SERVICES,
    (found) => addresses(found.get("younger")) !== "192.0.2.5",
  );
  assertEquals(addresses(services.get("older")), "192.0.2.5");
  await rig.has({ older: "192.0.2.5", younger: "192.0.2.0" });
});

Deno.test("controller leaves what others keep in an object", {
  permissions: "none",
}, async () => {
  await using rig = await Rig.withPools(pool("a", "192.0.2.0/24"));
  rig.start();
  const annotation = "kubectl.kubernetes.io/last-applied-configuration";
  await rig.create(service("s1", {}, { [annotation]: "{}" }));
  await rig.has({ s1: "192.0.2.0" });
  const raw = await rig.cluster.rawService("s1");
  assert(JSON.stringify(raw).includes(annotation));
});
