import { WireError } from "./wire_error.ts";
export { WireError } from "./wire_error.ts";

/** Byte order of the numbers of a message. Network protocols are big-endian. */
export interface ByteOrder {
  /** Least significant byte first (rtnetlink on amd64 and arm64). Default: false. */
  readonly littleEndian?: boolean;
}

/**
 * Reads a message field by field. Every read names its field; a read past the
 * end throws {@linkcode WireError} with that name and its byte offset. Bytes are
 * copied out, so a result outlives the buffer that it came from.
 */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #littleEndian: boolean;
  readonly #base: number;
  #offset = 0;

  /**
   * Starts at the first byte.
   *
   * @param bytes The message; it is not copied.
   * @param order Byte order of its numbers.
   * @param base Offset of `bytes` in an enclosing message, for error messages.
   */
  constructor(bytes: Uint8Array, order: ByteOrder = {}, base = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#littleEndian = order.littleEndian ?? false;
    this.#base = base;
  }

  /** Bytes read so far, counted from the start of the enclosing message. */
  get offset(): number {
    return this.#base + this.#offset;
  }

  /** Bytes not yet read. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  /** Reads an unsigned 8-bit number. */
  u8(field: string): number {
    return this.#view.getUint8(this.#take(1, field));
  }

  /** Reads an unsigned 16-bit number. */
  u16(field: string): number {
    return this.#view.getUint16(this.#take(2, field), this.#littleEndian);
  }

  /** Reads an unsigned 32-bit number. */
  u32(field: string): number {
    return this.#view.getUint32(this.#take(4, field), this.#littleEndian);
  }

  /** Reads an unsigned 64-bit number. */
  u64(field: string): bigint {
    return this.#view.getBigUint64(this.#take(8, field), this.#littleEndian);
  }

  /** Reads that many bytes into an array of their own. */
  bytes(count: number, field: string): Uint8Array<ArrayBuffer> {
    const start = this.#take(count, field);
    return new Uint8Array(this.#bytes.subarray(start, start + count));
  }

  /** Reads all bytes that are left into an array of their own. */
  rest(): Uint8Array<ArrayBuffer> {
    return this.bytes(this.remaining, "rest");
  }

  /** Passes over that many bytes. */
  skip(count: number, field: string): void {
    this.#take(count, field);
  }

  /** A reader of the next `count` bytes, which this one passes over. */
  sub(count: number, field: string): Reader {
    const base = this.offset;
    const start = this.#take(count, field);
    const part = this.#bytes.subarray(start, start + count);
    return new Reader(part, { littleEndian: this.#littleEndian }, base);
  }

  /** Throws {@linkcode WireError} unless everything has been read. */
  end(field: string): void {
    if (this.remaining > 0) {
      this.fail(field, `${this.remaining} bytes follow its end`);
    }
  }

  /**
   * Throws {@linkcode WireError} for a field that was just read or is about to be.
   *
   * @param field Name of the field.
   * @param problem What is wrong with it.
   * @param size Bytes since the field's start; 0 when it was not read yet.
   */
  fail(field: string, problem: string, size = 0): never {
    throw new WireError(field, this.offset - size, problem);
  }

  #take(count: number, field: string): number {
    if (!Number.isInteger(count) || count < 0) {
      this.fail(field, `its length ${count} is not a whole number from 0`);
    }
    if (count > this.remaining) {
      this.fail(field, `it needs ${count} bytes, ${this.remaining} are left`);
    }
    const start = this.#offset;
    this.#offset += count;
    return start;
  }
}

const FIRST_CAPACITY = 64;

/**
 * Writes a message field by field. Every write names its field; a value that
 * does not fit throws {@linkcode WireError} with that name and its byte offset.
 */
export class Writer {
  readonly #littleEndian: boolean;
  #bytes = new Uint8Array(FIRST_CAPACITY);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /**
   * Starts with no bytes.
   *
   * @param order Byte order of the numbers.
   */
  constructor(order: ByteOrder = {}) {
    this.#littleEndian = order.littleEndian ?? false;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** Writes an unsigned 8-bit number. */
  u8(value: number, field: string): this {
    this.#check(value, 0xff, field);
    const at = this.#grow(1);
    this.#view.setUint8(at, value);
    return this;
  }

  /** Writes an unsigned 16-bit number. */
  u16(value: number, field: string): this {
    this.#check(value, 0xffff, field);
    const at = this.#grow(2);
    this.#view.setUint16(at, value, this.#littleEndian);
    return this;
  }

  /** Writes an unsigned 32-bit number. */
  u32(value: number, field: string): this {
    this.#check(value, 0xffffffff, field);
    const at = this.#grow(4);
    this.#view.setUint32(at, value, this.#littleEndian);
    return this;
  }

  /** Writes an unsigned 64-bit number. */
  u64(value: bigint, field: string): this {
    if (BigInt.asUintN(64, value) !== value) {
      throw new WireError(field, this.#length, `${value} does not fit 64 bits`);
    }
    const at = this.#grow(8);
    this.#view.setBigUint64(at, value, this.#littleEndian);
    return this;
  }

  /** Writes bytes; with `count`, throws unless there are exactly that many. */
  bytes(value: Uint8Array, field: string, count: number = value.length): this {
    if (value.length !== count) {
      throw new WireError(
        field,
        this.#length,
        `it has ${count} bytes, not ${value.length}`,
      );
    }
    const start = this.#grow(count);
    this.#bytes.set(value, start);
    return this;
  }

  /** Writes that many zero bytes. */
  zeros(count: number, field: string): this {
    return this.bytes(new Uint8Array(count), field);
  }

  /** Overwrites a 16-bit number written before, such as a length or a checksum. */
  patchU16(offset: number, value: number, field: string): this {
    if (!Number.isInteger(offset) || offset < 0 || offset + 2 > this.#length) {
      throw new WireError(field, offset, "it has not been written yet");
    }
    this.#check(value, 0xffff, field);
    this.#view.setUint16(offset, value, this.#littleEndian);
    return this;
  }

  /** The bytes written so far, as an array of their own. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #check(value: number, max: number, field: string): void {
    if (!Number.isInteger(value) || value < 0 || value > max) {
      throw new WireError(
        field,
        this.#length,
        `${value} is not a whole number from 0 to ${max}`,
      );
    }
  }

  // Replaces the view: take the position first, then the view.
  #grow(count: number): number {
    const start = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(
        Math.max(this.#length, 2 * this.#bytes.length),
      );
      grown.set(this.#bytes.subarray(0, start));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return start;
  }
}
