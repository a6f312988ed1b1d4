import { assertEquals, assertStringIncludes } from "@std/assert";
import { connectScripted, failure } from "../../tests/kube/client_fixture.ts";
import {
  type Answer,
  jsonAnswer,
  neverAnswer,
} from "../../tests/kube/scripted_platform.ts";
import { NODES, SERVICES } from "./resources.ts";
import type { Service } from "./types.ts";

const SERVICE: Service = {
  metadata: { name: "web", namespace: "a/b" },
  spec: {},
};
const SERVICE_LIST = {
  metadata: { resourceVersion: "7", continue: "more" },
  items: [
    { metadata: { name: "web", namespace: "ns" }, spec: { ports: "none" } },
    { metadata: { name: 5 } },
    null,
    "text",
  ],
};

Deno.test("list() projects a page and leaves out what has no name", {
  permissions: "none",
}, async () => {
  const { client, platform, malformed } = connectScripted(() =>
    jsonAnswer(SERVICE_LIST)
  );
  const page = await client.list(SERVICES, {
    namespace: "ns",
    labelSelector: "a=b,c!=d",
    limit: 4,
    continueToken: "to/ken",
  });
  assertEquals(page, {
    resourceVersion: "7",
    continueToken: "more",
    items: [{
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web", namespace: "ns" },
      spec: {},
    }],
  });
  assertEquals(malformed, [
    { plural: "services", problem: "3 objects without a name" },
  ]);
  assertEquals(
    platform.sent.map(({ method, path }) => `${method} ${path}`),
    [
      "GET /api/v1/namespaces/ns/services?labelSelector=a%3Db%2Cc%21%3Dd&limit=4&continue=to%2Fken",
    ],
  );
});

Deno.test("writes are sent as the API wants them", {
  permissions: "none",
}, async () => {
  const { client, platform } = connectScripted(() => jsonAnswer(SERVICE));
  const key = { name: "web", namespace: "a/b" };
  await client.create(SERVICES, SERVICE);
  await client.replace(SERVICES, SERVICE, { subresource: "status" });
  await client.patch(SERVICES, key, { type: "merge", body: { x: null } });
  await client.patch(SERVICES, key, { type: "json", body: [] });
  await client.delete(SERVICES, key, { resourceVersion: "7" });
  await client.delete(SERVICES, key);
  const path = "/api/v1/namespaces/a%2Fb/services";
  const full = { ...SERVICE, apiVersion: "v1", kind: "Service" };
  const options = {
    apiVersion: "v1",
    kind: "DeleteOptions",
    preconditions: { resourceVersion: "7" },
  };
  const expected = [
    ["POST", path, "application/json", full],
    ["PUT", `${path}/web/status`, "application/json", full],
    ["PATCH", `${path}/web`, "application/merge-patch+json", { x: null }],
    ["PATCH", `${path}/web`, "application/json-patch+json", []],
    ["DELETE", `${path}/web`, "application/json", options],
    ["DELETE", `${path}/web`, null, undefined],
  ];
  assertEquals(
    platform.sent.map((sent) => [
      sent.method,
      sent.path,
      sent.headers.get("content-type"),
      sent.body,
    ]),
    expected,
  );
  // A redirect must not carry credentials elsewhere.
  assertEquals(
    new Set(platform.sent.map(({ redirect }) => redirect)),
    new Set(["manual"]),
  );
});

