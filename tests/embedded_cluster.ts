/** A client wired to an embedded API server in the same process, no sockets. */
import { ApiServer, type Kind } from "../mod/apiserver/mod.ts";
import {
  connect,
  type ConnectedClient,
  type KubeObject,
  type Resource,
} from "../mod/kube/mod.ts";
import { SYSTEM_CLOCK } from "../mod/time/mod.ts";

/** An API server and a client of it. */
export class EmbeddedCluster implements Disposable {
  /** The server, with its injectable faults. */
  readonly server: ApiServer;
  /** The production client; its requests go straight to the server. */
  readonly client: ConnectedClient;
  /** Requests that the server got, as `PATCH /api/v1/…`. */
  readonly requests: string[] = [];
  /** The next request that matches is performed, its answer is lost. */
  loseAnswerTo: RegExp | undefined;
  #isAway = false;

  /** Starts a server with the usual namespaces, and more kinds than usual. */
  constructor(kinds: readonly Kind[] = []) {
    this.server = new ApiServer({ now: () => Date.now(), kinds });
    this.client = connect(
      { server: "http://cluster.test", origin: "a test", identity: {} },
      {
        clock: SYSTEM_CLOCK,
        platform: {
          createHttpClient: () => ({ close: () => {} }),
          fetch: (url, { client: _, ...init }) => {
            const { pathname } = new URL(url);
            this.requests.push(`${init.method ?? "GET"} ${pathname}`);
            return this.#answer(new Request(url, init));
          },
          readTextFile: (path) => Promise.reject(new Error(`no file ${path}`)),
        },
      },
    );
  }

  /** Nobody answers from now on, and what is open breaks; or somebody does again. */
  setAway(isAway: boolean): void {
    this.#isAway = isAway;
    if (isAway) this.server.faults.dropWatches("abort");
  }

  /** Waits until the objects of a kind are as wanted; no time is involved. */
  async until<T extends KubeObject>(
    resource: Resource<T>,
    isReached: (objects: ReadonlyMap<string, T>) => boolean,
  ): Promise<ReadonlyMap<string, T>> {
    const stop = new AbortController();
    const objects = new Map<string, T>();
    const page = await this.client.list(resource);
    for (const item of page.items) objects.set(item.metadata.name, item);
    if (isReached(objects)) return objects;
    const { resourceVersion } = page;
    const { signal } = stop;
    try {
      const options = { resourceVersion, signal };
      for await (const event of this.client.watch(resource, options)) {
        if (event.type === "BOOKMARK") continue;
        const { name } = event.object.metadata;
        if (event.type === "DELETED") objects.delete(name);
        else objects.set(name, event.object);
        if (isReached(objects)) return objects;
      }
    } finally {
      stop.abort();
    }
    throw new Error(`The watch of ${resource.plural} ended early`);
  }

  /** As over the network: an abort ends the wait for an answer, and its body. */
  async #answer(request: Request): Promise<Response> {
    const { signal } = request;
    if (this.#isAway) throw new TypeError("connection refused");
    const aborted = new Promise<never>((_, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener("abort", () => reject(signal.reason));
    });
    const answer = this.server.handle(request);
    const { body, status, headers } = await Promise.race([answer, aborted]);
    signal.throwIfAborted();
    if (this.loseAnswerTo?.test(this.requests.at(-1) ?? "") === true) {
      this.loseAnswerTo = undefined;
      throw new TypeError("the connection broke");
    }
    const piped = body?.pipeThrough(new TransformStream(), { signal }) ?? null;
    return new Response(piped, { status, headers });
  }

  /** A Service as the server has it, with all its fields. */
  async rawService(name: string): Promise<unknown> {
    const url =
      `http://cluster.test/api/v1/namespaces/default/services/${name}`;
    const answer = await this.server.handle(new Request(url));
    return await answer.json();
  }

  /** Ends all watches. */
  [Symbol.dispose](): void {
    this.server.close();
    this.client[Symbol.dispose]();
  }
}
