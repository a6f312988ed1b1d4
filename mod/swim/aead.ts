/**
 * AES-GCM, synchronous, so that messages keep their order. The runtime does it
 * for keys of 128 and 256 bits; it has no AES-192 in this mode, which
 * `@noble/ciphers` adds.
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { gcm } from "@noble/ciphers/aes.js";

/** Bytes of the tag that follows the ciphertext. */
export const TAG_LENGTH = 16;

/** Bytes of a nonce. */
export const NONCE_LENGTH = 12;

/** What both sides have to agree on. */
export interface AeadInput {
  /** 16, 24 or 32 bytes. */
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  /** Authenticated with the message, and not part of it. */
  readonly associatedData: Uint8Array;
}

function nativeAlgorithm(
  key: Uint8Array,
): "aes-128-gcm" | "aes-256-gcm" | undefined {
  if (key.length === 16) return "aes-128-gcm";
  return key.length === 32 ? "aes-256-gcm" : undefined;
}

/** Encrypts; gives the ciphertext with its tag. */
export function sealAead(
  plain: Uint8Array,
  { key, nonce, associatedData }: AeadInput,
): Uint8Array {
  const algorithm = nativeAlgorithm(key);
  if (algorithm === undefined) {
    return gcm(key, nonce, associatedData).encrypt(plain);
  }
  const cipher = createCipheriv(algorithm, key, nonce);
  cipher.setAAD(associatedData);
  const sealed = new Uint8Array(plain.length + TAG_LENGTH);
  sealed.set(cipher.update(plain));
  cipher.final();
  sealed.set(cipher.getAuthTag(), plain.length);
  return sealed;
}

/** Decrypts ciphertext with its tag; `undefined` when the tag does not fit. */
export function openAead(
  sealed: Uint8Array,
  { key, nonce, associatedData }: AeadInput,
): Uint8Array | undefined {
  const algorithm = nativeAlgorithm(key);
  try {
    if (algorithm === undefined) {
      return gcm(key, nonce, associatedData).decrypt(sealed);
    }
    const tagAt = sealed.length - TAG_LENGTH;
    const decipher = createDecipheriv(algorithm, key, nonce);
    decipher.setAAD(associatedData);
    decipher.setAuthTag(sealed.subarray(tagAt));
    const plain = new Uint8Array(decipher.update(sealed.subarray(0, tagAt)));
    decipher.final();
    return plain;
  } catch {
    // Neither library gives this error a type of its own. All lengths have been
    // checked before, so it is the tag: another key, or a forgery.
    return undefined;
  }
}
