/** The time in which this replica leads: who holds what is known anew in each. */
import type { Allocation, Pool, PoolCounters } from "../mod/ipam/mod.ts";
import {
  type KubeClient,
  listPages,
  type Resource,
  type Service,
} from "../mod/kube/mod.ts";
import type { Clock } from "../mod/time/mod.ts";
import type { ServiceController } from "./service_controller.ts";

/** What a term needs. */
export interface TermOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly services: Resource<Service>;
  /** Whether the caches were filled while another replica was writing. */
  readonly isWarm: boolean;
  /** A controller that has not begun. */
  readonly controller: ServiceController;
  /** Told of every failed attempt to read what the predecessor wrote. */
  readonly onFailure: (error: unknown) => void;
}

/** Wait before the predecessor's writes are asked for again, in ms. */
const RETRY = 1000;

/** One term of one replica. */
export class Term {
  readonly #options: TermOptions;
  readonly #over = new AbortController();
  #isOpen = false;

  /** A term in which nothing is decided yet. */
  constructor(options: TermOptions) {
    this.#options = options;
  }

  /** Whether no Service waits for a decision or a write. */
  get isIdle(): boolean {
    return this.#isOpen && this.#options.controller.isIdle;
  }

  /** Services that wait for a decision or a write. */
  get depth(): number {
    return this.#options.controller.depth;
  }

  /** Services whose request cannot be met now. */
  get unmet(): number {
    return this.#options.controller.unmet.size;
  }

  /** Who holds what. */
  allocations(): Iterable<Allocation> {
    return this.#options.controller.allocator.records.values();
  }

  /** The counters of every pool, by name. */
  counters(): ReadonlyMap<string, PoolCounters> {
    return this.#options.controller.allocator.counters();
  }

  /**
   * Begins to decide, once it is known what the predecessor wrote last.
   *
   * @param pools Gives the pools in force; `undefined` = none was seen yet.
   */
  async open(pools: () => readonly Pool[] | undefined): Promise<void> {
    if (this.#options.isWarm) await this.#catchUp();
    if (this.#over.signal.aborted || this.#isOpen) return;
    this.#isOpen = true;
    const inForce = pools();
    if (inForce !== undefined) this.#options.controller.setPools(inForce);
  }

  /** Puts other pools in force. */
  setPools(pools: readonly Pool[]): void {
    if (this.#isOpen) this.#options.controller.setPools(pools);
  }

  /** Looks at a Service that was created, changed or deleted. */
  serviceChanged(key: string): void {
    if (this.#isOpen) this.#options.controller.serviceChanged(key);
  }

  /** Looks again at the Services whose request could not be met. */
  retryUnmet(): void {
    if (this.#isOpen) this.#options.controller.retryUnmet();
  }

  /** Ends in order: writes under way may end. */
  async stop(): Promise<void> {
    this.#over.abort();
    await this.#options.controller.stop();
  }

  /** Ends at once: another replica leads. */
  async abandon(): Promise<void> {
    this.#over.abort();
    await this.#options.controller.abandon();
  }

  async #catchUp(): Promise<void> {
    const { signal } = this.#over;
    const { clock, onFailure } = this.#options;
    while (!signal.aborted) {
      try {
        return await this.#list(signal);
      } catch (error) {
        if (signal.aborted) return;
        onFailure(error);
        await clock.sleep(RETRY, signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, services, controller } = this.#options;
    for await (const { items } of listPages(client, services, { signal })) {
      for (const service of items) controller.note(service);
    }
  }
}
