/** `apiextensions.k8s.io/v1` `ConversionReview`: objects in another version. */
import { type Conversion, convertBgpPeer } from "../crd/mod.ts";
import { type Raw, record, text } from "../kube/mod.ts";
import { readReview, ReviewError } from "./review.ts";

const TYPE = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "ConversionReview",
} as const;

/** Objects that the API server wants to have in another version. */
export interface ConversionRequest {
  /** To be repeated in the answer. */
  readonly uid: string;
  /** The version that is wanted, such as `metallb.io/v1beta2`. */
  readonly desired: string;
  /** The objects, of any shape. */
  readonly objects: readonly unknown[];
}

/** How a conversion ended. */
export interface ConversionOutcome {
  /** The `ConversionReview` that answers. */
  readonly review: Raw;
  /** Objects that could not be converted. */
  readonly failures: number;
}

/**
 * Reads a `ConversionReview`.
 *
 * @param json Untrusted.
 * @throws {ReviewError} When it is none.
 */
export function readConversionReview(json: string): ConversionRequest {
  const { uid, request } = readReview(json, TYPE);
  const { objects } = request;
  const desired = text(request["desiredAPIVersion"]);
  if (desired === undefined || !Array.isArray(objects)) {
    throw new ReviewError(
      "The ConversionReview has no request.desiredAPIVersion or no request.objects",
    );
  }
  return { uid, desired, objects };
}

/** Objects that are named when several cannot be converted. */
const MAX_NAMED = 5;

/**
 * Converts the objects of a request. The protocol knows one result for all of
 * them, so that those that fail are named in its message.
 */
export function convertObjects(
  { uid, desired, objects }: ConversionRequest,
): ConversionOutcome {
  const results = objects.map((object) => convertBgpPeer(object, desired));
  const failures = results.flatMap((result, index) =>
    result.kind === "refused" ? [failureOf(result, objects[index], index)] : []
  );
  const converted = results.flatMap((result) =>
    result.kind === "converted" ? [result.object] : []
  );
  const response = failures.length === 0
    ? { uid, convertedObjects: converted, result: { status: "Success" } }
    : { uid, result: { status: "Failed", message: sentenceOf(failures) } };
  return { review: { ...TYPE, response }, failures: failures.length };
}

function failureOf(
  { message }: Extract<Conversion, { kind: "refused" }>,
  object: unknown,
  index: number,
): string {
  const { namespace, name } = record(record(object)["metadata"]);
  const place = typeof name === "string"
    ? `${text(namespace) ?? ""}/${name}`
    : `object ${index}`;
  return `${place}: ${message}`;
}

function sentenceOf(failures: readonly string[]): string {
  const rest = failures.length - MAX_NAMED;
  const named = failures.slice(0, MAX_NAMED).join("; ");
  return rest > 0 ? `${named}; and ${rest} more` : named;
}
