import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { objectOr, valueAt } from "./json.ts";
import {
  call,
  JSON_PATCH,
  LEASES,
  MERGE,
  newServer,
  pool,
  POOLS,
  send,
  service,
  SERVICES,
  versionOf,
} from "./test_client.ts";

const none = { permissions: "none" } as const;

Deno.test("create gives an object its metadata", none, async () => {
  const server = newServer();
  const { code, body } = await call(server, "POST", POOLS, {
    body: {
      ...pool("p", { addresses: ["192.0.2.0/24"] }),
      metadata: { name: "p", uid: "mine", generation: 7, labels: { a: "b" } },
      status: { assignedIPv4: 3 },
    },
  });
  assertEquals(code, 201);
  const { uid, ...metadata } = objectOr(body.metadata);
  assertMatch(String(uid), /^[0-9a-f-]{36}$/);
  assertEquals(metadata, {
    name: "p",
    namespace: "default",
    labels: { a: "b" },
    generation: 1,
    resourceVersion: server.resourceVersion,
    creationTimestamp: "2026-01-01T00:00:00Z",
  });
  assertEquals(body.spec, { addresses: ["192.0.2.0/24"] });
  assertEquals(body.status, undefined);
});

Deno.test("create makes up names after generateName", none, async () => {
  const server = newServer();
  const names = new Set<unknown>();
  for (let count = 0; count < 5; count++) {
    const { body } = await call(server, "POST", LEASES, {
      body: { metadata: { generateName: "speaker-" }, spec: {} },
    });
    names.add(valueAt(body, ["metadata", "name"]));
  }
  assertEquals(names.size, 5);
  for (const name of names) assertMatch(String(name), /^speaker-[a-z0-9]{5}$/);
});

Deno.test("create refuses what the real server refuses", none, async () => {
  const server = newServer();
  await call(server, "POST", SERVICES, { body: service("taken") });
  const cases = [
    [SERVICES, service("taken"), 409, "AlreadyExists", 'services "taken"'],
    [SERVICES, service("Bad_Name"), 422, "Invalid", "metadata.name"],
    [SERVICES, { metadata: {} }, 422, "Invalid", "name or generateName"],
    [
      SERVICES,
      { metadata: { name: "a", namespace: "b" } },
      400,
      "BadRequest",
      "does not match the namespace",
    ],
    [
      SERVICES,
      { kind: "Node", metadata: { name: "a" } },
      400,
      "BadRequest",
      "Node in version",
    ],
    [
      SERVICES,
      { metadata: { name: "a", resourceVersion: "5" } },
      500,
      undefined,
      "should not be set",
    ],
    [SERVICES, [], 400, "BadRequest", "unrecognized"],
    [
      "/api/v1/namespaces/nope/services",
      service("a"),
      404,
      "NotFound",
      'namespaces "nope" not found',
    ],
    ["/api/v1/services", service("a"), 405, "MethodNotAllowed", "method"],
    [
      POOLS,
      { metadata: { name: "a" } },
      400,
      "BadRequest",
      "API version in the data ()",
    ],
    [
      LEASES,
      { metadata: { name: "a" }, spec: { leaseDurationSeconds: 0 } },
      422,
      "Invalid",
      "greater than 0",
    ],
    [
      LEASES,
      { metadata: { name: "a" }, spec: { renewTime: "2026-01-01T00:00:00Z" } },
      400,
      "BadRequest",
      "parsing time",
    ],
    [
      "/api/v1/namespaces/default/events",
      { metadata: { name: "e" }, involvedObject: { namespace: "x" } },
      422,
      "Invalid",
      "does not match event.namespace",
    ],
  ] as const;
  for (const [path, body, code, reason, message] of cases) {
    const answer = await call(server, "POST", path, { body });
    assertEquals(answer.code, code, JSON.stringify(answer.body));
    assertEquals(answer.body.kind, "Status");
    assertEquals(answer.body.status, "Failure");
    assertEquals(answer.body.code, code);
    assertEquals(answer.body.reason, reason);
    assertMatch(
      String(answer.body.message),
      new RegExp(message.replace(/[()]/g, "\\$&")),
    );
  }
});

Deno.test("refusals have the shape of metav1.Status", none, async () => {
  const server = newServer();
  const { body } = await call(server, "GET", `${LEASES}/none`);
  assertEquals(body, {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: 'leases.coordination.k8s.io "none" not found',
    reason: "NotFound",
    details: { name: "none", group: "coordination.k8s.io", kind: "leases" },
    code: 404,
  });
});

