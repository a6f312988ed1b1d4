/**
 * What a format of the conformance corpora has to offer, and how a row is
 * judged. A format recognises its rows by their fields, never by the name of
 * the file that they stand in.
 */

/** A JSON object as parsed. */
export type JsonObject = { readonly [key: string]: unknown };

/** One case of a corpus: `name` is unique in its file. */
export interface Row extends JsonObject {
  readonly name: string;
  readonly category: string;
}

/**
 * How a row came out. `expected` and `got` are JSON values in which arrays
 * that mean sets are already sorted, so that equal values mean equal results.
 */
export type Verdict =
  | { readonly kind: "passed" }
  | {
    readonly kind: "failed";
    readonly expected: unknown;
    readonly got: unknown;
  }
  | { readonly kind: "skipped"; readonly reason: string };

/** One corpus format: an entry of the table in `formats.ts`. */
export interface Format {
  /** Name of the corpus file without its ending, for example `layer2`. */
  readonly name: string;
  /** Whether a row has this format; must not throw on any JSON object. */
  readonly recognises: (row: JsonObject) => boolean;
  /** Replays one row through the production functions. */
  readonly run: (row: Row) => Verdict | Promise<Verdict>;
}

/** A row in which Herald differs from MetalLB on purpose. */
export interface Exception {
  /** Name of the {@linkcode Format}. */
  readonly format: string;
  /** Name of the row. */
  readonly row: string;
  /** Section of the MetalLB reference that calls its behaviour a defect. */
  readonly section: string;
  /** Why ours is right, in one sentence. */
  readonly because: string;
  /**
   * Exactly where our result differs and what is there instead, as
   * {@linkcode differences} writes it.
   */
  readonly ours: Readonly<Record<string, unknown>>;
}

/** Stands for a key that one side lacks. */
export const ABSENT = "(absent)";

/** Passes when both JSON values are equal, whatever the order of their keys. */
export function compare(expected: unknown, got: unknown): Verdict {
  return Object.keys(differences(expected, got)).length === 0
    ? { kind: "passed" }
    : { kind: "failed", expected, got };
}

/**
 * Paths (`steps[2].ips`) at which `got` differs from `expected`, with the
 * value of `got` there. Arrays of unequal length differ as a whole.
 */
export function differences(
  expected: unknown,
  got: unknown,
): Readonly<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  walk(expected, got, "", found);
  return found;
}

function walk(
  expected: unknown,
  got: unknown,
  path: string,
  found: Record<string, unknown>,
): void {
  if (Array.isArray(expected) && Array.isArray(got)) {
    if (expected.length === got.length) {
      expected.forEach((value: unknown, index) =>
        walk(value, got[index], `${path}[${index}]`, found)
      );
      return;
    }
  } else if (isJsonObject(expected) && isJsonObject(got)) {
    for (
      const key of new Set([...Object.keys(expected), ...Object.keys(got)])
    ) {
      walk(
        expected[key],
        got[key],
        path === "" ? key : `${path}.${key}`,
        found,
      );
    }
    return;
  }
  if (!Object.is(expected, got)) {
    found[path === "" ? "(root)" : path] = got === undefined ? ABSENT : got;
  }
}

/** Whether a JSON value is an object (neither array nor null). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Applies the list of exceptions: such a row has to come out exactly as the
 * exception says, and an exception for a row that passes is stale.
 */
export function judge(
  verdict: Verdict,
  exception: Exception | undefined,
): Verdict {
  if (exception === undefined || verdict.kind === "skipped") return verdict;
  if (verdict.kind === "passed") {
    return {
      kind: "failed",
      expected: "a result that differs as tests/conformance/exceptions.ts says",
      got: "the recorded result: remove the stale exception",
    };
  }
  return compare(
    exception.ours,
    differences(verdict.expected, verdict.got),
  );
}