const STATUS = {
  kind: "Status",
  message: 'services "web" not found',
  reason: "NotFound",
  code: 404,
};
const REFUSALS: readonly {
  readonly name: string;
  readonly answer: Answer;
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly retryAfterMs?: number;
}[] = [
  {
    name: "a Status",
    answer: () => jsonAnswer(STATUS, 404),
    code: 404,
    reason: "NotFound",
    message:
      'Cannot get services ns/web: 404 NotFound: services "web" not found',
  },
  {
    name: "a busy server",
    answer: () =>
      jsonAnswer({ ...STATUS, code: 429 }, 429, { "retry-after": "3" }),
    code: 429,
    reason: "NotFound",
    message: "429",
    retryAfterMs: 3_000,
  },
  {
    name: "a proxy's page",
    answer: () => new Response("<html>", { status: 502 }),
    code: 502,
    reason: "http502",
    message: "the server gave no message",
  },
  {
    name: "a redirect",
    answer: () =>
      new Response(null, { status: 302, headers: { location: "https://x" } }),
    code: 302,
    reason: "http302",
    message: "302",
  },
  {
    name: "no JSON",
    answer: () => new Response("{"),
    code: 0,
    reason: "badAnswer",
    message: "the answer is not JSON",
  },
  {
    name: "no object",
    answer: () => jsonAnswer([]),
    code: 0,
    reason: "badAnswer",
    message: "the answer is no object",
  },
  {
    name: "a closed port",
    answer: () => {
      throw new TypeError("fetch failed", {
        cause: new Error("tcp connect error: Connection refused"),
      });
    },
    code: 0,
    reason: "connectionFailed",
    message:
      "Cannot get services ns/web at https://192.0.2.1:6443: tcp connect error: Connection refused",
  },
  {
    name: "a wrong certificate",
    answer: () => {
      throw new TypeError("fetch failed", {
        cause: new Error("invalid peer certificate: UnknownIssuer"),
      });
    },
    code: 0,
    reason: "certificateRefused",
    message: "check certificate-authority",
  },
];

for (const { name, answer, ...expected } of REFUSALS) {
  Deno.test(`get() reports ${name}`, { permissions: "none" }, async () => {
    const { client } = connectScripted(answer);
    const error = await failure(
      client.get(SERVICES, { name: "web", namespace: "ns" }),
    );
    assertEquals(
      [error.code, error.reason, error.retryAfterMs],
      [expected.code, expected.reason, expected.retryAfterMs],
    );
    assertStringIncludes(error.message, expected.message);
  });
}

Deno.test("a key that does not fit its kind is refused before it is sent", {
  permissions: "none",
}, async () => {
  const { client, platform } = connectScripted(() => jsonAnswer({}));
  const error = await failure(client.get(SERVICES, { name: "web" }));
  assertEquals([error.code, error.reason], [0, "badRequest"]);
  assertEquals((await failure(client.delete(NODES, { name: "" }))).code, 0);
  assertEquals(platform.sent.length, 0);
});

Deno.test("list() refuses an answer that is no list", {
  permissions: "none",
}, async () => {
  for (const value of [{}, { items: [] }, { metadata: {}, items: [] }, 5]) {
    const { client } = connectScripted(() => jsonAnswer(value));
    assertEquals((await failure(client.list(NODES))).reason, "badAnswer");
  }
});

Deno.test("a call ends when the server does not answer in time", {
  permissions: "none",
}, async () => {
  const { client, clock, platform } = connectScripted((_, signal) => {
    queueMicrotask(() => clock.wakeAll());
    return neverAnswer(signal);
  });
  const error = await failure(client.list(NODES));
  assertEquals(error.reason, "timeout");
  // The connection may be dead: the next call must not meet it again.
  assertEquals([platform.pools, platform.closed], [1, 1]);
  assertEquals(clock.sleeping, []);
});

Deno.test("a call ends when its caller aborts", {
  permissions: "none",
}, async () => {
  const stop = new AbortController();
  const { client, platform } = connectScripted((_, signal) => {
    queueMicrotask(() => stop.abort());
    return neverAnswer(signal);
  });
  const error = await failure(client.list(NODES, { signal: stop.signal }));
  assertEquals(error.reason, "aborted");
  assertEquals(platform.closed, 0);
  const late = await failure(client.list(NODES, { signal: stop.signal }));
  assertEquals(late.reason, "aborted");
});
