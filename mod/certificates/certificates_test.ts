import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  CertificateError,
  type CertificateSecret,
  decideCertificates,
  inspectCertificate,
  isKeyOf,
  isSignedBy,
  type KeyPair,
  loadIssuer,
} from "./mod.ts";

const none = { permissions: "none" } as const;

const { issueAuthority, issueSelfSigned, issueServer } = await loadIssuer();

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 0, 1);
const NAME = "metallb-webhook-service.metallb-system.svc";

const AUTHORITY = issueAuthority("herald-ca", NOW);
const SERVER = issueServer(AUTHORITY, { dnsNames: [NAME] }, NOW);
const OTHER = issueAuthority("herald-ca", NOW);

Deno.test("issueAuthority() makes an authority for ten years", none, () => {
  assertEquals(inspectCertificate(AUTHORITY.certificate), {
    subject: "CN=herald-ca",
    issuer: "CN=herald-ca",
    notBefore: NOW - HOUR,
    notAfter: NOW + 3650 * DAY,
    dnsNames: [],
    ipAddresses: [],
    isAuthority: true,
  });
  assertEquals(isKeyOf(AUTHORITY), true);
  assertEquals(isSignedBy(AUTHORITY.certificate, AUTHORITY.certificate), true);
});

Deno.test("issueServer() makes a server certificate for a year", none, () => {
  assertEquals(inspectCertificate(SERVER.certificate), {
    subject: "CN=herald",
    issuer: "CN=herald-ca",
    notBefore: NOW - HOUR,
    notAfter: NOW + 365 * DAY,
    dnsNames: [NAME],
    ipAddresses: [],
    isAuthority: false,
  });
  assertEquals(isKeyOf(SERVER), true);
  assertEquals(isSignedBy(SERVER.certificate, AUTHORITY.certificate), true);
  // The same name, another key.
  assertEquals(isSignedBy(SERVER.certificate, OTHER.certificate), false);
  assertEquals(isSignedBy(AUTHORITY.certificate, SERVER.certificate), false);
});

