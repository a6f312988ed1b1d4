/**
 * The controller role: gives addresses of pools to Services.
 *
 * @module
 */
import type { Logger } from "@logtape/logtape";
import type { Registry } from "../mod/telemetry/mod.ts";
import { DEFAULT_POLICY, type ReconcilePolicy } from "../mod/ipam/mod.ts";
import { type KubeClient, SERVICES } from "../mod/kube/mod.ts";
import { ConfigStateWriter, EventRecorder } from "../mod/report/mod.ts";
import type { Clock } from "../mod/time/mod.ts";
import { type RateLimit, RateLimiter, Tasks } from "../mod/work/mod.ts";
import { Caches } from "./caches.ts";
import { GuardedClient } from "./guarded_client.ts";
import { type ElectionSettings, Leadership } from "./leadership.ts";
import { ControllerMetrics } from "./metrics.ts";
import { ensureMemberlistSecret } from "./memberlist_secret.ts";
import { PoolSource } from "./pool_source.ts";
import { PoolStatusWriter } from "./pool_status.ts";
import { type Readiness, readiness } from "./readiness.ts";
import { ServiceController } from "./service_controller.ts";
import { Term } from "./term.ts";

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
  /** How fast calls may follow each other. Default: as they come. */
  readonly rateLimit?: RateLimit;
  /** Unmet requests are tried again after so many ms. Default 30,000. */
  readonly retryInterval?: number;
  /** Name of the Secret that the speakers share; left out, none is made. */
  readonly memberlistSecret?: string;
  /** How replicas agree on one that leads. Default: there is only this one. */
  readonly election?: ElectionSettings;
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
const UNLIMITED: RateLimit = { perSecond: 0, burst: 0 };

