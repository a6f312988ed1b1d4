/**
 * LZW with codes of 9 to 12 bits, least significant bit first, for literals of
 * 8 bits: the variant of GIF 89a (appendix F), which memberlist compresses with.
 */
import { WireError } from "../net/mod.ts";

const CLEAR = 256;
const END = 257;
const FIRST_ENTRY = 258;
const FIRST_WIDTH = 9;
const MAX_WIDTH = 12;
const TABLE_SIZE = 1 << MAX_WIDTH;

/** Compresses bytes; the same input gives the bytes that memberlist sends. */
export function lzwCompress(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Encoder(bytes.length).run(bytes);
}

class Encoder {
  readonly #entries = new Map<number, number>();
  #next = FIRST_ENTRY;
  #width = FIRST_WIDTH;
  readonly #out: Uint8Array<ArrayBuffer>;
  #length = 0;
  #held = 0;
  #heldBits = 0;

  /** Room for the worst case: 12 bits for each byte, and what clears the table. */
  constructor(size: number) {
    this.#out = new Uint8Array(Math.ceil(size * 1.6) + 16);
  }

  run(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    this.#put(CLEAR);
    let prefix = -1;
    for (const byte of bytes) {
      prefix = prefix < 0 ? byte : this.#extend(prefix, byte);
    }
    if (prefix >= 0) this.#emit(prefix);
    this.#put(END);
    if (this.#heldBits > 0) this.#out[this.#length++] = this.#held & 0xff;
    return this.#out.slice(0, this.#length);
  }

  /** The code of what was read so far and not yet written, with one byte more. */
  #extend(prefix: number, byte: number): number {
    const key = prefix << 8 | byte;
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const entry = this.#next;
    if (this.#emit(prefix)) this.#entries.set(key, entry);
    return byte;
  }

  /** Writes a code; `false` when the table was full after it and is empty now. */
  #emit(code: number): boolean {
    this.#put(code);
    this.#next++;
    if (this.#next > 1 << this.#width) this.#width++;
    if (this.#next < TABLE_SIZE) return true;
    this.#put(CLEAR);
    this.#entries.clear();
    this.#next = FIRST_ENTRY;
    this.#width = FIRST_WIDTH;
    return false;
  }

  #put(code: number): void {
    this.#held |= code << this.#heldBits;
    this.#heldBits += this.#width;
    while (this.#heldBits >= 8) {
      this.#out[this.#length++] = this.#held & 0xff;
      this.#held >>>= 8;
      this.#heldBits -= 8;
    }
  }
}

/**
 * Decompresses bytes up to the code that ends them; what follows is ignored.
 *
 * @param max Bytes that the result may have.
 * @throws {WireError} For an impossible code, a missing end, or a longer result.
 */
export function lzwDecompress(
  bytes: Uint8Array,
  max: number,
): Uint8Array<ArrayBuffer> {
  return new Decoder(bytes, max).run();
}

class Decoder {
  readonly #bytes: Uint8Array;
  readonly #max: number;
  readonly #prefixes = new Uint16Array(TABLE_SIZE);
  readonly #suffixes = new Uint8Array(TABLE_SIZE);
  readonly #lengths = new Uint16Array(TABLE_SIZE);
  #next = FIRST_ENTRY;
  #width = FIRST_WIDTH;
  #offset = 0;
  #held = 0;
  #heldBits = 0;
  #out: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(bytes: Uint8Array, max: number) {
    this.#bytes = bytes;
    this.#max = max;
    this.#out = new Uint8Array(Math.min(max, 4 * bytes.length + 64));
  }

  run(): Uint8Array<ArrayBuffer> {
    let previous = -1;
    for (;;) {
      const code = this.#take();
      if (code === END) return this.#out.slice(0, this.#length);
      if (code === CLEAR) {
        this.#next = FIRST_ENTRY;
        this.#width = FIRST_WIDTH;
        previous = -1;
        continue;
      }
      const first = this.#expand(code, previous);
      if (previous >= 0 && this.#next < TABLE_SIZE) {
        this.#learn(previous, first);
      }
      previous = code;
    }
  }

  #take(): number {
    while (this.#heldBits < this.#width) {
      const byte = this.#bytes[this.#offset];
      if (byte === undefined) this.#fail("it ends without an end code");
      this.#held |= byte << this.#heldBits;
      this.#heldBits += 8;
      this.#offset++;
    }
    const code = this.#held & (1 << this.#width) - 1;
    this.#held >>>= this.#width;
    this.#heldBits -= this.#width;
    return code;
  }

  /** Appends what a code stands for, and gives the first byte of that. */
  #expand(code: number, previous: number): number {
    if (code === this.#next && previous >= 0) {
      // The entry that this very code completes: the last string and its first byte.
      const first = this.#append(previous);
      this.#reserve(1);
      this.#out[this.#length++] = first;
      return first;
    }
    if (code >= this.#next) this.#fail(`code ${code} stands for nothing yet`);
    return this.#append(code);
  }

  /** Writes an entry from its last byte to its first. */
  #append(code: number): number {
    const length = code < CLEAR ? 1 : this.#lengths[code] ?? 1;
    this.#reserve(length);
    let at = this.#length + length;
    this.#length = at;
    let rest = code;
    while (rest >= FIRST_ENTRY) {
      this.#out[--at] = this.#suffixes[rest] ?? 0;
      rest = this.#prefixes[rest] ?? 0;
    }
    this.#out[--at] = rest;
    return rest;
  }

  #learn(prefix: number, suffix: number): void {
    const prefixLength = prefix < CLEAR ? 1 : this.#lengths[prefix] ?? 1;
    this.#prefixes[this.#next] = prefix;
    this.#suffixes[this.#next] = suffix;
    this.#lengths[this.#next] = prefixLength + 1;
    this.#next++;
    if (this.#next === 1 << this.#width && this.#width < MAX_WIDTH) {
      this.#width++;
    }
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#out.length) return;
    if (needed > this.#max) {
      this.#fail(`it grows to more than ${this.#max} bytes`);
    }
    const size = Math.min(this.#max, Math.max(needed, 2 * this.#out.length));
    const grown = new Uint8Array(size);
    grown.set(this.#out);
    this.#out = grown;
  }

  #fail(problem: string): never {
    throw new WireError("compressed data", this.#offset, problem);
  }
}
