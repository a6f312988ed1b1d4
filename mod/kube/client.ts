/** The adapter: the port over HTTPS. */
import { Deadline } from "../time/mod.ts";
import type { ClusterAccess } from "./access.ts";
import {
  type Call,
  type CallKind,
  createCall,
  deleteCall,
  getCall,
  listCall,
  patchCall,
  replaceCall,
  reviewCall,
  watchCall,
} from "./calls.ts";
import { Connection } from "./connection.ts";
import { fetchError, noAnswer, statusError } from "./errors.ts";
import { readLines, TooLarge } from "./lines.ts";
import type { Clock, HttpClient, KubePlatform } from "./platform.ts";
import {
  type CallOptions,
  type KubeClient,
  KubeError,
  type ListPage,
  type ObjectKey,
  type Patch,
  type Resource,
  type Selection,
  type Subresource,
  type WatchEvent,
} from "./port.ts";
import { compact, record, text } from "./projection.ts";
import type { ReviewClient, ReviewKind } from "./reviews.ts";
import type { KubeObject } from "./types.ts";
import { decodeEvent, parseJson, projectObject } from "./watch_events.ts";

/** Something in an answer that was left out. */
export interface Malformed {
  /** Name of the kind in URLs. */
  readonly plural: string;
  /** What is wrong. */
  readonly problem: string;
}

/** What {@linkcode connect} needs. */
export interface ConnectOptions<Http extends HttpClient> {
  /** Effects of the runtime. */
  readonly platform: KubePlatform<Http>;
  /** Time. */
  readonly clock: Clock;
  /** Limit on every call but a watch, in ms; default 15,000. */
  readonly callTimeoutMs?: number;
  /** Called for everything that had to be left out. */
  readonly onMalformed?: (malformed: Malformed) => void;
  /**
   * Told of every call: how long the answer took in ms (of a watch, until it
   * began), and its status; 0 = there was none.
   */
  readonly onCall?: (kind: CallKind, ms: number, code: number) => void;
}

/** A client that holds connections. */
export interface ConnectedClient extends KubeClient, ReviewClient, Disposable {}

/**
 * Makes a client of a cluster. Nothing is sent yet, so an unreachable server
 * shows in the calls.
 */
export function connect<Http extends HttpClient>(
  access: ClusterAccess,
  options: ConnectOptions<Http>,
): ConnectedClient {
  return new RestClient(access, options);
}

/** Objects of a page: small pages keep the peak of the memory low. */
const PAGE_SIZE = 100;
/** etcd takes 1.5 MiB; as JSON with managed fields it may grow. */
const MAX_LINE = 16 * 1024 * 1024;
/** How long the server may close a watch later than asked to, in ms. */
const STALL_GRACE_MS = 10_000;
const CALL_TIMEOUT_MS = 15_000;
const WATCH_SECONDS = 60;

class RestClient<Http extends HttpClient> implements ConnectedClient {
  readonly #connection: Connection<Http>;
  readonly #options: ConnectOptions<Http>;

  constructor(access: ClusterAccess, options: ConnectOptions<Http>) {
    this.#options = options;
    this.#connection = new Connection(access, options.platform, options.clock);
  }

