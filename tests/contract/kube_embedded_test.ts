/** The contract of the Kubernetes port against the embedded API server. */
import { ApiServer } from "../../mod/apiserver/mod.ts";
import { assertEquals } from "@std/assert";
import { connect, NODES } from "../../mod/kube/mod.ts";
import { SYSTEM_CLOCK } from "../../mod/time/mod.ts";
import { freePort } from "../free_port.ts";
import { DENO_PLATFORM } from "../kube/platform.ts";
import { ManualClock } from "../manual_clock.ts";
import { kubeContract } from "./kube_contract.ts";
import type { ContractServer } from "./server.ts";
import { failure } from "./world.ts";

/** Changes that the server remembers: fewer than the cases make. */
const HISTORY_LIMIT = 20;
/** Time limit of a call, in ms. */
const LIMIT_MS = 50;

function serve(api: ApiServer, port: number): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve(
    { hostname: "127.0.0.1", port, onListen: () => {} },
    (request) => api.handle(request),
  );
}

/** Serves an embedded server over a socket, which can be closed and opened. */
function startEmbedded(): ContractServer {
  const api = new ApiServer({
    now: Date.now,
    historyLimit: HISTORY_LIMIT,
    bookmarkMs: 50,
  });
  const port = freePort();
  let http: Deno.HttpServer<Deno.NetAddr> | undefined = serve(api, port);
  const client = connect(
    {
      server: `http://127.0.0.1:${port}`,
      origin: "the embedded server",
      identity: {},
    },
    { platform: DENO_PLATFORM, clock: SYSTEM_CLOCK },
  );
  const stop = async (): Promise<void> => {
    const closed = http?.shutdown();
    api.faults.dropWatches();
    await closed;
    http = undefined;
  };
  return {
    client,
    stop,
    start: () => {
      http ??= serve(api, port);
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: async () => {
      client[Symbol.dispose]();
      await stop();
      api.close();
    },
  };
}

Deno.test("the embedded API server keeps the contract of the port", async (t) => {
  await kubeContract(t, () => Promise.resolve(startEmbedded()));
});

Deno.test("a server that hangs costs one time limit and is used again", async () => {
  const api = new ApiServer({ now: Date.now });
  await using http = serve(api, 0);
  const clock = new ManualClock();
  using client = connect(
    {
      server: `http://127.0.0.1:${http.addr.port}`,
      origin: "the embedded server",
      identity: {},
    },
    { platform: DENO_PLATFORM, clock, callTimeoutMs: LIMIT_MS },
  );
  api.faults.pause();
  const failing = failure(client.list(NODES));
  await clock.advance(LIMIT_MS);
  const error = await failing;
  assertEquals([error.code, error.reason], [0, "timeout"]);
  api.faults.resume();
  assertEquals((await client.list(NODES)).items, []);
  api.close();
});
