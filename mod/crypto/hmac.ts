import {
  begin,
  BLOCK_BYTES,
  compress,
  DIGEST_BYTES,
  SCHEDULE_WORDS,
  STATE_WORDS,
} from "./sha256.ts";

/** Bytes of a tag that is not truncated. */
export const HMAC_BYTES: number = DIGEST_BYTES;

const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;
/** First byte after a message (FIPS 180-4 §5.1.1). */
const END_MARK = 0x80;
/** The message's length in bits, at the end of its last block. */
const LENGTH_BYTES = 8;

/**
 * HMAC-SHA-256 with one key (RFC 2104), synchronous and without allocating: the
 * packet worker signs and checks in the middle of its loop. The states after
 * the key's own blocks are kept, so a tag over up to 55 bytes costs two blocks.
 *
 * @example Usage
 * ```ts
 * import { assert } from "@std/assert";
 * import { HmacSha256 } from "./mod.ts";
 *
 * const hmac = new HmacSha256(new TextEncoder().encode("secret"));
 * const frame = new Uint8Array(60);
 * hmac.sign(frame, 0, 52, frame, 52, 8);
 * assert(hmac.verify(frame, 0, 52, frame, 52, 8));
 * ```
 */
export class HmacSha256 {
  readonly #inner = new Int32Array(STATE_WORDS);
  readonly #outer = new Int32Array(STATE_WORDS);
  readonly #state = new Int32Array(STATE_WORDS);
  readonly #schedule = new Int32Array(SCHEDULE_WORDS);
  readonly #block = new Uint8Array(BLOCK_BYTES);
  readonly #tag = new Uint8Array(DIGEST_BYTES);

  /**
   * Takes a key of any length, and keeps none of its bytes.
   *
   * @param key Longer ones than 64 bytes are hashed first (RFC 2104 §2).
   */
  constructor(key: Uint8Array) {
    const pad = new Uint8Array(BLOCK_BYTES);
    if (key.length > BLOCK_BYTES) {
      begin(this.#state);
      this.#finish(key, 0, key.length, 0);
      this.#store(pad, 0, DIGEST_BYTES);
    } else {
      pad.set(key);
    }
    this.#keyed(this.#inner, pad, INNER_PAD);
    this.#keyed(this.#outer, pad, OUTER_PAD);
    pad.fill(0);
  }

  /**
   * Writes the tag over some bytes, cut to its first ones (RFC 2104 §5).
   *
   * @param bytes Where the message is.
   * @param offset Its first byte.
   * @param length Its bytes.
   * @param out Where the tag goes; may be the same as `bytes`.
   * @param outOffset Its first byte.
   * @param tagLength Bytes of it, at most 32.
   */
  sign(
    bytes: Uint8Array,
    offset: number,
    length: number,
    out: Uint8Array,
    outOffset: number,
    tagLength: number,
  ): void {
    this.#compute(bytes, offset, length);
    this.#store(out, outOffset, tagLength);
  }

  /**
   * Whether a tag is the one over some bytes. Takes equally long wherever the
   * two differ. Parameters as of {@linkcode sign}; a tag of no bytes is never
   * right.
   */
  verify(
    bytes: Uint8Array,
    offset: number,
    length: number,
    tag: Uint8Array,
    tagOffset: number,
    tagLength: number,
  ): boolean {
    this.#compute(bytes, offset, length);
    this.#store(this.#tag, 0, DIGEST_BYTES);
    let difference = tagLength > 0 && tagLength <= DIGEST_BYTES ? 0 : 1;
    for (let i = 0; i < tagLength; i++) {
      // Past the end of either there is no byte, which is no byte's value.
      difference |= (this.#tag[i] ?? -1) ^ (tag[tagOffset + i] ?? -2);
    }
    return difference === 0;
  }

  /** Leaves the words of the tag in `#state`. */
  #compute(bytes: Uint8Array, offset: number, length: number): void {
    this.#state.set(this.#inner);
    this.#finish(bytes, offset, length, BLOCK_BYTES);
    this.#store(this.#tag, 0, DIGEST_BYTES);
    this.#state.set(this.#outer);
    this.#finish(this.#tag, 0, DIGEST_BYTES, BLOCK_BYTES);
  }

  #keyed(state: Int32Array, pad: Uint8Array, mask: number): void {
    for (let i = 0; i < BLOCK_BYTES; i++) this.#block[i] = (pad[i] ?? 0) ^ mask;
    begin(state);
    compress(state, this.#schedule, this.#block, 0);
  }

  /** Takes a message and its padding into `#state`; `before` bytes went in earlier. */
  #finish(
    bytes: Uint8Array,
    offset: number,
    length: number,
    before: number,
  ): void {
    const state = this.#state;
    let at = offset;
    for (; at + BLOCK_BYTES <= offset + length; at += BLOCK_BYTES) {
      compress(state, this.#schedule, bytes, at);
    }
    const block = this.#block;
    const rest = offset + length - at;
    for (let i = 0; i < rest; i++) block[i] = bytes[at + i] ?? 0;
    block[rest] = END_MARK;
    block.fill(0, rest + 1);
    if (rest + 1 + LENGTH_BYTES > BLOCK_BYTES) {
      compress(state, this.#schedule, block, 0);
      block.fill(0);
    }
    // No message here is so long that its bits do not fit 32 of them.
    writeWord(block, BLOCK_BYTES - 4, (before + length) * 8);
    compress(state, this.#schedule, block, 0);
  }

  /** The first bytes of `#state`. */
  #store(out: Uint8Array, at: number, count: number): void {
    for (let i = 0; i < count; i++) {
      out[at + i] = (this.#state[i >> 2] ?? 0) >>> (24 - (i & 3) * 8);
    }
  }
}

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}
