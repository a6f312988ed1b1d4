/** Metrics over HTTPS, beside a role's work: what fails here is tried again. */
import { getLogger } from "@logtape/logtape";
import type { KeyPair } from "../certificates/mod.ts";
import type { ReviewClient } from "../kube/mod.ts";
import type { Refused } from "../scrape/mod.ts";
import { describeError, type MetricsText } from "../telemetry/mod.ts";
import type { CertificateSource } from "./certificate_source.ts";
import { closeWithin } from "./close_within.ts";
import type { Address, Host, HttpsServer, Peer, TlsOptions } from "./host.ts";
import { missingReviewRights, ScrapeGuard } from "./scrape_guard.ts";

/** How often the certificate is looked at, and a failure tried again, in ms. */
const CHECK_MS = 10_000;
/** How often the rights are looked at while they do not suffice, in ms. */
const RIGHTS_MS = 60_000;
/** A few servers ask; a stranger's connections end there. */
const MAX_CONNECTIONS = 64;

/** What a {@linkcode MetricsServer} works with. */
export interface MetricsServerOptions {
  /** The runtime's effects. */
  readonly host: Pick<Host, "clock" | "serveTls">;
  /** Where it is reached. */
  readonly at: Address;
  /** Lowest version of TLS. */
  readonly minVersion: NonNullable<TlsOptions["minVersion"]>;
  /** What it shows. */
  readonly certificate: CertificateSource;
  /** Who knows whose a token is. */
  readonly reviews: ReviewClient;
  /** What it serves. */
  readonly metrics: () => Promise<MetricsText>;
  /** Told of every request: `allowed`, or the reason of its refusal. */
  readonly onRequest: (outcome: string) => void;
}

/** Serves `/metrics` to whom the API server says that may read it. */
export class MetricsServer implements AsyncDisposable {
  readonly #options: MetricsServerOptions;
  readonly #guard: ScrapeGuard;
  readonly #log = getLogger(["herald", "metrics"]);
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #server: HttpsServer | undefined;
  #shown: KeyPair | undefined;
  #problem: string | undefined;
  #isOff = false;

  /** Starts it. A port that is taken or a bad certificate is a problem only. */
  constructor(options: MetricsServerOptions) {
    this.#options = options;
    this.#guard = new ScrapeGuard(options.reviews, options.host.clock);
    this.#running = this.#run();
  }

  /** One sentence for what keeps it from serving or from a new certificate. */
  get problems(): readonly string[] {
    return this.#problem === undefined ? [] : [this.#problem];
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
    const server = this.#server;
    if (server === undefined) return;
    await closeWithin(server, this.#options.host.clock);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const { clock } = this.#options.host;
    while (!signal.aborted) {
      await clock.sleep(await this.#check() ? CHECK_MS : RIGHTS_MS, signal);
    }
  }

  /** Does what is due; gives whether this role may serve at all. */
  async #check(): Promise<boolean> {
    try {
      if (this.#server === undefined && !await this.#mayServe()) return false;
      const certificate = await this.#options.certificate();
      if (certificate !== this.#shown) await this.#show(certificate);
      this.#shown = certificate;
      this.#problem = undefined;
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#report(describeError(error));
    }
    return true;
  }

  /** Without rights the port stays closed: it could answer nobody. */
  async #mayServe(): Promise<boolean> {
    const { reviews } = this.#options;
    const missing = await missingReviewRights(reviews, this.#stop.signal);
    if (missing.length > 0 && !this.#isOff) {
      this.#log.info(
        "Metrics over HTTPS are off: this role may not create {missing} (manifests/components/monitoring gives the right)",
        { missing: missing.join(" and ") },
      );
    }
    this.#isOff = missing.length > 0;
    return !this.#isOff;
  }

  #report(why: string): void {
    const { hostname, port } = this.#options.at;
    const problem = `Cannot serve metrics over HTTPS on ${hostname} port ` +
      `${port} (--metrics-address, --metrics-port): ${why}`;
    if (problem !== this.#problem) this.#log.error("{problem}", { problem });
    this.#problem = problem;
  }

  async #show(certificate: KeyPair): Promise<void> {
    if (this.#server !== undefined) {
      this.#server.replaceCertificate(certificate);
      this.#log.info("Metrics over HTTPS show another certificate");
      return;
    }
    const { host, at, minVersion } = this.#options;
    this.#server = await host.serveTls(
      at,
      { certificate, minVersion, maxConnections: MAX_CONNECTIONS },
      (request, peer) => this.#answer(request, peer),
    );
    this.#log.info("Serving metrics over HTTPS on port {metricsPort}", {
      metricsPort: this.#server.port,
    });
  }

  async #answer(request: Request, peer: Peer): Promise<Response> {
    if (new URL(request.url).pathname !== "/metrics") {
      return last(404, "Served here: /metrics");
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      return last(405, "Only GET and HEAD are served here", {
        allow: "GET, HEAD",
      });
    }
    const answer = await this.#guard.admit(request, peer);
    const isAllowed = answer.kind === "allow";
    this.#options.onRequest(isAllowed ? "allowed" : answer.reason);
    if (!isAllowed) return refusal(answer);
    const { text, contentType } = await this.#options.metrics();
    return new Response(text, { headers: { "content-type": contentType } });
  }
}

function refusal({ status, message }: Refused): Response {
  return last(status, message, {
    ...status === 401 ? { "www-authenticate": "Bearer" } : {},
    ...status === 429 ? { "retry-after": "1" } : {},
  });
}

/** An answer that ends its connection: strangers keep none open. */
function last(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(`${message}\n`, {
    status,
    headers: { ...headers, connection: "close" },
  });
}
