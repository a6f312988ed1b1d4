/** Refusals, as `metav1.Status` objects with the words of the real server. */
import { compact, type Json, type JsonObject } from "./json.ts";
import { type Kind, qualifiedKind, qualifiedPlural } from "./kinds.ts";

/** One field that a validation refused. */
export interface Cause {
  /** `FieldValueInvalid`, `FieldValueRequired`, … */
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** What of a refusal goes into `metav1.Status`. */
export interface RefusalFields {
  /** HTTP status. */
  readonly code: number;
  /** `metav1.StatusReason`; absent for errors that the server does not know. */
  readonly reason?: string;
  readonly details?: JsonObject;
  /** Goes on with a list whose token expired. */
  readonly continueToken?: string;
}

/** A request that is answered with a `metav1.Status` of failure. */
export class Refusal extends Error {
  /** Name of the class, for logs. */
  override readonly name = "Refusal";
  /** HTTP status. */
  readonly code: number;
  readonly #fields: RefusalFields;

  /** Makes a refusal. */
  constructor(message: string, fields: RefusalFields) {
    super(message);
    this.code = fields.code;
    this.#fields = fields;
  }

  /** The body of the answer. */
  toStatus(): JsonObject {
    const { reason, details, continueToken, code } = this.#fields;
    return compact({
      kind: "Status",
      apiVersion: "v1",
      metadata: compact({ continue: continueToken }),
      status: "Failure",
      message: this.message,
      reason,
      details,
      code,
    });
  }
}

function objectDetails(kind: Kind, name: string): JsonObject {
  return compact({
    name: name === "" ? undefined : name,
    group: kind.group === "" ? undefined : kind.group,
    kind: kind.plural,
  });
}

/** 404: no such object. */
export function notFound(kind: Kind, name: string): Refusal {
  return new Refusal(`${qualifiedPlural(kind)} "${name}" not found`, {
    code: 404,
    reason: "NotFound",
    details: objectDetails(kind, name),
  });
}

/** 404: no such endpoint. */
export function noSuchResource(): Refusal {
  return new Refusal("the server could not find the requested resource", {
    code: 404,
    reason: "NotFound",
    details: {},
  });
}

/** 409: the name is taken. */
export function alreadyExists(kind: Kind, name: string): Refusal {
  return new Refusal(`${qualifiedPlural(kind)} "${name}" already exists`, {
    code: 409,
    reason: "AlreadyExists",
    details: objectDetails(kind, name),
  });
}

/** 409: the object is not the one, or not the version, that the caller means. */
export function conflict(
  kind: Kind,
  name: string,
  why =
    "the object has been modified; please apply your changes to the latest version and try again",
): Refusal {
  return new Refusal(
    `Operation cannot be fulfilled on ${
      qualifiedPlural(kind)
    } "${name}": ${why}`,
    { code: 409, reason: "Conflict", details: objectDetails(kind, name) },
  );
}

/** 422: fields with unusable values. */
export function invalid(
  kind: Kind,
  name: string,
  causes: readonly Cause[],
): Refusal {
  const listed = causes.map(({ field, message }) => `${field}: ${message}`);
  const text = listed.length === 1 ? listed[0] : `[${listed.join(", ")}]`;
  return new Refusal(`${qualifiedKind(kind)} "${name}" is invalid: ${text}`, {
    code: 422,
    reason: "Invalid",
    details: {
      ...objectDetails(kind, name),
      kind: kind.kind,
      causes: causes.map((cause): Json => ({ ...cause })),
    },
  });
}

/** A cause: a value that cannot be. */
export function invalidValue(field: string, value: Json, why: string): Cause {
  return {
    reason: "FieldValueInvalid",
    message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
    field,
  };
}

/** A cause: a value that is missing. */
export function requiredValue(field: string, why?: string): Cause {
  return {
    reason: "FieldValueRequired",
    message: why === undefined ? "Required value" : `Required value: ${why}`,
    field,
  };
}

/** A cause: a value outside of the few that there are. */
export function unsupportedValue(
  field: string,
  value: Json,
  supported: readonly string[],
): Cause {
  const list = supported.map((word) => JSON.stringify(word)).join(", ");
  return {
    reason: "FieldValueNotSupported",
    message: `Unsupported value: ${
      JSON.stringify(value)
    }: supported values: ${list}`,
    field,
  };
}

/** 400: a request that cannot be understood. */
export function badRequest(message: string): Refusal {
  return new Refusal(message, { code: 400, reason: "BadRequest" });
}

/** 405: an endpoint without this verb. */
export function methodNotAllowed(): Refusal {
  return new Refusal(
    "the server does not allow this method on the requested resource",
    { code: 405, reason: "MethodNotAllowed", details: {} },
  );
}

/** 415: a body of a type that the endpoint does not take. */
export function unsupportedMediaType(message: string): Refusal {
  return new Refusal(message, { code: 415, reason: "UnsupportedMediaType" });
}

/** 406: no representation that the caller accepts. */
export function notAcceptable(): Refusal {
  return new Refusal(
    "406: Not Acceptable\n\nAvailable representations: application/json",
    { code: 406, reason: "NotAcceptable", details: {} },
  );
}

/** 413: a body above the limit, in bytes. */
export function tooLarge(limit: number): Refusal {
  return new Refusal(`Request entity too large: limit is ${limit}`, {
    code: 413,
    reason: "RequestEntityTooLarge",
  });
}

/** 401: no or unknown credentials. */
export function unauthorized(): Refusal {
  return new Refusal("Unauthorized", { code: 401, reason: "Unauthorized" });
}

/** 410: a version older than the history. */
export function expired(message: string, continueToken?: string): Refusal {
  return new Refusal(message, {
    code: 410,
    reason: "Expired",
    ...(continueToken === undefined ? {} : { continueToken }),
  });
}

/** 504: a version that the server has not reached. */
export function tooLargeVersion(wanted: number, current: number): Refusal {
  return new Refusal(
    `Timeout: Too large resource version: ${wanted}, current: ${current}`,
    {
      code: 504,
      reason: "Timeout",
      details: {
        causes: [{
          reason: "ResourceVersionTooLarge",
          message: "Too large resource version",
        }],
        retryAfterSeconds: 1,
      },
    },
  );
}
