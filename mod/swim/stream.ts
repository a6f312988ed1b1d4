/**
 * Messages over streams: one message each way. They are always compressed when
 * compression is on, and encrypted as a whole behind their length; the one that
 * opens the stream has the label in front.
 */
import { Reader, WireError, Writer } from "../net/mod.ts";
import {
  compressMessage,
  decodeCompressed,
  decompress,
} from "./compression.ts";
import { encrypt, encryptedLength } from "./encryption.ts";
import { type Label, removeLabel } from "./label.ts";
import { MAX_STREAM_LENGTH } from "./limits.ts";
import { MessageType } from "./message_type.ts";
import { decodeMessage, type Message, USER_HEADER } from "./messages.ts";
import { decodePushPull, type PushPull } from "./push_pull.ts";
import {
  decryptStream,
  outgoingKeyring,
  type Security,
  streamAssociatedData,
  streamHeader,
} from "./security.ts";

/** Which end of a stream a message comes from. */
export type StreamSide = "request" | "reply";

/** A message over a stream. */
export type StreamMessage =
  | Message
  | ({ readonly kind: "pushPull" } & PushPull);

/** Why a stream's message was refused. */
export type StreamRefusal =
  | "badLabel"
  | "foreignLabel"
  | "undecryptable"
  | "undecompressable"
  | "unknownType"
  | "malformed";

/** A message, or why there is none. */
export type OpenedStream =
  | { readonly kind: "message"; readonly message: StreamMessage }
  | { readonly kind: "refused"; readonly reason: StreamRefusal };

/** Wraps a message, given with its type byte, for a stream. */
export function sealStream(
  message: Uint8Array,
  security: Security,
  options: { readonly side: StreamSide; readonly compression: boolean },
): Uint8Array<ArrayBuffer> {
  const body = options.compression ? compressMessage(message) : message;
  const { label, encryptionVersion: version, fillRandom } = security;
  const writer = new Writer();
  if (options.side === "request") writer.bytes(label.header, "label");
  const key = outgoingKeyring(security)?.primary;
  if (key === undefined) return writer.bytes(body, "message").finish();
  const header = streamHeader(encryptedLength(version, body.length));
  const sealed = encrypt(body, {
    version,
    key,
    associatedData: streamAssociatedData(header, label),
    fillRandom,
  });
  return writer.bytes(header, "header").bytes(sealed, "message").finish();
}

/** Carries the reason for a refusal out of the steps below. */
class Refusal extends Error {
  override readonly name = "Refusal";
  readonly reason: StreamRefusal;

  constructor(reason: StreamRefusal, options?: ErrorOptions) {
    super(reason, options);
    this.reason = reason;
  }
}

function attempt<T>(reason: StreamRefusal, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new Refusal(reason, { cause: error });
  }
}

/** Opens a whole message of a stream. Never throws. */
export function openStream(
  bytes: Uint8Array,
  security: Security,
  side: StreamSide,
): OpenedStream {
  try {
    const body = side === "request" ? checkLabel(bytes, security.label) : bytes;
    const message = inflate(decrypted(body, security));
    return { kind: "message", message: decode(message) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { kind: "refused", reason: error.reason };
  }
}

function checkLabel(bytes: Uint8Array, expected: Label): Uint8Array {
  const { label, rest } = attempt("badLabel", () => removeLabel(bytes));
  if (label !== expected.text) throw new Refusal("foreignLabel");
  return rest;
}

function decrypted(bytes: Uint8Array, security: Security): Uint8Array {
  const result = decryptStream(bytes, security);
  if (result.kind === "undecryptable") throw new Refusal("undecryptable");
  return result.bytes;
}

function inflate(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== MessageType.compress) return bytes;
  return attempt(
    "undecompressable",
    () => decompress(decodeCompressed(bytes), MAX_STREAM_LENGTH),
  );
}

function decode(bytes: Uint8Array): StreamMessage {
  return attempt("malformed", () => {
    switch (bytes[0]) {
      case MessageType.pushPull:
        return { kind: "pushPull", ...decodePushPull(bytes) };
      case MessageType.user:
        return decodeUser(bytes);
      case MessageType.ping:
      case MessageType.ack:
      case MessageType.error:
        return decodeMessage(bytes);
      default:
        throw new Refusal("unknownType");
    }
  });
}

/** A user message over a stream tells its length; in a packet it does not. */
function decodeUser(bytes: Uint8Array): StreamMessage {
  const reader = new Reader(bytes);
  reader.skip(1, "message type");
  const { length } = USER_HEADER.read(reader);
  return { kind: "user", payload: reader.bytes(length, "payload") };
}
