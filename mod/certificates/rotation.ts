/**
 * Rotation of an authority without a moment at which anybody distrusts the
 * server: the new authority becomes known first, and issues afterwards.
 *
 * The key `ca.crt` of the Secret holds the authority that issues, and after it
 * the one before, which is still trusted. That one leaves when it has ended:
 * what it signed has ended by then too, so that nobody has to know which
 * replica still shows what.
 */
import { splitBundle, validAuthorities } from "./bundle.ts";
import {
  CertificateError,
  inspectCertificate,
  isKeyOf,
  isSignedBy,
  type KeyPair,
} from "./certificate.ts";
import {
  type CertificateReason,
  type CertificateSecret,
  decideCertificates,
} from "./decide.ts";
import type * as issue from "./issue.ts";

/** Everything that a Secret of certificates holds. */
export type CertificateData = Readonly<Record<keyof CertificateSecret, string>>;

/** What is to be done with the certificates of a Secret. */
export type RotationDecision =
  /** Nothing, until the moment given in ms since 1970. */
  | { readonly kind: "keep"; readonly until: number }
  /** Nothing until those who check certificates trust the new authority. */
  | { readonly kind: "awaitTrust" }
  /** Authorities that have ended leave the bundle. */
  | { readonly kind: "forgetAuthorities" }
  /** A new authority is made known; the server's certificate stays. */
  | { readonly kind: "introduceAuthority"; readonly reason: CertificateReason }
  /** The authority issues another server certificate. */
  | { readonly kind: "renewServer"; readonly reason: CertificateReason }
  /** Nothing of it can be used: all is made anew at once. */
  | { readonly kind: "renewAll"; readonly reason: CertificateReason };

/** A decision that changes the Secret. */
export type RotationStep = Exclude<
  RotationDecision,
  { readonly kind: "keep" | "awaitTrust" }
>;

/** What a rotation is decided by. */
export interface RotationView {
  /** What the Secret holds. */
  readonly secret: CertificateSecret;
  /** The names under which the server is called. */
  readonly dnsNames: readonly string[];
  /** ms since 1970. */
  readonly now: number;
  /** Whether those who check certificates trust the authority that issues. */
  readonly isTrusted: boolean;
}

/** Decides over the certificates of a Secret. */
export function decideRotation(view: RotationView): RotationDecision {
  const { secret, dnsNames, now } = view;
  const decision = decideCertificates(secret, dnsNames, now);
  const serves = isServing(view);
  switch (decision.kind) {
    case "keep": {
      const known = splitBundle(secret["ca.crt"] ?? "");
      const isStale = validAuthorities(known, now).length < known.length;
      return isStale ? { kind: "forgetAuthorities" } : decision;
    }
    case "renewServer":
      // A certificate of an authority that nobody knows would be refused.
      return serves && !view.isTrusted ? { kind: "awaitTrust" } : decision;
    case "renewAll":
      return serves
        ? { kind: "introduceAuthority", reason: decision.reason }
        : decision;
  }
}

/** Whether the server's certificate is good as it is, by any trusted authority. */
function isServing({ secret, dnsNames, now }: RotationView): boolean {
  const certificate = secret["tls.crt"] ?? "";
  const privateKey = secret["tls.key"] ?? "";
  try {
    const facts = inspectCertificate(certificate);
    return isKeyOf({ certificate, privateKey }) &&
      facts.notBefore <= now && now < facts.notAfter &&
      dnsNames.every((name) => facts.dnsNames.includes(name)) &&
      signersOf(secret, now).length > 0;
  } catch (error) {
    if (error instanceof CertificateError) return false;
    throw error;
  }
}

/** The trusted authorities that signed the server's certificate. */
function signersOf(secret: CertificateSecret, now: number): readonly string[] {
  const bundle = splitBundle(secret["ca.crt"] ?? "");
  return validAuthorities(bundle, now).filter((authority) =>
    isSignedBy(secret["tls.crt"] ?? "", authority)
  );
}

/**
 * What the Secret holds after a step.
 *
 * @param issuer Makes certificates.
 * @param commonName Name of a new authority.
 * @throws {CertificateError} When the authority of the Secret cannot be read.
 */
export function takeStep(
  step: RotationStep,
  { secret, dnsNames, now }: RotationView,
  issuer: Pick<typeof issue, "issueAuthority" | "issueServer">,
  commonName: string,
): CertificateData {
  const kept = {
    "ca.crt": secret["ca.crt"] ?? "",
    "ca.key": secret["ca.key"] ?? "",
    "tls.crt": secret["tls.crt"] ?? "",
    "tls.key": secret["tls.key"] ?? "",
  };
  switch (step.kind) {
    case "forgetAuthorities": {
      const bundle = validAuthorities(splitBundle(kept["ca.crt"]), now);
      return { ...kept, "ca.crt": bundle.join("") };
    }
    case "introduceAuthority": {
      const authority = issuer.issueAuthority(commonName, now);
      // Only who vouches for what is shown now: the bundle has an end.
      const bundle = [authority.certificate, ...signersOf(secret, now)];
      const { privateKey } = authority;
      return { ...kept, "ca.crt": bundle.join(""), "ca.key": privateKey };
    }
    case "renewServer": {
      const authority = {
        certificate: kept["ca.crt"],
        privateKey: kept["ca.key"],
      };
      return { ...kept, ...serverOf(authority, dnsNames, now, issuer) };
    }
    case "renewAll": {
      const authority = issuer.issueAuthority(commonName, now);
      return {
        "ca.crt": authority.certificate,
        "ca.key": authority.privateKey,
        ...serverOf(authority, dnsNames, now, issuer),
      };
    }
  }
}

function serverOf(
  authority: KeyPair,
  dnsNames: readonly string[],
  now: number,
  issuer: Pick<typeof issue, "issueServer">,
): Pick<CertificateData, "tls.crt" | "tls.key"> {
  const server = issuer.issueServer(authority, { dnsNames }, now);
  return { "tls.crt": server.certificate, "tls.key": server.privateKey };
}
