import {
  assertEquals,
  assertInstanceOf,
  assertStringIncludes,
} from "@std/assert";
import { ManualClock } from "../../tests/kube/clocks.ts";
import {
  ANONYMOUS,
  type Answer,
  jsonAnswer,
  neverAnswer,
  ScriptedPlatform,
} from "../../tests/kube/scripted_platform.ts";
import { connect, type ConnectedClient, type Malformed } from "./client.ts";
import { KubeError, type WatchEvent } from "./port.ts";
import { NODES, SERVICES } from "./resources.ts";
import type { Service } from "./types.ts";

interface Fixture {
  readonly client: ConnectedClient;
  readonly platform: ScriptedPlatform;
  readonly clock: ManualClock;
  readonly malformed: readonly Malformed[];
}

function setUp(answer: Answer): Fixture {
  const platform = new ScriptedPlatform(answer);
  const clock = new ManualClock();
  const malformed: Malformed[] = [];
  const client = connect(ANONYMOUS, {
    platform,
    clock,
    onMalformed: (item) => malformed.push(item),
  });
  return { client, platform, clock, malformed };
}

async function failure(call: Promise<unknown>): Promise<KubeError> {
  try {
    await call;
  } catch (error) {
    assertInstanceOf(error, KubeError);
    return error;
  }
  throw new Error("The call did not fail");
}

async function collect<T>(
  events: AsyncIterable<WatchEvent<T>>,
): Promise<WatchEvent<T>[]> {
  const all: WatchEvent<T>[] = [];
  for await (const event of events) all.push(event);
  return all;
}

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
  const { client, platform, malformed } = setUp(() => jsonAnswer(SERVICE_LIST));
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
  const { client, platform } = setUp(() => jsonAnswer(SERVICE));
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
    const { client } = setUp(answer);
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
  const { client, platform } = setUp(() => jsonAnswer({}));
  const error = await failure(client.get(SERVICES, { name: "web" }));
  assertEquals([error.code, error.reason], [0, "badRequest"]);
  assertEquals((await failure(client.delete(NODES, { name: "" }))).code, 0);
  assertEquals(platform.sent.length, 0);
});

Deno.test("list() refuses an answer that is no list", {
  permissions: "none",
}, async () => {
  for (const value of [{}, { items: [] }, { metadata: {}, items: [] }, 5]) {
    const { client } = setUp(() => jsonAnswer(value));
    assertEquals((await failure(client.list(NODES))).reason, "badAnswer");
  }
});

Deno.test("a call ends when the server does not answer in time", {
  permissions: "none",
}, async () => {
  const { client, clock, platform } = setUp((_, signal) => {
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
  const { client, platform } = setUp((_, signal) => {
    queueMicrotask(() => stop.abort());
    return neverAnswer(signal);
  });
  const error = await failure(client.list(NODES, { signal: stop.signal }));
  assertEquals(error.reason, "aborted");
  assertEquals(platform.closed, 0);
  const late = await failure(client.list(NODES, { signal: stop.signal }));
  assertEquals(late.reason, "aborted");
});

function streamAnswer(...chunks: readonly string[]): Response {
  const encoder = new TextEncoder();
  return new Response(
    ReadableStream.from(chunks.map((chunk) => encoder.encode(chunk))),
  );
}

Deno.test("watch() decodes events across chunks and skips foreign ones", {
  permissions: "none",
}, async () => {
  const { client, platform, malformed } = setUp(() =>
    streamAnswer(
      '{"type":"ADDED","object":{"metadata":{"name":"a"',
      '}}}\n\n{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}\n{"type":"NE',
      'W","object":{}}\n{"type":"DELETED","object":{"metadata":{}}}\n{"type":"ADDED"',
    )
  );
  let opened = 0;
  const events = await collect(client.watch(NODES, {
    resourceVersion: "5",
    timeoutSeconds: 30,
    onOpen: () => void (opened += 1),
  }));
  assertEquals(events, [
    {
      type: "ADDED",
      object: {
        apiVersion: "v1",
        kind: "Node",
        metadata: { name: "a" },
        spec: {},
      },
    },
    { type: "BOOKMARK", resourceVersion: "9" },
  ]);
  assertEquals(malformed.map(({ problem }) => problem), [
    "event of type NEW",
    "DELETED of an object without a name",
  ]);
  assertEquals(opened, 1);
  assertEquals(
    platform.sent[0]?.path,
    "/api/v1/nodes?watch=true&allowWatchBookmarks=true&resourceVersion=5&timeoutSeconds=30",
  );
});

Deno.test("watch() reports an expired version however it comes", {
  permissions: "none",
}, async () => {
  const status = { kind: "Status", code: 410, reason: "Expired", message: "x" };
  const answers = [
    jsonAnswer(status, 410),
    streamAnswer(`${JSON.stringify({ type: "ERROR", object: status })}\n`),
  ];
  for (const answer of answers) {
    const { client } = setUp(() => answer);
    const error = await failure(
      collect(client.watch(NODES, { resourceVersion: "1" })),
    );
    assertEquals([error.code, error.reason], [410, "Expired"]);
  }
});

Deno.test("watch() reports a stream that breaks", {
  permissions: "none",
}, async () => {
  const { client } = setUp(() =>
    new Response(
      new ReadableStream({
        pull: (controller): void =>
          controller.error(new Error("reset by peer")),
      }),
    )
  );
  const error = await failure(
    collect(client.watch(NODES, { resourceVersion: "1" })),
  );
  assertEquals([error.code, error.reason], [0, "connectionFailed"]);
});

Deno.test("watch() gives up a connection that outlives its time", {
  permissions: "none",
}, async () => {
  const { client, clock, platform } = setUp((_, signal) =>
    new Response(
      new ReadableStream({
        start(controller): void {
          signal.addEventListener(
            "abort",
            () => controller.error(signal.reason),
          );
        },
      }),
    )
  );
  const limits: number[] = [];
  const error = await failure(collect(client.watch(NODES, {
    resourceVersion: "1",
    timeoutSeconds: 30,
    onOpen: (): void => {
      limits.push(...clock.sleeping);
      clock.wakeAll();
    },
  })));
  assertEquals(error.reason, "watchStalled");
  assertEquals(limits, [40_000]);
  assertEquals(platform.closed, 1);
});

Deno.test("watch() lets go of the stream when its reader stops", {
  permissions: "none",
}, async () => {
  let cancelled = false;
  const line = '{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n';
  const { client, clock } = setUp(() =>
    new Response(
      new ReadableStream({
        start: (controller): void =>
          controller.enqueue(new TextEncoder().encode(line)),
        cancel: (): void => void (cancelled = true),
      }),
    )
  );
  for await (const event of client.watch(NODES, { resourceVersion: "1" })) {
    assertEquals(event.type, "ADDED");
    break;
  }
  assertEquals(cancelled, true);
  assertEquals(clock.sleeping, []);
});
