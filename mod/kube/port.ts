/**
 * The port through which Herald talks to the Kubernetes API. The adapter in
 * `client.ts` implements it over `@kubernetes/client-node`; tests run the same
 * contract against the embedded API server and a real kube-apiserver.
 */
import type { KubeObject } from "./types.ts";

/** A kind of object: where it is served and what of it is kept. */
export interface Resource<T extends KubeObject> {
  /** API group, `""` for the core group. */
  readonly group: string;
  /** Version within the group. */
  readonly version: string;
  /** Name in URLs. */
  readonly plural: string;
  /** Name in objects. */
  readonly kind: string;
  /** Whether its objects live in namespaces. */
  readonly namespaced: boolean;
  /** Whether lists ask for metadata alone, a tenth of some kinds' objects. */
  readonly metadataOnly?: true;
  /** Keeps the fields in use of an object as it arrives; the rest is dropped. */
  readonly project: (raw: Readonly<Record<string, unknown>>) => T;
}

/** Which object: `namespace` is required exactly for namespaced kinds. */
export interface ObjectKey {
  /** Name of the object. */
  readonly name: string;
  /** Its namespace. */
  readonly namespace?: string;
}

/** What a list or watch selects. No namespace means all namespaces. */
export interface Selection {
  /** One namespace instead of all. */
  readonly namespace?: string;
  /** In the API's text form. */
  readonly labelSelector?: string;
  /** In the API's text form. */
  readonly fieldSelector?: string;
}

/** One page of a list. */
export interface ListPage<T> {
  /** The projected objects. */
  readonly items: readonly T[];
  /** Version that a watch may continue from. */
  readonly resourceVersion: string;
  /** Token of the next page; absent on the last page. */
  readonly continueToken?: string;
}

/** One event of a watch. */
export type WatchEvent<T> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T }
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string };

/** Options that every call takes. */
export interface CallOptions {
  /** Gives up the call. */
  readonly signal?: AbortSignal;
}

/** JSON Merge Patch (RFC 7386) or JSON Patch (RFC 6902). */
export type Patch =
  | { readonly type: "merge"; readonly body: unknown }
  | { readonly type: "json"; readonly body: readonly unknown[] };

/** A part of an object with an endpoint of its own. */
export type Subresource = "status";

/** Access to the Kubernetes API. Every method throws {@linkcode KubeError}. */
export interface KubeClient {
  /** One page of a list. */
  list<T extends KubeObject>(
    resource: Resource<T>,
    options?: Selection & CallOptions & {
      readonly limit?: number;
      readonly continueToken?: string;
    },
  ): Promise<ListPage<T>>;
  /**
   * Watches from `resourceVersion` on. Ends normally when the server closes
   * the stream; throws {@linkcode KubeError} (`code: 410` for an expired
   * version, also when it comes as an ERROR event). `onOpen` is called once
   * the server has accepted the watch, which may be long before an event.
   */
  watch<T extends KubeObject>(
    resource: Resource<T>,
    options: Selection & CallOptions & {
      readonly resourceVersion: string;
      readonly timeoutSeconds?: number;
      readonly onOpen?: () => void;
    },
  ): AsyncIterable<WatchEvent<T>>;
  /** One object; `code: 404` when there is none. */
  get<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    options?: CallOptions,
  ): Promise<T>;
  /** POST; `code: 409` when it exists. */
  create<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options?: CallOptions,
  ): Promise<T>;
  /**
   * PUT; `metadata.resourceVersion` makes it conditional. What the projection
   * dropped is lost: of kinds that others own, change fields with `patch`.
   */
  replace<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options?: CallOptions & { readonly subresource?: Subresource },
  ): Promise<T>;
  /** PATCH of the object or of a part of it. */
  patch<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    patch: Patch,
    options?: CallOptions & { readonly subresource?: Subresource },
  ): Promise<T>;
  /** DELETE; `resourceVersion` makes it conditional. */
  delete<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    options?: CallOptions & { readonly resourceVersion?: string },
  ): Promise<void>;
}

/** Why a call to the API failed. */
export class KubeError extends Error {
  /** Name of the class, for logs. */
  override readonly name = "KubeError";
  /** HTTP status of the answer; 0 when there was none (network, TLS, abort). */
  readonly code: number;
  /** The `reason` of the `metav1.Status`, or a word of ours when code is 0. */
  readonly reason: string;
  /** How long the server asked to wait before the next attempt, in ms. */
  readonly retryAfterMs: number | undefined;

  /** Makes an error from an answer's status or from a failed connection. */
  constructor(
    message: string,
    options: {
      readonly code: number;
      readonly reason: string;
      readonly retryAfterMs?: number | undefined;
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: options.cause });
    this.code = options.code;
    this.reason = options.reason;
    this.retryAfterMs = options.retryAfterMs;
  }
}
