/** From a line of a watch to an event. */
import { noAnswer, statusError } from "./errors.ts";
import type { Resource, WatchEvent } from "./port.ts";
import { isRecord, record, text } from "./projection.ts";
import type { KubeObject } from "./types.ts";

/** A line that carries nothing for us, and why. */
export interface SkippedLine {
  /** Always `"SKIPPED"`. */
  readonly type: "SKIPPED";
  /** What is wrong with it. */
  readonly problem: string;
}

/**
 * Decodes one line of a watch.
 *
 * @throws {KubeError} for an ERROR event and for what is not JSON.
 */
export function decodeEvent<T extends KubeObject>(
  resource: Resource<T>,
  line: string,
): WatchEvent<T> | SkippedLine {
  const action = `watch ${resource.plural}`;
  const { type, object } = record(parseJson(action, line));
  switch (type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED": {
      const projected = projectObject(resource, object);
      return projected === undefined
        ? { type: "SKIPPED", problem: `${type} of an object without a name` }
        : { type, object: projected };
    }
    case "BOOKMARK": {
      const version = text(
        record(record(object)["metadata"])["resourceVersion"],
      );
      return version === undefined
        ? { type: "SKIPPED", problem: "BOOKMARK without a version" }
        : { type: "BOOKMARK", resourceVersion: version };
    }
    case "ERROR":
      throw statusError(action, object, { code: 500 });
    default:
      return { type: "SKIPPED", problem: `event of type ${String(type)}` };
  }
}

/** Parses JSON of the server; `KubeError` if it is none. */
export function parseJson(action: string, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw noAnswer(action, "badAnswer", "the answer is not JSON", cause);
  }
}

/** Projects an object of the server; nothing if it is no object or has no name. */
export function projectObject<T extends KubeObject>(
  resource: Resource<T>,
  raw: unknown,
): T | undefined {
  if (!isRecord(raw)) return undefined;
  const { name } = record(raw["metadata"]);
  if (typeof name !== "string" || name === "") return undefined;
  return resource.project(raw);
}
