/** Whether a Secret's certificates are kept, renewed in part, or made anew. */
import {
  CertificateError,
  type CertificateFacts,
  inspectCertificate,
  isKeyOf,
  isSignedBy,
} from "./certificate.ts";

/** Days before its end at which a certificate is renewed. */
const RENEW_DAYS_BEFORE = 90;
const RENEW_MS_BEFORE = RENEW_DAYS_BEFORE * 24 * 3_600_000;

/** What a Secret of certificates holds, by its keys; PEM, decoded from base64. */
export interface CertificateSecret {
  /** The authority. */
  readonly "ca.crt"?: string | undefined;
  /** Its key. */
  readonly "ca.key"?: string | undefined;
  /** The server's certificate. */
  readonly "tls.crt"?: string | undefined;
  /** Its key. */
  readonly "tls.key"?: string | undefined;
}

/** Why certificates are not kept. */
export type CertificateReason =
  /** One of the two halves is not there. */
  | "missing"
  /** One of the two halves is no PEM. */
  | "unreadable"
  /** The key is another certificate's. */
  | "keyMismatch"
  /** The certificate may not sign others. */
  | "notAuthority"
  /** It holds only from a later date on. */
  | "notYetValid"
  /** It ends within 90 days, or has ended. */
  | "expiring"
  /** The authority of the Secret did not sign it. */
  | "foreignIssuer"
  /** It is not for all of the wanted names. */
  | "otherNames";

/** What is to be done with a Secret's certificates. */
export type CertificateDecision =
  /** All is well, until the moment given in ms since 1970. */
  | { readonly kind: "keep"; readonly until: number }
  /** The authority is kept and issues another server certificate. */
  | { readonly kind: "renewServer"; readonly reason: CertificateReason }
  /** Authority and server certificate are made anew. */
  | { readonly kind: "renewAll"; readonly reason: CertificateReason };

/** What is wrong with a pair whatever it is for, or what it says. */
type Judged =
  | { readonly reason: CertificateReason }
  | { readonly reason?: never; readonly facts: CertificateFacts };

function judge(
  certificate: string | undefined,
  privateKey: string | undefined,
  now: number,
): Judged {
  if (!certificate || !privateKey) return { reason: "missing" };
  try {
    if (!isKeyOf({ certificate, privateKey })) return { reason: "keyMismatch" };
    const facts = inspectCertificate(certificate);
    if (now < facts.notBefore) return { reason: "notYetValid" };
    if (now >= facts.notAfter - RENEW_MS_BEFORE) return { reason: "expiring" };
    return { facts };
  } catch (error) {
    if (error instanceof CertificateError) return { reason: "unreadable" };
    throw error;
  }
}

/**
 * Decides over the certificates of a Secret.
 *
 * @param secret What it holds; nothing when it does not exist.
 * @param dnsNames The names under which the server is called.
 * @param now ms since 1970.
 */
export function decideCertificates(
  secret: CertificateSecret,
  dnsNames: readonly string[],
  now: number,
): CertificateDecision {
  const authority = judge(secret["ca.crt"], secret["ca.key"], now);
  if (authority.reason !== undefined) {
    return { kind: "renewAll", reason: authority.reason };
  }
  if (!authority.facts.isAuthority) {
    return { kind: "renewAll", reason: "notAuthority" };
  }
  const server = judge(secret["tls.crt"], secret["tls.key"], now);
  if (server.reason !== undefined) {
    return { kind: "renewServer", reason: server.reason };
  }
  if (!isSignedBy(secret["tls.crt"] ?? "", secret["ca.crt"] ?? "")) {
    return { kind: "renewServer", reason: "foreignIssuer" };
  }
  if (!dnsNames.every((name) => server.facts.dnsNames.includes(name))) {
    return { kind: "renewServer", reason: "otherNames" };
  }
  const ends = Math.min(authority.facts.notAfter, server.facts.notAfter);
  return { kind: "keep", until: ends - RENEW_MS_BEFORE };
}
