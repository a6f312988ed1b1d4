import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type CertificateData,
  decideRotation,
  inspectCertificate,
  isSignedBy,
  loadIssuer,
  type RotationView,
  splitBundle,
  takeStep,
} from "./mod.ts";

const none = { permissions: "none" } as const;

const issuer = await loadIssuer();

const DAY = 24 * 3_600_000;
const NOW = Date.UTC(2026, 0, 1);
const NAME = "metallb-webhook-service.metallb-system.svc";

function viewOf(
  secret: RotationView["secret"],
  now: number,
  isTrusted = true,
): RotationView {
  return { secret, dnsNames: [NAME], now, isTrusted };
}

function dataOf(secret: RotationView["secret"]): CertificateData {
  return {
    "ca.crt": secret["ca.crt"] ?? "",
    "ca.key": secret["ca.key"] ?? "",
    "tls.crt": secret["tls.crt"] ?? "",
    "tls.key": secret["tls.key"] ?? "",
  };
}

/** What a Secret holds after one step, and the word for it. */
function step(view: RotationView): [string, CertificateData] {
  const decision = decideRotation(view);
  if (decision.kind === "keep" || decision.kind === "awaitTrust") {
    return [decision.kind, dataOf(view.secret)];
  }
  const reason = "reason" in decision ? ` ${decision.reason}` : "";
  return [decision.kind + reason, takeStep(decision, view, issuer, "herald")];
}

/** A Secret as it was made at a moment. */
function madeAt(now: number): CertificateData {
  const [word, secret] = step(viewOf({}, now));
  assertEquals(word, "renewAll missing");
  return secret;
}

const FRESH = madeAt(NOW);

const decisions: readonly {
  readonly name: string;
  readonly secret: RotationView["secret"];
  readonly days: number;
  readonly isTrusted?: boolean;
  readonly word: string;
}[] = [
  { name: "a new Secret", secret: FRESH, days: 0, word: "keep" },
  {
    name: "a server's certificate near its end",
    secret: FRESH,
    days: 276,
    word: "renewServer expiring",
  },
  {
    name: "the same while nobody trusts its authority yet",
    secret: FRESH,
    days: 276,
    isTrusted: false,
    word: "awaitTrust",
  },
  {
    name: "a server's certificate after its end",
    secret: FRESH,
    days: 366,
    isTrusted: false,
    word: "renewServer expiring",
  },
  {
    name: "a lost key of the authority",
    secret: { ...FRESH, "ca.key": undefined },
    days: 0,
    word: "introduceAuthority missing",
  },
  {
    name: "a strange key of the authority",
    secret: { ...FRESH, "ca.key": FRESH["tls.key"] },
    days: 0,
    word: "introduceAuthority keyMismatch",
  },
  {
    name: "a lost authority",
    secret: { ...FRESH, "ca.crt": "" },
    days: 0,
    word: "renewAll missing",
  },
  {
    name: "a lost certificate of the server",
    secret: { ...FRESH, "tls.crt": undefined },
    days: 0,
    isTrusted: false,
    word: "renewServer missing",
  },
  {
    name: "nonsense",
    secret: { "ca.crt": "a", "ca.key": "b", "tls.crt": "c", "tls.key": "d" },
    days: 0,
    word: "renewAll unreadable",
  },
];

Deno.test.each(decisions)(
  "decideRotation(): $name",
  none,
  ({ secret, days, isTrusted, word }) => {
    const view = viewOf(secret, NOW + days * DAY, isTrusted);
    assertEquals(step(view)[0], word);
  },
);

Deno.test("decideRotation() renews for another name at once", none, () => {
  const view = { ...viewOf(FRESH, NOW, false), dnsNames: ["other"] };
  assertEquals(step(view)[0], "renewServer otherNames");
});

Deno.test("a rotation of the authority leaves no gap", none, () => {
  // The authority was made so long ago that it ends in 60 days.
  const old = madeAt(NOW - 3590 * DAY);
  const now = NOW;
  const [, serving] = step(viewOf(old, now - 300 * DAY));
  const [first, introduced] = step(viewOf(serving, now));
  assertEquals(first, "introduceAuthority expiring");
  const [fresh = "", former = ""] = splitBundle(introduced["ca.crt"]);
  assertEquals(former, serving["ca.crt"]);
  assertEquals(introduced["tls.crt"], serving["tls.crt"]);
  assertEquals(step(viewOf(introduced, now, false))[0], "awaitTrust");
  const [second, switched] = step(viewOf(introduced, now, true));
  assertEquals(second, "renewServer expiring");
  assertEquals(switched["ca.crt"], introduced["ca.crt"]);
  assert(isSignedBy(switched["tls.crt"], fresh));
  assertEquals(step(viewOf(switched, now))[0], "keep");
  const [third, cleared] = step(viewOf(switched, now + 61 * DAY));
  assertEquals(third, "forgetAuthorities");
  assertEquals(cleared["ca.crt"], fresh);
  assertEquals(step(viewOf(cleared, now + 61 * DAY))[0], "keep");
});

Deno.test("the bundle has an end, however often the key is lost", none, () => {
  let secret = FRESH;
  for (let time = 0; time < 5; time++) {
    [, secret] = step(viewOf({ ...secret, "ca.key": "" }, NOW));
    assertEquals(splitBundle(secret["ca.crt"]).length, 2);
  }
});

Deno.test(
  "what is shown is always vouched for by what is trusted",
  none,
  () => {
    const day = fc.record({
      days: fc.integer({ min: 1, max: 60 }),
      isTrusted: fc.boolean(),
    });
    // Its authority ends in 130 days, and its server's certificate was renewed.
    const begun = NOW - 3520 * DAY;
    const [, start] = step(viewOf(madeAt(begun), NOW - 100 * DAY));
    fc.assert(fc.property(fc.array(day), (all) => {
      let now = NOW;
      let secret = start;
      // What the API server has: the bundle of the time at which it was written.
      let trusted = secret["ca.crt"];
      for (const { days, isTrusted } of all) {
        now += days * DAY;
        if (isTrusted) trusted = secret["ca.crt"];
        const isKnown = trusted === secret["ca.crt"];
        const { notAfter } = inspectCertificate(secret["tls.crt"]);
        const [word, next] = step(viewOf(secret, now, isKnown));
        secret = next;
        // Nobody trusted the new authority for too long: the gap is not ours.
        if (now >= notAfter) trusted = secret["ca.crt"];
        const vouches = splitBundle(trusted).some((authority) =>
          isSignedBy(secret["tls.crt"], authority)
        );
        assert(vouches, `${word} after ${(now - NOW) / DAY} days`);
      }
    }));
  },
);
