/** The patch types of the API, chosen by content type. */
import { isArray, isObject, type Json } from "./json.ts";
import { applyJsonPatch, applyMergePatch, PatchError } from "./json_patch.ts";
import type { Kind } from "./kinds.ts";
import { badRequest, Refusal, unsupportedMediaType } from "./status.ts";

/** Most operations of one JSON Patch, as in the real server. */
const MAX_OPERATIONS = 10_000;

/**
 * Whether a strategic merge patch means the same as a merge patch. Lists that
 * merge by key, and directives, need a schema that this server does not have.
 */
function isPlain(patch: Json, field = ""): boolean {
  if (isArray(patch)) {
    return field !== "finalizers" && !patch.some((item) => isObject(item));
  }
  return !isObject(patch) ||
    Object.entries(patch).every(([key, value]) =>
      !key.startsWith("$") && isPlain(value, key)
    );
}

function applyChecked(current: Json, patch: Json): Json {
  if (isArray(patch) && patch.length > MAX_OPERATIONS) {
    throw new Refusal(
      `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`,
      { code: 413, reason: "RequestEntityTooLarge" },
    );
  }
  try {
    return applyJsonPatch(current, patch);
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    throw new Refusal(error.message, {
      code: 422,
      reason: "Invalid",
      details: {},
    });
  }
}

function refuseUnknown(kind: Kind): Refusal {
  if (!kind.custom) {
    return new Refusal("415: Unsupported Media Type", {
      code: 415,
      reason: "UnsupportedMediaType",
      details: {},
    });
  }
  return unsupportedMediaType(
    "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json",
  );
}

/** Applies the body of a PATCH request. Throws a refusal (400, 415 or 422). */
export function applyPatch(
  kind: Kind,
  contentType: string,
  current: Json,
  patch: Json,
): Json {
  switch (contentType) {
    case "application/json-patch+json":
      return applyChecked(current, patch);
    case "application/merge-patch+json":
      if (isObject(patch)) return applyMergePatch(current, patch);
      throw badRequest("a merge patch of an object must be an object");
    case "application/strategic-merge-patch+json":
      if (kind.custom) throw refuseUnknown(kind);
      if (isPlain(patch)) return applyMergePatch(current, patch);
      throw unsupportedMediaType(
        "this server takes strategic merge patches only without directives and lists of objects; use --type=merge or --type=json",
      );
    case "application/apply-patch+yaml":
    case "application/apply-patch+cbor":
      throw unsupportedMediaType(
        "this server does not support server-side apply; use a merge or JSON patch",
      );
    default:
      throw refuseUnknown(kind);
  }
}
