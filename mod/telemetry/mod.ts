/** What a role tells about itself: logs and HTTP probes. */
export {
  describeError,
  LOG_LEVELS,
  type LogLevelName,
  startLogging,
  stopLogging,
} from "./log.ts";
export {
  type Health,
  type MetricsGuard,
  type MetricsText,
  probeHandler,
  type Probes,
} from "./probes.ts";
export { Counter, Gauge, Histogram, Registry } from "./prometheus.ts";
export {
  type CallLabels,
  registerRoleMetrics,
  type RoleMetrics,
} from "./role_metrics.ts";
export {
  type CountedSeries,
  MirroredHistogram,
  type MirroredHistogramOptions,
} from "./mirrored_histogram.ts";
