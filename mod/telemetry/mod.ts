/** What a role tells about itself: logs and HTTP probes. */
export {
  describeError,
  LOG_LEVELS,
  type LogLevelName,
  startLogging,
  stopLogging,
} from "./log.ts";
export { type Health, probeHandler, type Probes } from "./probes.ts";
export { Counter, Gauge, Histogram, Registry } from "./prometheus.ts";
