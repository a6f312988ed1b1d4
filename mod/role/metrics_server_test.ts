import { assertEquals, assertStringIncludes } from "@std/assert";
import { ManualClock, settle } from "../../tests/manual_clock.ts";
import type { KeyPair } from "../certificates/mod.ts";
import { KubeError, type ReviewClient } from "../kube/mod.ts";
import { ALLOWED_MS } from "../scrape/mod.ts";
import { startLogging, stopLogging } from "../telemetry/mod.ts";
import type { Handler } from "./host.ts";
import { MetricsServer } from "./metrics_server.ts";

const none = { permissions: "none" } as const;

/** Verdicts of an API server by token. */
const USERS: Readonly<Record<string, string>> = {
  good: "prometheus",
  poor: "eve",
};

function pair(name: string): KeyPair {
  return { certificate: `certificate ${name}`, privateKey: `key ${name}` };
}

/** A metrics server, and the world around it. */
class World implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly asked: string[] = [];
  readonly shown: string[] = [];
  readonly outcomes: string[] = [];
  readonly logged: string[] = [];
  /** What keeps the API server from an answer. */
  away: Error | undefined;
  hasRights = true;
  isPortTaken = false;
  certificate: () => Promise<KeyPair> = () => Promise.resolve(this.first);
  readonly first = pair("one");
  closed = 0;
  handler: Handler | undefined;
  #server: MetricsServer | undefined;

  async start(): Promise<void> {
    await startLogging("all", (line) => this.logged.push(line));
    this.#server = new MetricsServer({
      host: { clock: this.clock, serveTls: (...call) => this.#serve(...call) },
      at: { hostname: "::", port: 9120 },
      minVersion: "1.3",
      certificate: () => this.certificate(),
      reviews: { review: (kind, spec) => this.#review(kind, spec) },
      metrics: () => Promise.resolve({ text: "up 1\n", contentType: "text/x" }),
      onRequest: (outcome) => this.outcomes.push(outcome),
    });
    await settle();
  }

  get problems(): readonly string[] {
    return this.#server?.problems ?? [];
  }

  /** How many lines of the log have a text. */
  lines(text: string): number {
    return this.logged.filter((line) => line.includes(text)).length;
  }

  /** Asks with a token, gives status and text. */
  async ask(...request: Parameters<World["answer"]>): Promise<string> {
    const answer = await this.answer(...request);
    return `${answer?.status} ${(await answer?.text())?.trim()}`;
  }

  /** Asks with a token. */
  async answer(
    token: string | undefined,
    path = "/metrics",
    method = "GET",
  ): Promise<Response | undefined> {
    return await this.handler?.(
      new Request(`https://role${path}`, {
        method,
        headers: token === undefined
          ? {}
          : { authorization: `Bearer ${token}` },
      }),
      { address: "192.0.2.1" },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    await stopLogging();
  }

  #serve: ConstructorParameters<typeof MetricsServer>[0]["host"]["serveTls"] = (
    { port },
    { certificate },
    handler,
  ) => {
    if (this.isPortTaken) return Promise.reject(new Error("port is taken"));
    this.handler = handler;
    this.shown.push(certificate.certificate);
    return Promise.resolve({
      port,
      replaceCertificate: (next) => {
        this.shown.push(next.certificate);
      },
      close: () => {
        this.closed++;
        return Promise.resolve();
      },
    });
  };

  #review: ReviewClient["review"] = ({ plural, read }, spec) => {
    const { token, user } = spec as { token?: string; user?: string };
    this.asked.push([plural, token ?? user].filter(Boolean).join(" "));
    if (this.away !== undefined) return Promise.reject(this.away);
    const owner = USERS[token ?? ""];
    const status = plural === "tokenreviews"
      ? { authenticated: owner !== undefined, user: { username: owner } }
      : {
        allowed: plural === "selfsubjectaccessreviews"
          ? this.hasRights
          : user === "prometheus",
      };
    return Promise.resolve(read(status));
  };
}

Deno.test(
  "MetricsServer serves whom the API server lets read, and counts all",
  none,
  async () => {
    await using world = new World();
    await world.start();
    assertEquals(await world.ask("good"), "200 up 1");
    assertStringIncludes(await world.ask("poor"), '403 "eve" may not get');
    assertStringIncludes(await world.ask("bad"), "401 The API server does not");
    assertStringIncludes(await world.ask(undefined), "401 A bearer token is");
    assertEquals(
      await world.ask("good", "/status"),
      "404 Served here: /metrics",
    );
    assertStringIncludes(await world.ask("good", "/metrics", "POST"), "405 ");
    assertEquals(world.outcomes, [
      "allowed",
      "forbidden",
      "unauthenticated",
      "noToken",
    ]);
    assertEquals(world.asked.slice(2), [
      "tokenreviews good",
      "subjectaccessreviews prometheus",
      "tokenreviews poor",
      "subjectaccessreviews eve",
      "tokenreviews bad",
    ]);
  },
);

