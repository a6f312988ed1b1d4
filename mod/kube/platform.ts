/**
 * What the adapter needs of the runtime. The names are Deno's own, so that a
 * role passes Deno's functions as they are.
 */
import type { Clock as WholeClock } from "../time/mod.ts";

/** A pool of connections with TLS settings of its own. */
export interface HttpClient {
  /** Closes the pool; what is under way goes on. */
  close(): void;
}

/** The options of an {@linkcode HttpClient} in use. */
export interface HttpClientOptions {
  /** PEM bundles to trust besides the runtime's own roots. */
  readonly caCerts?: string[];
  /** Client certificate, PEM; goes with `key`. */
  readonly cert?: string;
  /** Private key of `cert`, PEM. */
  readonly key?: string;
  /** Whether HTTP/2 may be spoken. */
  readonly http2?: boolean;
  /** Proxy to go through. */
  readonly proxy?: { readonly url: string };
}

/**
 * Effects of the adapter:
 * `{ createHttpClient: Deno.createHttpClient, fetch, readTextFile: Deno.readTextFile }`.
 */
export interface KubePlatform<Http extends HttpClient = HttpClient> {
  /** Makes a pool of connections. */
  createHttpClient(options: HttpClientOptions): Http;
  /** The web's `fetch`, on such a pool. */
  fetch(url: string, init: RequestInit & { client: Http }): Promise<Response>;
  /** Reads a kubeconfig, a token or a certificate. */
  readTextFile(path: string): Promise<string>;
}

/** Time, passed in: no date is needed here. */
export type Clock = Pick<WholeClock, "now" | "sleep">;
