/** What a PEM certificate says, and what belongs to it; by the runtime's own X.509 reader. */
import {
  createPrivateKey,
  createPublicKey,
  X509Certificate,
} from "node:crypto";

/** A certificate with its private key, as PEM (RFC 7468; the key as PKCS #8). */
export interface KeyPair {
  /** The certificate; others of its chain may follow it. */
  readonly certificate: string;
  /** The key that belongs to it. */
  readonly privateKey: string;
}

/** PEM text that cannot be used: what is wrong with it. */
export class CertificateError extends Error {
  /** Name of the class, for logs. */
  override readonly name = "CertificateError";
}

/** The fields of a certificate that decisions look at. */
export interface CertificateFacts {
  /** Distinguished name of whom it is for, one attribute a line. */
  readonly subject: string;
  /** Distinguished name of who signed it. */
  readonly issuer: string;
  /** First instant at which it holds, in ms since 1970. */
  readonly notBefore: number;
  /** Last instant at which it holds, in ms since 1970. */
  readonly notAfter: number;
  /** DNS names that it is for. */
  readonly dnsNames: readonly string[];
  /** Addresses that it is for. */
  readonly ipAddresses: readonly string[];
  /** Whether it may sign others. */
  readonly isAuthority: boolean;
}

function read(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new CertificateError("Cannot read the certificate: it is no PEM", {
      cause,
    });
  }
}

function alternatives(certificate: X509Certificate, kind: string): string[] {
  return (certificate.subjectAltName ?? "").split(", ")
    .filter((entry) => entry.startsWith(kind))
    .map((entry) => entry.slice(kind.length));
}

/**
 * Reads the first certificate of a PEM text.
 *
 * @throws {CertificateError} When there is none.
 */
export function inspectCertificate(pem: string): CertificateFacts {
  const certificate = read(pem);
  return {
    subject: certificate.subject,
    issuer: certificate.issuer,
    notBefore: Date.parse(certificate.validFrom),
    notAfter: Date.parse(certificate.validTo),
    dnsNames: alternatives(certificate, "DNS:"),
    ipAddresses: alternatives(certificate, "IP Address:"),
    isAuthority: certificate.ca,
  };
}

/**
 * Whether a key is the one of a certificate. A runtime that is given two
 * strangers refuses every handshake, and says so nowhere.
 *
 * @throws {CertificateError} When one of them cannot be read.
 */
export function isKeyOf({ certificate, privateKey }: KeyPair): boolean {
  const { publicKey } = read(certificate);
  try {
    return createPublicKey(createPrivateKey(privateKey)).equals(publicKey);
  } catch (cause) {
    throw new CertificateError("Cannot read the private key: it is no PEM", {
      cause,
    });
  }
}

/**
 * Whether an authority signed a certificate (RFC 5280 section 6.1.3: names and
 * signature; the dates are a matter of the moment).
 *
 * @throws {CertificateError} When one of them cannot be read.
 */
export function isSignedBy(certificate: string, authority: string): boolean {
  const [leaf, signer] = [read(certificate), read(authority)];
  return signer.ca && leaf.checkIssued(signer) && leaf.verify(signer.publicKey);
}
