/** Where a server's certificate comes from, and when it is another one. */
import {
  CertificateError,
  inspectCertificate,
  isKeyOf,
  type KeyPair,
  loadIssuer,
} from "../certificates/mod.ts";
import type { Clock } from "../time/mod.ts";

/**
 * Gives the certificate to show now: the same object as long as it is the same
 * certificate.
 */
export type CertificateSource = () => Promise<KeyPair>;

/**
 * Takes a certificate from the files `tls.crt` and `tls.key` of a folder, as a
 * Secret of type `kubernetes.io/tls` is mounted.
 *
 * @returns A source that throws an Error when the files cannot be read or do
 * not belong together, as they may not while they are being replaced.
 */
export function certificateOf(
  folder: string,
  readTextFile: (path: string) => Promise<string>,
): CertificateSource {
  let known: KeyPair | undefined;
  return async () => {
    const [certificate, privateKey] = await Promise.all([
      readTextFile(`${folder}/tls.crt`),
      readTextFile(`${folder}/tls.key`),
    ]);
    if (
      known?.certificate === certificate && known.privateKey === privateKey
    ) return known;
    const pair = { certificate, privateKey };
    if (!isKeyOf(pair)) {
      throw new CertificateError(
        `${folder}/tls.key does not belong to ${folder}/tls.crt`,
      );
    }
    return known = pair;
  };
}

/** A certificate of our own is replaced so long before its end, in ms. */
const RENEW_MS_BEFORE = 90 * 24 * 3_600_000;

/** Makes a certificate that nobody vouches for, and another before it ends. */
export function selfSigned(clock: Pick<Clock, "date">): CertificateSource {
  let known: KeyPair | undefined;
  let until = 0;
  return async () => {
    const now = clock.date().getTime();
    if (known !== undefined && now < until) return known;
    const { issueSelfSigned } = await loadIssuer();
    known = issueSelfSigned({ dnsNames: ["herald"] }, now);
    until = inspectCertificate(known.certificate).notAfter - RENEW_MS_BEFORE;
    return known;
  };
}
