/** The table of all corpus formats. */
import type { Format, JsonObject } from "./runner.ts";

/** Formats in the order in which they are tried on a row. */
export const FORMATS: readonly Format[] = [];

/** The format of a row, or `undefined` when no format recognises it. */
export function formatOf(row: JsonObject): Format | undefined {
  return FORMATS.find((format) => format.recognises(row));
}
