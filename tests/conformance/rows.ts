/** Access to the fields of rows; what is missing or of another type throws. */
import { isJsonObject, type JsonObject } from "./runner.ts";

/**
 * A list of a row. Its entries are taken to have the type that the format
 * gives them.
 *
 * @throws {TypeError} When the field is there and is no list.
 */
export function listOf<T>(row: JsonObject, field: string): readonly T[] {
  const value = row[field] ?? [];
  if (!Array.isArray(value)) throw new TypeError(`"${field}" is no list`);
  return value;
}

/**
 * A text of a row.
 *
 * @throws {TypeError} When the field is no text.
 */
export function textOf(row: JsonObject, field: string): string {
  const value = row[field];
  if (typeof value !== "string") throw new TypeError(`"${field}" is no text`);
  return value;
}

/**
 * An object of a row.
 *
 * @throws {TypeError} When the field is no object.
 */
export function objectOf(row: JsonObject, field: string): JsonObject {
  const value = row[field];
  if (!isJsonObject(value)) throw new TypeError(`"${field}" is no object`);
  return value;
}

/** Sorts lists at the given keys, at any depth: they mean sets there. */
export function sortSets(value: unknown, keys: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) {
    return value.map((entry: unknown) => sortSets(entry, keys));
  }
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => {
      const sorted = sortSets(entry, keys);
      return [
        key,
        keys.has(key) && Array.isArray(sorted) ? sorted.sort(byJson) : sorted,
      ];
    }),
  );
}

function byJson(a: unknown, b: unknown): number {
  const [textA, textB] = [canonical(a), canonical(b)];
  return textA < textB ? -1 : textA > textB ? 1 : 0;
}

/** JSON with the keys of every object in order. */
function canonical(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, entry: unknown) =>
      isJsonObject(entry)
        ? Object.fromEntries(
          Object.keys(entry).sort().map((key) => [key, entry[key]]),
        )
        : entry,
  );
}
