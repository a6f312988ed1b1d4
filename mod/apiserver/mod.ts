/**
 * The embedded Kubernetes API server of the lab and of integration tests.
 *
 * @module
 */
export { Faults, type RefusalRule, type WatchEnd } from "./faults.ts";
export type { Family, ServiceRanges } from "./service_allocations.ts";
export { customKind, type Kind, KINDS } from "./kinds.ts";
export { ApiServer, type ApiServerOptions } from "./server.ts";
export type { Schedule } from "./watch.ts";
