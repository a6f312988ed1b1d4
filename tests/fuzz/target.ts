import { toHex } from "../bytes.ts";

/** What a decoder made of an input: both are right answers. */
export type Verdict = "accepted" | "refused";

/** Something that takes bytes from strangers. */
export interface FuzzTarget {
  /** Unique name, as the command line takes it. */
  readonly name: string;
  /** Valid inputs, which get mutated. */
  readonly seeds: readonly Uint8Array[];
  /** Takes one input. Whatever it throws is a finding. */
  readonly run: (bytes: Uint8Array) => Verdict;
}

/** What a decoder needs to become a target. */
export interface DecoderOptions<T> {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  readonly decode: (bytes: Uint8Array) => T;
  /** The error by which it refuses input; absent when it never throws. */
  readonly refusal?: abstract new (...args: never[]) => Error;
  /** Its inverse: what it accepts must then survive another round trip. */
  readonly encode?: (value: T) => Uint8Array;
}

/** A target that decodes and, with an encoder, checks the round trip of what was accepted. */
export function decoderTarget<T>(options: DecoderOptions<T>): FuzzTarget {
  const { name, seeds, decode, refusal, encode } = options;
  const run = (bytes: Uint8Array): Verdict => {
    let value: T;
    try {
      value = decode(bytes);
    } catch (error) {
      if (refusal !== undefined && error instanceof refusal) return "refused";
      throw error;
    }
    if (encode !== undefined) checkRoundTrip(value, decode, encode);
    return "accepted";
  };
  return { name, seeds, run };
}

function checkRoundTrip<T>(
  value: T,
  decode: (bytes: Uint8Array) => T,
  encode: (value: T) => Uint8Array,
): void {
  const first = toHex(encode(value));
  const second = toHex(encode(decode(encode(value))));
  if (first !== second) {
    throw new Error(
      `Encoded as ${first}, decoded and encoded again as ${second}`,
    );
  }
}

/** A target that parses text, one character for each byte. */
export function parserTarget<T>(options: {
  readonly name: string;
  readonly seeds: readonly string[];
  readonly parse: (text: string) => T;
  readonly refusal: abstract new (...args: never[]) => Error;
  readonly format: (value: T) => string;
}): FuzzTarget {
  const encoder = new TextEncoder();
  const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
  return decoderTarget({
    name: options.name,
    seeds: options.seeds.map((seed) => encoder.encode(seed)),
    decode: (bytes) => options.parse(text(bytes)),
    refusal: options.refusal,
    encode: (value) => encoder.encode(options.format(value)),
  });
}
