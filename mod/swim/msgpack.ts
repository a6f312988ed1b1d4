/**
 * The part of MessagePack that memberlist's messages are made of, written as
 * hashicorp/go-msgpack writes it by default: texts and bytes alike in the raw
 * family of the old specification, without `str8` and `bin`. Reading also takes
 * what newer encoders write.
 */
import type { Reader, Writer } from "../net/mod.ts";
import {
  CONTAINERS,
  NUMBER_SIZES,
  readLength,
  shapeOf,
  STRING_LENGTH_SIZES,
} from "./msgpack_shape.ts";

const FIX_MAP = 0x80;
const FIX_ARRAY = 0x90;
const FIX_RAW = 0xa0;
const NIL = 0xc0;
const FALSE = 0xc2;
const TRUE = 0xc3;
const UINT8 = 0xcc;
const UINT16 = 0xcd;
const UINT32 = 0xce;
const INT16 = 0xd1;
const INT32 = 0xd2;
const RAW16 = 0xda;
const RAW32 = 0xdb;

/** What stands at the beginning of a record. */
export type RecordStart =
  | { readonly kind: "nil" }
  | { readonly kind: "map"; readonly entries: number }
  | { readonly kind: "array"; readonly entries: number };

/** Reads the beginning of a record: a map, an array of its values, or nothing. */
export function readRecordStart(reader: Reader, field: string): RecordStart {
  const first = reader.u8(field);
  if (first === NIL) return { kind: "nil" };
  const shape = shapeOf(first);
  if (shape?.kind === "values") {
    return first < FIX_ARRAY
      ? { kind: "map", entries: first & 0x0f }
      : { kind: "array", entries: first & 0x0f };
  }
  if (shape?.kind === "lengthThenValues") {
    const kind = shape.perEntry === 2 ? "map" : "array";
    return { kind, entries: readLength(reader, shape.size, field) };
  }
  return reader.fail(field, "it is neither a map nor an array", 1);
}

/**
 * Reads a whole number from 0 to `max` in any width; nil counts as 0.
 *
 * @throws {WireError} For a negative or larger number, or another kind of value.
 */
export function readUint(reader: Reader, max: number, field: string): number {
  const first = reader.u8(field);
  if (first < FIX_MAP) return first;
  if (first === NIL) return 0;
  const size = NUMBER_SIZES.get(first);
  if (size === undefined) return reader.fail(field, "it is no number", 1);
  const value = numberOf(reader, first, size, field);
  if (value < 0 || value > max) {
    reader.fail(field, `it is not from 0 to ${max}`, size + 1);
  }
  return value;
}

/** A number after its first byte; one beyond 2^53 is not exact, but too large anyway. */
function numberOf(
  reader: Reader,
  first: number,
  size: number,
  field: string,
): number {
  const raw = size === 8
    ? reader.u64(field)
    : BigInt(readLength(reader, size === 4 ? 4 : size === 2 ? 2 : 1, field));
  const isSigned = first >= 0xd0;
  return Number(isSigned ? BigInt.asIntN(8 * size, raw) : raw);
}

/** Reads a truth value; 0, 1 and nil count. */
export function readBool(reader: Reader, field: string): boolean {
  const first = reader.u8(field);
  if (first === FALSE || first === 0 || first === NIL) return false;
  if (first === TRUE || first === 1) return true;
  return reader.fail(field, "it is no truth value", 1);
}

/**
 * Reads bytes, or `null` for nil. They may come as text, as bytes, or as an
 * array of numbers.
 */
export function readBytes(reader: Reader, field: string): Uint8Array | null {
  const first = reader.u8(field);
  if (first === NIL) return null;
  if (first >= FIX_RAW && first < NIL) {
    return reader.bytes(first & 0x1f, field);
  }
  const size = STRING_LENGTH_SIZES.get(first);
  if (size !== undefined) {
    return reader.bytes(readLength(reader, size, field), field);
  }
  const count = arrayLength(reader, first, field);
  if (count === undefined) {
    return reader.fail(field, "it is neither text nor bytes", 1);
  }
  // Each entry takes a byte at least: a length that lies ends at once.
  const entries: number[] = [];
  while (entries.length < count) entries.push(readUint(reader, 0xff, field));
  return Uint8Array.from(entries);
}

function arrayLength(
  reader: Reader,
  first: number,
  field: string,
): number | undefined {
  if (first >= FIX_ARRAY && first < FIX_RAW) return first & 0x0f;
  const shape = CONTAINERS.get(first);
  return shape?.perEntry === 1
    ? readLength(reader, shape.size, field)
    : undefined;
}

/** Bytes of a text that is written and read one by one. */
const SHORT = 64;

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads a text; nil counts as the empty one. */
export function readText(reader: Reader, field: string): string {
  const bytes = readBytes(reader, field);
  if (bytes === null) return "";
  // Names are short and of ASCII, for which a decoder takes ten times as long.
  if (bytes.length <= SHORT && bytes.every((byte) => byte < 0x80)) {
    return String.fromCharCode(...bytes);
  }
  try {
    return UTF8.decode(bytes);
  } catch {
    return reader.fail(field, "it is no UTF-8 text", bytes.length);
  }
}

/** Writes the beginning of a map; records have fewer than 16 entries. */
export function writeMapStart(
  writer: Writer,
  entries: number,
  field: string,
): void {
  writer.u8(FIX_MAP | entries, field);
}

/** Writes an unsigned number in its shortest form. */
export function writeUint(writer: Writer, value: number, field: string): void {
  if (value < FIX_MAP) writer.u8(value, field);
  else if (value <= 0xff) writer.u8(UINT8, field).u8(value, field);
  else if (value <= 0xffff) writer.u8(UINT16, field).u16(value, field);
  else writer.u8(UINT32, field).u32(value, field);
}

/** Writes a number that the other side keeps in a signed type, which changes its form. */
export function writeInt(writer: Writer, value: number, field: string): void {
  if (value < FIX_MAP) writer.u8(value, field);
  else if (value <= 0x7fff) writer.u8(INT16, field).u16(value, field);
  else writer.u8(INT32, field).u32(value, field);
}

/** Writes a truth value. */
export function writeBool(writer: Writer, value: boolean, field: string): void {
  writer.u8(value ? TRUE : FALSE, field);
}

/** Writes bytes, or nil. */
export function writeBytes(
  writer: Writer,
  value: Uint8Array | null,
  field: string,
): void {
  if (value === null) {
    writer.u8(NIL, field);
    return;
  }
  const { length } = value;
  if (length < 32) writer.u8(FIX_RAW | length, field);
  else if (length <= 0xffff) writer.u8(RAW16, field).u16(length, field);
  else writer.u8(RAW32, field).u32(length, field);
  writer.bytes(value, field);
}

const ENCODER = new TextEncoder();

/** Writes a text. */
export function writeText(writer: Writer, value: string, field: string): void {
  writeBytes(writer, encodeText(value), field);
}

function encodeText(value: string): Uint8Array {
  if (value.length > SHORT) return ENCODER.encode(value);
  const bytes = new Uint8Array(value.length);
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code >= 0x80) return ENCODER.encode(value);
    bytes[at] = code;
  }
  return bytes;
}
