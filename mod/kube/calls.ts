/** The HTTP calls behind the verbs of the port. */
import {
  collectionPath,
  objectPath,
  queryString,
  requireNamespace,
  selectionQuery,
} from "./paths.ts";
import type {
  ObjectKey,
  Patch,
  Resource,
  Selection,
  Subresource,
} from "./port.ts";
import type { ReviewKind } from "./reviews.ts";
import type { KubeObject } from "./types.ts";

/** A call as RBAC and the metrics name it. */
export interface CallKind {
  /** As RBAC names it. */
  readonly verb:
    | "list"
    | "watch"
    | "get"
    | "create"
    | "update"
    | "patch"
    | "delete";
  /** The kind in URLs, with `/status` for that part of it. */
  readonly resource: string;
}

/** One call. */
export interface Call extends CallKind {
  /** What it does, for messages: "list services". */
  readonly action: string;
  /** HTTP method. */
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path and query. */
  readonly path: string;
  /** Media types of the answer; default: JSON of the whole objects. */
  readonly accept?: string;
  /** JSON body and its media type. */
  readonly body?: { readonly type: string; readonly json: unknown };
}

const JSON_TYPE = "application/json";
/** A server that cannot leave the rest out gives it. */
const METADATA_TYPES =
  `application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,${JSON_TYPE}`;
const PATCH_TYPES = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
} as const satisfies Record<Patch["type"], string>;

/** Lists one page. */
export function listCall(
  resource: Resource<KubeObject>,
  options: Selection & {
    readonly limit: number;
    readonly continueToken?: string;
  },
): Call {
  return {
    ...kindOf("list", resource),
    action: `list ${resource.plural}`,
    method: "GET",
    ...(resource.metadataOnly && { accept: METADATA_TYPES }),
    path: collectionPath(resource, options.namespace) + queryString({
      ...selectionQuery(options),
      limit: options.limit,
      continue: options.continueToken,
    }),
  };
}

/** Watches with bookmarks. */
export function watchCall(
  resource: Resource<KubeObject>,
  options: Selection & {
    readonly resourceVersion: string;
    readonly timeoutSeconds: number;
  },
): Call {
  return {
    ...kindOf("watch", resource),
    action: `watch ${resource.plural}`,
    method: "GET",
    path: collectionPath(resource, options.namespace) + queryString({
      ...selectionQuery(options),
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion: options.resourceVersion,
      timeoutSeconds: options.timeoutSeconds,
    }),
  };
}

/** Gets one object. */
export function getCall(resource: Resource<KubeObject>, key: ObjectKey): Call {
  return {
    ...kindOf("get", resource),
    action: actionText("get", resource, key),
    method: "GET",
    path: objectPath(resource, key),
  };
}

/** Creates an object. */
export function createCall<T extends KubeObject>(
  resource: Resource<T>,
  object: T,
): Call {
  const { namespace } = object.metadata;
  return {
    ...kindOf("create", resource),
    action: actionText("create", resource, object.metadata),
    method: "POST",
    path: collectionPath(resource, requireNamespace(resource, namespace)),
    body: { type: JSON_TYPE, json: typed(resource, object) },
  };
}

/** Replaces an object or its status. */
export function replaceCall<T extends KubeObject>(
  resource: Resource<T>,
  object: T,
  subresource: Subresource | undefined,
): Call {
  return {
    ...kindOf("update", resource, subresource),
    action: actionText("replace", resource, object.metadata),
    method: "PUT",
    path: objectPath(resource, object.metadata, subresource),
    body: { type: JSON_TYPE, json: typed(resource, object) },
  };
}

/** Patches an object or its status. */
export function patchCall(
  resource: Resource<KubeObject>,
  key: ObjectKey,
  patch: Patch,
  subresource: Subresource | undefined,
): Call {
  return {
    ...kindOf("patch", resource, subresource),
    action: actionText("patch", resource, key),
    method: "PATCH",
    path: objectPath(resource, key, subresource),
    body: { type: PATCH_TYPES[patch.type], json: patch.body },
  };
}

/** Deletes an object, if it still has this version. */
export function deleteCall(
  resource: Resource<KubeObject>,
  key: ObjectKey,
  resourceVersion: string | undefined,
): Call {
  const call = {
    ...kindOf("delete", resource),
    action: actionText("delete", resource, key),
    method: "DELETE",
    path: objectPath(resource, key),
  } as const;
  if (resourceVersion === undefined) return call;
  const json = {
    apiVersion: "v1",
    kind: "DeleteOptions",
    preconditions: { resourceVersion },
  };
  return { ...call, body: { type: JSON_TYPE, json } };
}

/** Asks the server for a judgement; nothing is stored. */
export function reviewCall<T>(
  { group, version, plural, kind }: ReviewKind<T>,
  spec: unknown,
): Call {
  return {
    verb: "create",
    resource: plural,
    action: `create ${plural}`,
    method: "POST",
    path: `/apis/${group}/${version}/${plural}`,
    body: {
      type: JSON_TYPE,
      json: { apiVersion: `${group}/${version}`, kind, spec },
    },
  };
}

function kindOf(
  verb: CallKind["verb"],
  { plural }: Resource<KubeObject>,
  subresource?: Subresource,
): CallKind {
  const resource = subresource === undefined
    ? plural
    : `${plural}/${subresource}`;
  return { verb, resource };
}

function actionText(
  verb: string,
  { plural }: Resource<KubeObject>,
  { namespace, name }: ObjectKey,
): string {
  const key = namespace === undefined ? name : `${namespace}/${name}`;
  return `${verb} ${plural} ${key}`;
}

/** An object with the kind that the API wants to see in it. */
function typed<T extends KubeObject>(
  { group, version, kind }: Resource<T>,
  object: T,
): T {
  const apiVersion = group === "" ? version : `${group}/${version}`;
  return { ...object, apiVersion, kind };
}
