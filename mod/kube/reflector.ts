/** A cache of one kind that follows the server. */
import { Backoff } from "./backoff.ts";
import {
  type Change,
  eventChanges,
  isSameVersion,
  listChanges,
  objectKey,
} from "./changes.ts";
import type { Clock } from "./platform.ts";
import { listPages } from "./pages.ts";
import {
  type KubeClient,
  KubeError,
  type Resource,
  type Selection,
} from "./port.ts";
import type { KubeObject } from "./types.ts";

/** How far a cache follows the server; `since` is in ms of its clock. */
export type ReflectorState =
  /** Nothing has been listed yet, so the cache says nothing. */
  | {
    readonly kind: "unsynced";
    readonly since: number;
    readonly error?: KubeError;
  }
  /** The cache follows the server. */
  | { readonly kind: "connected"; readonly since: number }
  /** The cache holds the last known state. */
  | {
    readonly kind: "disconnected";
    readonly since: number;
    readonly error: KubeError;
  };

/** A failed attempt to follow the server. */
export interface ReflectorFailure {
  /** What went wrong. */
  readonly error: KubeError;
  /** Failures in a row, from 1. */
  readonly failures: number;
  /** Time until the next attempt, in ms. */
  readonly delayMs: number;
}

/** What a {@linkcode Reflector} takes. */
export interface ReflectorOptions<T extends KubeObject> {
  /** What to follow; default: every object. */
  readonly selection?: Selection;
  /** Time. */
  readonly clock: Clock;
  /** A number in [0, 1), like `Math.random`. */
  readonly random: () => number;
  /**
   * Called after the cache has changed, with all differences at once: those of
   * the first list even if there are none. It must not throw.
   */
  readonly onChange?: (changes: readonly Change<T>[]) => void;
  /** Called when {@linkcode Reflector.state} has changed its kind. */
  readonly onState?: (state: ReflectorState) => void;
  /** Called for every failed attempt. */
  readonly onFailure?: (failure: ReflectorFailure) => void;
  /** Objects in a page of a list; default: the client's. */
  readonly pageSize?: number;
  /** Longest time of one watch, in seconds; a dead connection shows after it. */
  readonly watchSeconds?: number;
  /** Upper bound of the first delay after a failure, in ms; default 200. */
  readonly backoffMs?: number;
  /** Upper bound of all delays, in ms; default 10,000. */
  readonly backoffCapMs?: number;
}

const WATCH_SECONDS = 60;
const BACKOFF_MS = 200;
const BACKOFF_CAP_MS = 10_000;
/** A server that asks for more is not believed, in ms. */
const RETRY_AFTER_CAP_MS = 60_000;
/** A watch that ends sooner, and with nothing in it, counts as a failure. */
const SHORTEST_WATCH_MS = 1_000;
/** The version to watch from has expired. */
const EXPIRED = 410;

/**
 * Lists a kind and watches it. The cache is changed only by a complete list or
 * an event, and it is kept while the server cannot be reached.
 */
export class Reflector<T extends KubeObject> {
  /** Resolves with the first complete list; never rejects. */
  readonly synced: Promise<void>;
  readonly #client: KubeClient;
  readonly #resource: Resource<T>;
  readonly #options: ReflectorOptions<T>;
  readonly #backoff: Backoff;
  readonly #store = new Map<string, T>();
  readonly #markSynced: () => void;
  #state: ReflectorState;
  /** Version to watch from; nothing means that a list is due. */
  #version: string | undefined;
  /** Whether the server may be another one than before. */
  #mustVerify = false;

