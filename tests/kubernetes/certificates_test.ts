import { assertEquals, assertMatch } from "@std/assert";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { loadIssuer } from "../../mod/certificates/mod.ts";
import { createSigningKey, issueClient } from "./certificates.ts";

const none = { permissions: "none" } as const;

Deno.test(
  "issueClient() makes a certificate that verifies, and says who it is for",
  none,
  async () => {
    const { issueAuthority } = await loadIssuer();
    const now = Date.UTC(2026, 0, 1);
    const authority = issueAuthority("test-ca", now);
    const client = await issueClient(authority, {
      commonName: "admin",
      organizations: ["system:masters"],
    }, now);
    const known = new X509Certificate(client.certificate);
    assertEquals(known.subject, "O=system:masters\nCN=admin");
    assertEquals([known.issuer, known.ca], ["CN=test-ca", false]);
    assertEquals(known.validTo, "Jan  1 00:00:00 2027 GMT");
    const key = createPrivateKey(client.privateKey);
    assertEquals(known.checkPrivateKey(key), true);
    const others = issueAuthority("test-ca", now);
    const verifies = [authority, others].map(({ certificate }) =>
      known.verify(new X509Certificate(certificate).publicKey)
    );
    assertEquals(verifies, [true, false]);
  },
);

Deno.test("createSigningKey() gives PEM that others read", none, () => {
  const { publicKey, privateKey } = createSigningKey();
  assertMatch(publicKey, /^-----BEGIN PUBLIC KEY-----\n/);
  assertEquals(createPrivateKey(privateKey).asymmetricKeyType, "ec");
});
