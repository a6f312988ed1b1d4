/** Writing: create, replace, patch, delete, status, Events, custom kinds. */
import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { IP_ADDRESS_POOLS } from "../../mod/config/mod.ts";
import {
  EVENTS,
  LEASES,
  type Patch,
  type Service,
  SERVICES,
} from "../../mod/kube/mod.ts";
import type { ContractCase } from "./kube_contract.ts";
import {
  createLeases,
  failure,
  lease,
  makeWorld,
  type World,
} from "./world.ts";

function service({ namespace }: World, name: string): Service {
  return {
    metadata: { name, namespace },
    spec: { type: "LoadBalancer", ports: [{ port: 80, name: "http" }] },
  };
}

const INGRESS = [{ ip: "192.0.2.1", ipMode: "VIP" }];

/** Cases of writing. */
export const WRITE_CASES: readonly ContractCase[] = [
  {
    name: "create() makes up a name from generateName",
    run: async ({ client }) => {
      const { namespace } = await makeWorld(client);
      const template = {
        metadata: { name: "", generateName: "beat-", namespace },
      };
      const one = await client.create(LEASES, template);
      const two = await client.create(LEASES, template);
      assertMatch(one.metadata.name, /^beat-[a-z0-9]{5}$/);
      assertNotEquals(one.metadata.name, two.metadata.name);
    },
  },
  {
    name: "create() of what exists is AlreadyExists",
    run: async ({ client }) => {
      const world = await makeWorld(client);
      await createLeases(world, ["a"]);
      const error = await failure(createLeases(world, ["a"]));
      assertEquals([error.code, error.reason], [409, "AlreadyExists"]);
    },
  },
  {
    name: "create() in no namespace is NotFound",
    run: async ({ client }) => {
      const error = await failure(
        client.create(LEASES, {
          metadata: { name: "a", namespace: "nowhere" },
        }),
      );
      assertEquals([error.code, error.reason], [404, "NotFound"]);
    },
  },
  {
    name: "replace() with an old version is a Conflict",
    run: async ({ client }) => {
      const world = await makeWorld(client);
      const made = await client.create(LEASES, lease(world, "a", "one"));
      const taken = { ...made, spec: { ...made.spec, holderIdentity: "two" } };
      const updated = await client.replace(LEASES, taken);
      assertEquals(updated.spec?.holderIdentity, "two");
      assertNotEquals(
        updated.metadata.resourceVersion,
        made.metadata.resourceVersion,
      );
      const error = await failure(client.replace(LEASES, taken));
      assertEquals([error.code, error.reason], [409, "Conflict"]);
    },
  },
  {
    name: "status is written apart from spec",
    run: async ({ client }) => {
      const world = await makeWorld(client);
      const key = { namespace: world.namespace, name: "web" };
      const made = await client.create(SERVICES, {
        ...service(world, "web"),
        status: { loadBalancer: { ingress: INGRESS } },
      });
      assertEquals(made.status?.loadBalancer?.ingress, undefined);
      const body = {
        spec: { externalTrafficPolicy: "Local" },
        status: { loadBalancer: { ingress: INGRESS } },
      };
      const patch = { type: "merge", body } as const;
      const status = await client.patch(SERVICES, key, patch, {
        subresource: "status",
      });
      assertEquals(status.status?.loadBalancer?.ingress, INGRESS);
      assertEquals(status.spec.externalTrafficPolicy, "Cluster");
      const cleared = {
        spec: { externalTrafficPolicy: "Local" },
        status: { loadBalancer: {} },
      };
      const spec = await client.patch(SERVICES, key, {
        type: "merge",
        body: cleared,
      });
      assertEquals(spec.status?.loadBalancer?.ingress, INGRESS);
      assertEquals(spec.spec.externalTrafficPolicy, "Local");
    },
  },
  {
    name: "replace() of the status is conditional too",
    run: async ({ client }) => {
      const world = await makeWorld(client);
      const made = await client.create(SERVICES, service(world, "web"));
      const next = { ...made, status: { loadBalancer: { ingress: INGRESS } } };
      const options = { subresource: "status" } as const;
      const done = await client.replace(SERVICES, next, options);
      assertEquals(done.status?.loadBalancer?.ingress, INGRESS);
      const error = await failure(client.replace(SERVICES, next, options));
      assertEquals([error.code, error.reason], [409, "Conflict"]);
    },
  },
  {
    name: "a merge patch sets, merges and removes",
    run: async ({ client }) => {
      const world = await makeWorld(client);
      const key = { namespace: world.namespace, name: "a" };
      await client.create(LEASES, lease(world, "a", "one", { x: "1", y: "2" }));
      const body = {
        metadata: { labels: { x: null, z: "3" } },
        spec: { holderIdentity: "two" },
      };
      const got = await client.patch(LEASES, key, { type: "merge", body });
      assertEquals(got.metadata.labels, { y: "2", z: "3" });
      assertEquals(got.spec, {
        holderIdentity: "two",
        leaseDurationSeconds: 6,
      });
    },
  },
  {
    name: "a JSON patch is applied as a whole or not at all",
    run: async ({ client }) => {
      const world = await makeWorld(client);
      const key = { namespace: world.namespace, name: "a" };
      await createLeases(world, ["a"]);
      const patch = (from: string): Patch => ({
        type: "json",
        body: [
          { op: "test", path: "/spec/holderIdentity", value: from },
          { op: "replace", path: "/spec/holderIdentity", value: "somebody" },
          { op: "add", path: "/metadata/annotations", value: { "a/b": "c" } },
          { op: "remove", path: "/spec/leaseDurationSeconds" },
        ],
      });
      const got = await client.patch(LEASES, key, patch("nobody"));
      assertEquals(got.spec, { holderIdentity: "somebody" });
      assertEquals(got.metadata.annotations, { "a/b": "c" });
      const error = await failure(client.patch(LEASES, key, patch("nobody")));
      assertEquals([error.code, error.reason], [422, "Invalid"]);
    },
  },
  {
    name: "a patch with an old version is a Conflict",
    run: async ({ client }) => {
      const world = await makeWorld(client);
      const key = { namespace: world.namespace, name: "a" };
      const [made] = await createLeases(world, ["a"]);
      const resourceVersion = made?.metadata.resourceVersion;
      const patch = (holderIdentity: string): Patch => ({
        type: "merge",
        body: { metadata: { resourceVersion }, spec: { holderIdentity } },
      });
      await client.patch(LEASES, key, patch("one"));
      const error = await failure(client.patch(LEASES, key, patch("two")));
      assertEquals([error.code, error.reason], [409, "Conflict"]);
    },
  },
  {
    name: "delete() deletes only the version that it names",
    run: async ({ client }) => {
      const world = await makeWorld(client);
      const key = { namespace: world.namespace, name: "a" };
      const [made] = await createLeases(world, ["a"]);
      const old = made?.metadata.resourceVersion ?? "";
      const body = { spec: { holderIdentity: "somebody" } };
      const now = await client.patch(LEASES, key, { type: "merge", body });
      const error = await failure(
        client.delete(LEASES, key, { resourceVersion: old }),
      );
      assertEquals([error.code, error.reason], [409, "Conflict"]);
      await client.delete(LEASES, key, {
        resourceVersion: now.metadata.resourceVersion ?? "",
      });
      assertEquals((await failure(client.get(LEASES, key))).code, 404);
      assertEquals((await failure(client.delete(LEASES, key))).code, 404);
    },
  },
  {
    name: "Events are written and found by their object",
    run: async ({ client }) => {
      const { namespace } = await makeWorld(client);
      const made = await client.create(EVENTS, {
        metadata: { name: "", generateName: "web.", namespace },
        involvedObject: { kind: "Service", name: "web", namespace },
        type: "Warning",
        reason: "AllocationFailed",
        message: "No address is free",
        source: { component: "herald-controller" },
        firstTimestamp: "2026-01-01T00:00:00Z",
        lastTimestamp: "2026-01-01T00:00:00Z",
        count: 1,
      });
      const { items } = await client.list(EVENTS, {
        namespace,
        fieldSelector: "involvedObject.name=web",
      });
      assertEquals(items, [made]);
      assertEquals(
        [made.type, made.reason, made.count],
        ["Warning", "AllocationFailed", 1],
      );
    },
  },
  {
    name: "custom resources are written and read",
    run: async ({ client }) => {
      const { namespace } = await makeWorld(client);
      const made = await client.create(IP_ADDRESS_POOLS, {
        metadata: { name: "pool", namespace },
        spec: { addresses: ["192.0.2.0/24"], autoAssign: false },
      });
      assertEquals(made.metadata.generation, 1);
      const key = { namespace, name: "pool" };
      const body = { status: { assignedIPv4: 1 } };
      await client.patch(IP_ADDRESS_POOLS, key, { type: "merge", body }, {
        subresource: "status",
      });
      const got = await client.get(IP_ADDRESS_POOLS, key);
      assertEquals(got.spec, made.spec);
      assertEquals(got.status, { assignedIPv4: 1 });
      assertEquals(got.metadata.generation, 1);
    },
  },
];
