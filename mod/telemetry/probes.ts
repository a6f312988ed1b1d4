/** The HTTP answers of a role: `/healthz`, `/readyz`, `/metrics` and `/status`. */

/** Whether something is as it should be, and if not, why: one sentence each. */
export interface Health {
  /** As it should be. */
  readonly ok: boolean;
  /** One sentence each; may hold remarks while all is well. */
  readonly problems: readonly string[];
}

/** Metrics in Prometheus' text format. */
export interface MetricsText {
  /** The lines. */
  readonly text: string;
  /** What kind of text it is. */
  readonly contentType: string;
}

/**
 * Says whether who asks from an address may read the metrics here, and why not
 * in a sentence.
 */
export type MetricsGuard = (
  peer: string,
) => { readonly kind: "allow" } | {
  readonly kind: "refuse";
  readonly status: number;
  readonly message: string;
};

/** What a role can say about itself. */
export interface Probes {
  /** Alive: fails only when a restart would help. */
  readonly live: () => Health;
  /** Caught up and able to serve. */
  readonly ready: () => Health;
  /** All metrics as they are now. */
  readonly metrics: () => Promise<MetricsText>;
  /** A JSON value for people and tools; absent when the role has none. */
  readonly status?: () => unknown;
}

function healthResponse(health: Health): Response {
  const lines = health.ok ? ["ok", ...health.problems] : health.problems;
  return new Response(lines.join("\n") + "\n", {
    status: health.ok ? 200 : 503,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}

/**
 * Makes the handler of a role's HTTP port.
 *
 * @param probes What the role says about itself.
 * @param guard Who may read the metrics.
 * @returns A handler for any HTTP server of the Fetch API's shape.
 */
export function probeHandler(
  probes: Probes,
  guard: MetricsGuard,
): (
  request: Request,
  peer: { readonly address: string },
) => Promise<Response> {
  return async (request, { address }) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      return new Response("Only GET and HEAD are served here\n", {
        status: 405,
        headers: { allow: "GET, HEAD" },
      });
    }
    const { pathname } = new URL(request.url);
    if (pathname === "/healthz") return healthResponse(probes.live());
    if (pathname === "/readyz") return healthResponse(probes.ready());
    if (pathname === "/metrics") return await metrics(probes, guard(address));
    if (pathname === "/status" && probes.status !== undefined) {
      return Response.json(probes.status());
    }
    return new Response("Served here: /healthz /readyz /metrics /status\n", {
      status: 404,
    });
  };
}

async function metrics(
  probes: Probes,
  decision: ReturnType<MetricsGuard>,
): Promise<Response> {
  if (decision.kind === "refuse") {
    const { status, message } = decision;
    return new Response(`${message}\n`, { status });
  }
  const { text, contentType } = await probes.metrics();
  return new Response(text, { headers: { "content-type": contentType } });
}
