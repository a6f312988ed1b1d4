import { assertEquals } from "@std/assert";
import type { Answer, Finding } from "../mod/forwarding/mod.ts";
import { electionOrder } from "../mod/ownership/mod.ts";
import { ScriptedPlatform } from "../tests/kube/scripted_platform.ts";
import { ManualClock } from "../tests/manual_clock.ts";
import { SpeakerWorld } from "../tests/speaker_world.ts";
import { askKubeProxy, ForwardingWatch } from "./forwarding_watch.ts";

const NO_RULES: Answer = {
  kind: "answered",
  status: 200,
  body: '{"status":{}}',
};
const REFUSED: Answer = { kind: "refused" };
const HEALTHY: Answer = { kind: "answered", status: 200, body: "" };

/** A watch whose kube-proxy says what the test says. */
class Watched {
  readonly clock = new ManualClock();
  readonly findings: Finding[] = [];
  answer: Answer | "silence";
  /** When this node began to forward, in ms. */
  began: number | undefined;
  readonly watch = new ForwardingWatch({
    ask: (signal) => this.#ask(signal),
    clock: this.clock,
    onFinding: (finding) => this.findings.push(finding),
    onForwards: () => this.began = this.clock.now(),
  });
  readonly #end = new AbortController();
  readonly running: Promise<void>;

  constructor(answer: Answer | "silence") {
    this.answer = answer;
    this.running = this.watch.run(this.#end.signal);
  }

  #ask(signal: AbortSignal): Promise<Answer> {
    const { answer } = this;
    if (answer !== "silence") return Promise.resolve(answer);
    return new Promise((resolve) => {
      const fail = (): void => resolve({ kind: "failed" });
      signal.addEventListener("abort", fail, { once: true });
    });
  }

  end(): void {
    this.#end.abort();
  }
}

const COURSES: readonly {
  readonly name: string;
  readonly first: Answer | "silence";
  /** What it says from some ms on. */
  readonly then?: readonly (readonly [number, Answer])[];
  readonly began: number;
  readonly reason: string;
}[] = [
  {
    name: "is there at once",
    first: HEALTHY,
    began: 0,
    reason: "healthy",
  },
  {
    name: "starts after the speaker and takes its time",
    first: REFUSED,
    then: [[2900, NO_RULES], [7900, HEALTHY]],
    began: 8000,
    reason: "healthy",
  },
  {
    name: "does not exist",
    first: REFUSED,
    began: 5000,
    reason: "absent",
  },
  {
    name: "starts again and again",
    first: NO_RULES,
    then: [[900, REFUSED]],
    began: 30_000,
    reason: "overdue",
  },
  {
    name: "never answers",
    first: "silence",
    began: 31_000,
    reason: "overdue",
  },
];
Deno.test.each(COURSES)(
  "ForwardingWatch of a kube-proxy that $name: after $began ms, $reason, and nothing is left",
  { permissions: "none" },
  async ({ first, then, began, reason }) => {
    const watched = new Watched(first);
    const { watch, clock } = watched;
    for (const [at, answer] of then ?? []) {
      await clock.advance(at - clock.now());
      watched.answer = answer;
    }
    await clock.advance(40_000 - clock.now());
    assertEquals(watched.began, began);
    assertEquals(watch.state, { kind: "forwards", reason });
    assertEquals(clock.sleeping, 0);
    const { length } = watched.findings;
    await clock.advance(60_000);
    assertEquals(watched.findings.length, length, "it does not ask again");
    await watched.running;
  },
);

Deno.test("ForwardingWatch ends with its speaker, whatever it waits for", {
  permissions: "none",
}, async () => {
  for (const answer of [NO_RULES, "silence"] as const) {
    const watched = new Watched(answer);
    await watched.clock.advance(1200);
    watched.end();
    await watched.running;
    assertEquals(watched.clock.sleeping, 0);
    assertEquals(watched.began, undefined);
    assertEquals(watched.watch.state.kind, "waits");
  }
});

Deno.test("ForwardingWatch that asks nobody forwards", {
  permissions: "none",
}, async () => {
  const clock = new ManualClock();
  const watch = new ForwardingWatch({
    ask: undefined,
    clock,
    onFinding: () => {},
    onForwards: () => {},
  });
  assertEquals(watch.state, { kind: "forwards", reason: "notAsked" });
  await watch.run(new AbortController().signal);
  assertEquals(clock.sleeping, 0);
});

/** What is asked of a platform that answers like this. */
async function asked(
  answer: () => Response | Promise<Response>,
): Promise<Answer> {
  const platform = new ScriptedPlatform(answer);
  const never = new AbortController().signal;
  const found = await askKubeProxy("http://127.0.0.1:10256/healthz", platform)(
    never,
  );
  assertEquals([platform.pools, platform.closed], [1, 1]);
  assertEquals(platform.sent.map(({ redirect }) => redirect), ["manual"]);
  return found;
}

function sized(text: string, status: number): Response {
  const headers = { "content-length": String(text.length) };
  return new Response(text, { status, headers });
}

Deno.test("askKubeProxy() tells what was said, and leaves no connection", {
  permissions: "none",
}, async () => {
  const answered = { kind: "answered" } as const;
  assertEquals(await asked(() => sized("{}", 503)), {
    ...answered,
    status: 503,
    body: "{}",
  });
  for (const long of [sized("x".repeat(5000), 200), new Response("unsized")]) {
    assertEquals(await asked(() => long), {
      ...answered,
      status: 200,
      body: "",
    });
  }
  const cause = new Error("tcp connect error: Connection refused (os error 1)");
  assertEquals(
    await asked(() => Promise.reject(new TypeError("fetch failed", { cause }))),
    { kind: "refused" },
  );
  assertEquals(
    await asked(() => Promise.reject(new TypeError("fetch failed"))),
    { kind: "failed" },
  );
});

Deno.test("a speaker is a reserve, and not ready, until kube-proxy has rules", async () => {
  const ip = Array.from({ length: 250 }, (_, host) => `192.0.2.${host + 1}`)
    .find((each) => electionOrder(["node-a", "node-b"], each)[0] === "node-a");
  let answer = NO_RULES;
  await using world = await SpeakerWorld.start("gossip", ip ?? "", {
    askKubeProxy: () => Promise.resolve(answer),
  });
  const { worker, clock } = world;
  await clock.advance(10_000);
  assertEquals(worker.phases, ["reserve"]);
  assertEquals(world.ready, {
    ok: false,
    problems: [
      "kube-proxy: it has not said that this node forwards (noRules)",
    ],
  });
  answer = HEALTHY;
  await clock.advance(1000);
  assertEquals(worker.phases, ["reserve", "member"]);
  assertEquals(world.ready, { ok: true, problems: [] });
});
