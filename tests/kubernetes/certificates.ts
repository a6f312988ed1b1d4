/** What a test cluster needs besides what `mod/certificates` issues: users and tokens. */
import { generateKeyPairSync } from "node:crypto";
import {
  AttributeTypeAndValue,
  AttributeValue,
  BasicConstraints,
  ExtendedKeyUsage,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_kp_clientAuth,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
} from "@peculiar/asn1-x509";
import { type KeyPair, loadIssuer } from "../../mod/certificates/mod.ts";

const COMMON_NAME = "2.5.4.3";
const ORGANIZATION = "2.5.4.10";

/** Who a certificate is for; the API server reads user and groups from it. */
export interface Subject {
  readonly commonName: string;
  readonly organizations?: readonly string[];
}

/** A key pair that signs service account tokens, as PEM. */
export interface SigningKeyPem {
  readonly publicKey: string;
  readonly privateKey: string;
}

function attribute(type: string, text: string): RelativeDistinguishedName {
  const value = new AttributeValue({ utf8String: text });
  return new RelativeDistinguishedName([
    new AttributeTypeAndValue({ type, value }),
  ]);
}

/**
 * Issues a certificate with which a user shows who it is, valid as a server's.
 *
 * @param now ms since 1970.
 */
export async function issueClient(
  authority: KeyPair,
  { commonName, organizations = [] }: Subject,
  now: number,
): Promise<KeyPair> {
  const { extension, issueLeaf } = await loadIssuer();
  const subject = new Name([
    ...organizations.map((each) => attribute(ORGANIZATION, each)),
    attribute(COMMON_NAME, commonName),
  ]);
  const usage = new KeyUsage(KeyUsageFlags.digitalSignature);
  const purpose = new ExtendedKeyUsage([id_kp_clientAuth]);
  const extensions = [
    extension(id_ce_basicConstraints, true, new BasicConstraints()),
    extension(id_ce_keyUsage, true, usage),
    extension(id_ce_extKeyUsage, false, purpose),
  ];
  return issueLeaf(authority, { subject, extensions }, now);
}

/** Makes the key pair with which an API server signs service account tokens. */
export function createSigningKey(): SigningKeyPem {
  return generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
}
