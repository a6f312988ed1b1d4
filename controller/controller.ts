/**
 * The controller role: gives addresses of pools to Services.
 *
 * @module
 */
import type { Logger } from "@logtape/logtape";
import type { Registry } from "prom-client";
import { type CustomResource, IP_ADDRESS_POOLS } from "../mod/config/mod.ts";
import { DEFAULT_POLICY, type ReconcilePolicy } from "../mod/ipam/mod.ts";
import {
  type KubeClient,
  type KubeObject,
  type Namespace,
  NAMESPACES,
  Reflector,
  type ReflectorState,
  type Resource,
  type Selection,
  type Service,
  SERVICES,
} from "../mod/kube/mod.ts";
import type { Clock } from "../mod/time/mod.ts";
import { EventRecorder } from "./event_recorder.ts";
import { ControllerMetrics } from "./metrics.ts";
import { PoolSource } from "./pool_source.ts";
import { PoolStatusWriter } from "./pool_status.ts";
import { type Readiness, readiness } from "./readiness.ts";
import { ServiceController } from "./service_controller.ts";

/** How the controller runs. */
export interface ControllerOptions {
  /** Namespace of the `metallb.io` resources. */
  readonly namespace: string;
  /** `--lb-class`: the class to serve; `""` = Services without one. */
  readonly loadBalancerClass: string;
  /** With a class: serve Services without one too. Default: no. */
  readonly alsoWithoutClass?: boolean;
  /** What a failed request costs. Default: nothing. */
  readonly policy?: ReconcilePolicy;
  /** Status writes under way at once. Default 16. */
  readonly concurrency?: number;
  /** Unmet requests are tried again after so many ms. Default 30,000. */
  readonly retryInterval?: number;
}

/** What the controller works with. */
export interface ControllerDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** A number in `[0, 1)`, for jitter. */
  readonly random: () => number;
  readonly log: Logger;
  /** Where the metrics are registered. */
  readonly registry: Registry;
}

/** Settles changes that come together, such as several pools of one file. */
const CONFIG_SETTLING = 50;
const DEFAULT_CONCURRENCY = 16;
const DEFAULT_RETRY_INTERVAL = 30_000;