  async list<T extends KubeObject>(
    resource: Resource<T>,
    options: Selection & CallOptions & {
      readonly limit?: number;
      readonly continueToken?: string;
    } = {},
  ): Promise<ListPage<T>> {
    const call = listCall(resource, { limit: PAGE_SIZE, ...options });
    const answer = record(await this.#call(call, options.signal));
    const metadata = record(answer["metadata"]);
    const version = text(metadata["resourceVersion"]);
    // An empty list of metadata alone has null for its items.
    const items = answer["items"] === null ? [] : answer["items"];
    if (version === undefined || !Array.isArray(items)) {
      throw noAnswer(call.action, "badAnswer", "the answer is no list");
    }
    return compact({
      items: this.#project(resource, items),
      resourceVersion: version,
      continueToken: text(metadata["continue"]) || undefined,
    });
  }

  #project<T extends KubeObject>(
    resource: Resource<T>,
    items: readonly unknown[],
  ): readonly T[] {
    const objects = items.map((item) => projectObject(resource, item))
      .filter((item) => item !== undefined);
    if (objects.length < items.length) {
      this.#options.onMalformed?.({
        plural: resource.plural,
        problem: `${items.length - objects.length} objects without a name`,
      });
    }
    return objects;
  }

  async *watch<T extends KubeObject>(
    resource: Resource<T>,
    options: Selection & CallOptions & {
      readonly resourceVersion: string;
      readonly timeoutSeconds?: number;
      readonly onOpen?: () => void;
    },
  ): AsyncGenerator<WatchEvent<T>> {
    const timeoutSeconds = options.timeoutSeconds ?? WATCH_SECONDS;
    const call = watchCall(resource, { ...options, timeoutSeconds });
    using deadline = new Deadline(
      this.#options.clock,
      timeoutSeconds * 1000 + STALL_GRACE_MS,
      options.signal,
    );
    try {
      const response = await this.#measured(
        call,
        () => this.#open(call, deadline.signal),
      );
      options.onOpen?.();
      for await (const line of readLines(response.body, MAX_LINE)) {
        const event = decodeEvent(resource, line);
        if (event.type !== "SKIPPED") yield event;
        else this.#report(resource, event.problem);
      }
    } catch (error) {
      throw this.#explain(call, error, deadline, "watchStalled");
    }
  }

  async get<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    options: CallOptions = {},
  ): Promise<T> {
    return await this.#one(resource, options, () => getCall(resource, key));
  }

  async create<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options: CallOptions = {},
  ): Promise<T> {
    return await this.#one(
      resource,
      options,
      () => createCall(resource, object),
    );
  }

  async replace<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options: CallOptions & { readonly subresource?: Subresource } = {},
  ): Promise<T> {
    return await this.#one(
      resource,
      options,
      () => replaceCall(resource, object, options.subresource),
    );
  }

  async patch<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    patch: Patch,
    options: CallOptions & { readonly subresource?: Subresource } = {},
  ): Promise<T> {
    return await this.#one(
      resource,
      options,
      () => patchCall(resource, key, patch, options.subresource),
    );
  }

  async delete<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    options: CallOptions & { readonly resourceVersion?: string } = {},
  ): Promise<void> {
    const call = prepare(
      resource,
      () => deleteCall(resource, key, options.resourceVersion),
    );
    await this.#call(call, options.signal);
  }

  async review<Answer>(
    kind: ReviewKind<Answer>,
    spec: unknown,
    options: CallOptions = {},
  ): Promise<Answer> {
    const call = reviewCall(kind, spec);
    const answer = record(await this.#call(call, options.signal));
    return kind.read(record(answer["status"]));
  }

  [Symbol.dispose](): void {
    this.#connection.reset();
  }

  /** A call whose answer is one object. */
  async #one<T extends KubeObject>(
    resource: Resource<T>,
    { signal }: CallOptions,
    make: () => Call,
  ): Promise<T> {
    const call = prepare(resource, make);
    const object = projectObject(resource, await this.#call(call, signal));
    if (object !== undefined) return object;
    throw noAnswer(call.action, "badAnswer", "the answer is no object");
  }

  async #call(call: Call, signal?: AbortSignal): Promise<unknown> {
    const { clock, callTimeoutMs = CALL_TIMEOUT_MS } = this.#options;
    using deadline = new Deadline(clock, callTimeoutMs, signal);
    try {
      return await this.#measured(call, async () => {
        const response = await this.#open(call, deadline.signal);
        return parseJson(call.action, await response.text());
      });
    } catch (error) {
      throw this.#explain(call, error, deadline, "timeout");
    }
  }

  async #measured<T>(
    { verb, resource }: Call,
    call: () => Promise<T>,
  ): Promise<T> {
    const { clock, onCall } = this.#options;
    const begun = clock.now();
    const tell = (code: number): void =>
      onCall?.({ verb, resource }, clock.now() - begun, code);
    try {
      const answer = await call();
      tell(200);
      return answer;
    } catch (error) {
      tell(error instanceof KubeError ? error.code : 0);
      throw error;
    }
  }

  /** Sends a call; an answer that is no success is an error. */
  async #open(call: Call, signal: AbortSignal): Promise<Response> {
    const response = await this.#connection.send(call, signal);
    if (response.ok) return response;
    throw statusError(call.action, tryParse(await response.text()), {
      code: response.status,
      retryAfter: response.headers.get("retry-after"),
    });
  }

  #explain(
    { action }: Call,
    error: unknown,
    deadline: Deadline,
    expired: "timeout" | "watchStalled",
  ): KubeError {
    if (deadline.expired) {
      this.#connection.reset();
      const detail = expired === "timeout"
        ? "the server did not answer in time"
        : "the server did not end the watch in time, so the connection is dead";
      return noAnswer(action, expired, detail, error);
    }
    if (deadline.signal.aborted) {
      return noAnswer(action, "aborted", "the call was aborted", error);
    }
    if (error instanceof KubeError) return error;
    if (error instanceof TooLarge) {
      return noAnswer(action, "tooLarge", error.message, error);
    }
    return fetchError(action, error);
  }

  #report({ plural }: Resource<KubeObject>, problem: string): void {
    this.#options.onMalformed?.({ plural, problem });
  }
}

function tryParse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // A proxy's error page says nothing more than its status.
    return undefined;
  }
}

/** A key that does not fit its kind is an error like every other. */
function prepare({ plural }: Resource<KubeObject>, make: () => Call): Call {
  try {
    return make();
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw noAnswer(`use ${plural}`, "badRequest", detail, cause);
  }
}
