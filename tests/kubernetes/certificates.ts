/**
 * Certificates for a test cluster: an authority and what it issues, with
 * ECDSA P-256 keys, made with WebCrypto.
 *
 * WebCrypto rather than the openssl command: the base images of Node and Deno
 * do not all have the command, and a certificate is a hundred lines of DER.
 */
import {
  bitString,
  booleanTrue,
  type Bytes,
  der,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  utcTime,
  utf8String,
} from "./der.ts";

const ECDSA_WITH_SHA256 = sequence(objectIdentifier("1.2.840.10045.4.3.2"));
const KEY_ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;
const HOUR = 3_600_000;
const VALIDITY = 365 * 24 * HOUR;

/** A certificate with its private key, as PEM (RFC 7468; the key as PKCS #8). */
export interface KeyPairPem {
  readonly certificate: string;
  readonly privateKey: string;
}

/** Who a certificate is for; the API server reads user and groups from it. */
export interface Subject {
  readonly commonName: string;
  readonly organizations?: readonly string[];
}

/** What an authority is asked to sign. */
export interface CertificateRequest {
  readonly subject: Subject;
  readonly usage: "server" | "client";
  /** DNS names of a server. */
  readonly dnsNames?: readonly string[];
  /** Addresses of a server, as bytes in network order (4 or 16). */
  readonly addresses?: readonly Uint8Array[];
}

/** An authority that issues certificates. */
export interface Authority {
  readonly certificate: string;
  issue(request: CertificateRequest): Promise<KeyPairPem>;
}

/** A key pair that signs service account tokens, as PEM. */
export interface SigningKeyPem {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** Wraps DER in PEM armour (RFC 7468). */
export function toPem(label: string, bytes: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...bytes));
  const lines = base64.match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${
    lines.join("\n")
  }\n-----END ${label}-----\n`;
}

/** Distinguished name (RFC 5280 section 4.1.2.4): organizations, then the common name. */
function encodeName(subject: Subject): Bytes {
  const attribute = (type: string, value: string) =>
    setOf(sequence(objectIdentifier(type), utf8String(value)));
  return sequence(
    ...(subject.organizations ?? []).map((o) => attribute("2.5.4.10", o)),
    attribute("2.5.4.3", subject.commonName),
  );
}

function extension(id: string, critical: boolean, value: Uint8Array): Bytes {
  return sequence(
    objectIdentifier(id),
    ...(critical ? [booleanTrue()] : []),
    octetString(value),
  );
}

const BASIC_CONSTRAINTS = "2.5.29.19";
const KEY_USAGE = "2.5.29.15";
const EXTENDED_KEY_USAGE = "2.5.29.37";
const SUBJECT_ALT_NAME = "2.5.29.17";

/** Extensions of an authority: CA, keyCertSign and cRLSign (RFC 5280 section 4.2.1). */
function authorityExtensions(): Bytes[] {
  return [
    extension(BASIC_CONSTRAINTS, true, sequence(booleanTrue())),
    extension(KEY_USAGE, true, bitString(Uint8Array.from([0x06]), 1)),
  ];
}

/** Extensions of a leaf: digitalSignature, its purpose, its names. */
function leafExtensions(request: CertificateRequest): Bytes[] {
  const purpose = request.usage === "server"
    ? "1.3.6.1.5.5.7.3.1"
    : "1.3.6.1.5.5.7.3.2";
  const names = [
    ...(request.dnsNames ?? []).map((name) =>
      der(0x82, new TextEncoder().encode(name))
    ),
    ...(request.addresses ?? []).map((address) => der(0x87, address)),
  ];
  return [
    extension(BASIC_CONSTRAINTS, true, sequence()),
    extension(KEY_USAGE, true, bitString(Uint8Array.from([0x80]), 7)),
    extension(EXTENDED_KEY_USAGE, false, sequence(objectIdentifier(purpose))),
    ...(names.length > 0
      ? [extension(SUBJECT_ALT_NAME, false, sequence(...names))]
      : []),
  ];
}

interface Unsigned {
  readonly issuer: Bytes;
  readonly subject: Bytes;
  readonly publicKey: Bytes;
  readonly extensions: readonly Bytes[];
  readonly now: number;
}

/** TBSCertificate, version 3 (RFC 5280 section 4.1). */
function encodeUnsigned(unsigned: Unsigned): Bytes {
  const serial = crypto.getRandomValues(new Uint8Array(16));
  return sequence(
    der(0xa0, integer(Uint8Array.from([2]))),
    integer(serial),
    ECDSA_WITH_SHA256,
    unsigned.issuer,
    sequence(
      utcTime(unsigned.now - HOUR),
      utcTime(unsigned.now + VALIDITY),
    ),
    unsigned.subject,
    unsigned.publicKey,
    der(0xa3, sequence(...unsigned.extensions)),
  );
}

/** Signs: WebCrypto gives r and s side by side, X.509 wants a SEQUENCE (RFC 3279 section 2.2.3). */
async function signCertificate(
  unsigned: Unsigned,
  signer: CryptoKey,
): Promise<string> {
  const body = encodeUnsigned(unsigned);
  const raw = new Uint8Array(
    await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, signer, body),
  );
  const half = raw.length / 2;
  const signature = sequence(
    integer(raw.subarray(0, half)),
    integer(raw.subarray(half)),
  );
  return toPem(
    "CERTIFICATE",
    sequence(body, ECDSA_WITH_SHA256, bitString(signature)),
  );
}

function generateKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]);
}

async function exportPublic(keys: CryptoKeyPair): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey));
}

async function exportPrivate(keys: CryptoKeyPair): Promise<string> {
  const bytes = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return toPem("PRIVATE KEY", new Uint8Array(bytes));
}

/**
 * Makes a self-signed authority. What it issues is valid from an hour before
 * `now` (ms since 1970) for a year.
 */
export async function createAuthority(
  commonName: string,
  now: number,
): Promise<Authority> {
  const keys = await generateKeys();
  const issuer = encodeName({ commonName });
  const certificate = await signCertificate({
    issuer,
    subject: issuer,
    publicKey: await exportPublic(keys),
    extensions: authorityExtensions(),
    now,
  }, keys.privateKey);
  const issue = async (request: CertificateRequest): Promise<KeyPairPem> => {
    const leaf = await generateKeys();
    return {
      certificate: await signCertificate({
        issuer,
        subject: encodeName(request.subject),
        publicKey: await exportPublic(leaf),
        extensions: leafExtensions(request),
        now,
      }, keys.privateKey),
      privateKey: await exportPrivate(leaf),
    };
  };
  return { certificate, issue };
}

/** Makes the key pair with which an API server signs service account tokens. */
export async function createSigningKey(): Promise<SigningKeyPem> {
  const keys = await generateKeys();
  return {
    publicKey: toPem("PUBLIC KEY", await exportPublic(keys)),
    privateKey: await exportPrivate(keys),
  };
}
