/**
 * The compression function of SHA-256 (FIPS 180-4 §6.2.2) on words that the
 * caller keeps, so that a digest can be taken without allocating and its state
 * be kept halfway.
 */

/** Bytes of a digest. */
export const DIGEST_BYTES = 32;
/** Bytes of a block. */
export const BLOCK_BYTES = 64;
/** 32-bit words of a state. */
export const STATE_WORDS = 8;
/** 32-bit words of a message schedule. */
export const SCHEDULE_WORDS = 64;

/** FIPS 180-4 §5.3.3. */
const INITIAL = Int32Array.of(
  0x6a09e667,
  0xbb67ae85,
  0x3c6ef372,
  0xa54ff53a,
  0x510e527f,
  0x9b05688c,
  0x1f83d9ab,
  0x5be0cd19,
);

/** FIPS 180-4 §4.2.2: as one text, eight constants a line. */
const CONSTANTS = wordsOf(`
  428a2f98 71374491 b5c0fbcf e9b5dba5 3956c25b 59f111f1 923f82a4 ab1c5ed5
  d807aa98 12835b01 243185be 550c7dc3 72be5d74 80deb1fe 9bdc06a7 c19bf174
  e49b69c1 efbe4786 0fc19dc6 240ca1cc 2de92c6f 4a7484aa 5cb0a9dc 76f988da
  983e5152 a831c66d b00327c8 bf597fc7 c6e00bf3 d5a79147 06ca6351 14292967
  27b70a85 2e1b2138 4d2c6dfc 53380d13 650a7354 766a0abb 81c2c92e 92722c85
  a2bfe8a1 a81a664b c24b8b70 c76c51a3 d192e819 d6990624 f40e3585 106aa070
  19a4c116 1e376c08 2748774c 34b0bcb5 391c0cb3 4ed8aa4a 5b9cca4f 682e6ff3
  748f82ee 78a5636f 84c87814 8cc70208 90befffa a4506ceb bef9a3f7 c67178f2`);

function wordsOf(text: string): Int32Array {
  return Int32Array.from(
    text.trim().split(/\s+/),
    (word) => Number.parseInt(word, 16) | 0,
  );
}

/** Begins a digest. */
export function begin(state: Int32Array): void {
  state.set(INITIAL);
}

/**
 * Takes one block into a state.
 *
 * @param state Eight words.
 * @param schedule 64 words, overwritten.
 * @param bytes Where the block is.
 * @param at Offset of its first byte.
 */
export function compress(
  state: Int32Array,
  schedule: Int32Array,
  bytes: Uint8Array,
  at: number,
): void {
  expand(schedule, bytes, at);
  let a = state[0] ?? 0;
  let b = state[1] ?? 0;
  let c = state[2] ?? 0;
  let d = state[3] ?? 0;
  let e = state[4] ?? 0;
  let f = state[5] ?? 0;
  let g = state[6] ?? 0;
  let h = state[7] ?? 0;
  for (let i = 0; i < SCHEDULE_WORDS; i++) {
    const first = (h + sum1(e) + ((e & f) ^ (~e & g)) +
      (CONSTANTS[i] ?? 0) + (schedule[i] ?? 0)) | 0;
    const second = (sum0(a) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  state[0] = (state[0] ?? 0) + a;
  state[1] = (state[1] ?? 0) + b;
  state[2] = (state[2] ?? 0) + c;
  state[3] = (state[3] ?? 0) + d;
  state[4] = (state[4] ?? 0) + e;
  state[5] = (state[5] ?? 0) + f;
  state[6] = (state[6] ?? 0) + g;
  state[7] = (state[7] ?? 0) + h;
}

/** The message schedule of a block. */
function expand(schedule: Int32Array, bytes: Uint8Array, at: number): void {
  for (let i = 0; i < 16; i++) {
    const from = at + i * 4;
    schedule[i] = ((bytes[from] ?? 0) << 24) | ((bytes[from + 1] ?? 0) << 16) |
      ((bytes[from + 2] ?? 0) << 8) | (bytes[from + 3] ?? 0);
  }
  for (let i = 16; i < SCHEDULE_WORDS; i++) {
    const x = schedule[i - 15] ?? 0;
    const y = schedule[i - 2] ?? 0;
    const sigma0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
    const sigma1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
    schedule[i] = (schedule[i - 16] ?? 0) + sigma0 + (schedule[i - 7] ?? 0) +
      sigma1;
  }
}

function sum0(word: number): number {
  return rotate(word, 2) ^ rotate(word, 13) ^ rotate(word, 22);
}

function sum1(word: number): number {
  return rotate(word, 6) ^ rotate(word, 11) ^ rotate(word, 25);
}

/** To the right. */
function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}
