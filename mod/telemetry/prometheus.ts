/**
 * The part of prom-client that Herald uses. The package's entry point also
 * loads default metrics, clusters and a push gateway with the runtime's Node
 * modules, some 9 MB of memory in every role.
 */
import type * as prom from "prom-client";
import counter from "prom-client/lib/counter.js";
import gauge from "prom-client/lib/gauge.js";
import histogram from "prom-client/lib/histogram.js";
import registry from "prom-client/lib/registry.js";

/** A value that only grows. */
export const Counter: typeof prom.Counter = counter;
/** See the value of the same name. */
export type Counter<L extends string = string> = prom.Counter<L>;

/** A value that goes up and down. */
export const Gauge: typeof prom.Gauge = gauge;
/** See the value of the same name. */
export type Gauge<L extends string = string> = prom.Gauge<L>;

/** Observations counted in buckets. */
export const Histogram: typeof prom.Histogram = histogram;
/** See the value of the same name. */
export type Histogram<L extends string = string> = prom.Histogram<L>;

/** The metrics of one role. */
export const Registry: typeof prom.Registry = registry;
/** See the value of the same name. */
export type Registry = prom.Registry;
