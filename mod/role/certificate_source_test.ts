import { assertEquals, assertRejects } from "@std/assert";
import {
  CertificateError,
  inspectCertificate,
  loadIssuer,
} from "../certificates/mod.ts";
import { certificateOf, selfSigned } from "./certificate_source.ts";

const none = { permissions: "none" } as const;

const DAY = 24 * 3_600_000;
const START = Date.UTC(2026, 0, 1);

const { issueSelfSigned } = await loadIssuer();
const ONE = issueSelfSigned({ dnsNames: ["one"] }, START);
const TWO = issueSelfSigned({ dnsNames: ["two"] }, START);

Deno.test(
  "certificateOf() reads a folder again, and stays with what belongs together",
  none,
  async () => {
    const files = new Map<string, string>();
    const read = (path: string): Promise<string> => {
      const text = files.get(path);
      return text === undefined
        ? Promise.reject(new Error(`no ${path}`))
        : Promise.resolve(text);
    };
    const source = certificateOf("/certs", read);
    await assertRejects(source, Error, "no /certs/tls.crt");
    files.set("/certs/tls.crt", ONE.certificate);
    files.set("/certs/tls.key", ONE.privateKey);
    const first = await source();
    assertEquals(first, ONE);
    assertEquals(await source() === first, true, "the same object");
    files.set("/certs/tls.crt", TWO.certificate);
    await assertRejects(source, CertificateError, "/certs/tls.key");
    files.set("/certs/tls.key", TWO.privateKey);
    assertEquals(await source(), TWO);
  },
);

Deno.test(
  "selfSigned() makes another certificate 90 days before the end",
  none,
  async () => {
    let now = START;
    const source = selfSigned({ date: () => new Date(now) });
    const first = await source();
    assertEquals(inspectCertificate(first.certificate).dnsNames, ["herald"]);
    now = START + 275 * DAY - 1;
    assertEquals(await source() === first, true);
    now = START + 275 * DAY;
    const { certificate } = await source();
    assertEquals(
      inspectCertificate(certificate).notAfter,
      START + (275 + 365) * DAY,
    );
  },
);
