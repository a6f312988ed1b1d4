import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  ALLOWED_MS,
  bearerToken,
  decidePlainScrape,
  FAILED_MS,
  REFUSED_MS,
  ScrapeGate,
  STRANGER,
  STRANGERS,
  tokenKey,
  type Verdict,
} from "./mod.ts";

const none = { permissions: "none" } as const;

const headers: readonly (readonly [string | null, string | undefined])[] = [
  [null, undefined],
  ["", undefined],
  ["Bearer", undefined],
  ["Bearer ", undefined],
  ["Basic dXNlcg==", undefined],
  ["Bearer a.b_c-d~e+f/g=", "a.b_c-d~e+f/g="],
  ["bearer abc", "abc"],
  ["Bearer  abc", "abc"],
  ["Bearer abc def", undefined],
  ["Bearer a\u00e9", undefined],
  ["Bearer " + "x".repeat(8192), "x".repeat(8192)],
  ["Bearer " + "x".repeat(8193), undefined],
];

Deno.test("bearerToken() reads RFC 6750, and nothing else", none, () => {
  for (const [header, token] of headers) {
    assertEquals(bearerToken(header), token, header ?? "no header");
  }
});

Deno.test("tokenKey() does not show the token", none, () => {
  const key = tokenKey("secret-token");
  assertEquals([key.includes("secret"), key.length], [false, 44]);
  assertEquals(tokenKey("secret-token"), key);
});

const peers: readonly (readonly [string, boolean])[] = [
  ["127.0.0.1", true],
  ["127.255.0.1", true],
  ["::1", true],
  ["::ffff:127.0.0.1", true],
  ["192.0.2.1", false],
  ["::ffff:192.0.2.1", false],
  ["::", false],
  ["fe80::1%eth0", false],
  ["", false],
  ["localhost", false],
];

Deno.test(
  "decidePlainScrape() lets this machine read only, and says where else",
  none,
  () => {
    for (const [peer, isAllowed] of peers) {
      const { kind } = decidePlainScrape(peer, 9120);
      assertEquals(kind === "allow", isAllowed, peer);
    }
    const at = (port: number): unknown => decidePlainScrape("192.0.2.1", port);
    const refusal = { kind: "refuse", status: 403, reason: "notLoopback" };
    assertEquals(at(9120), {
      ...refusal,
      message:
        "Metrics are served here to this machine only: ask port 9120 over HTTPS, with a bearer token",
    });
    assertEquals(at(0), {
      ...refusal,
      message:
        "Metrics are served here to this machine only: --metrics-port serves them over HTTPS, and is 0",
    });
  },
);

const ALLOWED: Verdict = { kind: "allowed" };

/** Asks a gate, gives one word. */
function ask(
  gate: ScrapeGate,
  key: string,
  now: number,
  peer = "192.0.2.1",
): string {
  const decision = gate.decide({ key, peer }, now);
  return decision.kind === "refuse" ? decision.reason : decision.kind;
}

const verdicts = [
  { verdict: ALLOWED, word: "allow", status: 200, ms: ALLOWED_MS },
  {
    verdict: { kind: "unauthenticated" },
    word: "unauthenticated",
    status: 401,
    ms: REFUSED_MS,
  },
  {
    verdict: { kind: "forbidden", user: "eve" },
    word: "forbidden",
    status: 403,
    ms: REFUSED_MS,
  },
  {
    verdict: { kind: "failed" },
    word: "reviewFailed",
    status: 500,
    ms: FAILED_MS,
  },
] as const;

Deno.test.each(verdicts)(
  "ScrapeGate remembers $word for $ms ms",
  none,
  ({ verdict, word, status, ms }) => {
    const gate = new ScrapeGate();
    assertEquals(ask(gate, "k", 0), "review");
    const answer = gate.learn("k", verdict, 100);
    assertEquals(answer.kind === "allow" ? 200 : answer.status, status);
    assertEquals(ask(gate, "other", 101), "review");
    assertEquals(ask(gate, "k", 100 + ms - 1), word);
    assertEquals(ask(gate, "k", 100 + ms), "review");
  },
);

Deno.test("ScrapeGate names who may not, and what is missing", none, () => {
  const gate = new ScrapeGate();
  const answer = gate.learn("k", { kind: "forbidden", user: "eve" }, 0);
  assertEquals(
    answer.kind === "refuse" && answer.message,
    '"eve" may not get the non-resource URL /metrics: bind it to a ClusterRole with that right',
  );
});

Deno.test("ScrapeGate forgets a token that is allowed no more", none, () => {
  const gate = new ScrapeGate();
  gate.learn("k", ALLOWED, 0);
  gate.learn("k", { kind: "unauthenticated" }, ALLOWED_MS);
  assertEquals(ask(gate, "k", ALLOWED_MS + 1), "unauthenticated");
});

