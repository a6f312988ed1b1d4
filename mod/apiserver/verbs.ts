/** Create, update, patch and delete on the store. Each is one step: nothing comes between. */
import { type Address, checkedObject } from "./body.ts";
import {
  prepareChanged,
  type PrepareContext,
  prepareNew,
  prepareStatus,
} from "./defaults.ts";
import {
  arrayOr,
  compact,
  equalJson,
  type Json,
  type JsonObject,
  objectOr,
  omit,
  stringOr,
} from "./json.ts";
import { findKind, type Kind } from "./kinds.ts";
import { generatedName, nameCauses } from "./naming.ts";
import {
  type ApiObject,
  formatTime,
  nameOf,
  objectKey,
  withMetadata,
} from "./object.ts";
import { applyPatch } from "./patch.ts";
import {
  ServiceAllocations,
  type ServiceRanges,
} from "./service_allocations.ts";
import {
  alreadyExists,
  conflict,
  invalid,
  invalidValue,
  notFound,
  Refusal,
} from "./status.ts";
import type { Store } from "./store.ts";

/** The address of an existing object. */
export interface ObjectAddress extends Address {
  readonly name: string;
  readonly subresource?: "status";
}

/** What an update did. */
export interface UpdateResult {
  readonly object: ApiObject;
  readonly created: boolean;
}

/** Metadata that only the server sets. */
const OWN_FIELDS = [
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "selfLink",
  "managedFields",
];

/** Everything but metadata and status: what `generation` counts. */
function specification(object: ApiObject): JsonObject {
  return omit(object, ["metadata", "status"]);
}

/** The verbs that write. */
export class Verbs {
  readonly #store: Store;
  readonly #allocations: ServiceAllocations;
  readonly #namespaces: Kind | undefined;
  readonly #now: () => number;

