/** A text with several certificates: the authorities that are trusted. */
import { CertificateError, inspectCertificate } from "./certificate.ts";

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** The certificates of a PEM text, one PEM text each. */
export function splitBundle(pem: string): readonly string[] {
  return (pem.match(BLOCK) ?? []).map((block) => `${block}\n`);
}

/** Those that have not ended, each once; what cannot be read is left out. */
export function validAuthorities(
  authorities: readonly string[],
  now: number,
): readonly string[] {
  return [...new Set(authorities)].filter((each) => {
    try {
      const { isAuthority, notAfter } = inspectCertificate(each);
      return isAuthority && now < notAfter;
    } catch (error) {
      if (error instanceof CertificateError) return false;
      throw error;
    }
  });
}