  /** Makes a reflector that has not begun. */
  constructor(
    client: KubeClient,
    resource: Resource<T>,
    options: ReflectorOptions<T>,
  ) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.synced = promise;
    this.#markSynced = resolve;
    this.#client = client;
    this.#resource = resource;
    this.#options = options;
    this.#state = { kind: "unsynced", since: options.clock.now() };
    this.#backoff = new Backoff({
      baseMs: options.backoffMs ?? BACKOFF_MS,
      capMs: options.backoffCapMs ?? BACKOFF_CAP_MS,
      random: options.random,
    });
  }

  /** The objects by `namespace/name`; one map for the life of the reflector. */
  get store(): ReadonlyMap<string, T> {
    return this.#store;
  }

  /** How far the cache follows the server. */
  get state(): ReflectorState {
    return this.#state;
  }

  /** Name of the kind in URLs, for logs and readiness. */
  get plural(): string {
    return this.#resource.plural;
  }

  /** Follows the server until the signal aborts, whatever the server does. */
  async start(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#follow(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof KubeError)) throw error;
        await this.#pause(error, signal);
      }
    }
  }

  /** One round: a list if one is due, then one watch. */
  async #follow(signal: AbortSignal): Promise<void> {
    await this.#verify(signal);
    this.#version ??= await this.#list(signal);
    const { clock } = this.#options;
    const begun = clock.now();
    let events = 0;
    try {
      events = await this.#watch(this.#version, signal);
    } finally {
      if (clock.now() - begun >= SHORTEST_WATCH_MS) this.#backoff.reset();
    }
    const endedAtOnce = clock.now() - begun < SHORTEST_WATCH_MS;
    if (signal.aborted || events > 0 || !endedAtOnce) return;
    throw new KubeError(
      `Cannot watch ${this.plural}: the server ended the watch at once`,
      { code: 0, reason: "watchEnded" },
    );
  }

  /**
   * A server that was restored from a backup accepts a version of its future
   * and is then silent, so after an outage its present is asked for.
   */
  async #verify(signal: AbortSignal): Promise<void> {
    const version = this.#version;
    if (this.#mustVerify && version !== undefined) {
      const { selection } = this.#options;
      const page = await this.#client.list(this.#resource, {
        ...selection,
        signal,
        limit: 1,
      });
      if (isOlder(page.resourceVersion, version)) this.#version = undefined;
    }
    this.#mustVerify = false;
  }

  /** Lists all pages aside, then applies the differences in one go. */
  async #list(signal: AbortSignal): Promise<string> {
    const { selection, pageSize } = this.#options;
    const listed = new Map<string, T>();
    const pages = listPages(this.#client, this.#resource, {
      ...selection,
      signal,
      ...(pageSize !== undefined && { limit: pageSize }),
    });
    let version = "";
    for await (const page of pages) {
      version = page.resourceVersion;
      for (const object of page.items) {
        const key = objectKey(object);
        const known = this.#store.get(key);
        // Two copies of everything at once would make the heap grow for good.
        const isKnown = known !== undefined && isSameVersion(known, object);
        listed.set(key, isKnown ? known : object);
      }
    }
    this.#acceptList(listed);
    return version;
  }

  #acceptList(listed: ReadonlyMap<string, T>): void {
    const isFirst = this.#state.kind === "unsynced";
    const changes = listChanges(this.#store, listed);
    this.#setState({ kind: "connected", since: this.#options.clock.now() });
    if (isFirst || changes.length > 0) this.#apply(changes);
    this.#markSynced();
  }

  /** Watches until the server ends it; gives the number of events. */
  async #watch(version: string, signal: AbortSignal): Promise<number> {
    const { selection, random, watchSeconds = WATCH_SECONDS } = this.#options;
    let events = 0;
    // Spread over half the time, so that not all watches of all nodes end at once.
    const timeoutSeconds = Math.ceil(watchSeconds * (1 - random() / 2));
    const watch = this.#client.watch(this.#resource, {
      ...selection,
      signal,
      resourceVersion: version,
      timeoutSeconds,
      onOpen: () => this.#connected(),
    });
    for await (const event of watch) {
      events += 1;
      this.#backoff.reset();
      this.#connected();
      if (event.type === "BOOKMARK") {
        this.#version = event.resourceVersion;
        continue;
      }
      this.#version = event.object.metadata.resourceVersion ?? this.#version;
      this.#apply(eventChanges(this.#store, event));
    }
    return events;
  }

  #apply(changes: readonly Change<T>[]): void {
    for (const { type, key, object } of changes) {
      if (type === "DELETED") this.#store.delete(key);
      else this.#store.set(key, object);
    }
    this.#options.onChange?.(changes);
  }

  #connected(): void {
    if (this.#state.kind === "connected") return;
    this.#setState({ kind: "connected", since: this.#options.clock.now() });
  }

  async #pause(error: KubeError, signal: AbortSignal): Promise<void> {
    const { clock, onFailure } = this.#options;
    if (error.code === EXPIRED) this.#version = undefined;
    this.#mustVerify = true;
    // An expired version says nothing about the server: list at once, once.
    const isExpiry = error.code === EXPIRED && this.#backoff.failures === 0;
    if (!isExpiry) this.#disconnected(error);
    const backoffMs = this.#backoff.next();
    const asked = Math.min(error.retryAfterMs ?? 0, RETRY_AFTER_CAP_MS);
    const delayMs = isExpiry ? 0 : Math.max(backoffMs, asked);
    onFailure?.({ error, failures: this.#backoff.failures, delayMs });
    if (delayMs > 0) await clock.sleep(delayMs, signal);
  }

  #disconnected(error: KubeError): void {
    const kind = this.#state.kind === "unsynced" ? "unsynced" : "disconnected";
    // The time counts from the first failure.
    const since = this.#state.kind === "connected"
      ? this.#options.clock.now()
      : this.#state.since;
    this.#setState({ kind, since, error });
  }

  #setState(state: ReflectorState): void {
    const isNew = state.kind !== this.#state.kind;
    this.#state = state;
    if (isNew) this.#options.onState?.(state);
  }
}

/** Whether a version is before another; no order is known of foreign forms. */
function isOlder(version: string, than: string): boolean {
  const isNumber = /^\d+$/;
  if (!isNumber.test(version) || !isNumber.test(than)) return false;
  return BigInt(version) < BigInt(than);
}
