/** Values that take more than one 32-bit word of shared memory. */
import { type Ip, ipFromBytes } from "../net/mod.ts";

const TWO_TO_32 = 0x100000000;

/** Reads an id of 48 bits from two words, the high one first. */
export function readId(words: Int32Array, at: number): number {
  return (words[at] ?? 0) * TWO_TO_32 + ((words[at + 1] ?? 0) >>> 0);
}

/** Writes an id of 48 bits into two words. */
export function writeId(words: Int32Array, at: number, id: number): void {
  words[at] = Math.floor(id / TWO_TO_32);
  words[at + 1] = id;
}

/** The address in one word or four. */
export function ipOfWords(words: Int32Array): Ip {
  const bytes = new Uint8Array(words.length * 4);
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) => view.setInt32(i * 4, word));
  return ipFromBytes(bytes);
}
