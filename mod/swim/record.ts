/**
 * Records as memberlist's encoder writes them: maps from field names to values,
 * in the order of the names. What is read may also be in another order, lack
 * fields, hold unknown ones, or be an array of values in the order in which the
 * protocol defines the fields.
 */
import { type Reader, Writer } from "../net/mod.ts";
import {
  readBool,
  readBytes,
  readRecordStart,
  readText,
  readUint,
  writeBool,
  writeBytes,
  writeInt,
  writeMapStart,
  writeText,
  writeUint,
} from "./msgpack.ts";
import { skipValue } from "./msgpack_shape.ts";

/** How one field stands on the wire. */
export interface Field<T> {
  /** Its name there. */
  readonly name: string;
  /** Its value when it is missing. */
  readonly zero: T;
  /** Reads its value. */
  read(reader: Reader): T;
  /** Writes its value. */
  write(writer: Writer, value: T): void;
  /** Whether the field is left out, given its value. */
  isLeftOut(value: T): boolean;
}

/** The fields of a record, in the order of their definition in the protocol. */
export type Layout<T> = { readonly [K in keyof T]: Field<T[K]> };

const never = (): boolean => false;

function uint(name: string, max: number): Field<number> {
  return {
    name,
    zero: 0,
    read: (reader) => readUint(reader, max, name),
    write: (writer, value) => writeUint(writer, value, name),
    isLeftOut: never,
  };
}

/** An unsigned 8-bit number. */
export function u8(name: string): Field<number> {
  return uint(name, 0xff);
}

/** An unsigned 16-bit number. */
export function u16(name: string): Field<number> {
  return uint(name, 0xffff);
}

/** An unsigned 32-bit number. */
export function u32(name: string): Field<number> {
  return uint(name, 0xffffffff);
}

/** A count: signed on the other side, and never negative. */
export function count(name: string): Field<number> {
  return {
    ...uint(name, 0x7fffffff),
    write: (writer, value) => writeInt(writer, value, name),
  };
}

/** A truth value. */
export function bool(name: string): Field<boolean> {
  return {
    name,
    zero: false,
    read: (reader) => readBool(reader, name),
    write: (writer, value) => writeBool(writer, value, name),
    isLeftOut: never,
  };
}

/** A text. */
export function text(name: string): Field<string> {
  return {
    name,
    zero: "",
    read: (reader) => readText(reader, name),
    write: (writer, value) => writeText(writer, value, name),
    isLeftOut: never,
  };
}

/** Bytes; `null` is nil on the wire and means the same as none. */
export function octets(name: string): Field<Uint8Array | null> {
  return {
    name,
    zero: null,
    read: (reader) => readBytes(reader, name),
    write: (writer, value) => writeBytes(writer, value, name),
    isLeftOut: never,
  };
}

/** The same field, left out when it is empty. */
export function optional<T>(field: Field<T>): Field<T> {
  const isLeftOut = (value: T): boolean =>
    value === field.zero ||
    (value instanceof Uint8Array && value.length === 0);
  return { ...field, isLeftOut };
}

/** A layout's fields, as decoding and encoding walk them. */
interface Entry {
  readonly key: string;
  readonly field: Field<unknown>;
  /** The name of the field as it is written. */
  readonly nameBytes: Uint8Array;
}

function encodeName(name: string): Uint8Array {
  const writer = new Writer();
  writeText(writer, name, "field name");
  return writer.finish();
}

/** Decodes and encodes records of one layout. */
export class RecordCodec<T extends object> {
  readonly #name: string;
  readonly #defined: readonly Entry[];
  readonly #sorted: readonly Entry[];
  readonly #byName: ReadonlyMap<string, Entry>;

  /**
   * Makes the codec.
   *
   * @param name What the record is called in errors.
   * @param layout Its fields.
   */
  constructor(name: string, layout: Layout<T>) {
    this.#name = name;
    const fields = layout as Readonly<Record<string, Field<unknown>>>;
    this.#defined = Object.entries(fields)
      .map(([key, field]) => (
        { key, field, nameBytes: encodeName(field.name) }
      ));
    this.#sorted = this.#defined.toSorted((a, b) =>
      a.field.name < b.field.name ? -1 : 1
    );
    this.#byName = new Map(
      this.#defined.map((entry) => [entry.field.name, entry]),
    );
  }

  /**
   * Reads one record; what follows it is left.
   *
   * @throws {WireError} When it is none, or a value has the wrong type.
   */
  read(reader: Reader): T {
    const record: Record<string, unknown> = {};
    for (const { key, field } of this.#defined) record[key] = field.zero;
    const start = readRecordStart(reader, this.#name);
    if (start.kind === "map") this.#readMap(reader, start.entries, record);
    if (start.kind === "array") this.#readArray(reader, start.entries, record);
    // Every key of the layout is set, each by the reader of its own type.
    return record as T;
  }

  #readMap(
    reader: Reader,
    entries: number,
    record: Record<string, unknown>,
  ): void {
    for (let index = 0; index < entries; index++) {
      const entry = this.#byName.get(readText(reader, "field name"));
      if (entry === undefined) skipValue(reader, "unknown field");
      else record[entry.key] = entry.field.read(reader);
    }
  }

  #readArray(
    reader: Reader,
    entries: number,
    record: Record<string, unknown>,
  ): void {
    for (let index = 0; index < entries; index++) {
      const entry = this.#defined[index];
      if (entry === undefined) skipValue(reader, "unknown field");
      else record[entry.key] = entry.field.read(reader);
    }
  }

  /**
   * Writes one record.
   *
   * @throws {WireError} For a number that does not fit its field.
   */
  write(writer: Writer, record: T): void {
    const values = record as Readonly<Record<string, unknown>>;
    const present = this.#sorted.filter(({ key, field }) =>
      !field.isLeftOut(values[key])
    );
    writeMapStart(writer, present.length, this.#name);
    for (const { key, field, nameBytes } of present) {
      writer.bytes(nameBytes, "field name");
      field.write(writer, values[key]);
    }
  }
}
