import { assertEquals } from "@std/assert";
import { type JsonObject, objectOr, omit, valueAt } from "./json.ts";
import type { ApiServer } from "./server.ts";
import { call, MERGE, newServer, service, SERVICES } from "./test_client.ts";

const none = { permissions: "none" } as const;

async function create(server: ApiServer, name: string, spec: JsonObject) {
  const body = service(name, spec);
  const answer = await call(server, "POST", SERVICES, { body });
  assertEquals(answer.code, 201, JSON.stringify(answer.body));
  return objectOr(answer.body.spec);
}

function patch(server: ApiServer, name: string, body: JsonObject) {
  return call(server, "PATCH", `${SERVICES}/${name}`, { type: MERGE, body });
}

const PORT = { protocol: "TCP", port: 80, targetPort: 80 };
const CLUSTER = {
  sessionAffinity: "None",
  internalTrafficPolicy: "Cluster",
};
const SINGLE = {
  clusterIP: "10.96.0.2",
  clusterIPs: ["10.96.0.2"],
  ipFamilies: ["IPv4"],
  ipFamilyPolicy: "SingleStack",
};

/** Specification given, specification stored. */
const DEFAULTED: readonly (readonly [string, JsonObject, JsonObject])[] = [
  ["nothing", {}, { ...CLUSTER, ...SINGLE, type: "ClusterIP", ports: [PORT] }],
  ["a load balancer", { type: "LoadBalancer" }, {
    ...CLUSTER,
    ...SINGLE,
    type: "LoadBalancer",
    ports: [{ ...PORT, nodePort: 30_000 }],
    externalTrafficPolicy: "Cluster",
    allocateLoadBalancerNodePorts: true,
  }],
  ["a local one", { type: "LoadBalancer", externalTrafficPolicy: "Local" }, {
    ...CLUSTER,
    ...SINGLE,
    type: "LoadBalancer",
    ports: [{ ...PORT, nodePort: 30_000 }],
    externalTrafficPolicy: "Local",
    healthCheckNodePort: 30_001,
    allocateLoadBalancerNodePorts: true,
  }],
  ["no node ports", {
    type: "LoadBalancer",
    allocateLoadBalancerNodePorts: false,
  }, {
    ...CLUSTER,
    ...SINGLE,
    type: "LoadBalancer",
    ports: [PORT],
    externalTrafficPolicy: "Cluster",
    allocateLoadBalancerNodePorts: false,
  }],
  ["both families", { ipFamilyPolicy: "PreferDualStack" }, {
    ...CLUSTER,
    type: "ClusterIP",
    ports: [PORT],
    clusterIP: "10.96.0.2",
    clusterIPs: ["10.96.0.2", "fd00:10:96::2"],
    ipFamilies: ["IPv4", "IPv6"],
    ipFamilyPolicy: "PreferDualStack",
  }],
  ["IPv6 first", { ipFamilyPolicy: "RequireDualStack", ipFamilies: ["IPv6"] }, {
    ...CLUSTER,
    type: "ClusterIP",
    ports: [PORT],
    clusterIP: "fd00:10:96::2",
    clusterIPs: ["fd00:10:96::2", "10.96.0.2"],
    ipFamilies: ["IPv6", "IPv4"],
    ipFamilyPolicy: "RequireDualStack",
  }],
  ["headless", { clusterIP: "None", selector: { a: "b" } }, {
    ...CLUSTER,
    type: "ClusterIP",
    selector: { a: "b" },
    ports: [PORT],
    clusterIP: "None",
    clusterIPs: ["None"],
    ipFamilies: ["IPv4"],
    ipFamilyPolicy: "SingleStack",
  }],
  ["headless without selector", { clusterIP: "None" }, {
    ...CLUSTER,
    type: "ClusterIP",
    ports: [PORT],
    clusterIP: "None",
    clusterIPs: ["None"],
    ipFamilies: ["IPv4", "IPv6"],
    ipFamilyPolicy: "RequireDualStack",
  }],
  ["an alias", { type: "ExternalName", externalName: "a.example" }, {
    type: "ExternalName",
    externalName: "a.example",
    sessionAffinity: "None",
    ports: [PORT],
  }],
  ["sticky clients", { sessionAffinity: "ClientIP" }, {
    ...CLUSTER,
    ...SINGLE,
    type: "ClusterIP",
    ports: [PORT],
    sessionAffinity: "ClientIP",
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } },
  }],
];

Deno.test(
  "a new Service gets the defaults of the real server",
  none,
  async () => {
    assertEquals(DEFAULTED.length, 10);
    for (const [name, given, stored] of DEFAULTED) {
      assertEquals(await create(newServer(), "s", given), stored, name);
    }
  },
);

const REFUSED: readonly (readonly [JsonObject, string, string])[] = [
  [{ type: "Foo" }, "spec.type", "FieldValueNotSupported"],
  [{ ports: [] }, "spec.ports", "FieldValueRequired"],
  [
    { ports: [{ port: 1 }, { port: 2 }] },
    "spec.ports[0].name",
    "FieldValueRequired",
  ],
  [
    { ports: [{ port: 1, name: "a" }, { port: 2, name: "a" }] },
    "spec.ports[1].name",
    "FieldValueDuplicate",
  ],
  [
    { ports: [{ port: 0, targetPort: 1 }] },
    "spec.ports[0].port",
    "FieldValueInvalid",
  ],
  [
    { ports: [{ port: 1, protocol: "X" }] },
    "spec.ports[0].protocol",
    "FieldValueNotSupported",
  ],
  [
    { ports: [{ port: 1, nodePort: 30_001 }] },
    "spec.ports[0].nodePort",
    "FieldValueForbidden",
  ],
  [
    { type: "NodePort", ports: [{ port: 1, nodePort: 30_000 }] },
    "spec.ports[0].nodePort",
    "FieldValueInvalid",
  ],
  [{ clusterIP: "10.96.0.2" }, "spec.clusterIPs", "FieldValueInvalid"],
  [{ clusterIP: "10.97.0.2" }, "spec.clusterIPs", "FieldValueInvalid"],
  [
    { ipFamilies: ["IPv4", "IPv6"] },
    "spec.ipFamilyPolicy",
    "FieldValueInvalid",
  ],
];

