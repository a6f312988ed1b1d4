/**
 * Frames with a few bytes changed, for property tests.
 *
 * @module
 */
import fc from "fast-check";

/** One change: a byte there, or, beyond the end, a cut to that length. */
export type Mutation = readonly [at: number, value: number];

/** Up to two changes. */
export function mutations(): fc.Arbitrary<readonly Mutation[]> {
  return fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 2 });
}

/** A changed copy of a frame. */
export function mutate(
  frame: Uint8Array,
  changes: readonly Mutation[],
): Uint8Array<ArrayBuffer> {
  let out = Uint8Array.from(frame);
  for (const [at, value] of changes) {
    if (at < out.length) out[at] = value;
    else out = out.slice(0, value);
  }
  return out;
}
