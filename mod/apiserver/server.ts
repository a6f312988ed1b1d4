/** The server: from a request to its answer. */
import { answer, answerText, deletedStatus } from "./answers.ts";
import { contentTypeOf, readJson, readObject, readPatch } from "./body.ts";
import { discover } from "./discovery.ts";
import { Faults } from "./faults.ts";
import { type Kind, KINDS } from "./kinds.ts";
import { listPage, parseRevision } from "./list.ts";
import {
  chooseRepresentation,
  type Presentation,
  presentList,
  presentObject,
} from "./representation.ts";
import { findRoute, type Route } from "./routes.ts";
import { parseSelection } from "./selectors.ts";
import type { ServiceRanges } from "./service_allocations.ts";
import {
  badRequest,
  methodNotAllowed,
  noSuchResource,
  Refusal,
  unauthorized,
} from "./status.ts";
import { Store } from "./store.ts";
import { type ObjectAddress, Verbs } from "./verbs.ts";
import { openWatch, type Schedule, type WatchStart } from "./watch.ts";

/** How a server is made. */
export interface ApiServerOptions {
  /** Wall clock: ms since 1970. */
  readonly now: () => number;
  /** Kinds besides those that the server knows. */
  readonly kinds?: readonly Kind[];
  /** Bearer tokens that are let in; absent: everybody is. */
  readonly tokens?: readonly string[];
  /** Least number of changes that watches can go back; default 10,000. */
  readonly historyLimit?: number;
  /** Pause between the bookmarks of a watch, in ms; default 60,000. */
  readonly bookmarkMs?: number;
  /** Where cluster IPs come from; default 10.96.0.0/16 and fd00:10:96::/112. */
  readonly serviceRanges?: ServiceRanges;
  /** Timer of watches and latency; default `setTimeout`. */
  readonly schedule?: Schedule;
}

type CollectionRoute = Extract<Route, { readonly kind: "collection" }>;
type ObjectRoute = Extract<Route, { readonly kind: "object" }>;

/** Namespaces of a new cluster. */
const NAMESPACES = ["default", "kube-node-lease", "kube-public", "kube-system"];
const RANGES = { IPv4: "10.96.0.0/16", IPv6: "fd00:10:96::/112" };
const HISTORY_LIMIT = 10_000;
const BOOKMARK_MS = 60_000;
const WATCH_TIMEOUT_S = 1_800;

/** No proxy or server may compress a stream and so hold it back. */
const STREAM_CACHING = "no-cache, private, no-transform";

function scheduleByTimer(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}

function isTrue(text: string | null): boolean {
  return text === "1" || text === "true";
}

function watchStart(query: URLSearchParams): WatchStart {
  const markEnd = isTrue(query.get("sendInitialEvents"));
  const revision = parseRevision(query.get("resourceVersion"));
  return markEnd || revision === 0
    ? { kind: "initial", markEnd }
    : { kind: "after", revision };
}

/**
 * A Kubernetes API server in one object: web-standard requests in, responses
 * out, everything in memory. It has the kinds and verbs that Herald's roles
 * and kubectl's reading verbs use, and answers them as the real server does.
 *
 * Not checked: authorization, schemas and unknown fields.
 */
export class ApiServer {
  /** Faults that tests inject. */
  readonly faults: Faults = new Faults();
  readonly #kinds: readonly Kind[];
  readonly #store: Store;
  readonly #verbs: Verbs;
  readonly #options: ApiServerOptions;
  readonly #schedule: Schedule;

