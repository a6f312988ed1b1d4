import { assertEquals } from "@std/assert";
import type { Answer } from "../../mod/forwarding/mod.ts";
import { askKubeProxy } from "../../speaker/forwarding_watch.ts";
import { DENO_PLATFORM } from "../kube/platform.ts";

Deno.test("askKubeProxy() over a real connection tells what was said, and that nobody listens", async () => {
  const never = new AbortController().signal;
  const bodies = new Map([
    ["/healthz", new Response('{"status":{}}', { status: 503 })],
    ["/long", new Response("x".repeat(5000))],
    ["/elsewhere", Response.redirect("http://127.0.0.1:9/")],
  ]);
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    ({ url }) => bodies.get(new URL(url).pathname) ?? new Response("no"),
  );
  const origin = `http://127.0.0.1:${server.addr.port}`;
  const ask = (path: string): Promise<Answer> =>
    askKubeProxy(origin + path, DENO_PLATFORM)(never);
  assertEquals(await ask("/healthz"), {
    kind: "answered",
    status: 503,
    body: '{"status":{}}',
  });
  assertEquals(await ask("/long"), {
    kind: "answered",
    status: 200,
    body: "",
  });
  assertEquals(await ask("/elsewhere"), {
    kind: "answered",
    status: 302,
    body: "",
  });
  await server.shutdown();
  assertEquals(await ask("/healthz"), { kind: "refused" });
  const late = askKubeProxy(origin, DENO_PLATFORM)(AbortSignal.abort());
  assertEquals(await late, { kind: "failed" });
});
