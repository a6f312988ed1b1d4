/**
 * What both kinds of review have in common: untrusted JSON with a `request`
 * and a `uid`, which the answer repeats.
 */
import { type Raw, record, text } from "../kube/mod.ts";

/** Something that is no review: what is wrong with it. */
export class ReviewError extends TypeError {
  /** Name of the class, for logs. */
  override readonly name = "ReviewError";
}

/** Longest `uid`: the API server sends one of 36 characters. */
const MAX_UID_LENGTH = 128;

/** Resources nest to a depth of 20 with their managed fields. */
const MAX_DEPTH = 64;

/** The parts that every review has. */
export interface Review {
  /** To be repeated in the answer. */
  readonly uid: string;
  /** What is asked. */
  readonly request: Raw;
}

/**
 * Reads a review of a kind, such as `admission.k8s.io/v1` `AdmissionReview`.
 *
 * @throws {ReviewError} For everything else.
 */
export function readReview(
  json: string,
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
): Review {
  const review = record(parse(json));
  if (review["apiVersion"] !== apiVersion || review["kind"] !== kind) {
    throw new ReviewError(`The body is no ${kind} of ${apiVersion}`);
  }
  const request = record(review["request"]);
  const uid = text(request["uid"]) ?? "";
  if (uid === "" || uid.length > MAX_UID_LENGTH) {
    throw new ReviewError(
      `The ${kind} has no request.uid of 1 to ${MAX_UID_LENGTH} characters`,
    );
  }
  return { uid, request };
}

function parse(json: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new ReviewError("The body is no JSON", { cause });
  }
  checkDepth(value);
  return value;
}

/** Whoever walks through the value afterwards may do so by recursion. */
function checkDepth(value: unknown): void {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) {
      throw new ReviewError(`The body is nested more than ${MAX_DEPTH} deep`);
    }
    const inner: unknown[] = [];
    for (const each of level) {
      if (typeof each !== "object" || each === null) continue;
      for (const part of Object.values(each)) inner.push(part);
    }
    level = inner;
  }
}
