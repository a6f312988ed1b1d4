/**
 * Readers of untrusted JSON: a value of the wrong type reads as absent, so
 * that no object of the API can crash a role.
 */
import type { KubeObject, ObjectMeta, OwnerReference } from "./types.ts";
import type { Resource } from "./port.ts";

/** A JSON object of any shape. */
export type Raw = Readonly<Record<string, unknown>>;

type Compact<T> =
  & { [K in keyof T as undefined extends T[K] ? never : K]: T[K] }
  & {
    [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<
      T[K],
      undefined
    >;
  };

/** The fields that have a value. */
export function compact<T extends object>(fields: T): Compact<T> {
  // Runs for every object of every list: an array of entries would be garbage
  // that makes the heap grow.
  const kept: Record<string, unknown> = {};
  for (const name in fields) {
    if (fields[name] !== undefined) kept[name] = fields[name];
  }
  return kept as Compact<T>;
}

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A JSON object; an empty one for anything else. */
export function record(value: unknown): Raw {
  return isRecord(value) ? value : {};
}

/** A text, or nothing. */
export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A whole number, or nothing. */
export function integer(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? Number(value) : undefined;
}

/** A truth value, or nothing. */
export function truth(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

/** The items that `read` can make sense of; nothing if there is no list. */
export function list<T>(
  value: unknown,
  read: (item: unknown) => T | undefined,
): readonly T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items: T[] = [];
  for (const item of value) {
    const kept = read(item);
    if (kept !== undefined) items.push(kept);
  }
  return items;
}

/** The members that are texts; nothing if there is no object. */
export function textMap(
  value: unknown,
): Readonly<Record<string, string>> | undefined {
  if (!isRecord(value)) return undefined;
  const texts: Record<string, string> = {};
  for (const name in value) {
    const member = value[name];
    // A plain assignment of this name would set the prototype.
    if (typeof member === "string" && name !== "__proto__") {
      texts[name] = member;
    }
  }
  return texts;
}

/** kubectl keeps a whole copy of the object here. */
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

function annotations(
  value: unknown,
): Readonly<Record<string, string>> | undefined {
  if (!isRecord(value) || !Object.hasOwn(value, LAST_APPLIED)) {
    return textMap(value);
  }
  const { [LAST_APPLIED]: _, ...kept } = value;
  return textMap(kept);
}

function ownerReference(value: unknown): OwnerReference {
  const raw = record(value);
  return compact({
    apiVersion: text(raw["apiVersion"]) ?? "",
    kind: text(raw["kind"]) ?? "",
    name: text(raw["name"]) ?? "",
    uid: text(raw["uid"]) ?? "",
    controller: truth(raw["controller"]),
  });
}

/** `metadata` without managed fields and kubectl's copy of the object. */
export function projectMetadata(value: unknown): ObjectMeta {
  const raw = record(value);
  return compact({
    name: text(raw["name"]) ?? "",
    namespace: text(raw["namespace"]),
    generateName: text(raw["generateName"]),
    uid: text(raw["uid"]),
    resourceVersion: text(raw["resourceVersion"]),
    generation: integer(raw["generation"]),
    creationTimestamp: text(raw["creationTimestamp"]),
    deletionTimestamp: text(raw["deletionTimestamp"]),
    labels: textMap(raw["labels"]),
    annotations: annotations(raw["annotations"]),
    ownerReferences: list(raw["ownerReferences"], ownerReference),
  });
}

/** What {@linkcode defineResource} takes: a {@linkcode Resource} and its own fields. */
export interface ResourceDefinition<Fields extends object> {
  /** API group, `""` for the core group. */
  readonly group: string;
  /** API version. */
  readonly version: string;
  /** Name in URLs. */
  readonly plural: string;
  /** Kind, as in manifests. */
  readonly kind: string;
  /** Whether objects live in namespaces. */
  readonly namespaced: boolean;
  /** Keeps what is in use besides `apiVersion`, `kind` and `metadata`; must not throw. */
  readonly fields: (raw: Raw) => Fields;
}

/** Makes a {@linkcode Resource} whose projection does not trust its input. */
export function defineResource<Fields extends object>(
  { fields, ...resource }: ResourceDefinition<Fields>,
): Resource<Fields & KubeObject> {
  const { group, version, kind } = resource;
  const apiVersion = group === "" ? version : `${group}/${version}`;
  return {
    ...resource,
    project: (raw) => ({
      apiVersion,
      kind,
      metadata: projectMetadata(raw["metadata"]),
      ...fields(raw),
    }),
  };
}
