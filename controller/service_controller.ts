/** Brings Services to what the allocator decides, one write at a time each. */
import { type ClassFilter, isOurClass } from "../mod/config/mod.ts";
import {
  adoption,
  type Allocation,
  Allocator,
  compareSeniority,
  type Decision,
  perform,
  type Pool,
  type ReconcilePolicy,
} from "../mod/ipam/mod.ts";
import {
  type KubeClient,
  KubeError,
  type Service,
  SERVICES,
} from "../mod/kube/mod.ts";
import { formatIp } from "../mod/net/mod.ts";
import type { EventRecorder } from "../mod/report/mod.ts";
import type { Clock } from "../mod/time/mod.ts";
import { WorkQueue } from "../mod/work/mod.ts";
import { converge, type Convergence } from "./converge.ts";
import type { ControllerMetrics } from "./metrics.ts";
import { seniority, serviceKey, serviceRequest } from "./service_request.ts";
import { ServiceView } from "./service_view.ts";
import { statusPatch } from "./status_patch.ts";

/** Conflicts that are answered at once with fresh state, before backing off. */
const MAX_CONFLICTS = 5;

/** Writes under way at a stop may take so many ms to end. */
const STOP_GRACE = 2000;

/** What the service controller needs. */
export interface ServiceControllerOptions {
  readonly client: KubeClient;
  /** The cache of all Services, keyed `namespace/name`. */
  readonly services: () => ReadonlyMap<string, Service>;
  readonly clock: Clock;
  /** A number in `[0, 1)`, for jitter. */
  readonly random: () => number;
  readonly filter: ClassFilter;
  readonly policy: ReconcilePolicy;
  /** Status writes that may be under way at once. */
  readonly concurrency: number;
  readonly metrics: ControllerMetrics;
  readonly events: EventRecorder;
  /** Told when who holds what has changed. */
  readonly onAllocation: () => void;
  /** Told of every failed handling, with the wait in ms until the next try. */
  readonly onFailure: (key: string, error: unknown, delay: number) => void;
}

type Decided = Extract<Convergence, { readonly kind: "decided" }>;

/** The driver of the allocator: it decides nothing itself. */
export class ServiceController {
  readonly #options: ServiceControllerOptions;
  readonly #allocator = new Allocator();
  readonly #view: ServiceView;
  readonly #queue: WorkQueue;
  /** Services whose request cannot be met now, oldest first. */
  readonly #unmet = new Set<string>();
  /** Services of which a write may or may not have arrived. */
  readonly #unsure = new Set<string>();
  /** Services that the cache has not heard of yet; their addresses are held. */
  readonly #unheardOf: Service[] = [];
  #configured = false;

