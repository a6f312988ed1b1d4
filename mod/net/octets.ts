/**
 * Numbers in packets that are read and written in place, in network byte order.
 * Nothing is allocated and nothing checked: bytes past the end read as 0, and
 * what is written there is lost. {@linkcode Reader} and {@linkcode Writer} are
 * for everything that need not be that fast.
 */

const TWO_TO_32 = 0x100000000;

/** The unsigned 16-bit number at an offset. */
export function readU16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

/** The unsigned 32-bit number at an offset. */
export function readU32(bytes: Uint8Array, offset: number): number {
  return ((readU16(bytes, offset) << 16) | readU16(bytes, offset + 2)) >>> 0;
}

/** The unsigned 48-bit number at an offset. */
export function readU48(bytes: Uint8Array, offset: number): number {
  return readU16(bytes, offset) * TWO_TO_32 + readU32(bytes, offset + 2);
}

/** Writes the low 16 bits of a number at an offset. */
export function writeU16(
  bytes: Uint8Array,
  offset: number,
  value: number,
): void {
  bytes[offset] = value >>> 8;
  bytes[offset + 1] = value;
}

/** Writes the low 32 bits of a number at an offset. */
export function writeU32(
  bytes: Uint8Array,
  offset: number,
  value: number,
): void {
  writeU16(bytes, offset, value >>> 16);
  writeU16(bytes, offset + 2, value);
}

/** Writes a number below 2^48 at an offset. */
export function writeU48(
  bytes: Uint8Array,
  offset: number,
  value: number,
): void {
  writeU16(bytes, offset, Math.floor(value / TWO_TO_32));
  writeU32(bytes, offset + 2, value);
}
