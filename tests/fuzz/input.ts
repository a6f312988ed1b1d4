import { Random } from "./random.ts";

/** Longest input made from nothing. */
const MAX_RANDOM_LENGTH = 256;
/** Longest result of a mutation. */
const MAX_LENGTH = 4096;
const MAX_MUTATIONS = 4;
/** Values at which lengths, counts and types tend to go wrong. */
const EDGES = [
  0,
  1,
  2,
  3,
  4,
  7,
  8,
  15,
  16,
  63,
  64,
  127,
  128,
  254,
  255,
] as const;

type Mutation = (
  bytes: number[],
  random: Random,
  seeds: readonly Uint8Array[],
) => void;

const MUTATIONS: readonly Mutation[] = [
  function flipBit(bytes, random): void {
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ 1 << random.below(8);
  },
  function setEdge(bytes, random): void {
    bytes[random.below(bytes.length)] = random.pick(EDGES);
  },
  function setByte(bytes, random): void {
    bytes[random.below(bytes.length)] = random.below(256);
  },
  function addOne(bytes, random): void {
    const at = random.below(bytes.length);
    bytes[at] = ((bytes[at] ?? 0) + random.pick([1, 255])) & 0xff;
  },
  function truncate(bytes, random): void {
    bytes.length = random.below(bytes.length + 1);
  },
  function remove(bytes, random): void {
    bytes.splice(random.below(bytes.length), 1 + random.below(8));
  },
  function insert(bytes, random): void {
    const added = Array.from(
      { length: 1 + random.below(8) },
      () => random.below(256),
    );
    bytes.splice(random.below(bytes.length + 1), 0, ...added);
  },
  function repeat(bytes, random): void {
    const start = random.below(bytes.length);
    bytes.splice(start, 0, ...bytes.slice(start, start + 1 + random.below(64)));
  },
  function splice(bytes, random, seeds): void {
    const other = random.pick(seeds);
    bytes.splice(random.below(bytes.length + 1));
    bytes.push(...other.subarray(random.below(other.length + 1)));
  },
];

/**
 * The input of one execution: in one case of eight random bytes, otherwise a
 * valid input with one to four mutations.
 *
 * @param seeds Valid inputs.
 * @param seed Seed of the whole run.
 * @param index Number of the execution.
 */
export function makeInput(
  seeds: readonly Uint8Array[],
  seed: number,
  index: number,
): Uint8Array<ArrayBuffer> {
  const random = new Random(seed, index);
  if (seeds.length === 0 || random.below(8) === 0) {
    const length = random.below(MAX_RANDOM_LENGTH + 1);
    return Uint8Array.from({ length }, () => random.below(256));
  }
  const bytes = [...random.pick(seeds)];
  const count = 1 + random.below(MAX_MUTATIONS);
  for (let done = 0; done < count; done++) {
    random.pick(MUTATIONS)(bytes, random, seeds);
  }
  return Uint8Array.from(bytes.slice(0, MAX_LENGTH));
}
