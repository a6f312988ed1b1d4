/** JSON values, as they travel over the API and rest in the store. */

/** Any JSON value; never changed in place. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Tells an object from every other value. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Tells an array; `Array.isArray` does not narrow read-only ones. */
export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The value if it is an object, else an empty one. */
export function objectOr(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

/** The value if it is an array, else an empty one. */
export function arrayOr(value: Json | undefined): readonly Json[] {
  return isArray(value) ? value : [];
}

/** The value if it is a string, else an empty one. */
export function stringOr(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/** The strings of an array of them. */
export function strings(value: Json | undefined): readonly string[] {
  return arrayOr(value).filter((item) => typeof item === "string");
}

/** Leaves out the fields that are undefined. */
export function compact(
  fields: Readonly<Record<string, Json | undefined>>,
): JsonObject {
  const kept: Record<string, Json> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (value !== undefined) kept[key] = value;
  }
  return kept;
}

/** A copy without some fields. */
export function omit(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(
    Object.entries(object).filter(([key]) => !keys.includes(key)),
  );
}

/** Equality by value; the order of an object's fields does not matter. */
export function equalJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (isArray(a) && isArray(b)) {
    return a.length === b.length &&
      a.every((item, index) => equalJson(item, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equalJson(a[key], b[key]));
}

/** The value at a path of field names, undefined where it leads nowhere. */
export function valueAt(
  value: Json | undefined,
  path: readonly string[],
): Json | undefined {
  let at = value;
  for (const key of path) {
    if (!isObject(at) || !Object.hasOwn(at, key)) return undefined;
    at = at[key];
  }
  return at;
}