Deno.test(
  "MetricsServer ends the connection of who is refused, and says how to come back",
  none,
  async () => {
    await using world = new World();
    await world.start();
    const headersOf = async (...names: string[]): Promise<unknown> => {
      const headers = (await world.answer(undefined))?.headers;
      return names.map((name) => headers?.get(name));
    };
    assertEquals(await headersOf("connection", "www-authenticate"), [
      "close",
      "Bearer",
    ]);
    const refusals = await Promise.all(
      Array.from({ length: 20 }, (_, i) => world.answer(`bad${i}`)),
    );
    const limited = refusals.find((answer) => answer?.status === 429);
    assertEquals(limited?.headers.get("retry-after"), "1");
    assertEquals(
      (await world.answer("good"))?.status,
      429,
      "never allowed before, from the same address",
    );
  },
);

Deno.test(
  "MetricsServer asks once for what is asked at once, and once a minute",
  none,
  async () => {
    await using world = new World();
    await world.start();
    const both = await Promise.all([world.ask("good"), world.ask("good")]);
    assertEquals(both, ["200 up 1", "200 up 1"]);
    assertEquals(await world.ask("good"), "200 up 1");
    assertEquals(world.asked.length, 4);
    await world.clock.advance(ALLOWED_MS);
    assertEquals(await world.ask("good"), "200 up 1");
    assertEquals(world.asked.length, 6);
  },
);

Deno.test(
  "MetricsServer fails closed while the API server is away",
  none,
  async () => {
    await using world = new World();
    await world.start();
    assertEquals(await world.ask("good"), "200 up 1");
    world.away = new KubeError("Cannot create tokenreviews: away", {
      code: 0,
      reason: "connectionFailed",
      cause: new Error("an answer that quotes the token"),
    });
    assertEquals(await world.ask("good"), "200 up 1", "believed for a minute");
    assertStringIncludes(
      await world.ask("bad"),
      "500 Cannot ask the API server",
    );
    await world.clock.advance(ALLOWED_MS);
    assertStringIncludes(await world.ask("good"), "500 ");
    world.away = undefined;
    await world.clock.advance(1000);
    assertEquals(await world.ask("good"), "200 up 1");
    const log = world.logged.join("");
    assertEquals(log.match(/Cannot check who asks/g)?.length, 1);
    assertStringIncludes(log, "The API server checks tokens again");
    for (const secret of ["good", "bad", "quotes"]) {
      assertEquals(log.includes(secret), false, secret);
    }
  },
);

Deno.test(
  "MetricsServer opens no port until its role has the rights",
  none,
  async () => {
    await using world = new World();
    world.hasRights = false;
    await world.start();
    await world.clock.advance(60_000);
    assertEquals([world.shown, world.problems], [[], []]);
    assertEquals(world.lines("Metrics over HTTPS are off"), 1);
    world.hasRights = true;
    await world.clock.advance(60_000);
    assertEquals(world.shown, ["certificate one"]);
  },
);

Deno.test(
  "MetricsServer takes an API without reviews for one without rights",
  none,
  async () => {
    await using world = new World();
    world.away = new KubeError("Not found", { code: 404, reason: "NotFound" });
    await world.start();
    assertEquals([world.shown, world.problems], [[], []]);
  },
);

Deno.test(
  "MetricsServer tries again what fails, and says so meanwhile",
  none,
  async () => {
    await using world = new World();
    world.isPortTaken = true;
    await world.start();
    await world.clock.advance(10_000);
    assertEquals(world.problems, [
      "Cannot serve metrics over HTTPS on :: port 9120 (--metrics-address, --metrics-port): port is taken",
    ]);
    assertEquals(world.lines("port is taken"), 1);
    world.isPortTaken = false;
    await world.clock.advance(10_000);
    assertEquals([world.shown, world.problems], [["certificate one"], []]);
  },
);

Deno.test(
  "MetricsServer shows another certificate, and keeps the old one beside a bad one",
  none,
  async () => {
    await using world = new World();
    await world.start();
    world.certificate = () => Promise.reject(new Error("tls.key is missing"));
    await world.clock.advance(10_000);
    assertStringIncludes(world.problems.join(), "tls.key is missing");
    assertEquals(await world.ask("good"), "200 up 1");
    const second = pair("two");
    world.certificate = () => Promise.resolve(second);
    await world.clock.advance(20_000);
    assertEquals(world.shown, ["certificate one", "certificate two"]);
    assertEquals(world.problems, []);
  },
);

Deno.test(
  "MetricsServer closes its port",
  none,
  async () => {
    const world = new World();
    await world.start();
    await world[Symbol.asyncDispose]();
    assertEquals(world.closed, 1);
  },
);
