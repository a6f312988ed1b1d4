/** The controller's metrics: MetalLB's names, and Herald's for the rest. */
import {
  Counter,
  Gauge,
  Histogram,
  type Registry,
} from "../mod/telemetry/mod.ts";
import type { PoolCounters } from "../mod/ipam/mod.ts";

/** Bounds of the buckets, in seconds. */
const LATENCIES = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 15];

/** How a write to the API ended. */
export type WriteResult = "ok" | "conflict" | "error";

/** The controller's counters and gauges, registered where the role says. */
export class ControllerMetrics {
  readonly #total: Gauge<"pool">;
  readonly #totalIPv4: Gauge<"pool">;
  readonly #totalIPv6: Gauge<"pool">;
  readonly #inUse: Gauge<"pool">;
  readonly #inUseIPv4: Gauge<"pool">;
  readonly #inUseIPv6: Gauge<"pool">;
  readonly #services: Gauge<"pool">;
  readonly #updates: Counter;
  readonly #updateErrors: Counter;
  readonly #configLoaded: Gauge;
  readonly #configStale: Gauge;
  readonly #refusals: Counter<"reason">;
  readonly #writes: Counter<"result">;
  readonly #queueDepth: Gauge;
  readonly #waiting: Gauge;
  readonly #eventsDropped: Counter;
  readonly #eventsWaiting: Gauge;
  readonly #leader: Gauge;
  readonly #waits: Histogram;
  readonly #reconciles: Histogram;

  /** Registers all metrics. */
  constructor(registry: Registry) {
    const registers = [registry];
    const pool = (name: string, help: string): Gauge<"pool"> =>
      new Gauge({
        name: `metallb_allocator_${name}`,
        help,
        labelNames: ["pool"],
        registers,
      });
    const gauge = (name: string, help: string): Gauge =>
      new Gauge({ name, help, registers });
    const counter = (name: string, help: string): Counter =>
      new Counter({ name, help, registers });
    this.#total = pool("addresses_total", "Addresses of the pool");
    this.#totalIPv4 = pool(
      "ipv4_addresses_total",
      "IPv4 addresses of the pool",
    );
    this.#totalIPv6 = pool(
      "ipv6_addresses_total",
      "IPv6 addresses of the pool",
    );
    this.#inUse = pool("addresses_in_use_total", "Addresses in use");
    this.#inUseIPv4 = pool(
      "ipv4_addresses_in_use_total",
      "IPv4 addresses in use",
    );
    this.#inUseIPv6 = pool(
      "ipv6_addresses_in_use_total",
      "IPv6 addresses in use",
    );
    this.#services = pool(
      "services_allocated_total",
      "Services that hold an address of the pool",
    );
    this.#updates = counter(
      "metallb_k8s_client_updates_total",
      "Objects handed over by the API server's watches",
    );
    this.#updateErrors = counter(
      "metallb_k8s_client_update_errors_total",
      "Objects whose handling failed and is tried again",
    );
    this.#configLoaded = gauge(
      "metallb_k8s_client_config_loaded_bool",
      "1 if a configuration was loaded at least once",
    );
    this.#configStale = gauge(
      "metallb_k8s_client_config_stale_bool",
      "1 if an older configuration is in force because the present one is invalid",
    );
    this.#refusals = new Counter({
      name: "herald_allocator_refusals_total",
      help: "Decisions that gave a Service no address, by reason",
      labelNames: ["reason"],
      registers,
    });
    this.#writes = new Counter({
      name: "herald_controller_status_writes_total",
      help: "Writes of Service statuses, by result",
      labelNames: ["result"],
      registers,
    });
    this.#queueDepth = gauge(
      "herald_controller_queue_depth",
      "Services that wait for a decision or a write",
    );
    this.#waiting = gauge(
      "herald_controller_services_waiting",
      "Services whose request cannot be met now",
    );
    this.#eventsDropped = counter(
      "herald_controller_events_dropped_total",
      "Events given up: too many were waiting, or the API server refused them",
    );
    this.#eventsWaiting = gauge(
      "herald_controller_events_waiting",
      "Events that wait to be sent",
    );
    this.#leader = gauge(
      "herald_leader",
      "1 if this replica leads, 0 if it stands by",
    );
    this.#waits = new Histogram({
      name: "herald_kube_rate_limiter_wait_seconds",
      help: "Time that calls waited because of the client-side rate limit",
      buckets: LATENCIES,
      registers,
    });
    this.#reconciles = new Histogram({
      name: "herald_controller_reconcile_duration_seconds",
      help: "Time from the decision on a Service until its status was written",
      buckets: LATENCIES,
      registers,
    });
  }

  /** Says whether this replica leads. */
  setLeader(leads: boolean): void {
    this.#leader.set(leads ? 1 : 0);
  }

  /** Counts what a call waited for the rate limit. */
  observeWait(ms: number): void {
    this.#waits.observe(ms / 1000);
  }

  /** Counts the handling of one Service. */
  observeReconcile(ms: number): void {
    this.#reconciles.observe(ms / 1000);
  }

  /** Sets the number of Events that wait. */
  setEventsWaiting(count: number): void {
    this.#eventsWaiting.set(count);
  }

  /** Sets the gauges of all pools; pools that are gone disappear. */
  setPools(
    counters: ReadonlyMap<string, PoolCounters>,
    services: ReadonlyMap<string, number>,
  ): void {
    for (const gauge of this.#poolGauges()) gauge.reset();
    for (const [pool, one] of counters) {
      const [usedIPv4, usedIPv6] = [one.assignedIPv4, one.assignedIPv6];
      const [allIPv4, allIPv6] = [
        usedIPv4 + one.availableIPv4,
        usedIPv6 + one.availableIPv6,
      ];
      this.#total.set({ pool }, Number(allIPv4 + allIPv6));
      this.#totalIPv4.set({ pool }, Number(allIPv4));
      this.#totalIPv6.set({ pool }, Number(allIPv6));
      this.#inUse.set({ pool }, Number(usedIPv4 + usedIPv6));
      this.#inUseIPv4.set({ pool }, Number(usedIPv4));
      this.#inUseIPv6.set({ pool }, Number(usedIPv6));
      this.#services.set({ pool }, services.get(pool) ?? 0);
    }
  }

  /** Counts an object that a watch handed over. */
  countUpdate(): void {
    this.#updates.inc();
  }

  /** Counts a failed handling. */
  countUpdateError(): void {
    this.#updateErrors.inc();
  }

  /** Says whether the present configuration is in force. */
  setConfig(valid: boolean): void {
    if (valid) this.#configLoaded.set(1);
    this.#configStale.set(valid ? 0 : 1);
  }

  /** Counts a refusal by its reason word. */
  countRefusal(reason: string): void {
    this.#refusals.inc({ reason });
  }

  /** Counts a write. */
  countWrite(result: WriteResult): void {
    this.#writes.inc({ result });
  }

  /** Sets the depth of the queue and the number of unmet requests. */
  setQueue(depth: number, waiting: number): void {
    this.#queueDepth.set(depth);
    this.#waiting.set(waiting);
  }

  /** Counts an event that was given up. */
  countDroppedEvent(): void {
    this.#eventsDropped.inc();
  }

  #poolGauges(): readonly Gauge<"pool">[] {
    return [
      this.#total,
      this.#totalIPv4,
      this.#totalIPv6,
      this.#inUse,
      this.#inUseIPv4,
      this.#inUseIPv6,
      this.#services,
    ];
  }
}
