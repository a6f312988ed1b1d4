/** Where the API serves what. */
import type { ObjectKey, Resource, Selection, Subresource } from "./port.ts";
import type { KubeObject } from "./types.ts";

/** Path and query of a collection. */
export function collectionPath(
  { group, version, plural, namespaced }: Resource<KubeObject>,
  namespace: string | undefined,
): string {
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  if (!namespaced || namespace === undefined) return `${root}/${plural}`;
  return `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
}

/** Path of one object or of a part of it; `RangeError` if the key does not fit. */
export function objectPath(
  resource: Resource<KubeObject>,
  { name, namespace }: ObjectKey,
  subresource?: Subresource,
): string {
  if (name === "") throw new RangeError("The name is empty");
  const tail = subresource === undefined ? "" : `/${subresource}`;
  const collection = collectionPath(
    resource,
    requireNamespace(resource, namespace),
  );
  return `${collection}/${encodeURIComponent(name)}${tail}`;
}

/** The namespace of a namespaced kind; `RangeError` if there is none. */
export function requireNamespace(
  { namespaced, kind }: Resource<KubeObject>,
  namespace: string | undefined,
): string | undefined {
  if (namespaced && (namespace === undefined || namespace === "")) {
    throw new RangeError(`Objects of kind ${kind} have a namespace`);
  }
  return namespaced ? namespace : undefined;
}

/** A query string with its question mark, without what is undefined. */
export function queryString(
  fields: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.size === 0 ? "" : `?${query}`;
}

/** The query fields of a selection. */
export function selectionQuery(
  { labelSelector, fieldSelector }: Selection,
): Readonly<Record<string, string | undefined>> {
  return { labelSelector, fieldSelector };
}