/** A running controller. */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #deps: ControllerDeps;
  readonly #stop = new AbortController();
  readonly #metrics: ControllerMetrics;
  readonly #leadership: Leadership | undefined;
  readonly #client: GuardedClient;
  readonly #caches: Caches;
  readonly #source = new PoolSource();
  readonly #events: EventRecorder;
  readonly #poolStatus: PoolStatusWriter;
  readonly #configState: ConfigStateWriter;
  readonly #tasks = new Tasks();
  #term: Term | undefined;
  #settling: Promise<void> | undefined;

  /** Composes a controller; {@linkcode Controller.start} makes it run. */
  constructor(options: ControllerOptions, deps: ControllerDeps) {
    const { clock, random, log } = deps;
    const { namespace } = options;
    this.#options = options;
    this.#deps = deps;
    this.#metrics = new ControllerMetrics(deps.registry);
    this.#leadership = this.#electionOf(options.election);
    const client = this.#client = this.#guard();
    this.#caches = new Caches({
      client,
      clock,
      random,
      log,
      namespace,
      onServices: (keys) => {
        for (const key of keys) this.#serviceChanged(key);
      },
      onConfig: () => this.#configChanged(),
    });
    const mayWrite = (): boolean => this.#term?.isIdle ?? false;
    this.#events = new EventRecorder({
      client,
      clock,
      component: "metallb-controller",
      success: "IPAllocated",
      mayWrite,
      onDropped: (error) => this.#eventDropped(error),
    });
    this.#poolStatus = new PoolStatusWriter({
      client,
      clock,
      mayWrite,
      pools: () => this.#caches.pools,
      counters: () => this.#term?.counters() ?? new Map(),
      onFailure: (pool, error) =>
        log.warn("Cannot write the status of pool {pool}: {error}", {
          pool,
          error,
        }),
    });
    this.#configState = new ConfigStateWriter({
      client,
      clock,
      namespace,
      // One for all replicas.
      name: "controller",
      labels: { "metallb.io/component-type": "controller" },
      condition: "poolReconcilerValid",
      mayWrite,
      onFailure: (error) =>
        log.warn("Cannot write the ConfigurationState: {error}", { error }),
    });
  }

  /** Starts watching; nothing is decided before all caches are complete. */
  start(): void {
    const { signal } = this.#stop;
    const leadership = this.#leadership;
    if (leadership !== undefined) this.#tasks.add(leadership.run(signal));
    else this.#lead(true);
    this.#tasks.add(
      // What is listed after the Lease was taken is what nobody else changes.
      this.#caches.run(
        signal,
        leadership?.attempted ?? Promise.resolve(),
        () => this.#cachesComplete(),
      ),
    );
    this.#tasks.add(this.#retryUnmet(signal));
  }

  /** Whether it is caught up and able to serve. */
  ready(): Readiness {
    const leadership = this.#leadership;
    return readiness({
      caches: this.#caches.states(),
      hasPools: this.#source.hasPools,
      configProblems: this.#source.problems,
      configValid: this.#source.isValid,
      stopped: this.#stop.signal.aborted,
      now: this.#deps.clock.now(),
      ...leadership === undefined || leadership.leads
        ? {}
        : { standbyFor: leadership.holder },
    });
  }

  /** Brings the gauges up to date; to be called before metrics are read. */
  observe(): void {
    this.#metrics.setLeader(this.#term !== undefined);
    const services = new Map<string, number>();
    for (const { pool } of this.#term?.allocations() ?? []) {
      for (const name of pool.split(",")) {
        services.set(name, (services.get(name) ?? 0) + 1);
      }
    }
    this.#metrics.setPools(this.#term?.counters() ?? new Map(), services);
    this.#metrics.setQueue(this.#term?.depth ?? 0, this.#term?.unmet ?? 0);
    this.#metrics.setEventsWaiting(this.#events.waiting);
  }

  /**
   * Stops in order: no new decisions, writes under way may end, then Events
   * and pool statuses, then the Lease goes back, then the watches end.
   */
  async stop(): Promise<void> {
    const term = this.#term;
    await term?.stop();
    await Promise.all([
      this.#events.stop(),
      this.#poolStatus.stop(),
      this.#configState.stop(),
    ]);
    this.#stop.abort();
    await this.#tasks.ended();
    await this.#leadership?.release();
    await this.#settling;
  }

  /** Begins to lead, or leaves it to another replica. */
  #lead(leads: boolean): void {
    if (this.#leadership !== undefined && !this.#stop.signal.aborted) {
      const message = leads
        ? "This replica leads"
        : "Another replica leads: {holder}";
      this.#deps.log.info(message, { holder: this.#leadership.holder });
    }
    if (!leads) {
      const term = this.#term;
      this.#term = undefined;
      this.#events.clear();
      if (term !== undefined) this.#tasks.add(term.abandon());
      return;
    }
    const term = new Term({
      client: this.#client,
      clock: this.#deps.clock,
      isWarm: this.#caches.followsServices,
      services: SERVICES,
      controller: this.#serviceController(),
      onFailure: (error) =>
        this.#deps.log.warn("Cannot list Services at the take-over: {error}", {
          error,
        }),
    });
    this.#term = term;
    this.#tasks.add(this.#ensureSecret());
    if (this.#caches.complete) this.#openTerm(term);
  }

  async #ensureSecret(): Promise<void> {
    const { memberlistSecret: name, namespace } = this.#options;
    if (name === undefined) return;
    const { log } = this.#deps;
    try {
      const isNew = await ensureMemberlistSecret({
        client: this.#client,
        namespace,
        name,
        fillRandom: (bytes) => crypto.getRandomValues(bytes),
      });
      if (isNew) log.info("Made the speakers' Secret {name}", { name });
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      log.warn("Cannot make the speakers' Secret {name}: {error}", {
        name,
        error,
      });
    }
  }

  #openTerm(term: Term): void {
    this.#tasks.add(
      term.open(() => this.#source.hasPools ? this.#source.pools : undefined),
    );
    this.#configState.changed(this.#source);
  }

  #cachesComplete(): void {
    this.#deps.log.info("All caches are complete, {services} Services", {
      services: this.#caches.services.size,
    });
    this.#configure();
    if (this.#term !== undefined) this.#openTerm(this.#term);
  }

  #serviceChanged(key: string): void {
    this.#metrics.countUpdate();
    this.#term?.serviceChanged(key);
  }

  #configChanged(): void {
    if (this.#settling !== undefined) return;
    const { clock } = this.#deps;
    this.#settling = clock.sleep(CONFIG_SETTLING, this.#stop.signal)
      .then(() => {
        this.#settling = undefined;
        if (!this.#stop.signal.aborted) this.#configure();
      });
  }

  #configure(): void {
    const { pools, namespaces } = this.#caches;
    const change = this.#source.update(pools, namespaces);
    if (change.kind === "unchanged") return;
    this.#metrics.setConfig(change.kind === "changed");
    const { log } = this.#deps;
    for (const problem of this.#source.problems) {
      log.error("Configuration: {problem}", { problem });
    }
    this.#configState.changed(this.#source);
    if (change.kind === "refused") {
      log.error("The configuration is invalid, the last valid one stays");
      return;
    }
    log.info("{pools} pools are in force", { pools: change.pools.length });
    this.#term?.setPools(change.pools);
  }

  async #retryUnmet(signal: AbortSignal): Promise<void> {
    const interval = this.#options.retryInterval ?? DEFAULT_RETRY_INTERVAL;
    while (!signal.aborted) {
      await this.#deps.clock.sleep(interval, signal);
      if (signal.aborted) return;
      this.#term?.retryUnmet();
      this.#configState.check();
    }
  }

  #electionOf(settings: ElectionSettings | undefined): Leadership | undefined {
    if (settings === undefined) return undefined;
    const { client, clock, log } = this.#deps;
    return new Leadership({
      ...settings,
      client,
      clock,
      namespace: this.#options.namespace,
      onChange: (leads) => this.#lead(leads),
      onFailure: (error) =>
        log.warn("Cannot renew or read the Lease: {error}", { error }),
    });
  }

  #guard(): GuardedClient {
    const { client, clock } = this.#deps;
    const leadership = this.#leadership;
    const limit = this.#options.rateLimit ?? UNLIMITED;
    return new GuardedClient({
      client,
      limiter: new RateLimiter(limit, clock),
      permission: (signal) =>
        leadership?.permission(signal) ?? Promise.resolve(!signal.aborted),
      onWait: (ms) => this.#metrics.observeWait(ms),
    });
  }

  #serviceController(): ServiceController {
    const { clock, random, log } = this.#deps;
    const options = this.#options;
    return new ServiceController({
      client: this.#client,
      clock,
      random,
      services: () => this.#caches.services,
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
