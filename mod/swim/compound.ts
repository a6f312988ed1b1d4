/** Several messages in one packet. */
import { Reader, WireError, Writer } from "../net/mod.ts";
import { MessageType } from "./message_type.ts";

/** Messages that one compound holds at most: their number is one byte. */
export const MAX_COMPOUND_PARTS = 255;

/** Bytes that a compound adds: its type and the number of parts. */
export const COMPOUND_OVERHEAD = 2;

/** Bytes that each part adds: its length. */
export const COMPOUND_PART_OVERHEAD = 2;

/**
 * Packs messages into one.
 *
 * @throws {WireError} For more than {@linkcode MAX_COMPOUND_PARTS}, or a part of 64 KiB or more.
 */
export function encodeCompound(
  parts: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const writer = new Writer()
    .u8(MessageType.compound, "message type")
    .u8(parts.length, "number of parts");
  for (const part of parts) writer.u16(part.length, "length of a part");
  for (const part of parts) writer.bytes(part, "part");
  return writer.finish();
}

/** What a compound holds. */
export interface Compound {
  /** The messages that are there in full. */
  readonly parts: readonly Uint8Array[];
  /** How many are cut off: the packet was too short for them. */
  readonly truncated: number;
}

/**
 * Unpacks a compound, from its type byte on. A part that is cut off ends it;
 * those before count.
 *
 * @throws {WireError} When even the lengths are cut off.
 */
export function decodeCompound(bytes: Uint8Array): Compound {
  const reader = new Reader(bytes);
  const type = reader.u8("message type");
  if (type !== MessageType.compound) {
    throw new WireError("message type", 0, `${type} is no compound`);
  }
  const count = reader.u8("number of parts");
  const lengths = reader.sub(2 * count, "lengths of the parts");
  const parts: Uint8Array[] = [];
  while (lengths.remaining > 0) {
    const length = lengths.u16("length of a part");
    if (length > reader.remaining) break;
    parts.push(reader.bytes(length, "part"));
  }
  return { parts, truncated: count - parts.length };
}
