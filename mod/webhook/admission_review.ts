/** `admission.k8s.io/v1` `AdmissionReview`: the question and its answer. */
import { isRecord, type Raw, record, text } from "../kube/mod.ts";
import { readReview, ReviewError } from "./review.ts";

const TYPE = {
  apiVersion: "admission.k8s.io/v1",
  kind: "AdmissionReview",
} as const;

/** What happens to the object. */
export type Operation = "CREATE" | "UPDATE" | "DELETE" | "CONNECT";

const OPERATIONS: readonly Operation[] = [
  "CREATE",
  "UPDATE",
  "DELETE",
  "CONNECT",
];

/** A write that the API server asks about. */
export interface AdmissionRequest {
  /** To be repeated in the answer. */
  readonly uid: string;
  /** What happens. */
  readonly operation: Operation;
  /** API group of the object. */
  readonly group: string;
  /** Its kind. */
  readonly kind: string;
  /** Its namespace; `""` for kinds without. */
  readonly namespace: string;
  /** Its name. */
  readonly name: string;
  /** Which part of it, such as `status`; `""` = the object itself. */
  readonly subresource: string;
  /** The object as it is to be; absent for DELETE. */
  readonly object?: Raw;
  /** The object as it is; absent for CREATE. */
  readonly oldObject?: Raw;
}

/** The answer to an {@linkcode AdmissionRequest}. */
export interface AdmissionAnswer {
  /** Why the write is refused, in one sentence for each reason; absent = it may happen. */
  readonly denial?: string;
  /** What is shown to whoever writes, one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Reads an `AdmissionReview`.
 *
 * @param json Untrusted.
 * @throws {ReviewError} When it is none.
 */
export function readAdmissionReview(json: string): AdmissionRequest {
  const { uid, request } = readReview(json, TYPE);
  const operation = OPERATIONS.find((each) => each === request["operation"]);
  const { group, kind } = record(request["kind"]);
  if (typeof group !== "string" || typeof kind !== "string") {
    throw new ReviewError("The AdmissionReview has no request.kind");
  }
  if (operation === undefined) {
    throw new ReviewError("The AdmissionReview has no known request.operation");
  }
  const { object, oldObject } = objectsOf(request, operation);
  const metadata = record(record(object ?? oldObject)["metadata"]);
  return {
    uid,
    operation,
    group,
    kind,
    namespace: text(request["namespace"]) ?? "",
    // Of a generated name the request itself may know nothing.
    name: text(metadata["name"]) ?? text(request["name"]) ?? "",
    subresource: text(request["subResource"]) ?? "",
    ...(object === undefined ? {} : { object }),
    ...(oldObject === undefined ? {} : { oldObject }),
  };
}

function objectsOf(
  { object, oldObject }: Raw,
  operation: Operation,
): { object?: Raw; oldObject?: Raw } {
  const needed: Readonly<Record<Operation, readonly unknown[]>> = {
    CREATE: [object],
    UPDATE: [object, oldObject],
    DELETE: [oldObject],
    CONNECT: [],
  };
  if (!needed[operation].every(isRecord)) {
    throw new ReviewError(
      `The AdmissionReview lacks an object that ${operation} needs`,
    );
  }
  return {
    ...(isRecord(object) ? { object } : {}),
    ...(isRecord(oldObject) ? { oldObject } : {}),
  };
}

/** The API server cuts off what all webhooks warn about at 4,096 characters. */
const MAX_WARNINGS = 8;
const MAX_WARNING_LENGTH = 256;
const MAX_DENIAL_LENGTH = 4096;

/** The `AdmissionReview` that answers a request. */
export function admissionReview(
  { uid }: Pick<AdmissionRequest, "uid">,
  { denial, warnings }: AdmissionAnswer,
): Raw {
  const shown = warnings.slice(0, MAX_WARNINGS);
  return {
    ...TYPE,
    response: {
      uid,
      allowed: denial === undefined,
      ...(denial === undefined ? {} : {
        status: {
          code: 403,
          reason: "Forbidden",
          message: cut(denial, MAX_DENIAL_LENGTH),
        },
      }),
      ...(shown.length === 0
        ? {}
        : { warnings: shown.map((each) => cut(each, MAX_WARNING_LENGTH)) }),
    },
  };
}

function cut(sentence: string, length: number): string {
  return sentence.length <= length
    ? sentence
    : `${sentence.slice(0, length - 1)}…`;
}