Deno.test("update needs the version that is stored", none, async () => {
  const server = newServer();
  const { body: first } = await call(server, "POST", POOLS, {
    body: pool("p"),
  });
  const { body: second, code } = await call(server, "PUT", `${POOLS}/p`, {
    body: { ...first, spec: { autoAssign: false } },
  });
  assertEquals(code, 200);
  assertEquals(valueAt(second, ["metadata", "generation"]), 2);
  assertNotEquals(versionOf(second), versionOf(first));
  const late = await call(server, "PUT", `${POOLS}/p`, {
    body: { ...first, spec: { autoAssign: true } },
  });
  assertEquals(late.code, 409);
  assertEquals(late.body, {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message:
      'Operation cannot be fulfilled on ipaddresspools.metallb.io "p": the object has been modified; please apply your changes to the latest version and try again',
    reason: "Conflict",
    details: { name: "p", group: "metallb.io", kind: "ipaddresspools" },
    code: 409,
  });
  const blind = await call(server, "PUT", `${POOLS}/p`, { body: pool("p") });
  assertEquals(blind.code, 422);
  assertMatch(String(blind.body.message), /must be specified for an update/);
});

Deno.test("update that changes nothing keeps the version", none, async () => {
  const server = newServer();
  const { body } = await call(server, "POST", POOLS, { body: pool("p") });
  const again = await call(server, "PUT", `${POOLS}/p`, { body });
  assertEquals(again.body, body);
  assertEquals(server.resourceVersion, versionOf(body));
});

Deno.test(
  "update of a missing object creates it only where the real server does",
  none,
  async () => {
    const server = newServer();
    const lease = { metadata: { name: "l", resourceVersion: "7" }, spec: {} };
    const made = await call(server, "PUT", `${LEASES}/l`, { body: lease });
    assertEquals(made.code, 201);
    const missing = await call(server, "PUT", `${POOLS}/p`, {
      body: pool("p"),
    });
    assertEquals(missing.code, 404);
    const status = await call(server, "PUT", `${SERVICES}/s/status`, {
      body: service("s"),
    });
    assertEquals(status.code, 404);
  },
);

Deno.test("update refuses another object's name or uid", none, async () => {
  const server = newServer();
  await call(server, "POST", SERVICES, { body: service("a") });
  const renamed = await call(server, "PUT", `${SERVICES}/a`, {
    body: service("b"),
  });
  assertEquals(renamed.code, 400);
  const other = { ...service("a"), metadata: { name: "a", uid: "other" } };
  const stranger = await call(server, "PUT", `${SERVICES}/a`, { body: other });
  assertEquals(stranger.code, 409);
});

Deno.test(
  "patch takes merge, JSON and plain strategic patches",
  none,
  async () => {
    const server = newServer();
    await call(server, "POST", SERVICES, { body: service("a") });
    const path = `${SERVICES}/a`;
    const strategic = "application/strategic-merge-patch+json";
    const steps = [
      [MERGE, { metadata: { annotations: { x: "1", y: "2" } } }],
      [JSON_PATCH, [{ op: "remove", path: "/metadata/annotations/x" }]],
      [strategic, { metadata: { annotations: { z: "3" } } }],
    ] as const;
    for (const [type, body] of steps) {
      const { code } = await call(server, "PATCH", path, { type, body });
      assertEquals(code, 200);
    }
    const { body } = await call(server, "GET", path);
    assertEquals(valueAt(body, ["metadata", "annotations"]), {
      y: "2",
      z: "3",
    });
  },
);

Deno.test("patch refuses what it cannot do", none, async () => {
  const server = newServer();
  await call(server, "POST", SERVICES, { body: service("a") });
  await call(server, "POST", POOLS, { body: pool("p") });
  const strategic = "application/strategic-merge-patch+json";
  const cases = [
    [`${SERVICES}/b`, MERGE, {}, 404],
    [`${SERVICES}/a`, MERGE, [], 400],
    [`${SERVICES}/a`, MERGE, { metadata: { resourceVersion: "1" } }, 409],
    [`${SERVICES}/a`, MERGE, { metadata: { name: "b" } }, 400],
    [
      `${SERVICES}/a`,
      JSON_PATCH,
      [{ op: "test", path: "/kind", value: "x" }],
      422,
    ],
    [`${SERVICES}/a`, JSON_PATCH, Array(10_001).fill({}), 413],
    [`${SERVICES}/a`, strategic, { spec: { ports: [{ port: 81 }] } }, 415],
    [`${SERVICES}/a`, strategic, { spec: { $patch: "replace" } }, 415],
    [`${SERVICES}/a`, strategic, { metadata: { finalizers: ["a"] } }, 415],
    [`${POOLS}/p`, strategic, {}, 415],
    [`${SERVICES}/a`, "application/apply-patch+yaml", {}, 415],
    [`${SERVICES}/a`, "application/json", {}, 415],
  ] as const;
  for (const [path, type, body, code] of cases) {
    const answer = await call(server, "PATCH", path, { type, body });
    assertEquals(
      answer.code,
      code,
      `${type} ${JSON.stringify(body).slice(0, 80)}`,
    );
  }
});

