import type { MembershipKeys } from "../crypto/mod.ts";
import { type DesiredMembership, MAX_KEYS } from "./desired_state.ts";
import { readId, writeId } from "./shared_words.ts";

const KEY_BYTES = 32;
const WORDS_PER_KEYS = 2 * KEY_BYTES / 4;

const SELF = 0;
const PORT = 2;
const KEYS = 3;
const FIRST_KEYS = 4;

/** 32-bit words of the record. */
export const MEMBERSHIP_WORDS: number = FIRST_KEYS + MAX_KEYS * WORDS_PER_KEYS;

/** This node's id, the keys and the port, in shared memory. */
export class MembershipRecord {
  readonly #words: Int32Array;
  readonly #keys: Uint8Array;

  /**
   * Lays the record over memory as it is; zeroed memory is no membership.
   *
   * @param words `MEMBERSHIP_WORDS` of them.
   */
  constructor(words: Int32Array) {
    this.#words = words;
    this.#keys = new Uint8Array(
      words.buffer,
      words.byteOffset + FIRST_KEYS * 4,
      MAX_KEYS * WORDS_PER_KEYS * 4,
    );
  }

  /** Forgets everything; no key stays in memory. */
  clear(): void {
    this.#words.fill(0);
  }

  /**
   * Takes over what is wanted.
   *
   * @throws {RangeError} When there are too many keys, or one has not 32 bytes.
   */
  put(
    { self, port, keys }: Pick<DesiredMembership, "self" | "port" | "keys">,
  ): void {
    if (keys.length > MAX_KEYS) {
      throw new RangeError(
        `Cannot take ${keys.length} keys: at most ${MAX_KEYS} are in force at a time`,
      );
    }
    writeId(this.#words, SELF, self);
    this.#words[PORT] = port;
    this.#words[KEYS] = keys.length;
    for (const [i, { beats, claims }] of keys.entries()) {
      if (beats.length !== KEY_BYTES || claims.length !== KEY_BYTES) {
        throw new RangeError(`Cannot take key ${i}: it must have 32 bytes`);
      }
      this.#keys.set(beats, i * 2 * KEY_BYTES);
      this.#keys.set(claims, (i * 2 + 1) * KEY_BYTES);
    }
  }

  /** Id of this node; 0 = nothing is arbitrated. */
  get self(): number {
    return readId(this.#words, SELF);
  }

  /** UDP port of heartbeats. */
  get port(): number {
    return this.#words[PORT] ?? 0;
  }

  /** Copies of the keys in force; the first seals. */
  keys(): MembershipKeys[] {
    const key = (at: number): Uint8Array<ArrayBuffer> =>
      this.#keys.slice(at, at + KEY_BYTES);
    return Array.from({ length: this.#words[KEYS] ?? 0 }, (_, i) => ({
      beats: key(i * 2 * KEY_BYTES),
      claims: key((i * 2 + 1) * KEY_BYTES),
    }));
  }
}
