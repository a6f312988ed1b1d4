/**
 * The world of an `allocation.jsonl` case: a store of Services in place of
 * the API server, and a controller that decides with the production code.
 */
import type { ClassFilter } from "../../mod/config/mod.ts";
import { converge, type ServiceEvent } from "../../controller/converge.ts";
import {
  ALLOCATED_FROM_POOL,
  serviceKey,
} from "../../controller/service_request.ts";
import {
  Allocator,
  perform,
  type Pool,
  type ReconcilePolicy,
} from "../../mod/ipam/mod.ts";
import type { Service } from "../../mod/kube/mod.ts";

/** How the corpus calls the outcome of handing over one Service. */
export type StepResult =
  | "success"
  | "errorNoRetry"
  | "reprocessAll"
  | "error"
  | "ignored";

/** An event in the corpus's form. */
export interface CorpusEvent {
  readonly type: string;
  readonly reason: string;
  readonly class?: string;
  readonly service?: string;
}

/** What a reconcile of one Service shows. */
export interface Handling {
  readonly result: StepResult;
  readonly written: boolean;
  readonly events: readonly CorpusEvent[];
}

/** The addresses of a Service and the pool that its annotation names. */
export interface Holding {
  readonly ips: readonly string[];
  readonly pool: string | null;
}

/**
 * Herald's default keeps the address when a new request fails (§12(5) of the
 * MetalLB reference); `mod/ipam` tests that. The corpus is replayed with the
 * policy that it was recorded with.
 */
const RECORDED_POLICY: ReconcilePolicy = { failedRequest: "release" };

/** Where our words are finer than the corpus's. */
const CLASSES: Readonly<Record<string, string>> = {
  otherFamilyOnly: "notInPools",
};

/** A store and a controller. */
export class World {
  readonly #services = new Map<string, Service>();
  readonly #filter: ClassFilter;
  #pools: readonly Pool[];
  #allocator = new Allocator();

  /** Starts a controller with pools, and an empty store. */
  constructor(pools: readonly Pool[], filter: ClassFilter) {
    this.#filter = filter;
    this.#pools = pools;
    this.#allocator.setPools(pools);
  }

  /** Counters of the pools. */
  get allocator(): Allocator {
    return this.#allocator;
  }

  /** Keys of the stored Services, ascending. */
  get keys(): readonly string[] {
    return [...this.#services.keys()].sort();
  }

  /** Stores an object as it is. */
  put(service: Service): void {
    this.#services.set(serviceKey(service), service);
  }

  /** Stores an object as a user's apply does, and reconciles it. */
  apply(service: Service): Handling {
    const key = serviceKey(service);
    const stored = this.#services.get(key);
    this.put(stored === undefined ? service : merged(service, stored));
    return this.reconcile(key);
  }

  /** Reconciles a stored Service. */
  reconcile(key: string): Handling {
    const service = this.#services.get(key);
    if (service === undefined) throw new RangeError(`No Service "${key}"`);
    const convergence = converge(
      this.#allocator,
      service,
      this.#filter,
      RECORDED_POLICY,
    );
    if (convergence.kind === "ignored") {
      return { result: "ignored", written: false, events: [] };
    }
    const { decision, replacement, events } = convergence;
    perform(this.#allocator, key, decision);
    if (replacement !== undefined) this.put(replacement);
    return {
      result: decision.result,
      written: replacement !== undefined,
      events: events.map(corpusEvent),
    };
  }

  /** Empties a status and reconciles. */
  clearStatus(key: string): Handling {
    const service = this.#services.get(key);
    if (service === undefined) throw new RangeError(`No Service "${key}"`);
    this.put({ ...service, status: {} });
    return this.reconcile(key);
  }

  /** Removes a Service and hands the deletion over. */
  delete(key: string): StepResult {
    this.#services.delete(key);
    return this.#allocator.release(key) ? "reprocessAll" : "success";
  }

  /** Puts other pools in force. */
  setPools(pools: readonly Pool[]): void {
    this.#pools = pools;
    this.#allocator.setPools(pools);
  }

  /** A new controller process over the same store. */
  restart(): void {
    this.#allocator = new Allocator();
    this.#allocator.setPools(this.#pools);
  }

  /** One pass over all Services, those with more addresses first. */
  reconcileAll(): ReadonlyMap<string, Handling> {
    const counts = new Map(
      this.keys.map((key) => [key, this.holding(key).ips.length] as const),
    );
    const keys = this.keys.toSorted((a, b) =>
      (counts.get(b) ?? 0) - (counts.get(a) ?? 0)
    );
    return new Map(keys.map((key) => [key, this.reconcile(key)] as const));
  }

  /** What the store says of a Service. */
  holding(key: string): Holding {
    const service = this.#services.get(key);
    const ingress = service?.status?.loadBalancer?.ingress ?? [];
    return {
      ips: ingress.map(({ ip }) => ip ?? ""),
      pool: service?.metadata.annotations?.[ALLOCATED_FROM_POOL] ?? null,
    };
  }

  /** What the store says of all Services. */
  holdings(): Readonly<Record<string, Holding>> {
    return Object.fromEntries(this.keys.map((key) => [key, this.holding(key)]));
  }
}

/** Status and the controller's own annotation outlive a user's apply. */
function merged(service: Service, stored: Service): Service {
  const given = service.status?.loadBalancer?.ingress ?? [];
  const status = given.length > 0 ? service.status : stored.status;
  const pool = service.metadata.annotations?.[ALLOCATED_FROM_POOL] ??
    stored.metadata.annotations?.[ALLOCATED_FROM_POOL];
  const annotations = {
    ...service.metadata.annotations,
    ...pool === undefined ? {} : { [ALLOCATED_FROM_POOL]: pool },
  };
  return {
    ...service,
    metadata: { ...service.metadata, annotations },
    ...status === undefined ? {} : { status },
  };
}

function corpusEvent(event: ServiceEvent): CorpusEvent {
  const { type, reason } = event;
  if (event.class === undefined) return { type, reason };
  return { type, reason, class: CLASSES[event.class] ?? event.class };
}
