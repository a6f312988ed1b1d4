/** The CRC-32 in front of packets for members that speak protocol version 5. */
import { crc32 } from "node:zlib";
import { Reader, Writer } from "../net/mod.ts";
import { MessageType } from "./message_type.ts";

/** Bytes that the checksum adds. */
export const CHECKSUM_OVERHEAD = 5;

/** A message behind its checksum. */
export interface Checksummed {
  /** CRC-32 (IEEE 802.3) that stands there. */
  readonly crc: number;
  /** Whether it is that of the message. */
  readonly isValid: boolean;
  /** What the checksum is of. */
  readonly message: Uint8Array;
}

/** Puts a checksum in front of a message. */
export function addChecksum(message: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Writer()
    .u8(MessageType.crc, "message type")
    .u32(crc32(message), "checksum")
    .bytes(message, "message")
    .finish();
}

/**
 * Takes the checksum off; `undefined` when there is none, which is also the
 * case for a packet too short to hold it.
 */
export function removeChecksum(bytes: Uint8Array): Checksummed | undefined {
  if (bytes.length < CHECKSUM_OVERHEAD || bytes[0] !== MessageType.crc) {
    return undefined;
  }
  const reader = new Reader(bytes);
  reader.skip(1, "message type");
  const crc = reader.u32("checksum");
  const message = reader.rest();
  return { crc, isValid: crc === crc32(message), message };
}
