/**
 * Makes certificates: an authority, and what servers show (RFC 5280), with
 * ECDSA P-256 keys. Loaded only when something is to be issued, because the
 * ASN.1 types take some megabytes of memory.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
} from "node:crypto";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_serverAuth,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from "@peculiar/asn1-x509";
import { inspectCertificate, type KeyPair } from "./certificate.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Clocks of the machines that check a certificate may be behind by so much. */
const CLOCK_SKEW = HOUR;
const AUTHORITY_VALIDITY = 3650 * DAY;
const SERVER_VALIDITY = 365 * DAY;

const COMMON_NAME = "2.5.4.3";
const ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";

/** Whom a server's certificate is for. */
export interface ServerNames {
  /** DNS names, such as `service.namespace.svc`. */
  readonly dnsNames?: readonly string[];
  /** IPv4 and IPv6 addresses. */
  readonly ipAddresses?: readonly string[];
}

/** A certificate before it is signed. */
export interface Draft {
  /** Name of who signs. */
  readonly issuer: Name;
  /** Name of whom it is for. */
  readonly subject: Name;
  /** From when on it is valid, in ms since 1970. */
  readonly notBefore: number;
  /** Until when, in ms since 1970. */
  readonly notAfter: number;
  /** SubjectPublicKeyInfo of the subject, DER. */
  readonly subjectKey: ArrayBuffer;
  /** SubjectPublicKeyInfo of who signs, DER. */
  readonly issuerKey: ArrayBuffer;
  /** What else it says. */
  readonly extensions: readonly Extension[];
}

/** Bytes over a buffer of their own, as the ASN.1 types take them. */
function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}

function nameOf(commonName: string): Name {
  const value = new AttributeValue({ utf8String: commonName });
  return new Name([
    new RelativeDistinguishedName([
      new AttributeTypeAndValue({ type: COMMON_NAME, value }),
    ]),
  ]);
}

/**
 * An extension (RFC 5280 section 4.2).
 *
 * @param id Its object identifier.
 * @param critical Whether who does not know it has to refuse the certificate.
 * @param value What it says, of the type that its identifier stands for.
 */
export function extension(
  id: string,
  critical: boolean,
  value: unknown,
): Extension {
  const extnValue = new OctetString(AsnConvert.serialize(value));
  return new Extension({ extnID: id, critical, extnValue });
}

/** Key identifier: the first 160 bits of SHA-256 of the key (RFC 7093 section 2, method 1). */
function keyIdentifier(subjectPublicKeyInfo: ArrayBuffer): ArrayBuffer {
  const { subjectPublicKey } = AsnConvert.parse(
    subjectPublicKeyInfo,
    SubjectPublicKeyInfo,
  );
  const hash = createHash("sha256").update(new Uint8Array(subjectPublicKey));
  return bufferOf(hash.digest().subarray(0, 20));
}

/** Signs a draft (RFC 5280 section 4.1) and gives it as PEM. */
function signDraft(draft: Draft, signer: string): string {
  const algorithm = new AlgorithmIdentifier({ algorithm: ECDSA_WITH_SHA256 });
  const serialNumber = randomBytes(16);
  // Positive and of full length, whatever the other bits are.
  serialNumber[0] = (serialNumber[0] ?? 0) & 0x7f | 0x40;
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: bufferOf(serialNumber),
    signature: algorithm,
    issuer: draft.issuer,
    subject: draft.subject,
    validity: new Validity({
      notBefore: new Date(draft.notBefore),
      notAfter: new Date(draft.notAfter),
    }),
    subjectPublicKeyInfo: AsnConvert.parse(
      draft.subjectKey,
      SubjectPublicKeyInfo,
    ),
    extensions: new Extensions([
      ...draft.extensions,
      extension(
        id_ce_subjectKeyIdentifier,
        false,
        new SubjectKeyIdentifier(keyIdentifier(draft.subjectKey)),
      ),
      extension(
        id_ce_authorityKeyIdentifier,
        false,
        new AuthorityKeyIdentifier({
          keyIdentifier: new SubjectKeyIdentifier(
            keyIdentifier(draft.issuerKey),
          ),
        }),
      ),
    ]),
  });
  const content = new Uint8Array(AsnConvert.serialize(tbsCertificate));
  return toPem(
    "CERTIFICATE",
    new Uint8Array(AsnConvert.serialize(
      new Certificate({
        tbsCertificate,
        signatureAlgorithm: algorithm,
        signatureValue: bufferOf(sign("sha256", content, signer)),
      }),
    )),
  );
}