Deno.test(
  "ScrapeGate fails closed for a token that expired while the API is away",
  none,
  () => {
    const gate = new ScrapeGate();
    gate.learn("k", ALLOWED, 0);
    assertEquals(ask(gate, "k", ALLOWED_MS - 1), "allow");
    assertEquals(ask(gate, "k", ALLOWED_MS), "review");
    gate.learn("k", { kind: "failed" }, ALLOWED_MS);
    assertEquals(ask(gate, "k", ALLOWED_MS), "reviewFailed");
  },
);

Deno.test(
  "ScrapeGate limits a stranger, its /64, and all strangers",
  none,
  () => {
    const gate = new ScrapeGate();
    const burst = (peer: (i: number) => string): number =>
      Array.from(
        { length: 50 },
        (_, i) => ask(gate, `${peer(i)} ${i}`, 0, peer(i)),
      )
        .filter((word) => word === "review").length;
    assertEquals(burst(() => "192.0.2.1"), STRANGER.burst);
    assertEquals(burst((i) => `2001:db8::${i}`), STRANGER.burst);
    const rest = STRANGERS.burst - 2 * STRANGER.burst;
    assertEquals(burst((i) => `198.51.100.${i}`), rest);
    assertEquals(ask(gate, "one more", 0, "203.0.113.1"), "tooManyReviews");
    assertEquals(ask(gate, "one more", 100, "203.0.113.1"), "review");
  },
);

Deno.test(
  "ScrapeGate keeps nobody out who was allowed, whatever strangers do",
  none,
  () => {
    const gate = new ScrapeGate();
    gate.learn("k", ALLOWED, 0);
    for (let i = 0; i < 1000; i++) {
      ask(gate, `${i}`, ALLOWED_MS, `192.0.2.${i}`);
    }
    assertEquals(ask(gate, "stranger", ALLOWED_MS), "tooManyReviews");
    assertEquals(ask(gate, "k", ALLOWED_MS), "review");
  },
);

Deno.test(
  "ScrapeGate remembers a bounded number, whoever comes and however often",
  none,
  () => {
    const gate = new ScrapeGate();
    const verdicts = ["allowed", "unauthenticated", "failed"] as const;
    // Slow enough that the rate lets every stranger's token be reviewed.
    for (let i = 0; i < 3000; i++) {
      const peer = `10.${i >> 8}.${i & 255}.1`;
      const now = i * 1000;
      assertEquals(ask(gate, `${i}`, now, peer), "review");
      const kind = verdicts[i % verdicts.length] ?? "failed";
      gate.learn(`${i}`, { kind }, now);
    }
    assertEquals(gate.remembered, 64 + 256 + 256);
  },
);

/** One step of a history. */
interface Step {
  readonly key: string;
  readonly peer: string;
  readonly after: number;
  readonly verdict: Verdict["kind"];
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    key: fc.nat(400).map(String),
    peer: fc.oneof(
      fc.nat(300).map((i) => `10.0.${i >> 8}.${i & 255}`),
      fc.nat(300).map((i) => `2001:db8:${i}::1`),
      fc.string({ maxLength: 8 }),
    ),
    after: fc.oneof(fc.nat(5), fc.nat(2 * ALLOWED_MS)),
    verdict: fc.constantFrom(
      "allowed",
      "unauthenticated",
      "forbidden",
      "failed",
    ),
  }),
  { minLength: 100, maxLength: 800 },
);

Deno.test(
  "ScrapeGate is bounded, allows on a fresh verdict only, asks at a fixed rate",
  none,
  () => {
    fc.assert(
      fc.property(steps, (history) => {
        const gate = new ScrapeGate();
        const allowedUntil = new Map<string, number>();
        const known = new Set<string>();
        const reviews: number[] = [];
        let now = 0;
        for (const { key, peer, after, verdict } of history) {
          now += after;
          const word = ask(gate, key, now, peer);
          if (word === "allow") {
            assertEquals(now < (allowedUntil.get(key) ?? 0), true);
          }
          assertEquals(gate.remembered <= 64 + 256 + 256, true);
          if (word !== "review") continue;
          if (!known.has(key)) reviews.push(now);
          if (verdict === "forbidden") {
            gate.learn(key, { kind: verdict, user: "eve" }, now);
          } else gate.learn(key, { kind: verdict }, now);
          if (verdict === "allowed") {
            allowedUntil.set(key, now + ALLOWED_MS);
            known.add(key);
          } else if (verdict !== "failed") {
            allowedUntil.delete(key);
            known.delete(key);
          }
        }
        // Any window of one second holds the burst and a second's worth at most.
        const { burst, perSecond } = STRANGERS;
        for (const start of reviews) {
          const inWindow = reviews.filter((at) =>
            at >= start && at < start + 1000
          );
          assertEquals(inWindow.length <= burst + perSecond, true);
        }
      }),
      { numRuns: 50 },
    );
  },
);
