/** What both roles measure: the Kubernetes API, and who asked for metrics. */
import { Counter, Histogram, type Registry } from "./prometheus.ts";

/** Bounds of the buckets, in seconds. */
const LATENCIES = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 15];

/** A call of the API as it is told apart in the metrics. */
export interface CallLabels {
  /** As RBAC names it. */
  readonly verb: string;
  /** The kind in URLs, with `/status` for that part of it. */
  readonly resource: string;
}

/** Takes what the metrics of both roles count. */
export interface RoleMetrics {
  /** One call: how long its answer took in ms, and its status; 0 = none. */
  readonly observeCall: (call: CallLabels, ms: number, code: number) => void;
  /** One request for metrics: `allowed`, or the reason of its refusal. */
  readonly countScrape: (outcome: string) => void;
}

/** Registers the metrics of both roles. */
export function registerRoleMetrics(registry: Registry): RoleMetrics {
  const calls = new Histogram({
    name: "herald_kube_request_duration_seconds",
    help: "Time from a call of the Kubernetes API to its answer",
    labelNames: ["verb", "resource", "code"],
    buckets: LATENCIES,
    registers: [registry],
  });
  const scrapes = new Counter({
    name: "herald_metrics_requests_total",
    help: "Requests for metrics: allowed, or the reason for which not",
    labelNames: ["outcome"],
    registers: [registry],
  });
  return {
    observeCall: ({ verb, resource }, ms, code) =>
      calls.observe({ verb, resource, code: `${code}` }, ms / 1000),
    countScrape: (outcome) => scrapes.inc({ outcome }),
  };
}
