/** Objects of the API and their metadata. */
import {
  isObject,
  type Json,
  type JsonObject,
  objectOr,
  stringOr,
} from "./json.ts";

/** An object with a name: `apiVersion`, `kind`, `metadata` and the rest. */
export interface ApiObject extends JsonObject {
  /** `metav1.ObjectMeta`. */
  readonly metadata: JsonObject;
}

/** The object's name. */
export function nameOf(object: ApiObject): string {
  return stringOr(object.metadata.name);
}

/** The object's namespace, `""` if it has none. */
export function namespaceOf(object: ApiObject): string {
  return stringOr(object.metadata.namespace);
}

/** The object's resource version as a number, 0 if it has none. */
export function revisionOf(object: ApiObject): number {
  return Number(stringOr(object.metadata.resourceVersion));
}

/** Key within a kind, in the order of lists: `"NAMESPACE/NAME"` or `"NAME"`. */
export function objectKey(namespace: string, name: string): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}

/** Takes a JSON value for an object; undefined if it has no metadata. */
export function asApiObject(value: Json | undefined): ApiObject | undefined {
  if (!isObject(value)) return undefined;
  return { ...value, metadata: objectOr(value.metadata) };
}

/** A copy with some fields of the metadata set. */
export function withMetadata(
  object: ApiObject,
  fields: JsonObject,
): ApiObject {
  return { ...object, metadata: { ...object.metadata, ...fields } };
}

/** A time of day as the API writes it, whole seconds: `"2026-01-02T03:04:05Z"`. */
export function formatTime(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 19)}Z`;
}
