/** What protects the messages of a cluster on their way. */
import { Reader, WireError, Writer } from "../net/mod.ts";
import {
  decrypt,
  type EncryptionVersion,
  type FillRandom,
} from "./encryption.ts";
import type { Keyring } from "./keyring.ts";
import type { Label } from "./label.ts";
import { MessageType } from "./message_type.ts";

/** Label, keys, and whether they are insisted on. */
export interface Security {
  /** What stands in front of everything. */
  readonly label: Label;
  /** Absent: nothing is encrypted. */
  readonly keyring?: Keyring;
  /** 0 only for members that speak protocol version 1. */
  readonly encryptionVersion: EncryptionVersion;
  /** Whether what comes in plain is refused, when there is a keyring. */
  readonly verifyIncoming: boolean;
  /** Whether what goes out is encrypted, when there is a keyring. */
  readonly verifyOutgoing: boolean;
  /** Makes nonces. */
  readonly fillRandom: FillRandom;
}

/** Whether what goes out is encrypted, and with which keys. */
export function outgoingKeyring(security: Security): Keyring | undefined {
  return security.verifyOutgoing ? security.keyring : undefined;
}

/** A payload in plain, or that it must not be read. */
export type Decrypted =
  | { readonly kind: "plain"; readonly bytes: Uint8Array }
  | { readonly kind: "undecryptable" };

const UNDECRYPTABLE: Decrypted = { kind: "undecryptable" };

function attempt(decryption: () => Uint8Array): Decrypted {
  try {
    return { kind: "plain", bytes: decryption() };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return UNDECRYPTABLE;
  }
}

/** Decrypts what stood in a packet behind the label. */
export function decryptPacket(
  payload: Uint8Array,
  { keyring, label, verifyIncoming }: Security,
): Decrypted {
  const plain: Decrypted = { kind: "plain", bytes: payload };
  if (keyring === undefined) return plain;
  const decrypted = attempt(() => decrypt(payload, keyring, label.bytes));
  return decrypted.kind === "plain" || verifyIncoming ? decrypted : plain;
}

/** Bytes in front of what is encrypted in a stream: its type and its length. */
const STREAM_HEADER_LENGTH = 5;

/** The type and the length in front of what is encrypted in a stream. */
export function streamHeader(length: number): Uint8Array {
  return new Writer()
    .u8(MessageType.encrypt, "message type")
    .u32(length, "length")
    .finish();
}

/** What encryption in a stream authenticates besides the message. */
export function streamAssociatedData(
  header: Uint8Array,
  label: Label,
): Uint8Array {
  return new Writer().bytes(header, "header").bytes(label.bytes, "label")
    .finish();
}

/** Decrypts what stood in a stream behind the label. */
export function decryptStream(
  bytes: Uint8Array,
  { keyring, label, verifyIncoming }: Security,
): Decrypted {
  if (bytes[0] !== MessageType.encrypt) {
    const isRefused = keyring !== undefined && verifyIncoming;
    return isRefused ? UNDECRYPTABLE : { kind: "plain", bytes };
  }
  if (keyring === undefined) return UNDECRYPTABLE;
  return attempt(() => {
    const reader = new Reader(bytes);
    const header = reader.bytes(STREAM_HEADER_LENGTH, "header");
    const associatedData = streamAssociatedData(header, label);
    return decrypt(reader.rest(), keyring, associatedData);
  });
}
