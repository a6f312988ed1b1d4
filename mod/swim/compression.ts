/** Messages inside a compressed message. */
import { Reader, WireError, Writer } from "../net/mod.ts";
import { lzwCompress, lzwDecompress } from "./lzw.ts";
import { MessageType } from "./message_type.ts";
import { octets, RecordCodec, u8 } from "./record.ts";

/** The only algorithm: LZW, least significant bit first, 8-bit literals. */
const LZW = 0;

/** A compressed message before it is decompressed. */
export interface Compressed {
  /** 0 is LZW; no other is known. */
  readonly algorithm: number;
  /** The compressed bytes. */
  readonly buffer: Uint8Array | null;
}

const CODEC = new RecordCodec<Compressed>("compressed message", {
  algorithm: u8("Algo"),
  buffer: octets("Buf"),
});

/** Compresses a message into another. */
export function compressMessage(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const writer = new Writer().u8(MessageType.compress, "message type");
  CODEC.write(writer, { algorithm: LZW, buffer: lzwCompress(message) });
  return writer.finish();
}

/**
 * Reads a compressed message from its type byte on.
 *
 * @throws {WireError} When it is malformed.
 */
export function decodeCompressed(bytes: Uint8Array): Compressed {
  const reader = new Reader(bytes);
  const type = reader.u8("message type");
  if (type !== MessageType.compress) {
    throw new WireError("message type", 0, `${type} is not compressed`);
  }
  return CODEC.read(reader);
}

/**
 * The message inside.
 *
 * @param max Bytes that it may have.
 * @throws {WireError} For an unknown algorithm, malformed data, or a longer message.
 */
export function decompress(
  { algorithm, buffer }: Compressed,
  max: number,
): Uint8Array<ArrayBuffer> {
  if (algorithm !== LZW) {
    throw new WireError("Algo", 0, `there is no algorithm ${algorithm}`);
  }
  return lzwDecompress(buffer ?? new Uint8Array(), max);
}
