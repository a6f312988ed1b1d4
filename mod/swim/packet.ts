/**
 * Packets: messages in their wrappers. From the inside out: several messages in
 * a compound, compressed, behind a checksum, encrypted, behind the label.
 */
import { WireError, Writer } from "../net/mod.ts";
import { addChecksum, CHECKSUM_OVERHEAD, removeChecksum } from "./checksum.ts";
import { COMPOUND_OVERHEAD, decodeCompound } from "./compound.ts";
import {
  compressMessage,
  decodeCompressed,
  decompress,
} from "./compression.ts";
import { encrypt, encryptionOverhead } from "./encryption.ts";
import { removeLabel, type Unlabelled } from "./label.ts";
import { MAX_NESTING, MAX_PACKET_DECOMPRESSED } from "./limits.ts";
import { MessageType } from "./message_type.ts";
import { decodeMessage, isMessageType, type Message } from "./messages.ts";
import { decryptPacket, outgoingKeyring, type Security } from "./security.ts";

/** Why a packet or a part of it was not taken. */
export type PacketDrop =
  /** The label is cut off or empty. */
  | "badLabel"
  /** It is of a cluster with another label. */
  | "foreignLabel"
  /** It is not encrypted, or with a key that we lack, or forged. */
  | "undecryptable"
  /** The checksum is not that of the message. */
  | "badChecksum"
  /** The compressed data cannot be decompressed, or grows too large. */
  | "undecompressable"
  /** There is no such message in a packet. */
  | "unknownType"
  /** The message is not what its type says. */
  | "malformed"
  /** Messages of a compound are cut off. */
  | "truncated"
  /** Wrappers in wrappers without end. */
  | "nestedTooDeeply";

/** What a packet holds. */
export interface OpenedPacket {
  /** In their order. */
  readonly messages: readonly Message[];
  /** One entry for each part that was not taken. */
  readonly drops: readonly PacketDrop[];
}

/**
 * Opens a packet. Never throws: what cannot be read is dropped with a reason,
 * and the rest of a compound still counts.
 */
export function openPacket(
  bytes: Uint8Array,
  security: Security,
): OpenedPacket {
  const unlabelled = tryRemoveLabel(bytes);
  if (unlabelled === undefined) return dropped("badLabel");
  if (unlabelled.label !== security.label.text) return dropped("foreignLabel");
  const decrypted = decryptPacket(unlabelled.rest, security);
  if (decrypted.kind === "undecryptable") return dropped("undecryptable");
  const checksummed = removeChecksum(decrypted.bytes);
  if (checksummed?.isValid === false) return dropped("badChecksum");
  return new Opening().open(checksummed?.message ?? decrypted.bytes);
}

function dropped(reason: PacketDrop): OpenedPacket {
  return { messages: [], drops: [reason] };
}

function tryRemoveLabel(bytes: Uint8Array): Unlabelled | undefined {
  try {
    return removeLabel(bytes);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return undefined;
  }
}

/** Unwraps the messages of one packet. */
class Opening {
  readonly #messages: Message[] = [];
  readonly #drops: PacketDrop[] = [];
  /** Bytes that decompression may still make. */
  #allowance = MAX_PACKET_DECOMPRESSED;

  open(bytes: Uint8Array): OpenedPacket {
    this.#take(bytes, 0);
    return { messages: this.#messages, drops: this.#drops };
  }

  #take(bytes: Uint8Array, depth: number): void {
    const type = bytes[0];
    if (type === undefined) this.#drops.push("malformed");
    else if (depth > MAX_NESTING) this.#drops.push("nestedTooDeeply");
    else if (type === MessageType.compound) this.#takeCompound(bytes, depth);
    else if (type === MessageType.compress) this.#takeCompressed(bytes, depth);
    else if (!isMessageType(type)) this.#drops.push("unknownType");
    else {
      this.#attempt("malformed", () => {
        this.#messages.push(decodeMessage(bytes));
      });
    }
  }

  #takeCompound(bytes: Uint8Array, depth: number): void {
    this.#attempt("malformed", () => {
      const { parts, truncated } = decodeCompound(bytes);
      if (truncated > 0) this.#drops.push("truncated");
      for (const part of parts) this.#take(part, depth + 1);
    });
  }

  #takeCompressed(bytes: Uint8Array, depth: number): void {
    this.#attempt("undecompressable", () => {
      const inner = decompress(decodeCompressed(bytes), this.#allowance);
      this.#allowance -= inner.length;
      this.#take(inner, depth + 1);
    });
  }

  #attempt(reason: PacketDrop, action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#drops.push(reason);
    }
  }
}

/** How a packet is wrapped besides its protection. */
export interface PacketOptions {
  /** Whether to compress where it makes the message shorter. */
  readonly compression: boolean;
  /** Whether the receiver understands checksums (protocol version 5). */
  readonly checksum: boolean;
}

/** Wraps a message for a packet. */
export function sealPacket(
  message: Uint8Array,
  security: Security,
  { compression, checksum }: PacketOptions,
): Uint8Array<ArrayBufferLike> {
  const compressed = compression ? compressMessage(message) : message;
  const shorter = compressed.length < message.length ? compressed : message;
  const keyring = outgoingKeyring(security);
  const { label, encryptionVersion: version, fillRandom } = security;
  const key = keyring?.primary;
  if (key === undefined) {
    return withHeader(label.header, checksum ? addChecksum(shorter) : shorter);
  }
  // The tag of AES-GCM already tells whether a bit has flipped.
  const sealed = encrypt(shorter, {
    version,
    key,
    associatedData: label.bytes,
    fillRandom,
  });
  return withHeader(label.header, sealed);
}

function withHeader(header: Uint8Array, rest: Uint8Array): Uint8Array {
  if (header.length === 0) return rest;
  return new Writer().bytes(header, "label").bytes(rest, "packet").finish();
}

/** Bytes that are left for messages in a packet of so many. */
export function packetCapacity(size: number, security: Security): number {
  const protection = outgoingKeyring(security) === undefined
    ? CHECKSUM_OVERHEAD
    : encryptionOverhead(security.encryptionVersion);
  return size - security.label.header.length - protection - COMPOUND_OVERHEAD;
}