  /** Works on `store`; `now` tells ms since 1970. */
  constructor(options: {
    readonly store: Store;
    readonly kinds: readonly Kind[];
    readonly serviceRanges: ServiceRanges;
    readonly now: () => number;
  }) {
    this.#store = options.store;
    this.#now = options.now;
    this.#allocations = new ServiceAllocations(options.serviceRanges);
    this.#namespaces = findKind(options.kinds, {
      group: "",
      version: "v1",
      plural: "namespaces",
    });
    options.store.subscribe((change) => {
      if (change.kind.kind !== "Service") return;
      if (change.type !== "ADDED") this.#allocations.release(change.previous);
      if (change.type !== "DELETED") this.#allocations.claim(change.object);
    });
  }

  /** The object at an address. Throws a refusal (404). */
  get({ kind, namespace, name }: ObjectAddress): ApiObject {
    const found = this.#store.get(kind, objectKey(namespace, name));
    if (found === undefined) throw notFound(kind, name);
    return found;
  }

  /** Creates the object of a body. Throws a refusal (400, 404, 409, 422, 500). */
  create(address: Address, body: Json | undefined): ApiObject {
    const { kind, namespace } = address;
    const given = checkedObject(body, address);
    if (stringOr(given.metadata.resourceVersion) !== "") {
      throw new Refusal(
        "resourceVersion should not be set on objects to be created",
        { code: 500 },
      );
    }
    this.#checkNamespace(namespace);
    const base = stringOr(given.metadata.generateName);
    const name = nameOf(given) ||
      (base === "" ? "" : this.#freeName(kind, namespace, base));
    const causes = nameCauses(kind, name);
    if (causes.length > 0) throw invalid(kind, name, causes);
    if (this.#store.get(kind, objectKey(namespace, name)) !== undefined) {
      throw alreadyExists(kind, name);
    }
    const object = {
      ...given,
      metadata: {
        ...omit(given.metadata, OWN_FIELDS),
        name,
        uid: crypto.randomUUID(),
        creationTimestamp: formatTime(this.#now()),
        ...(kind.counted ? { generation: 1 } : {}),
      },
    };
    return this.#store.put(kind, prepareNew(object, this.#context(kind)));
  }

  /** Replaces an object by that of a body. Throws a refusal (400, 404, 409, 422). */
  update(address: ObjectAddress, body: Json | undefined): UpdateResult {
    const { kind, namespace, name, subresource } = address;
    const current = this.#store.get(kind, objectKey(namespace, name));
    const given = checkedObject(body, address);
    if (current === undefined) {
      if (!kind.createOnUpdate || subresource !== undefined) {
        throw notFound(kind, name);
      }
      const fresh = omit(given.metadata, OWN_FIELDS);
      const object = this.create(address, { ...given, metadata: fresh });
      return { object, created: true };
    }
    this.#checkVersion(kind, given, current);
    return { object: this.#change(address, given, current), created: false };
  }

  /** Patches an object. Throws a refusal (400, 404, 409, 413, 415, 422). */
  patch(
    address: ObjectAddress,
    contentType: string,
    body: Json | undefined,
  ): ApiObject {
    const { kind } = address;
    const current = this.get(address);
    const patched = applyPatch(kind, contentType, current, body ?? null);
    const given = checkedObject(patched, address);
    this.#checkVersion(kind, given, current);
    return this.#change(address, given, current);
  }

  /**
   * Deletes an object; one with finalizers is only marked. `options` is a
   * `metav1.DeleteOptions`. Throws a refusal (404, 409).
   */
  delete(address: ObjectAddress, options: Json | undefined): ApiObject {
    const { kind } = address;
    const current = this.get(address);
    checkPreconditions(
      kind,
      current,
      objectOr(objectOr(options).preconditions),
    );
    if (arrayOr(current.metadata.finalizers).length === 0) {
      return this.#remove(address, current);
    }
    if (current.metadata.deletionTimestamp !== undefined) return current;
    const marked = withMetadata(current, {
      deletionTimestamp: formatTime(this.#now()),
      deletionGracePeriodSeconds: 0,
    });
    return this.#store.put(kind, marked);
  }

  #context(kind: Kind): PrepareContext {
    return { kind, allocations: this.#allocations };
  }

  #checkNamespace(namespace: string): void {
    const kind = this.#namespaces;
    if (namespace === "" || kind === undefined) return;
    if (this.#store.get(kind, namespace) === undefined) {
      throw notFound(kind, namespace);
    }
  }

  #freeName(kind: Kind, namespace: string, base: string): string {
    for (;;) {
      const name = generatedName(base);
      const taken = this.#store.get(kind, objectKey(namespace, name));
      if (taken === undefined) return name;
    }
  }

  #checkVersion(kind: Kind, given: ApiObject, current: ApiObject): void {
    const name = nameOf(current);
    const version = stringOr(given.metadata.resourceVersion);
    if (version === "" && !kind.unconditionalUpdate) {
      const why = "must be specified for an update";
      const refusal = [invalidValue("metadata.resourceVersion", 0, why)];
      throw invalid({ ...kind, kind: kind.plural }, name, refusal);
    }
    if (version !== "" && version !== current.metadata.resourceVersion) {
      throw conflict(kind, name);
    }
    const uid = stringOr(given.metadata.uid);
    const actual = stringOr(current.metadata.uid);
    if (uid !== "" && uid !== actual) {
      throw conflict(
        kind,
        name,
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${actual}`,
      );
    }
  }

  #change(
    { kind, namespace, name, subresource }: ObjectAddress,
    given: ApiObject,
    current: ApiObject,
  ): ApiObject {
    const own = compact(Object.fromEntries(
      OWN_FIELDS.map((field) => [field, current.metadata[field]]),
    ));
    const metadata = { ...omit(given.metadata, OWN_FIELDS), ...own };
    const merged = { ...given, metadata };
    const context = this.#context(kind);
    const prepared = subresource === "status"
      ? prepareStatus(merged, current, context)
      : prepareChanged(merged, current, context);
    if (isFinalized(prepared)) {
      return this.#remove({ kind, namespace, name }, prepared);
    }
    if (equalJson(prepared, current)) return current;
    const isCounted = kind.counted &&
      !equalJson(specification(prepared), specification(current));
    const generation = Number(current.metadata.generation ?? 0) + 1;
    return this.#store.put(
      kind,
      isCounted ? withMetadata(prepared, { generation }) : prepared,
    );
  }

  #remove(
    { kind, namespace, name }: ObjectAddress,
    last: ApiObject,
  ): ApiObject {
    return this.#store.remove(kind, objectKey(namespace, name), last) ?? last;
  }
}

/** Whether the last finalizer of a deleted object is gone. */
function isFinalized(object: ApiObject): boolean {
  return object.metadata.deletionTimestamp !== undefined &&
    arrayOr(object.metadata.finalizers).length === 0;
}

function checkPreconditions(
  kind: Kind,
  current: ApiObject,
  wanted: JsonObject,
): void {
  const fields = [
    ["uid", "UID", "deleted and then recreated"],
    ["resourceVersion", "ResourceVersion", "modified"],
  ] as const;
  for (const [field, label, fate] of fields) {
    const expected = wanted[field];
    const actual = stringOr(current.metadata[field]);
    if (expected === undefined || expected === actual) continue;
    // Here the real server names the kind, not the collection.
    throw conflict(
      { ...kind, plural: kind.kind },
      nameOf(current),
      `the ${label} in the precondition (${expected}) does not match the ${label} in record (${actual}). The object might have been ${fate}`,
    );
  }
}
