import { assertEquals, assertMatch } from "@std/assert";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { createAuthority, createSigningKey } from "./certificates.ts";
import { integer, objectIdentifier, utcTime } from "./der.ts";

const none = { permissions: "none" } as const;

function hex(bytes: Uint8Array): string {
  return bytes.toHex();
}

Deno.test("DER elements have the bytes of X.690", none, () => {
  const cases = [
    [integer(Uint8Array.from([0])), "020100"],
    [integer(Uint8Array.from([0x7f])), "02017f"],
    [integer(Uint8Array.from([0x80])), "02020080"],
    [integer(Uint8Array.from([0, 0, 0x01, 0x00])), "02020100"],
    [integer(new Uint8Array(200).fill(1)), `0281c8${"01".repeat(200)}`],
    [integer(new Uint8Array(256).fill(1)), `02820100${"01".repeat(256)}`],
    [objectIdentifier("2.5.4.3"), "0603550403"],
    [objectIdentifier("1.2.840.10045.4.3.2"), "06082a8648ce3d040302"],
    [utcTime(Date.UTC(2026, 0, 2, 3, 4, 5)), "170d3236303130323033303430355a"],
  ] as const;
  for (const [bytes, expected] of cases) assertEquals(hex(bytes), expected);
});

Deno.test(
  "issued certificates verify, and say who they are for",
  none,
  async () => {
    const now = Date.UTC(2026, 0, 1);
    const authority = await createAuthority("test-ca", now);
    const ca = new X509Certificate(authority.certificate);
    assertEquals([ca.ca, ca.subject, ca.issuer], [
      true,
      "CN=test-ca",
      "CN=test-ca",
    ]);
    const server = await authority.issue({
      subject: { commonName: "server" },
      usage: "server",
      dnsNames: ["localhost"],
      addresses: [Uint8Array.from([127, 0, 0, 1])],
    });
    const client = await authority.issue({
      subject: { commonName: "admin", organizations: ["system:masters"] },
      usage: "client",
    });
    const served = new X509Certificate(server.certificate);
    assertEquals(served.subjectAltName, "DNS:localhost, IP Address:127.0.0.1");
    assertEquals(served.ca, false);
    assertEquals(served.validTo, "Jan  1 00:00:00 2027 GMT");
    const known = new X509Certificate(client.certificate);
    assertEquals(known.subject, "O=system:masters\nCN=admin");
    for (
      const [{ privateKey }, certificate] of [[server, served], [
        client,
        known,
      ]] as const
    ) {
      assertEquals(certificate.verify(ca.publicKey), true);
      assertEquals(
        certificate.checkPrivateKey(createPrivateKey(privateKey)),
        true,
      );
    }
    const other = await createAuthority("other-ca", now);
    const stranger = new X509Certificate(other.certificate);
    assertEquals(served.verify(stranger.publicKey), false);
  },
);

Deno.test("createSigningKey() gives PEM that others read", none, async () => {
  const { publicKey, privateKey } = await createSigningKey();
  assertMatch(publicKey, /^-----BEGIN PUBLIC KEY-----\n/);
  assertEquals(createPrivateKey(privateKey).asymmetricKeyType, "ec");
});
