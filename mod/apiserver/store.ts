/**
 * The objects and a bounded history of their changes. One counter numbers all
 * changes, as etcd's revision does; it is every object's resource version.
 */
import type { Kind } from "./kinds.ts";
import {
  type ApiObject,
  nameOf,
  namespaceOf,
  objectKey,
  withMetadata,
} from "./object.ts";

/** One change of one object. */
export type Change =
  & { readonly revision: number; readonly kind: Kind; readonly key: string }
  & (
    | { readonly type: "ADDED"; readonly object: ApiObject }
    | {
      readonly type: "MODIFIED" | "DELETED";
      readonly object: ApiObject;
      readonly previous: ApiObject;
    }
  );

/** Called with every change, in order, after it is stored. */
export type ChangeListener = (change: Change) => void;

/** The history does not reach back to the version asked for. */
export class ExpiredError extends RangeError {
  /** Name of the class, for logs. */
  override readonly name = "ExpiredError";
  /** The version asked for. */
  readonly revision: number;
  /** The oldest version that can be asked for. */
  readonly oldest: number;

  /** Makes the error. */
  constructor(revision: number, oldest: number) {
    super(`Cannot go back to version ${revision}: the oldest is ${oldest}`);
    this.revision = revision;
    this.oldest = oldest;
  }
}

/** Versioned objects by kind and key. */
export class Store {
  readonly #objects = new Map<Kind, Map<string, ApiObject>>();
  readonly #sorted = new Map<Kind, readonly string[]>();
  readonly #listeners = new Set<ChangeListener>();
  readonly #historyLimit: number;
  #history: Change[] = [];
  #oldest: number;
  #revision: number;

  /** Makes an empty store whose history holds `historyLimit` to twice as many changes. */
  constructor(options: { readonly historyLimit: number }) {
    this.#historyLimit = options.historyLimit;
    // A real server's first objects never have version 0, which means "any".
    this.#revision = 1;
    this.#oldest = 1;
  }

  /** Version of the last change. */
  get revision(): number {
    return this.#revision;
  }

  /** The oldest version from which a watch can start. */
  get oldest(): number {
    return this.#oldest;
  }

  /** The object with a key, if there is one. */
  get(kind: Kind, key: string): ApiObject | undefined {
    return this.#objects.get(kind)?.get(key);
  }

  /** Stores an object, new or changed, under the next version, and returns it with that. */
  put(kind: Kind, object: ApiObject): ApiObject {
    const key = objectKey(namespaceOf(object), nameOf(object));
    const previous = this.get(kind, key);
    const revision = this.#revision + 1;
    const stored = withMetadata(object, { resourceVersion: String(revision) });
    this.#table(kind).set(key, stored);
    if (previous === undefined) this.#sorted.delete(kind);
    this.#record(
      previous === undefined
        ? { revision, kind, key, type: "ADDED", object: stored }
        : { revision, kind, key, type: "MODIFIED", object: stored, previous },
    );
    return stored;
  }

  /**
   * Removes an object and returns its last form, with the version of the
   * removal. `last` is that form if the removal changes it.
   */
  remove(kind: Kind, key: string, last?: ApiObject): ApiObject | undefined {
    const previous = this.get(kind, key);
    if (previous === undefined) return undefined;
    const revision = this.#revision + 1;
    const object = withMetadata(last ?? previous, {
      resourceVersion: String(revision),
    });
    this.#table(kind).delete(key);
    this.#sorted.delete(kind);
    this.#record({ revision, kind, key, type: "DELETED", object, previous });
    return object;
  }

  /**
   * Objects of a kind by ascending key as they were at a version, by default
   * now. Throws {@linkcode ExpiredError} for a version before the history.
   */
  list(kind: Kind, revision: number = this.#revision): readonly ApiObject[] {
    if (revision === this.#revision) return this.#current(kind);
    const table = new Map(this.#table(kind));
    for (const change of this.changesSince(revision).reverse()) {
      if (change.kind !== kind) continue;
      if (change.type === "ADDED") table.delete(change.key);
      else table.set(change.key, change.previous);
    }
    return sortedValues(table);
  }

  /** Changes after a version, in order. Throws {@linkcode ExpiredError} as `list` does. */
  changesSince(revision: number): Change[] {
    if (revision < this.#oldest) {
      throw new ExpiredError(revision, this.#oldest);
    }
    // Versions of the history are consecutive.
    const first = this.#history[0]?.revision ?? this.#revision + 1;
    return this.#history.slice(Math.max(0, revision + 1 - first));
  }

  /** Forgets the history: only the present version can be asked for. */
  compact(): void {
    this.#history = [];
    this.#oldest = this.#revision;
  }

  /** Calls `listener` with every later change; the result ends that. */
  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #table(kind: Kind): Map<string, ApiObject> {
    let table = this.#objects.get(kind);
    if (table === undefined) {
      table = new Map();
      this.#objects.set(kind, table);
    }
    return table;
  }

  #current(kind: Kind): readonly ApiObject[] {
    const table = this.#table(kind);
    let keys = this.#sorted.get(kind);
    if (keys === undefined) {
      keys = [...table.keys()].sort();
      this.#sorted.set(kind, keys);
    }
    return keys.flatMap((key) => table.get(key) ?? []);
  }

  #record(change: Change): void {
    this.#revision = change.revision;
    this.#history.push(change);
    // Cutting half at a time keeps the cost per change constant.
    if (this.#history.length >= 2 * this.#historyLimit) {
      const cut = this.#history.length - this.#historyLimit;
      this.#oldest = this.#history[cut - 1]?.revision ?? this.#oldest;
      this.#history = this.#history.slice(cut);
    }
    for (const listener of this.#listeners) listener(change);
  }
}

function sortedValues(table: ReadonlyMap<string, ApiObject>): ApiObject[] {
  return [...table.keys()].sort().flatMap((key) => table.get(key) ?? []);
}