/** A running controller. */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #deps: ControllerDeps;
  readonly #stop = new AbortController();
  readonly #services: Reflector<Service>;
  readonly #namespaces: Reflector<Namespace>;
  readonly #pools: Reflector<CustomResource>;
  readonly #source = new PoolSource();
  readonly #metrics: ControllerMetrics;
  readonly #events: EventRecorder;
  readonly #poolStatus: PoolStatusWriter;
  readonly #controller: ServiceController;
  readonly #tasks: Promise<unknown>[] = [];
  #settling: Promise<void> | undefined;
  #synced = false;

  /** Composes a controller; {@linkcode Controller.start} makes it run. */
  constructor(options: ControllerOptions, deps: ControllerDeps) {
    const { client, clock, registry } = deps;
    this.#options = options;
    this.#deps = deps;
    this.#metrics = new ControllerMetrics(registry);
    this.#services = this.#reflect(SERVICES, {}, (keys) => {
      if (!this.#synced) return;
      for (const key of keys) this.#controller.serviceChanged(key);
    });
    const { namespace } = options;
    const configChanged = (): void => this.#configChanged();
    this.#namespaces = this.#reflect(NAMESPACES, {}, configChanged);
    this.#pools = this.#reflect(IP_ADDRESS_POOLS, { namespace }, configChanged);
    const mayWrite = (): boolean => this.#controller.isIdle;
    this.#events = new EventRecorder({
      client,
      clock,
      mayWrite,
      onDropped: (error) => this.#eventDropped(error),
    });
    this.#poolStatus = new PoolStatusWriter({
      client,
      clock,
      mayWrite,
      pools: () => this.#pools.store.values(),
      counters: () => this.#controller.allocator.counters(),
      onFailure: (pool, error) => {
        const message = "Cannot write the status of pool {pool}: {error}";
        deps.log.warn(message, { pool, error });
      },
    });
    this.#controller = this.#serviceController();
  }

  /** Starts watching; nothing is decided before all caches are complete. */
  start(): void {
    const { signal } = this.#stop;
    const reflectors = [this.#services, this.#namespaces, this.#pools];
    for (const reflector of reflectors) {
      this.#tasks.push(reflector.start(signal));
    }
    this.#tasks.push(this.#begin(reflectors), this.#retryUnmet(signal));
  }

  /** Whether it is caught up and able to serve. */
  ready(): Readiness {
    const caches: readonly (readonly [string, ReflectorState])[] = [
      [this.#services.plural, this.#services.state],
      [this.#namespaces.plural, this.#namespaces.state],
      [this.#pools.plural, this.#pools.state],
    ];
    return readiness({
      caches: new Map(caches),
      hasPools: this.#source.hasPools,
      configProblems: this.#source.problems,
      configValid: this.#source.isValid,
      stopped: this.#stop.signal.aborted,
      now: this.#deps.clock.now(),
    });
  }

  /** Brings the gauges up to date; to be called before metrics are read. */
  observe(): void {
    const { allocator, depth, unmet } = this.#controller;
    const services = new Map<string, number>();
    for (const { pool } of allocator.records.values()) {
      services.set(pool, (services.get(pool) ?? 0) + 1);
    }
    this.#metrics.setPools(allocator.counters(), services);
    this.#metrics.setQueue(depth, unmet.size);
  }

  /**
   * Stops in order: no new decisions, writes under way may end, then Events
   * and pool statuses, then the watches.
   */
  async stop(): Promise<void> {
    await this.#controller.stop();
    await Promise.all([this.#events.stop(), this.#poolStatus.stop()]);
    this.#stop.abort();
    await Promise.all(this.#tasks);
    await this.#settling;
  }

  async #begin(
    reflectors: readonly { readonly synced: Promise<void> }[],
  ): Promise<void> {
    const aborted = new Promise<void>((resolve) =>
      this.#stop.signal.addEventListener("abort", () => resolve(), {
        once: true,
      })
    );
    const synced = Promise.all(reflectors.map((cache) => cache.synced));
    await Promise.race([synced, aborted]);
    if (this.#stop.signal.aborted) return;
    this.#synced = true;
    this.#configure();
    this.#deps.log.info("All caches are complete, {services} Services", {
      services: this.#services.store.size,
    });
  }

  #configChanged(): void {
    if (!this.#synced || this.#settling !== undefined) return;
    const { clock } = this.#deps;
    this.#settling = clock.sleep(CONFIG_SETTLING, this.#stop.signal)
      .then(() => {
        this.#settling = undefined;
        if (!this.#stop.signal.aborted) this.#configure();
      });
  }

  #configure(): void {
    const change = this.#source.update(
      [...this.#pools.store.values()],
      [...this.#namespaces.store.values()],
    );
    if (change.kind === "unchanged") return;
    this.#metrics.setConfig(change.kind === "changed");
    const { log } = this.#deps;
    for (const problem of this.#source.problems) {
      log.error("Configuration: {problem}", { problem });
    }
    if (change.kind === "refused") {
      log.error("The configuration is invalid, the last valid one stays");
      return;
    }
    log.info("{pools} pools are in force", { pools: change.pools.length });
    this.#controller.setPools(change.pools);
  }

  async #retryUnmet(signal: AbortSignal): Promise<void> {
    const interval = this.#options.retryInterval ?? DEFAULT_RETRY_INTERVAL;
    while (!signal.aborted) {
      await this.#deps.clock.sleep(interval, signal);
      if (!signal.aborted) this.#controller.retryUnmet();
    }
  }

  #serviceController(): ServiceController {
    const { client, clock, random, log } = this.#deps;
    const options = this.#options;
    return new ServiceController({
      client,
      clock,
      random,
      services: () => this.#services.store,
      filter: {
        loadBalancerClass: options.loadBalancerClass,
        alsoWithoutClass: options.alsoWithoutClass ?? false,
      },
      policy: options.policy ?? DEFAULT_POLICY,
      concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
      metrics: this.#metrics,
      events: this.#events,
      onAllocation: () => this.#poolStatus.changed(),
      onFailure: (service, error, delay) => {
        const message = "Cannot write the status of {service}, " +
          "next try in {delay} ms: {error}";
        log.warn(message, { service, error, delay: Math.round(delay) });
      },
    });
  }

  #reflect<T extends KubeObject>(
    resource: Resource<T>,
    selection: Selection,
    onKeys: (keys: readonly string[]) => void,
  ): Reflector<T> {
    const { client, clock, random, log } = this.#deps;
    return new Reflector(client, resource, {
      selection,
      clock,
      random,
      onChange: (changes) => onKeys(changes.map(({ key }) => key)),
      onFailure: ({ error, delayMs }) =>
        log.warn("Cannot watch {kind}, next try in {delay} ms: {error}", {
          kind: resource.plural,
          delay: Math.round(delayMs),
          error: error.message,
        }),
    });
  }

  #eventDropped(error: unknown): void {
    this.#metrics.countDroppedEvent();
    this.#deps.log.debug("Cannot record an Event: {error}", { error });
  }
}

/** Composes a controller and starts it. */
export function startController(
  options: ControllerOptions,
  deps: ControllerDeps,
): Controller {
  const controller = new Controller(options, deps);
  controller.start();
  return controller;
}
