/**
 * How a MessagePack value of any kind goes on after its first byte: enough to
 * pass over what is unknown, and to find the end of what is still arriving.
 */
import type { Reader } from "../net/mod.ts";

const FIX_MAP = 0x80;
const FIX_ARRAY = 0x90;
const FIX_RAW = 0xa0;
const NIL = 0xc0;
const NEVER_USED = 0xc1;
const FALSE = 0xc2;
const TRUE = 0xc3;
const FIX_EXTENSION = 0xd4;
const NEGATIVE_FIX = 0xe0;

/** Bytes that follow the first byte of a number. */
export const NUMBER_SIZES: ReadonlyMap<number, number> = new Map([
  [0xcc, 1],
  [0xcd, 2],
  [0xce, 4],
  [0xcf, 8],
  [0xd0, 1],
  [0xd1, 2],
  [0xd2, 4],
  [0xd3, 8],
]);

/** Bytes of the length that follows the first byte of a text or of bytes. */
export const STRING_LENGTH_SIZES: ReadonlyMap<number, 1 | 2 | 4> = new Map([
  [0xc4, 1],
  [0xc5, 2],
  [0xc6, 4],
  [0xd9, 1],
  [0xda, 2],
  [0xdb, 4],
]);

/** Bytes of the length that follows the first byte of an array or a map, and values of an entry. */
export const CONTAINERS: ReadonlyMap<
  number,
  { readonly size: 2 | 4; readonly perEntry: 1 | 2 }
> = new Map([
  [0xdc, { size: 2, perEntry: 1 }],
  [0xdd, { size: 4, perEntry: 1 }],
  [0xde, { size: 2, perEntry: 2 }],
  [0xdf, { size: 4, perEntry: 2 }],
]);

/** Bytes of the length that follows the first byte of an extension; its type is one byte more. */
const EXTENSION_LENGTH_SIZES: ReadonlyMap<number, 1 | 2 | 4> = new Map([
  [0xc7, 1],
  [0xc8, 2],
  [0xc9, 4],
]);

/** How a value goes on after its first byte. */
export type Shape =
  /** So many bytes end it. */
  | { readonly kind: "bytes"; readonly count: number }
  /** A length of so many bytes, then that many bytes and `extra` more. */
  | {
    readonly kind: "lengthThenBytes";
    readonly size: 1 | 2 | 4;
    readonly extra: 0 | 1;
  }
  /** So many values end it. */
  | { readonly kind: "values"; readonly count: number }
  /** A length of so many bytes, then for each entry so many values. */
  | {
    readonly kind: "lengthThenValues";
    readonly size: 2 | 4;
    readonly perEntry: 1 | 2;
  };

/** How the value with this first byte goes on; `undefined` for the one byte that begins none. */
export function shapeOf(first: number): Shape | undefined {
  if (first < FIX_MAP || first >= NEGATIVE_FIX) {
    return { kind: "bytes", count: 0 };
  }
  if (first < FIX_ARRAY) return { kind: "values", count: 2 * (first & 0x0f) };
  if (first < FIX_RAW) return { kind: "values", count: first & 0x0f };
  if (first < NIL) return { kind: "bytes", count: first & 0x1f };
  if (first === NIL || first === FALSE || first === TRUE) {
    return { kind: "bytes", count: 0 };
  }
  if (first === NEVER_USED) return undefined;
  const length = STRING_LENGTH_SIZES.get(first);
  if (length !== undefined) {
    return { kind: "lengthThenBytes", size: length, extra: 0 };
  }
  const container = CONTAINERS.get(first);
  if (container !== undefined) {
    return { kind: "lengthThenValues", ...container };
  }
  return otherShape(first);
}

/** Numbers, fractions and extensions. */
function otherShape(first: number): Shape {
  const extension = EXTENSION_LENGTH_SIZES.get(first);
  if (extension !== undefined) {
    return { kind: "lengthThenBytes", size: extension, extra: 1 };
  }
  // Extensions of 1, 2, 4, 8 or 16 bytes, after their type.
  if (first >= FIX_EXTENSION && first <= 0xd8) {
    return { kind: "bytes", count: 1 + (1 << (first - FIX_EXTENSION)) };
  }
  const fraction = first === 0xca ? 4 : 8;
  return { kind: "bytes", count: NUMBER_SIZES.get(first) ?? fraction };
}

/** Passes over one value of any kind, however deeply nested, without recursion. */
export function skipValue(reader: Reader, field: string): void {
  for (let values = 1; values > 0; values--) {
    const shape = shapeOf(reader.u8(field)) ??
      reader.fail(field, "0xc1 begins no value", 1);
    if (shape.kind === "bytes") reader.skip(shape.count, field);
    else if (shape.kind === "values") values += shape.count;
    else {
      const length = readLength(reader, shape.size, field);
      if (shape.kind === "lengthThenValues") values += length * shape.perEntry;
      else reader.skip(length + shape.extra, field);
    }
  }
}

/** Reads a length of so many bytes. */
export function readLength(
  reader: Reader,
  size: 1 | 2 | 4,
  field: string,
): number {
  if (size === 1) return reader.u8(field);
  return size === 2 ? reader.u16(field) : reader.u32(field);
}
