/**
 * What kube-proxy's `/healthz` says: 503 when its rules are out of date or its
 * node is about to go, else 200, and that from its start on, without any rules.
 * Kubernetes 1.36 tells in `status` of each IP family whose rules it has written
 * (`pkg/proxy/healthcheck/proxy_health.go`); older releases, and what replaces
 * kube-proxy, say no more than the status code.
 */

/** What came of asking once. */
export type Answer =
  | {
    readonly kind: "answered";
    /** HTTP status code. */
    readonly status: number;
    /** The text; empty when it is none of kube-proxy's. */
    readonly body: string;
  }
  /** Nothing listens there. */
  | { readonly kind: "refused" }
  /** There was no answer, in time or for another reason. */
  | { readonly kind: "failed" };

/** What an answer means. */
export type Finding =
  /** It has written rules, or says no more than that it is well. */
  | "healthy"
  /** It runs, and has not written any. */
  | "noRules"
  /** It says that it is not well. */
  | "unhealthy"
  /** It did not say anything. */
  | "unanswered"
  /** Nothing listens there. */
  | "refused";

/**
 * Judges what came of asking.
 *
 * @param answer Untrusted: whoever listens there made it.
 */
export function judgeAnswer(answer: Answer): Finding {
  if (answer.kind === "refused") return "refused";
  if (answer.kind === "failed") return "unanswered";
  const { status, body } = answer;
  if (status < 200 || status > 299) return "unhealthy";
  const families = familiesIn(body);
  if (families === undefined) return "healthy";
  if (families.length === 0) return "noRules";
  return families.every(isHealthy) ? "healthy" : "unhealthy";
}

/** What it says of each IP family whose rules were written; `undefined` = nothing. */
function familiesIn(body: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (!isObject(value) || !isObject(value["status"])) return undefined;
    return Object.values(value["status"]);
  } catch {
    return undefined;
  }
}

function isHealthy(family: unknown): boolean {
  return isObject(family) && family["healthy"] === true;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
