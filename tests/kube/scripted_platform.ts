/** A platform whose server and files are the test's. */
import type {
  ClusterAccess,
  HttpClient,
  HttpClientOptions,
  KubePlatform,
} from "../../mod/kube/mod.ts";

/** One request as the platform saw it. */
export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: unknown;
  readonly redirect: string | undefined;
  readonly tls: HttpClientOptions;
}

/** Answers a request; may throw as `fetch` does. */
export type Answer = (
  sent: Sent,
  signal: AbortSignal,
) => Response | Promise<Response>;

interface Pool extends HttpClient {
  readonly tls: HttpClientOptions;
}

/** Records requests and pools; reads files from a map that the test changes. */
export class ScriptedPlatform implements KubePlatform<Pool> {
  readonly #answer: Answer;
  /** What was sent. */
  readonly sent: Sent[] = [];
  /** Files by path. */
  readonly files = new Map<string, string>();
  /** Pools made so far. */
  pools = 0;
  /** Pools closed so far. */
  closed = 0;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  createHttpClient(tls: HttpClientOptions): Pool {
    this.pools += 1;
    return { tls, close: () => void (this.closed += 1) };
  }

  async fetch(
    url: string,
    init: RequestInit & { readonly client: Pool },
  ): Promise<Response> {
    const { pathname, search } = new URL(url);
    const { method = "GET", body, signal, redirect } = init;
    const sent = {
      method,
      path: pathname + search,
      headers: new Headers(init.headers),
      body: typeof body === "string" ? JSON.parse(body) : undefined,
      redirect,
      tls: init.client.tls,
    };
    this.sent.push(sent);
    return await this.#answer(sent, signal ?? new AbortController().signal);
  }

  readTextFile(path: string): Promise<string> {
    const text = this.files.get(path);
    if (text !== undefined) return Promise.resolve(text);
    const missing = new Error(`No such file: ${path}`);
    missing.name = "NotFound";
    return Promise.reject(missing);
  }
}

/** An answer with a JSON body. */
export function jsonAnswer(
  value: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}

/** An answer that never comes: it ends with the signal. */
export function neverAnswer(signal: AbortSignal): Promise<Response> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

/** An access without credentials. */
export const ANONYMOUS: ClusterAccess = {
  server: "https://192.0.2.1:6443",
  origin: "the test",
  identity: {},
};

/** A text that passes for PEM. */
export function fakePem(label: string): string {
  return `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;
}