/** The same certificate with one bit of its signature turned over. */
function tamper(pem: string): string {
  const base64 = pem.replaceAll(/-----[^-]+-----|\s/g, "");
  const bytes = Uint8Array.fromBase64(base64);
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) ^ 1;
  const lines = bytes.toBase64().match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${
    lines.join("\n")
  }\n-----END CERTIFICATE-----\n`;
}

Deno.test("isSignedBy() checks the signature, not names alone", none, () => {
  const forged = tamper(SERVER.certificate);
  assertEquals(
    inspectCertificate(forged),
    inspectCertificate(SERVER.certificate),
  );
  assertEquals(isSignedBy(forged, AUTHORITY.certificate), false);
});

Deno.test("issueServer() outlives no authority", none, () => {
  const late = NOW + 3600 * DAY;
  const { certificate } = issueServer(AUTHORITY, { dnsNames: [NAME] }, late);
  assertEquals(inspectCertificate(certificate).notAfter, NOW + 3650 * DAY);
});

Deno.test(
  "issueSelfSigned() is for names and addresses of both families",
  none,
  () => {
    const pair = issueSelfSigned({
      dnsNames: ["node-a"],
      ipAddresses: ["192.0.2.1", "2001:db8::1"],
    }, NOW);
    const facts = inspectCertificate(pair.certificate);
    assertEquals(facts.dnsNames, ["node-a"]);
    assertEquals(facts.ipAddresses, ["192.0.2.1", "2001:db8::1"]);
    assertEquals(facts.isAuthority, false);
    assertEquals(isKeyOf(pair), true);
  },
);

Deno.test("text that is no PEM is a CertificateError", none, () => {
  const key = SERVER.privateKey;
  const texts = ["", "PEM", SERVER.certificate.slice(0, 200), key];
  for (const text of texts) {
    assertThrows(() => inspectCertificate(text), CertificateError);
    assertThrows(
      () => isKeyOf({ certificate: text, privateKey: key }),
      CertificateError,
      "Cannot read the certificate",
    );
    if (text === key) continue;
    assertThrows(
      () => isKeyOf({ ...SERVER, privateKey: text }),
      CertificateError,
      "Cannot read the private key",
    );
  }
});

function secretOf(
  authority: Partial<KeyPair>,
  server: Partial<KeyPair>,
): CertificateSecret {
  return {
    "ca.crt": authority.certificate,
    "ca.key": authority.privateKey,
    "tls.crt": server.certificate,
    "tls.key": server.privateKey,
  };
}

const GOOD = secretOf(AUTHORITY, SERVER);

const decisions: {
  readonly what: string;
  readonly secret: CertificateSecret;
  readonly names?: readonly string[];
  readonly now?: number;
  readonly expected: string;
}[] = [
  { what: "fresh certificates", secret: GOOD, expected: "keep" },
  { what: "no Secret", secret: {}, expected: "renewAll missing" },
  {
    what: "no key of the authority",
    secret: { ...GOOD, "ca.key": "" },
    expected: "renewAll missing",
  },
  {
    what: "an authority that is no PEM",
    secret: { ...GOOD, "ca.crt": "PEM" },
    expected: "renewAll unreadable",
  },
  {
    what: "another authority's key",
    secret: { ...GOOD, "ca.key": OTHER.privateKey },
    expected: "renewAll keyMismatch",
  },
  {
    what: "an authority that may not sign",
    secret: secretOf(SERVER, SERVER),
    expected: "renewAll notAuthority",
  },
  {
    what: "an authority of tomorrow",
    secret: GOOD,
    now: NOW - DAY,
    expected: "renewAll notYetValid",
  },
  {
    what: "an authority at its end",
    secret: GOOD,
    now: NOW + 3600 * DAY,
    expected: "renewAll expiring",
  },
  {
    what: "no server certificate",
    secret: secretOf(AUTHORITY, {}),
    expected: "renewServer missing",
  },
  {
    what: "a server certificate that is no PEM",
    secret: { ...GOOD, "tls.crt": "PEM" },
    expected: "renewServer unreadable",
  },
  {
    what: "a server's key that is no PEM",
    secret: { ...GOOD, "tls.key": "PEM" },
    expected: "renewServer unreadable",
  },
  {
    what: "another server's key",
    secret: { ...GOOD, "tls.key": OTHER.privateKey },
    expected: "renewServer keyMismatch",
  },
  {
    what: "another authority's signature",
    secret: secretOf(AUTHORITY, issueServer(OTHER, { dnsNames: [NAME] }, NOW)),
    expected: "renewServer foreignIssuer",
  },
  {
    what: "a name that is not in the certificate",
    secret: GOOD,
    names: [NAME, "webhook.other.svc"],
    expected: "renewServer otherNames",
  },
  {
    what: "the last moment of a server certificate",
    secret: GOOD,
    now: NOW + 275 * DAY - 1,
    expected: "keep",
  },
  {
    what: "90 days before its end",
    secret: GOOD,
    now: NOW + 275 * DAY,
    expected: "renewServer expiring",
  },
];

Deno.test.each(decisions)(
  "decideCertificates() of $what",
  none,
  ({ secret, names = [NAME], now = NOW, expected }) => {
    const decision = decideCertificates(secret, names, now);
    const reason = decision.kind === "keep" ? "" : ` ${decision.reason}`;
    assertEquals(decision.kind + reason, expected);
    if (decision.kind !== "keep") return;
    assertEquals(decision.until, NOW + 275 * DAY);
  },
);

Deno.test("what was made as decided is kept until it is due", none, () => {
  const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,20}[a-z0-9])?$/);
  fc.assert(
    fc.property(
      fc.uniqueArray(name, { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(1000), { maxLength: 6 }),
      // 2049/2050 is where dates change their form (RFC 5280 section 4.1.2.5).
      fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2060, 0) }),
      (dnsNames, days, start) => {
        let secret: CertificateSecret = {};
        let now = Math.floor(start / 1000) * 1000;
        for (const day of [0, ...days]) {
          now += day * DAY;
          secret = follow(secret, dnsNames, now);
          const decision = decideCertificates(secret, dnsNames, now);
          assertEquals(decision.kind, "keep");
          if (decision.kind !== "keep") return;
          const { until } = decision;
          const due = decideCertificates(secret, dnsNames, until);
          assertEquals(until > now && due.kind !== "keep", true);
        }
      },
    ),
    { numRuns: 20 },
  );
});

/** Does what was decided. */
function follow(
  secret: CertificateSecret,
  dnsNames: readonly string[],
  now: number,
): CertificateSecret {
  const { kind } = decideCertificates(secret, dnsNames, now);
  if (kind === "keep") return secret;
  const authority = kind === "renewAll" ? issueAuthority("herald-ca", now) : {
    certificate: secret["ca.crt"] ?? "",
    privateKey: secret["ca.key"] ?? "",
  };
  return secretOf(authority, issueServer(authority, { dnsNames }, now));
}
