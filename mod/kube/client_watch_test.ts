import { assertEquals } from "@std/assert";
import { connectScripted, failure } from "../../tests/kube/client_fixture.ts";
import { jsonAnswer } from "../../tests/kube/scripted_platform.ts";
import type { WatchEvent } from "./port.ts";
import { NODES } from "./resources.ts";

async function collect<T>(
  events: AsyncIterable<WatchEvent<T>>,
): Promise<WatchEvent<T>[]> {
  const all: WatchEvent<T>[] = [];
  for await (const event of events) all.push(event);
  return all;
}

function streamAnswer(...chunks: readonly string[]): Response {
  const encoder = new TextEncoder();
  return new Response(
    ReadableStream.from(chunks.map((chunk) => encoder.encode(chunk))),
  );
}

Deno.test("watch() decodes events across chunks and skips foreign ones", {
  permissions: "none",
}, async () => {
  const { client, platform, malformed } = connectScripted(() =>
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
    const { client } = connectScripted(() => answer);
    const error = await failure(
      collect(client.watch(NODES, { resourceVersion: "1" })),
    );
    assertEquals([error.code, error.reason], [410, "Expired"]);
  }
});

Deno.test("watch() reports a stream that breaks", {
  permissions: "none",
}, async () => {
  const { client } = connectScripted(() =>
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
  const { client, clock, platform } = connectScripted((_, signal) =>
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
  const { client, clock } = connectScripted(() =>
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