Deno.test(
  "status and specification change through their own endpoints",
  none,
  async () => {
    const server = newServer();
    await call(server, "POST", POOLS, { body: pool("p", { a: 1 }) });
    const body = {
      metadata: { annotations: { x: "1" } },
      spec: { a: 2 },
      status: { assignedIPv4: 1 },
    };
    const status = await call(server, "PATCH", `${POOLS}/p/status`, {
      type: MERGE,
      body,
    });
    assertEquals(status.body.spec, { a: 1 });
    assertEquals(status.body.status, { assignedIPv4: 1 });
    assertEquals(valueAt(status.body, ["metadata", "annotations"]), undefined);
    assertEquals(valueAt(status.body, ["metadata", "generation"]), 1);
    const main = await call(server, "PATCH", `${POOLS}/p`, {
      type: MERGE,
      body: { ...body, status: { assignedIPv4: 9 } },
    });
    assertEquals(main.body.spec, { a: 2 });
    assertEquals(main.body.status, { assignedIPv4: 1 });
    assertEquals(valueAt(main.body, ["metadata", "annotations"]), { x: "1" });
    assertEquals(valueAt(main.body, ["metadata", "generation"]), 2);
  },
);

Deno.test("delete checks its preconditions", none, async () => {
  const server = newServer();
  const { body } = await call(server, "POST", SERVICES, { body: service("a") });
  for (const preconditions of [{ uid: "other" }, { resourceVersion: "1" }]) {
    const refused = await call(server, "DELETE", `${SERVICES}/a`, {
      body: { preconditions },
    });
    assertEquals(refused.code, 409);
    assertEquals(refused.body.reason, "Conflict");
  }
  const preconditions = {
    uid: valueAt(body, ["metadata", "uid"]) ?? "",
    resourceVersion: versionOf(body),
  };
  const deleted = await call(server, "DELETE", `${SERVICES}/a`, {
    body: { preconditions },
  });
  assertEquals(deleted.code, 200);
  assertEquals(deleted.body.kind, "Service");
  assertEquals(versionOf(deleted.body), server.resourceVersion);
  const again = await call(server, "DELETE", `${SERVICES}/a`);
  assertEquals(again.code, 404);
});

Deno.test(
  "delete answers a status for kinds whose objects it does not answer",
  none,
  async () => {
    const server = newServer();
    const { body } = await call(server, "POST", POOLS, { body: pool("p") });
    const deleted = await call(server, "DELETE", `${POOLS}/p`);
    assertEquals(deleted.body, {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Success",
      details: {
        name: "p",
        group: "metallb.io",
        kind: "ipaddresspools",
        uid: valueAt(body, ["metadata", "uid"]) ?? "",
      },
    });
  },
);

Deno.test(
  "delete only marks an object with finalizers, until the last one is gone",
  none,
  async () => {
    const server = newServer();
    const held = pool("p");
    await call(server, "POST", POOLS, {
      body: {
        ...held,
        metadata: { name: "p", finalizers: ["herald-lb.io/x"] },
      },
    });
    await send(server, "DELETE", `${POOLS}/p`);
    const { body } = await call(server, "GET", `${POOLS}/p`);
    assertEquals(
      valueAt(body, ["metadata", "deletionTimestamp"]),
      "2026-01-01T00:00:00Z",
    );
    const patched = await call(server, "PATCH", `${POOLS}/p`, {
      type: MERGE,
      body: { metadata: { finalizers: null } },
    });
    assertEquals(valueAt(patched.body, ["metadata", "finalizers"]), undefined);
    assertEquals((await call(server, "GET", `${POOLS}/p`)).code, 404);
  },
);
