/**
 * The part of prom-client that Herald uses. The package's entry point also
 * loads default metrics, clusters and a push gateway with the runtime's Node
 * modules, some megabytes of memory in every role.
 */
export { default as Counter } from "prom-client/lib/counter.js";
export { default as Gauge } from "prom-client/lib/gauge.js";
export { default as Histogram } from "prom-client/lib/histogram.js";
export { default as Registry } from "prom-client/lib/registry.js";
