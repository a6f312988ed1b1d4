/** Differences between what a cache holds and what the server has. */
import type { WatchEvent } from "./port.ts";
import type { KubeObject } from "./types.ts";

/** One difference; for DELETED the object is its last known state. */
export type Change<T> =
  | { readonly type: "ADDED"; readonly key: string; readonly object: T }
  | {
    readonly type: "MODIFIED";
    readonly key: string;
    readonly object: T;
    readonly previous: T;
  }
  | { readonly type: "DELETED"; readonly key: string; readonly object: T };

/** Key of an object in a cache: `namespace/name`, or `name` without a namespace. */
export function objectKey({ metadata }: KubeObject): string {
  const { namespace, name } = metadata;
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** What leads from a cache to the state of a complete list. */
export function listChanges<T extends KubeObject>(
  known: ReadonlyMap<string, T>,
  listed: ReadonlyMap<string, T>,
): readonly Change<T>[] {
  const gone = known.entries().filter(([key]) => !listed.has(key))
    .map(([key, object]): Change<T> => ({ type: "DELETED", key, object }));
  const present = listed.entries().flatMap(([key, object]) =>
    changesOf(known.get(key), key, object)
  );
  return [...gone, ...present];
}

/** What an event of a watch changes in a cache. */
export function eventChanges<T extends KubeObject>(
  known: ReadonlyMap<string, T>,
  event: Exclude<WatchEvent<T>, { readonly type: "BOOKMARK" }>,
): readonly Change<T>[] {
  const key = objectKey(event.object);
  const previous = known.get(key);
  if (event.type !== "DELETED") return changesOf(previous, key, event.object);
  if (previous === undefined) return [];
  return [{ type: "DELETED", key, object: event.object }];
}

/** Whether two sightings of an object are of the same version of it. */
export function isSameVersion(a: KubeObject, b: KubeObject): boolean {
  const { uid, resourceVersion } = a.metadata;
  return resourceVersion !== undefined && uid === b.metadata.uid &&
    resourceVersion === b.metadata.resourceVersion;
}

function changesOf<T extends KubeObject>(
  previous: T | undefined,
  key: string,
  object: T,
): readonly Change<T>[] {
  if (previous === undefined) return [{ type: "ADDED", key, object }];
  const [before, after] = [previous.metadata, object.metadata];
  if (before.uid !== after.uid) {
    // Deleted and made anew while nobody watched: not the same object.
    return [
      { type: "DELETED", key, object: previous },
      { type: "ADDED", key, object },
    ];
  }
  if (isSameVersion(previous, object)) return [];
  return [{ type: "MODIFIED", key, object, previous }];
}
