import { assertEquals, assertThrows } from "@std/assert";
import { arrayOr, valueAt } from "./json.ts";
import { customKind, KINDS } from "./kinds.ts";
import { findRoute } from "./routes.ts";
import {
  call,
  ManualTimers,
  newServer,
  POOLS,
  send,
  service,
  SERVICES,
} from "./test_client.ts";

const none = { permissions: "none" } as const;

const ROUTES: readonly (readonly [string, string])[] = [
  ["/version", "version"],
  ["/readyz", "health"],
  ["/api", "coreVersions"],
  ["/apis", "groups"],
  ["/apis/", "groups"],
  ["/apis/metallb.io", "group"],
  ["/apis/nope.io", "unknownPath"],
  ["/api/v1", "resources"],
  ["/api/v2", "unknownPath"],
  ["/apis/metallb.io/v1beta2", "resources"],
  ["/apis/metallb.io/v9", "unknownPath"],
  ["/api/v1/services", "collection"],
  ["/api/v1/namespaces", "collection"],
  ["/api/v1/namespaces/default", "object"],
  ["/api/v1/namespaces/default/status", "object"],
  ["/api/v1/namespaces/default/services", "collection"],
  ["/api/v1/namespaces/default/services/a", "object"],
  ["/api/v1/namespaces/default/services/a/status", "object"],
  ["/api/v1/namespaces/default/services/a/scale", "unknownResource"],
  ["/api/v1/namespaces/default/events/a/status", "unknownResource"],
  ["/api/v1/namespaces/default/nodes", "unknownResource"],
  ["/api/v1/namespaces/default/services/a/status/x", "unknownResource"],
  ["/api/v1/services/a", "unknownResource"],
  ["/api/v1/nodes/n", "object"],
  ["/api/v1/foos", "unknownResource"],
  ["/apis/metallb.io/v1beta1/namespaces/m/ipaddresspools/p", "object"],
  ["/openapi/v3", "unknownPath"],
  ["/api/v1/nodes/%E0%A4%A", "unknownPath"],
  ["/", "unknownPath"],
];

Deno.test("findRoute() finds what a path names", none, () => {
  for (const [path, kind] of ROUTES) {
    assertEquals(findRoute(KINDS, path).kind, kind, path);
  }
});

Deno.test("findRoute() decodes names", none, () => {
  const route = findRoute(KINDS, "/api/v1/nodes/a%3Ab");
  assertEquals(route.kind === "object" ? route.name : undefined, "a:b");
});

Deno.test(
  "discovery lists every kind with its verbs and status",
  none,
  async () => {
    const herald = customKind({
      group: "herald-lb.io",
      version: "v1alpha1",
      kind: "Placement",
      plural: "placements",
    });
    const server = newServer({ kinds: [herald] });
    const groups = await call(server, "GET", "/apis");
    const names = arrayOr(groups.body.groups).map((one) =>
      valueAt(one, ["name"])
    );
    assertEquals(names, [
      "discovery.k8s.io",
      "coordination.k8s.io",
      "metallb.io",
      "herald-lb.io",
    ]);
    const { body } = await call(server, "GET", "/apis/herald-lb.io/v1alpha1");
    assertEquals(body.groupVersion, "herald-lb.io/v1alpha1");
    assertEquals(
      arrayOr(body.resources).map((one) => valueAt(one, ["name"])),
      ["placements", "placements/status"],
    );
    const core = await call(server, "GET", "/api/v1");
    assertEquals(arrayOr(core.body.resources).length, 10);
  },
);

Deno.test("only known tokens are let in, except for health", none, async () => {
  const server = newServer({ tokens: ["secret"] });
  const cases = [
    ["/api/v1/nodes", "", 401],
    ["/api/v1/nodes", "Bearer other", 401],
    ["/api/v1/nodes", "Basic secret", 401],
    ["/api/v1/nodes", "Bearer secret", 200],
    ["/readyz", "", 200],
  ] as const;
  for (const [path, authorization, code] of cases) {
    const headers = authorization === "" ? {} : { authorization };
    const response = await send(server, "GET", path, { headers });
    await response.body?.cancel();
    assertEquals(response.status, code, `${path} ${authorization}`);
  }
});

Deno.test("bodies have a limit and a type", none, async () => {
  const server = newServer();
  const large = service("a");
  const cases = [
    [{ ...large, x: "y".repeat(3_145_728) }, "application/json", 413],
    [large, "text/plain", 415],
    [large, "application/json; charset=utf-8", 201],
  ] as const;
  for (const [body, type, code] of cases) {
    assertEquals(
      (await call(server, "POST", SERVICES, { body, type })).code,
      code,
    );
  }
  const broken = await server.handle(
    new Request(`http://server${SERVICES}`, { method: "POST", body: "{nope" }),
  );
  await broken.body?.cancel();
  // Text bodies of a Request are text/plain unless it says otherwise.
  assertEquals(broken.status, 415);
  const unreadable = await server.handle(
    new Request(`http://server${SERVICES}`, {
      method: "POST",
      body: "{nope",
      headers: { "content-type": "application/json" },
    }),
  );
  assertEquals((await unreadable.json()).reason, "BadRequest");
});

Deno.test(
  "methods that an endpoint does not have are refused",
  none,
  async () => {
    const server = newServer();
    const cases = [
      ["PUT", SERVICES],
      ["DELETE", SERVICES],
      ["POST", "/version"],
      ["POST", `${SERVICES}/a`],
      ["DELETE", `${SERVICES}/a/status`],
    ] as const;
    for (const [method, path] of cases) {
      assertEquals(
        (await call(server, method, path)).code,
        405,
        `${method} ${path}`,
      );
    }
    const dry = await call(server, "POST", `${SERVICES}?dryRun=All`, {
      body: service("a"),
    });
    assertEquals(dry.code, 400);
  },
);

Deno.test("a fault refuses as many requests as it says", none, async () => {
  const server = newServer();
  server.faults.refuse({
    method: "GET",
    path: "/services",
    code: 429,
    reason: "TooManyRequests",
    times: 2,
  });
  const codes: number[] = [];
  for (let count = 0; count < 3; count++) {
    codes.push((await call(server, "GET", SERVICES)).code);
  }
  assertEquals(codes, [429, 429, 200]);
  assertEquals((await call(server, "GET", POOLS)).code, 200);
});

Deno.test("latency delays every request", none, async () => {
  const timers = new ManualTimers();
  const server = newServer({ schedule: timers.schedule });
  server.faults.latencyMs = 50;
  let answered = false;
  const answer = call(server, "GET", SERVICES).then(() => answered = true);
  timers.advance(49);
  await Promise.resolve();
  assertEquals(answered, false);
  timers.advance(1);
  await answer;
  assertEquals(answered, true);
});

Deno.test("Service ranges of another size are refused at once", none, () => {
  const IPv6 = "fd00:10:96::/112";
  assertThrows(
    () => newServer({ serviceRanges: { IPv4: "10.96.0.0/12", IPv6 } }),
    RangeError,
    "A.B.0.0/16",
  );
});