Deno.test(
  "a Service that cannot be is refused with the field",
  none,
  async () => {
    const server = newServer();
    await create(server, "first", { type: "NodePort" });
    const before = server.resourceVersion;
    for (const [spec, field, reason] of REFUSED) {
      const { code, body } = await call(server, "POST", SERVICES, {
        body: service("s", spec),
      });
      assertEquals(code, 422, field);
      const causes = valueAt(body, ["details", "causes"]);
      const [cause] = Array.isArray(causes) ? causes : [];
      assertEquals([cause.field, cause.reason], [field, reason]);
    }
    assertEquals(server.resourceVersion, before);
  },
);

Deno.test(
  "a Service that stops being a load balancer loses what belonged to that",
  none,
  async () => {
    const server = newServer();
    await create(server, "s", {
      type: "LoadBalancer",
      loadBalancerClass: "herald-lb.io/x",
      externalTrafficPolicy: "Local",
    });
    const status = {
      loadBalancer: { ingress: [{ ip: "192.0.2.1" }] },
      conditions: [{ type: "T", status: "True" }],
    };
    const given = await call(server, "PATCH", `${SERVICES}/s/status`, {
      type: MERGE,
      body: { metadata: { annotations: { a: "1" } }, status },
    });
    assertEquals(given.body.status, {
      ...status,
      loadBalancer: { ingress: [{ ip: "192.0.2.1", ipMode: "VIP" }] },
    });
    assertEquals(valueAt(given.body, ["metadata", "annotations"]), { a: "1" });
    const { body } = await patch(server, "s", { spec: { type: "ClusterIP" } });
    assertEquals(body.spec, {
      ...CLUSTER,
      ...SINGLE,
      type: "ClusterIP",
      ports: [PORT],
    });
    assertEquals(body.status, { ...status, loadBalancer: {} });
    // Its ports are free again.
    const next = await create(server, "t", {
      type: "NodePort",
      ports: [{ port: 1, nodePort: 30_000 }],
    });
    assertEquals(valueAt(next, ["type"]), "NodePort");
  },
);

Deno.test(
  "a Service keeps what was allocated when an update leaves it out",
  none,
  async () => {
    const server = newServer();
    const spec = await create(server, "s", {
      type: "LoadBalancer",
      ipFamilyPolicy: "PreferDualStack",
    });
    const { body } = await call(server, "PUT", `${SERVICES}/s`, {
      body: service("s", {
        type: "LoadBalancer",
        ipFamilyPolicy: "PreferDualStack",
      }),
    });
    assertEquals(body.spec, spec);
  },
);

Deno.test(
  "a Service gains and loses its second family by policy",
  none,
  async () => {
    const server = newServer();
    await create(server, "s", {});
    const steps = [
      ["PreferDualStack", ["10.96.0.2", "fd00:10:96::2"]],
      ["SingleStack", ["10.96.0.2"]],
      ["RequireDualStack", ["10.96.0.2", "fd00:10:96::3"]],
    ] as const;
    for (const [ipFamilyPolicy, clusterIPs] of steps) {
      const { body } = await patch(server, "s", { spec: { ipFamilyPolicy } });
      assertEquals(valueAt(body, ["spec", "clusterIPs"]), clusterIPs);
    }
  },
);

Deno.test("what is set once in a Service stays", none, async () => {
  const server = newServer();
  await create(server, "s", { type: "LoadBalancer", loadBalancerClass: "x/y" });
  for (
    const spec of [{ clusterIP: "10.96.3.3" }, { loadBalancerClass: "x/z" }]
  ) {
    const { code } = await patch(server, "s", { spec });
    assertEquals(code, 422, JSON.stringify(spec));
  }
});

Deno.test(
  "ingress is refused without a load balancer or an address",
  none,
  async () => {
    const server = newServer();
    await create(server, "c", {});
    await create(server, "l", { type: "LoadBalancer" });
    const cases = [
      ["c", "192.0.2.1", 422],
      ["l", "nope", 422],
      ["l", "192.0.2.256", 422],
      ["l", "1.2.3", 422],
      ["l", "2001:db8::g", 422],
      ["l", "192.0.2.1", 200],
      ["l", "2001:db8::1", 200],
    ] as const;
    for (const [name, ip, expected] of cases) {
      const { code } = await call(
        server,
        "PATCH",
        `${SERVICES}/${name}/status`,
        {
          type: MERGE,
          body: { status: { loadBalancer: { ingress: [{ ip }] } } },
        },
      );
      assertEquals(code, expected, `${name} ${ip}`);
    }
  },
);

Deno.test(
  "cluster IPs and node ports come back when their Service is gone",
  none,
  async () => {
    const server = newServer();
    const spec = await create(server, "s", { type: "NodePort" });
    await call(server, "DELETE", `${SERVICES}/s`);
    const again = await create(server, "s", {
      type: "NodePort",
      clusterIP: spec.clusterIP ?? "",
      ports: spec.ports ?? [],
    });
    assertEquals(again, omit(spec, []));
  },
);