/** Wraps DER in PEM armour (RFC 7468). */
function toPem(label: string, bytes: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...bytes));
  const lines = base64.match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${
    lines.join("\n")
  }\n-----END ${label}-----\n`;
}

/** A new key: the private half as PEM, the public half as DER. */
function newKey(): { privateKey: string; publicKey: ArrayBuffer } {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return { privateKey: pem, publicKey: publicHalf(pem) };
}

function publicHalf(privateKey: string): ArrayBuffer {
  const key = createPublicKey(createPrivateKey(privateKey));
  return bufferOf(key.export({ type: "spki", format: "der" }));
}

/** Extensions of a server's certificate (RFC 5280 section 4.2.1). */
function serverExtensions(names: ServerNames): Extension[] {
  const { dnsNames = [], ipAddresses = [] } = names;
  return [
    extension(id_ce_basicConstraints, true, new BasicConstraints()),
    extension(
      id_ce_keyUsage,
      true,
      new KeyUsage(KeyUsageFlags.digitalSignature),
    ),
    extension(
      id_ce_extKeyUsage,
      false,
      new ExtendedKeyUsage([id_kp_serverAuth]),
    ),
    extension(
      id_ce_subjectAltName,
      false,
      new SubjectAlternativeName([
        ...dnsNames.map((dNSName) => new GeneralName({ dNSName })),
        ...ipAddresses.map((iPAddress) => new GeneralName({ iPAddress })),
      ]),
    ),
  ];
}

/**
 * Makes an authority of its own: valid for ten years, from an hour ago.
 *
 * @param commonName Who it is.
 * @param now ms since 1970.
 */
export function issueAuthority(commonName: string, now: number): KeyPair {
  const { privateKey, publicKey } = newKey();
  const name = nameOf(commonName);
  const certificate = signDraft({
    issuer: name,
    subject: name,
    notBefore: now - CLOCK_SKEW,
    notAfter: now + AUTHORITY_VALIDITY,
    subjectKey: publicKey,
    issuerKey: publicKey,
    extensions: [
      extension(
        id_ce_basicConstraints,
        true,
        new BasicConstraints({ cA: true, pathLenConstraint: 0 }),
      ),
      extension(
        id_ce_keyUsage,
        true,
        new KeyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign),
      ),
    ],
  }, privateKey);
  return { certificate, privateKey };
}

/**
 * Issues a server's certificate: valid for a year from an hour ago, but not
 * longer than its authority.
 *
 * @param authority Who signs it.
 * @param names Whom it is for.
 * @param now ms since 1970.
 * @throws {CertificateError} When the authority cannot be read.
 */
export function issueServer(
  authority: KeyPair,
  names: ServerNames,
  now: number,
): KeyPair {
  const extensions = serverExtensions(names);
  return issueLeaf(authority, { subject: nameOf("herald"), extensions }, now);
}

/**
 * Issues a certificate as {@linkcode issueServer} does, whatever it says.
 *
 * @param authority Who signs it.
 * @param says Whom it is for, and for what.
 * @param now ms since 1970.
 * @throws {CertificateError} When the authority cannot be read.
 */
export function issueLeaf(
  authority: KeyPair,
  { subject, extensions }: Pick<Draft, "subject" | "extensions">,
  now: number,
): KeyPair {
  const { notAfter } = inspectCertificate(authority.certificate);
  const issuer = AsnConvert.parse(derOf(authority.certificate), Certificate);
  const { privateKey, publicKey } = newKey();
  const certificate = signDraft({
    issuer: issuer.tbsCertificate.subject,
    subject,
    notBefore: now - CLOCK_SKEW,
    notAfter: Math.min(now + SERVER_VALIDITY, notAfter),
    subjectKey: publicKey,
    issuerKey: publicHalf(authority.privateKey),
    extensions,
  }, authority.privateKey);
  return { certificate, privateKey };
}

/**
 * Makes a server's certificate that nobody vouches for: valid for a year from
 * an hour ago.
 *
 * @param names Whom it is for.
 * @param now ms since 1970.
 */
export function issueSelfSigned(names: ServerNames, now: number): KeyPair {
  const { privateKey, publicKey } = newKey();
  const name = nameOf("herald");
  const certificate = signDraft({
    issuer: name,
    subject: name,
    notBefore: now - CLOCK_SKEW,
    notAfter: now + SERVER_VALIDITY,
    subjectKey: publicKey,
    issuerKey: publicKey,
    extensions: serverExtensions(names),
  }, privateKey);
  return { certificate, privateKey };
}

/** The DER inside the first PEM block. */
function derOf(pem: string): ArrayBuffer {
  const [, base64 = ""] = /-----BEGIN [^-]+-----([^-]+)/.exec(pem) ?? [];
  const binary = atob(base64.replaceAll(/\s/g, ""));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0)).buffer;
}