  /** Makes a server with the usual namespaces. Throws `RangeError` for unusable `serviceRanges`. */
  constructor(options: ApiServerOptions) {
    this.#options = options;
    this.#schedule = options.schedule ?? scheduleByTimer;
    this.#kinds = [...KINDS, ...options.kinds ?? []];
    const historyLimit = options.historyLimit ?? HISTORY_LIMIT;
    this.#store = new Store({ historyLimit });
    this.#verbs = new Verbs({
      store: this.#store,
      kinds: this.#kinds,
      serviceRanges: options.serviceRanges ?? RANGES,
      now: options.now,
    });
    for (const name of NAMESPACES) this.#createNamespace(name);
  }

  /** Resource version of the last change. */
  get resourceVersion(): string {
    return String(this.#store.revision);
  }

  /** Forgets the history: watches from older versions get 410 Gone. */
  compact(): void {
    this.#store.compact();
  }

  /** Ends all watches, so that a socket server around this one can stop. */
  close(): void {
    this.faults.resume();
    this.faults.dropWatches();
  }

  /** Answers a request. Never rejects, except when the request's body cannot be read. */
  async handle(request: Request): Promise<Response> {
    try {
      await this.#delay();
      const { pathname } = new URL(request.url);
      this.#authenticate(request, pathname);
      this.faults.check(request.method, pathname);
      return await this.#dispatch(request, findRoute(this.#kinds, pathname));
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal(
        `Internal error occurred: ${
          error instanceof Error ? error.message : error
        }`,
        { code: 500, reason: "InternalError" },
      );
      return answer(refusal.toStatus(), refusal.code);
    }
  }

  #createNamespace(name: string): void {
    const kind = this.#kinds.find((one) => one.kind === "Namespace");
    if (kind === undefined) return;
    this.#verbs.create({ kind, namespace: "" }, { metadata: { name } });
  }

  async #delay(): Promise<void> {
    const { latencyMs } = this.faults;
    if (latencyMs > 0) {
      await new Promise<void>((resolve) => this.#schedule(latencyMs, resolve));
    }
    await this.faults.whenRunning();
  }

  #authenticate(request: Request, path: string): void {
    const { tokens } = this.#options;
    const isOpen = ["/healthz", "/livez", "/readyz", "/version"].includes(path);
    if (tokens === undefined || isOpen) return;
    const header = request.headers.get("authorization") ?? "";
    const token = /^Bearer (.+)$/.exec(header)?.[1];
    if (token === undefined || !tokens.includes(token)) throw unauthorized();
  }

  #dispatch(request: Request, route: Route): Response | Promise<Response> {
    switch (route.kind) {
      case "object":
        return this.#object(request, route);
      case "collection":
        return this.#collection(request, route);
      case "unknownPath":
        return answerText("404 page not found\n", 404);
      case "unknownResource":
        throw noSuchResource();
      default:
        if (request.method !== "GET") throw methodNotAllowed();
        return discover(this.#kinds, route);
    }
  }

  #presentation(request: Request, kind: Kind): Presentation {
    const query = new URL(request.url).searchParams;
    return {
      kind,
      representation: chooseRepresentation(request.headers.get("accept")),
      includeObject: query.get("includeObject") ?? "Metadata",
      now: this.#options.now(),
    };
  }

  async #collection(
    request: Request,
    { target: kind, namespace }: CollectionRoute,
  ): Promise<Response> {
    const query = new URL(request.url).searchParams;
    const presentation = this.#presentation(request, kind);
    if (request.method === "GET") {
      if (isTrue(query.get("watch"))) {
        return this.#watch(presentation, namespace, query);
      }
      const page = listPage(this.#store, { kind, namespace }, query);
      return answer(presentList(presentation, page.objects, page.metadata));
    }
    if (request.method !== "POST" || (kind.namespaced && namespace === "")) {
      throw methodNotAllowed();
    }
    refuseDryRun(query);
    const body = await readObject(request);
    const created = this.#verbs.create({ kind, namespace }, body);
    return answer(presentObject(presentation, created), 201);
  }

  #watch(
    presentation: Presentation,
    namespace: string,
    query: URLSearchParams,
  ): Response {
    const { kind } = presentation;
    const { now, bookmarkMs } = this.#options;
    const seconds = Number(query.get("timeoutSeconds") ?? 0);
    const stream = openWatch({
      kind,
      filter: parseSelection(kind, namespace, query),
      start: watchStart(query),
      bookmarks: isTrue(query.get("allowWatchBookmarks")),
      bookmarkMs: bookmarkMs ?? BOOKMARK_MS,
      timeoutMs: 1_000 * (seconds > 0 ? seconds : WATCH_TIMEOUT_S),
      present: () => ({ ...presentation, now: now() }),
    }, { store: this.#store, faults: this.faults, schedule: this.#schedule });
    return new Response(stream, {
      headers: {
        "content-type": "application/json",
        "cache-control": STREAM_CACHING,
      },
    });
  }

  async #object(request: Request, route: ObjectRoute): Promise<Response> {
    const { target: kind, namespace, name, subresource } = route;
    const address: ObjectAddress = {
      kind,
      namespace,
      name,
      ...(subresource === undefined ? {} : { subresource }),
    };
    const presentation = this.#presentation(request, kind);
    const query = new URL(request.url).searchParams;
    if (request.method !== "GET") refuseDryRun(query);
    switch (request.method) {
      case "GET":
        return answer(presentObject(presentation, this.#verbs.get(address)));
      case "PUT": {
        const body = await readObject(request);
        const { object, created } = this.#verbs.update(address, body);
        return answer(presentObject(presentation, object), created ? 201 : 200);
      }
      case "PATCH": {
        const body = await readPatch(request);
        const type = contentTypeOf(request);
        const patched = this.#verbs.patch(address, type, body);
        return answer(presentObject(presentation, patched));
      }
      case "DELETE": {
        if (subresource !== undefined) throw methodNotAllowed();
        const deleted = this.#verbs.delete(address, await readJson(request));
        return answer(
          kind.returnsDeleted
            ? presentObject(presentation, deleted)
            : deletedStatus(kind, deleted),
        );
      }
      default:
        throw methodNotAllowed();
    }
  }
}

function refuseDryRun(query: URLSearchParams): void {
  if (!query.has("dryRun")) return;
  throw badRequest("this server does not support dryRun");
}
