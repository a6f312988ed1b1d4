/** A client for the unit tests of the server: calls without sockets, time by hand. */
import { type Json, type JsonObject, objectOr, stringOr } from "./json.ts";
import { ApiServer, type ApiServerOptions } from "./server.ts";

/** What the server answered. */
export interface Answer {
  readonly code: number;
  readonly body: JsonObject;
}

/** How to call. */
export interface CallOptions {
  readonly body?: Json;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Path of the Services of the default namespace. */
export const SERVICES = "/api/v1/namespaces/default/services";
/** Path of the pools of the default namespace. */
export const POOLS =
  "/apis/metallb.io/v1beta1/namespaces/default/ipaddresspools";
/** Path of the Leases of the default namespace. */
export const LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
/** Content type of a merge patch. */
export const MERGE = "application/merge-patch+json";
/** Content type of a JSON patch. */
export const JSON_PATCH = "application/json-patch+json";

/** A server whose clock stands at 2026-01-01T00:00:00Z. */
export function newServer(options: Partial<ApiServerOptions> = {}): ApiServer {
  return new ApiServer({ now: () => Date.UTC(2026, 0, 1), ...options });
}

/** Calls the server. */
export function send(
  server: ApiServer,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Response> {
  const { body, type = "application/json", headers } = options;
  return server.handle(
    new Request(`http://server${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": type }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
}

/** Calls the server and reads a JSON answer. */
export async function call(
  server: ApiServer,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Answer> {
  const response = await send(server, method, path, options);
  const body: Json = await response.json();
  return { code: response.status, body: objectOr(body) };
}

/** A Service with one port. */
export function service(name: string, spec: JsonObject = {}): JsonObject {
  return { metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } };
}

/** A pool. */
export function pool(name: string, spec: JsonObject = {}): JsonObject {
  return {
    apiVersion: "metallb.io/v1beta1",
    kind: "IPAddressPool",
    metadata: { name },
    spec,
  };
}

/** The resource version of an object or list. */
export function versionOf(object: JsonObject): string {
  return stringOr(objectOr(object.metadata).resourceVersion);
}

/** Timers that fire when a test says so. */
export class ManualTimers {
  #now = 0;
  readonly #timers = new Set<{ at: number; callback: () => void }>();

  /** How many timers wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** To be passed as `schedule`. */
  readonly schedule = (ms: number, callback: () => void): () => void => {
    const timer = { at: this.#now + ms, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Lets time pass, and the timers fire in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= end)
        .sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#now = due.at;
      due.callback();
    }
    this.#now = end;
  }
}

/** Reads the events of a watch one by one. */
export class WatchReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #rest = "";

  /** Reads from a response's stream. */
  constructor(response: Response) {
    if (response.body === null) throw new TypeError("The watch has no body");
    this.#reader = response.body.getReader();
  }

  /** The next event, undefined at the end. */
  async next(): Promise<JsonObject | undefined> {
    for (;;) {
      const end = this.#rest.indexOf("\n");
      if (end >= 0) {
        const line = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 1);
        return objectOr(JSON.parse(line));
      }
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      this.#rest += this.#decoder.decode(value, { stream: true });
    }
  }

  /** The next events as `"TYPE NAME"`. */
  async take(count: number): Promise<string[]> {
    const texts: string[] = [];
    while (texts.length < count) {
      const event = await this.next();
      if (event === undefined) return [...texts, "END"];
      const metadata = objectOr(objectOr(event.object).metadata);
      texts.push(`${event.type} ${metadata.name ?? "-"}`);
    }
    return texts;
  }

  /** Leaves the watch. */
  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }
}

/** Opens a watch; `query` follows `watch=1`. */
export async function watch(
  server: ApiServer,
  path: string,
  query = "",
): Promise<WatchReader> {
  const join = query === "" ? "" : `&${query}`;
  return new WatchReader(await send(server, "GET", `${path}?watch=1${join}`));
}
