import { assertEquals, assertStringIncludes } from "@std/assert";
import { getLogger } from "@logtape/logtape";
import {
  describeError,
  probeHandler,
  startLogging,
  stopLogging,
} from "./mod.ts";

Deno.test("startLogging() writes one JSON line an event, from the level on", async () => {
  const lines: string[] = [];
  await startLogging("warn", (line) => lines.push(line));
  const log = getLogger(["herald", "speaker"]);
  log.info("not written");
  log.warn("Dropped {count} frames", { count: 3, reason: "vlan\nand more" });
  await stopLogging();
  assertEquals(lines.length, 1);
  const line = lines[0] ?? "";
  assertEquals(line.indexOf("\n"), line.length - 1);
  const event = JSON.parse(line);
  assertEquals([event.level, event.logger, event.count], [
    "WARN",
    "herald.speaker",
    3,
  ]);
  assertStringIncludes(event.message, "Dropped 3 frames");
});

Deno.test("startLogging() is silent with none", async () => {
  const lines: string[] = [];
  await startLogging("none", (line) => lines.push(line));
  getLogger(["herald"]).fatal("nothing");
  await stopLogging();
  assertEquals(lines, []);
});

Deno.test("describeError() joins causes without repeating them", {
  permissions: "none",
}, () => {
  const inner = new Error("connection refused");
  const outer = new Error("Cannot list services", { cause: inner });
  assertEquals(
    describeError(outer),
    "Cannot list services: connection refused",
  );
  assertEquals(
    describeError(new Error("a: connection refused", { cause: inner })),
    "a: connection refused",
  );
  assertEquals(describeError("text"), "text");
});

const handler = probeHandler(
  {
    live: () => ({ ok: true, problems: [] }),
    ready: () => ({ ok: false, problems: ["API server: not reached for 4 s"] }),
    metrics: () =>
      Promise.resolve({
        text: "a 1\n",
        contentType: "text/plain; version=0.0.4",
      }),
    status: () => ({ node: "node-a" }),
  },
  (peer) =>
    peer === "127.0.0.1"
      ? { kind: "allow" }
      : { kind: "refuse", status: 403, message: "Not from there" },
);

const requests: {
  readonly method: string;
  readonly path: string;
  readonly peer?: string;
  readonly status: number;
  readonly body: string;
}[] = [
  { method: "GET", path: "/healthz", status: 200, body: "ok\n" },
  {
    method: "GET",
    path: "/readyz",
    status: 503,
    body: "API server: not reached for 4 s\n",
  },
  { method: "GET", path: "/metrics", status: 200, body: "a 1\n" },
  {
    method: "GET",
    path: "/metrics",
    peer: "192.0.2.1",
    status: 403,
    body: "Not from there\n",
  },
  { method: "GET", path: "/status", status: 200, body: '{"node":"node-a"}' },
  {
    method: "GET",
    path: "/",
    status: 404,
    body: "Served here: /healthz /readyz /metrics /status\n",
  },
  {
    method: "POST",
    path: "/healthz",
    status: 405,
    body: "Only GET and HEAD are served here\n",
  },
];

Deno.test.each(requests)("probeHandler() answers $method $path with $status", {
  permissions: "none",
}, async ({ method, path, peer = "127.0.0.1", status, body }) => {
  const response = await handler(
    new Request(`http://localhost${path}`, { method }),
    { address: peer },
  );
  assertEquals(response.status, status);
  assertEquals(await response.text(), body);
});
