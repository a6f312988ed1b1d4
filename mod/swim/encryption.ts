/**
 * Encrypted payloads: a version byte, a nonce, AES-GCM ciphertext with its tag.
 * Version 0 fills the plaintext up to whole blocks (PKCS #7), as protocol
 * version 1 wants it; version 1 does not.
 */
import { WireError, Writer } from "../net/mod.ts";
import { NONCE_LENGTH, openAead, sealAead, TAG_LENGTH } from "./aead.ts";
import { allKeys, type Keyring } from "./keyring.ts";

/** 0 fills up, 1 does not. */
export type EncryptionVersion = 0 | 1;

const VERSION_LENGTH = 1;
const BLOCK_LENGTH = 16;

/** Fills an array with random bytes. */
export type FillRandom = (bytes: Uint8Array<ArrayBuffer>) => void;

/** What encryption needs besides the message. */
export interface EncryptOptions {
  /** Which form the payload gets. */
  readonly version: EncryptionVersion;
  /** 16, 24 or 32 bytes. */
  readonly key: Uint8Array;
  /** Authenticated with the message, and not part of it. */
  readonly associatedData: Uint8Array;
  /** Makes the nonce: it must never give the same 12 bytes twice with one key. */
  readonly fillRandom: FillRandom;
}

/** Bytes that encryption adds at most. */
export function encryptionOverhead(version: EncryptionVersion): number {
  const filling = version === 0 ? BLOCK_LENGTH : 0;
  return VERSION_LENGTH + NONCE_LENGTH + filling + TAG_LENGTH;
}

/** Bytes of an encrypted message. */
export function encryptedLength(
  version: EncryptionVersion,
  length: number,
): number {
  const filling = version === 0 ? BLOCK_LENGTH - length % BLOCK_LENGTH : 0;
  return VERSION_LENGTH + NONCE_LENGTH + length + filling + TAG_LENGTH;
}

/** Encrypts a message. */
export function encrypt(
  message: Uint8Array,
  { version, key, associatedData, fillRandom }: EncryptOptions,
): Uint8Array<ArrayBuffer> {
  const nonce = new Uint8Array(NONCE_LENGTH);
  fillRandom(nonce);
  const plain = version === 0 ? fillUp(message) : message;
  return new Writer()
    .u8(version, "encryption version")
    .bytes(nonce, "nonce")
    .bytes(sealAead(plain, { key, nonce, associatedData }), "ciphertext")
    .finish();
}

/** Appends 1 to 16 bytes, each of which says how many they are. */
function fillUp(message: Uint8Array): Uint8Array {
  const count = BLOCK_LENGTH - message.length % BLOCK_LENGTH;
  const filled = new Uint8Array(message.length + count).fill(count);
  filled.set(message);
  return filled;
}

/**
 * Decrypts a payload with the first key that fits.
 *
 * @throws {WireError} When it is cut short, of an unknown version, or no key fits.
 */
export function decrypt(
  payload: Uint8Array,
  keyring: Keyring,
  associatedData: Uint8Array,
): Uint8Array {
  const version = payload[0];
  if (version !== 0 && version !== 1) {
    throw new WireError("encryption version", 0, "it is neither 0 nor 1");
  }
  if (payload.length < encryptedLength(version, 0)) {
    throw new WireError("encrypted payload", 0, "it is too short");
  }
  const nonceEnd = VERSION_LENGTH + NONCE_LENGTH;
  const nonce = payload.subarray(VERSION_LENGTH, nonceEnd);
  const sealed = payload.subarray(nonceEnd);
  for (const key of allKeys(keyring)) {
    const plain = openAead(sealed, { key, nonce, associatedData });
    if (plain !== undefined) return version === 0 ? takeOff(plain) : plain;
  }
  throw new WireError("encrypted payload", 0, "no key of the keyring fits");
}

function takeOff(plain: Uint8Array): Uint8Array {
  const count = plain.at(-1) ?? 0;
  if (count === 0 || count > BLOCK_LENGTH || count > plain.length) {
    throw new WireError("padding", plain.length, "it is no PKCS #7 padding");
  }
  return plain.subarray(0, plain.length - count);
}
