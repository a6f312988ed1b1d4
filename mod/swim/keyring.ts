/**
 * The keys of a cluster: one to encrypt with, and those with which others may
 * still encrypt. Keys are changed without a gap in three rounds over all
 * members: {@linkcode addKey} the new one, {@linkcode useKey} it,
 * {@linkcode removeKey} the old one.
 */
import { createHash } from "node:crypto";
import { equalBytes } from "./bytes.ts";

/** Lengths of AES keys in bytes. */
const KEY_LENGTHS: readonly number[] = [16, 24, 32];

/** Keys; never empty. */
export interface Keyring {
  /** What is sent is encrypted with this one. */
  readonly primary: Uint8Array;
  /** What comes may be encrypted with the primary key or with one of these. */
  readonly others: readonly Uint8Array[];
}

/**
 * Makes a keyring.
 *
 * @throws {RangeError} For a key that has not 16, 24 or 32 bytes.
 */
export function makeKeyring(
  primary: Uint8Array,
  others: readonly Uint8Array[] = [],
): Keyring {
  return others.reduce(addKey, { primary: checked(primary), others: [] });
}

function checked(key: Uint8Array): Uint8Array {
  if (!KEY_LENGTHS.includes(key.length)) {
    throw new RangeError(
      `Cannot use a key of ${key.length} bytes: AES takes 16, 24 or 32`,
    );
  }
  return key;
}

/** All keys, in the order in which they are tried. */
export function allKeys({ primary, others }: Keyring): readonly Uint8Array[] {
  return [primary, ...others];
}

/**
 * The keyring with a key more to decrypt with.
 *
 * @throws {RangeError} For a key that has not 16, 24 or 32 bytes.
 */
export function addKey(keyring: Keyring, key: Uint8Array): Keyring {
  checked(key);
  const isKnown = allKeys(keyring).some((known) => equalBytes(known, key));
  return isKnown
    ? keyring
    : { primary: keyring.primary, others: [...keyring.others, key] };
}

/**
 * The keyring that encrypts with one of its other keys.
 *
 * @throws {RangeError} When it does not hold that key.
 */
export function useKey(keyring: Keyring, key: Uint8Array): Keyring {
  if (equalBytes(keyring.primary, key)) return keyring;
  const primary = keyring.others.find((known) => equalBytes(known, key));
  if (primary === undefined) {
    throw new RangeError("Cannot encrypt with a key that the keyring lacks");
  }
  const others = keyring.others.filter((known) => known !== primary);
  return { primary, others: [keyring.primary, ...others] };
}

/**
 * The keyring without one of its other keys.
 *
 * @throws {RangeError} For the primary key.
 */
export function removeKey(keyring: Keyring, key: Uint8Array): Keyring {
  if (equalBytes(keyring.primary, key)) {
    throw new RangeError("Cannot remove the key that is encrypted with");
  }
  const others = keyring.others.filter((known) => !equalBytes(known, key));
  return { primary: keyring.primary, others };
}

/** How MetalLB makes the key out of the text of its Secret. */
export type KeyDerivation =
  /** From 0.16.2 on: the SHA-256 of the text. */
  | "sha256"
  /** Before: the text itself, cut or filled up; the two do not understand each other. */
  | "padded";

/**
 * The AES-256 key that MetalLB makes out of the text of its Secret.
 *
 * Before 0.16.2 it meant to hash the text but appended the hash of nothing to
 * it, and took the first 32 bytes.
 */
export function metallbKey(
  secret: string,
  derivation: KeyDerivation,
): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(secret);
  const hash = createHash("sha256");
  if (derivation === "sha256") {
    return new Uint8Array(hash.update(text).digest());
  }
  const padded = new Uint8Array(text.length + 32);
  padded.set(text);
  padded.set(hash.digest(), text.length);
  return padded.slice(0, 32);
}

/** The texts from which the members' keys are made. */
export interface KeyTexts {
  /** Of the key that is encrypted with. */
  readonly primary: string;
  /** Of those with which others may still encrypt. */
  readonly accepted: readonly string[];
}

/**
 * The keyring of MetalLB's secrets. It encrypts as told, and decrypts what was
 * encrypted in either way: so members change the way one after the other.
 *
 * @param texts The secrets.
 * @param derivation How the key is made that is encrypted with.
 */
export function metallbKeyring(
  { primary, accepted }: KeyTexts,
  derivation: KeyDerivation,
): Keyring {
  const other = derivation === "sha256" ? "padded" : "sha256";
  const keys = ([derivation, other] as const).flatMap((each) =>
    [primary, ...accepted].map((text) => metallbKey(text, each))
  );
  return makeKeyring(metallbKey(primary, derivation), keys);
}
