/**
 * Certificates of our own servers: what they say, when they are renewed, and
 * how they are made.
 *
 * @module
 */
import type * as issue from "./issue.ts";

export {
  CertificateError,
  type CertificateFacts,
  inspectCertificate,
  isKeyOf,
  isSignedBy,
  type KeyPair,
} from "./certificate.ts";
export {
  type CertificateDecision,
  type CertificateReason,
  type CertificateSecret,
  decideCertificates,
} from "./decide.ts";
export type { ServerNames } from "./issue.ts";
export { splitBundle } from "./bundle.ts";
export {
  type CertificateData,
  decideRotation,
  type RotationDecision,
  type RotationStep,
  type RotationView,
  takeStep,
} from "./rotation.ts";

/** What makes certificates. */
export type Issuer = typeof issue;

/** Loads what makes certificates: some megabytes that a role rarely needs. */
export function loadIssuer(): Promise<Issuer> {
  return import("./issue.ts");
}
