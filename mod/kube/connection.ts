/** Calls over TLS with the credentials of the moment. */
import type { ClusterAccess } from "./access.ts";
import type { Call } from "./calls.ts";
import { CredentialSource } from "./credentials.ts";
import { fetchError, noAnswer } from "./errors.ts";
import type {
  Clock,
  HttpClient,
  HttpClientOptions,
  KubePlatform,
} from "./platform.ts";

/** The pool in use and the settings that it was made with. */
interface Pool<Http> {
  readonly http: Http;
  readonly tls: HttpClientOptions;
}

/** Sends calls; makes a new pool of connections when the old one went bad. */
export class Connection<Http extends HttpClient> {
  readonly #access: ClusterAccess;
  readonly #platform: KubePlatform<Http>;
  readonly #credentials: CredentialSource;
  #pool: Pool<Http> | undefined;

  /** Makes a connection that has not been used yet. */
  constructor(
    access: ClusterAccess,
    platform: KubePlatform<Http>,
    clock: Clock,
  ) {
    this.#access = access;
    this.#platform = platform;
    this.#credentials = new CredentialSource(
      access,
      (path) => platform.readTextFile(path),
      clock,
    );
  }

  /**
   * Sends one call; an answer of any status is a result.
   *
   * @throws {KubeError} of code 0 when there is no answer.
   */
  async send(call: Call, signal: AbortSignal): Promise<Response> {
    const response = await this.#attempt(call, signal);
    if (response.status !== 401) return response;
    // A rotated token is refused before we would read its file again.
    await response.body?.cancel();
    this.#credentials.invalidate();
    return await this.#attempt(call, signal);
  }

  /** Drops the pool: a connection of it is dead or was never made. */
  reset(): void {
    this.#pool?.http.close();
    this.#pool = undefined;
  }

  async #attempt(call: Call, signal: AbortSignal): Promise<Response> {
    const { headers, http } = await this.#prepare(call.action);
    try {
      return await this.#platform.fetch(`${this.#access.server}${call.path}`, {
        client: http,
        method: call.method,
        signal,
        // A redirect would carry the token to another server.
        redirect: "manual",
        headers: {
          ...headers,
          accept: call.accept ?? "application/json",
          "user-agent": "herald",
          ...(call.body && { "content-type": call.body.type }),
        },
        ...(call.body && { body: JSON.stringify(call.body.json) }),
      });
    } catch (cause) {
      if (signal.aborted) throw cause;
      this.reset();
      throw fetchError(
        `${call.action} at ${this.#access.server}`,
        cause,
      );
    }
  }

  async #prepare(action: string): Promise<{
    readonly headers: Readonly<Record<string, string>>;
    readonly http: Http;
  }> {
    try {
      const { headers, tls } = await this.#credentials.current();
      return { headers, http: this.#open(tls) };
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      throw noAnswer(action, "credentialsFailed", detail, cause);
    }
  }

  #open(tls: HttpClientOptions): Http {
    const known = this.#pool;
    if (known !== undefined && sameTls(known.tls, tls)) return known.http;
    this.reset();
    // Over HTTP/2 all watches would share one connection, and its death would
    // be every call's.
    const http = this.#platform.createHttpClient({ ...tls, http2: false });
    this.#pool = { http, tls };
    return http;
  }
}

function sameTls(a: HttpClientOptions, b: HttpClientOptions): boolean {
  return a === b || (a.cert === b.cert && a.key === b.key &&
    a.caCerts?.[0] === b.caCerts?.[0] && a.proxy?.url === b.proxy?.url);
}
