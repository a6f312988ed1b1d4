import { assertEquals, assertRejects } from "@std/assert";
import { ManualClock } from "../../tests/manual_clock.ts";
import {
  type Handler,
  type Host,
  type RoleSettings,
  type RunningRole,
  runUntilStopped,
} from "./mod.ts";

const SETTINGS: RoleSettings = {
  kubeconfig: "kubeconfig",
  "lb-class": undefined,
  "lb-class-and-none": false,
  namespace: undefined,
  "http-address": "0.0.0.0",
  "http-port": 7472,
  "metrics-port": 0,
  "metrics-address": "::",
  "metrics-cert-dir": undefined,
  "tls-min-version": "VersionTLS13",
  "log-level": "none",
};

const KUBECONFIG = JSON.stringify({
  clusters: [{ name: "c", cluster: { server: "https://192.0.2.1:6443" } }],
  users: [{ name: "u", user: {} }],
  contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
  "current-context": "x",
});

/** A host that notes in which order things happen. */
class World {
  readonly steps: string[] = [];
  readonly clock = new ManualClock();
  readonly stopRequest = Promise.withResolvers<string>();
  readonly failure = Promise.withResolvers<string>();
  handler: Handler | undefined;
  close: () => Promise<void> = () => Promise.resolve();
  isPortTaken = false;
  heapUsed = 0;

  host(): Host {
    const { promise } = this.stopRequest;
    return {
      clock: this.clock,
      random: () => 0.5,
      heap: {
        used: () => this.heapUsed,
        collect: () => this.steps.push("collect"),
      },
      platform: {
        createHttpClient: () => ({ close: () => {} }),
        fetch: () => Promise.reject(new Error("no network")),
        readTextFile: () => Promise.resolve(KUBECONFIG),
      },
      env: () => undefined,
      write: () => {},
      serve: ({ port }, handler) => {
        if (this.isPortTaken) throw new Error("Address already in use");
        this.steps.push("serve");
        this.handler = handler;
        return {
          port,
          close: () => {
            this.steps.push("close");
            return this.close();
          },
        };
      },
      serveTls: () => Promise.reject(new Error("no TLS")),
      stopRequested: () => promise,
    };
  }

  role(more: Partial<RunningRole> = {}): () => Promise<RunningRole> {
    return () => {
      this.steps.push("start");
      return Promise.resolve({
        probes: {
          live: () => ({ ok: true, problems: [] }),
          ready: () => ({ ok: true, problems: [] }),
          metrics: () => Promise.resolve({ text: "", contentType: "text/x" }),
        },
        stop: () => {
          this.steps.push("stop");
          return Promise.resolve();
        },
        ...more,
      });
    };
  }

  async ask(path: string): Promise<string> {
    const answer = await this.handler?.(
      new Request(`http://role${path}`),
      { address: "127.0.0.1" },
    );
    return `${answer?.status} ${(await answer?.text())?.trim()}`;
  }
}

Deno.test("runUntilStopped() takes everything back in reverse order", async () => {
  const world = new World();
  world.stopRequest.resolve("SIGTERM");
  const code = await runUntilStopped(world.host(), SETTINGS, world.role());
  assertEquals(code, 0);
  assertEquals(world.steps, ["serve", "start", "stop", "close"]);
});

Deno.test("runUntilStopped() keeps the process tidy while the role works", async () => {
  const world = new World();
  const running = runUntilStopped(
    world.host(),
    SETTINGS,
    world.role({ trim: () => world.steps.push("trim") }),
  );
  world.heapUsed = 2 ** 24;
  await world.clock.advance(10_000);
  assertEquals(world.steps, ["serve", "start", "collect", "trim"]);
  world.stopRequest.resolve("SIGTERM");
  await running;
  assertEquals([world.steps.at(-1), world.clock.sleeping], ["close", 0]);
});

Deno.test("runUntilStopped() starts no role when its port is taken", async () => {
  const world = new World();
  world.isPortTaken = true;
  await assertRejects(
    () => runUntilStopped(world.host(), SETTINGS, world.role()),
    Error,
    "Cannot serve HTTP on 0.0.0.0 port 7472",
  );
  assertEquals(world.steps, []);
});

Deno.test("runUntilStopped() is alive but not ready until the role has started", async () => {
  const world = new World();
  const { promise, resolve } = Promise.withResolvers<void>();
  const start = world.role();
  const running = runUntilStopped(world.host(), SETTINGS, async () => {
    assertEquals(await world.ask("/healthz"), "200 ok");
    assertEquals(await world.ask("/readyz"), "503 starting");
    const role = await start();
    resolve();
    return role;
  });
  await promise;
  await world.clock.advance(0);
  assertEquals(await world.ask("/readyz"), "200 ok");
  world.stopRequest.resolve("SIGTERM");
  await running;
});

Deno.test("runUntilStopped() closes its port when the role cannot start", async () => {
  const world = new World();
  await assertRejects(
    () =>
      runUntilStopped(
        world.host(),
        SETTINGS,
        () => Promise.reject(new Error("no cluster")),
      ),
    Error,
    "no cluster",
  );
  assertEquals(world.steps, ["serve", "close"]);
});

Deno.test("runUntilStopped() stops a role that failed in order, and fails", async () => {
  const world = new World();
  world.failure.resolve("the packet worker ended");
  await assertRejects(
    () =>
      runUntilStopped(
        world.host(),
        SETTINGS,
        world.role({ failed: world.failure.promise }),
      ),
    Error,
    "Cannot go on: the packet worker ended",
  );
  assertEquals(world.steps, ["serve", "start", "stop", "close"]);
});

Deno.test("runUntilStopped() does not wait long for a client that never finishes", async () => {
  const world = new World();
  world.close = () => new Promise(() => {});
  world.stopRequest.resolve("SIGTERM");
  const running = runUntilStopped(world.host(), SETTINGS, world.role());
  await world.clock.advance(499);
  assertEquals(world.steps.at(-1), "close");
  await world.clock.advance(1);
  assertEquals(await running, 0);
});