  /** Makes a controller that waits for its first pools. */
  constructor(options: ServiceControllerOptions) {
    this.#options = options;
    this.#view = new ServiceView(options.services);
    this.#queue = new WorkQueue({
      work: (key, signal) => this.#work(key, signal),
      concurrency: options.concurrency,
      clock: options.clock,
      random: options.random,
      baseDelay: 250,
      maxDelay: 30_000,
      onFailure: (key, error, delay) => {
        options.metrics.countUpdateError();
        options.onFailure(key, error, delay);
      },
      onIdle: () => options.events.pump(),
    });
  }

  /** Who holds what. */
  get allocator(): Allocator {
    return this.#allocator;
  }

  /** Whether no Service waits for a decision or a write. */
  get isIdle(): boolean {
    return this.#queue.isIdle;
  }

  /** Services that wait for a decision or a write. */
  get depth(): number {
    return this.#queue.depth;
  }

  /** Services whose request cannot be met now. */
  get unmet(): ReadonlySet<string> {
    return this.#unmet;
  }

  /**
   * Puts pools in force and looks at every Service again. The first time, all
   * existing statuses are adopted before anything new is given out.
   */
  setPools(pools: readonly Pool[]): void {
    const dropped = this.#allocator.setPools(pools);
    for (const allocation of dropped) this.#allocator.retire(allocation);
    if (!this.#configured) this.#adoptAll();
    this.#configured = true;
    for (const one of this.#byAge()) this.#queue.add(serviceKey(one));
    this.#options.onAllocation();
  }

  /** Looks at a Service that was created, changed or deleted. */
  serviceChanged(key: string): void {
    this.#options.metrics.countUpdate();
    if (this.#configured) this.#queue.add(key);
  }

  /** Looks again at the Services whose request could not be met. */
  retryUnmet(): void {
    for (const key of this.#unmet) this.#queue.add(key);
  }

  /**
   * Takes in what the API server itself says, where the cache may be behind:
   * what another replica wrote last has to be known before anything is given
   * out.
   */
  note(service: Service): void {
    const key = serviceKey(service);
    if (this.#options.services().has(key)) this.#view.note(key, service);
    else this.#unheardOf.push(service);
  }

  /** Decides nothing more; resolves when what is under way has ended. */
  stop(): Promise<void> {
    return this.#queue.stop(STOP_GRACE);
  }

  /** Decides nothing more and gives up what is under way. */
  abandon(): Promise<void> {
    return this.#queue.stop(0);
  }

  /** A duplicate stays with the older Service, whatever the order of the list. */
  #byAge(): readonly Service[] {
    return Array.from(this.#view.keys(), (key) => this.#view.get(key))
      .filter((service) => service !== undefined).sort(bySeniority);
  }

  #adoptAll(): void {
    const all = [...this.#byAge(), ...this.#unheardOf].sort(bySeniority);
    for (const service of all) {
      const isOurs = isOurClass(service, this.#options.filter);
      const request = serviceRequest(service, isOurs);
      const allocation = adoption(this.#allocator, request);
      if (allocation !== undefined) this.#allocator.hold(allocation);
    }
  }

  async #work(key: string, signal: AbortSignal): Promise<void> {
    const { clock, metrics } = this.#options;
    const begun = clock.now();
    try {
      await this.#handle(key, signal);
    } finally {
      metrics.observeReconcile(clock.now() - begun);
    }
  }

  async #handle(key: string, signal: AbortSignal): Promise<void> {
    if (this.#unsure.has(key)) await this.#refresh(key, signal);
    for (let conflicts = 0;; conflicts++) {
      const decided = this.#decide(key);
      if (decided?.replacement === undefined) {
        return this.#finish(key, decided);
      }
      const outcome = await this.#write(key, decided.replacement, signal);
      if (outcome.kind === "written") return this.#finish(key, decided);
      if (outcome.kind === "failed" || conflicts >= MAX_CONFLICTS) {
        throw outcome.error;
      }
      await this.#refresh(key, signal);
    }
  }

  /** Decides on the newest state and puts the record in force. */
  #decide(key: string): Decided | undefined {
    const service = this.#view.get(key);
    const before = this.#allocator.allocation(key);
    if (service === undefined) {
      this.#allocator.release(key);
      this.#options.events.forget(key);
      this.#unmet.delete(key);
      if (before !== undefined) this.#freed();
      return undefined;
    }
    const { filter, policy } = this.#options;
    const convergence = converge(this.#allocator, service, filter, policy);
    if (convergence.kind === "ignored") {
      this.#unmet.delete(key);
      return undefined;
    }
    perform(this.#allocator, key, convergence.decision);
    for (const junior of convergence.decision.evicts ?? []) {
      this.#queue.add(junior);
    }
    if (convergence.replacement !== undefined) this.#retire(before);
    return convergence;
  }

  /** Nobody gets what the status still says, until the status says otherwise. */
  #retire(before: Allocation | undefined): void {
    if (before === undefined) return;
    const kept = this.#allocator.allocation(before.key)?.ips.map(formatIp) ??
      [];
    const ips = before.ips.filter((ip) => !kept.includes(formatIp(ip)));
    if (ips.length > 0) this.#allocator.retire({ ...before, ips });
  }

  /** What follows once the status says what was decided. */
  #finish(key: string, decided: Decided | undefined): void {
    // Pools that changed during a write may have retired what it wrote.
    const freed = !this.#queue.willRepeat(key) &&
      this.#allocator.dropRetired(key);
    if (decided !== undefined) {
      this.#record(key, decided);
      const { events } = decided.decision;
      this.#unmet.delete(key);
      if (events.some(isUnmet)) this.#unmet.add(key);
    }
    if (freed || decided?.decision.frees === true) this.#freed();
    if (changesRecord(decided) || freed) this.#options.onAllocation();
  }

  #freed(): void {
    this.#options.onAllocation();
    this.retryUnmet();
  }

  #record(key: string, decided: Decided): void {
    const service = this.#view.get(key);
    for (const event of decided.events) {
      if (service !== undefined) this.#options.events.record(service, event);
      if (event.class !== undefined) {
        this.#options.metrics.countRefusal(event.class);
      }
    }
  }

  async #write(
    key: string,
    service: Service,
    signal: AbortSignal,
  ): Promise<WriteOutcome> {
    const { client, metrics } = this.#options;
    const { name, namespace = "" } = service.metadata;
    this.#unsure.add(key);
    try {
      const answer = await client.patch(
        SERVICES,
        { name, namespace },
        statusPatch(service),
        { subresource: "status", signal },
      );
      this.#view.note(key, answer);
      this.#unsure.delete(key);
      metrics.countWrite("ok");
      return { kind: "written" };
    } catch (error) {
      const isConflict = error instanceof KubeError &&
        (error.code === 409 || error.code === 404);
      metrics.countWrite(isConflict ? "conflict" : "error");
      return { kind: isConflict ? "conflict" : "failed", error };
    }
  }

  /** Asks the API server itself, where a cache may be behind. */
  async #refresh(key: string, signal: AbortSignal): Promise<void> {
    const [namespace = "", name = ""] = key.split("/");
    try {
      const object = { name, namespace };
      const answer = await this.#options.client.get(SERVICES, object, {
        signal,
      });
      this.#view.note(key, answer);
    } catch (error) {
      if (!(error instanceof KubeError) || error.code !== 404) throw error;
      this.#view.note(key, undefined);
    }
    this.#unsure.delete(key);
  }
}

type WriteOutcome =
  | { readonly kind: "written" }
  | { readonly kind: "conflict" | "failed"; readonly error: unknown };

function isUnmet({ reason }: { readonly reason: string }): boolean {
  return reason === "AllocationFailed" || reason === "AdditionalAssignFailed";
}

function changesRecord(decided: Decided | undefined): boolean {
  const record: Decision["record"] | undefined = decided?.decision.record;
  return record !== undefined && record.kind !== "keep";
}

function bySeniority(a: Service, b: Service): number {
  return compareSeniority(seniority(a), seniority(b));
}
