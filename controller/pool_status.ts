/** Writes the counters of pools to their status, not more often than needed. */
import { type CustomResource, IP_ADDRESS_POOLS } from "../mod/config/mod.ts";
import type { PoolCounters } from "../mod/ipam/mod.ts";
import { type KubeClient, KubeError } from "../mod/kube/mod.ts";
import type { Clock } from "../mod/time/mod.ts";

/** Wait between two rounds of writes, in ms: one storm makes few writes. */
const INTERVAL = 1000;
/** The largest number below 2⁶³ that a JSON number of ours can say. */
const LARGEST = 2 ** 63 - 1024;

/** What the writer needs. */
export interface PoolStatusOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** The cache of the pools' resources. */
  readonly pools: () => Iterable<CustomResource>;
  /** The counters as they are now. */
  readonly counters: () => ReadonlyMap<string, PoolCounters>;
  /** Whether nothing more urgent is waiting. */
  readonly mayWrite: () => boolean;
  readonly onFailure: (pool: string, error: unknown) => void;
}

/** Keeps `status` of the pools equal to their counters. */
export class PoolStatusWriter {
  readonly #options: PoolStatusOptions;
  readonly #stop = new AbortController();
  readonly #written = new Map<string, Written>();
  #round: Promise<void> | undefined;
  #again = false;

  /** Makes a writer that waits for the first change. */
  constructor(options: PoolStatusOptions) {
    this.#options = options;
  }

  /** Asks for a round; rounds are at least a second apart. */
  changed(): void {
    if (this.#stop.signal.aborted) return;
    this.#again = true;
    this.#round ??= this.#rounds().finally(() => {
      this.#round = undefined;
    });
  }

  /** Ends; resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#round;
  }

  async #rounds(): Promise<void> {
    const { signal } = this.#stop;
    const { clock, mayWrite } = this.#options;
    while (this.#again && !signal.aborted) {
      await clock.sleep(INTERVAL, signal);
      if (signal.aborted || !mayWrite()) continue;
      this.#again = false;
      await this.#writeAll(signal);
    }
  }

  async #writeAll(signal: AbortSignal): Promise<void> {
    const counters = this.#options.counters();
    for (const name of this.#written.keys()) {
      if (!counters.has(name)) this.#written.delete(name);
    }
    for (const pool of this.#options.pools()) {
      const status = statusOf(counters.get(pool.metadata.name));
      if (status === undefined || isWritten(pool, status)) continue;
      await this.#write(pool, status, signal);
    }
  }

  async #write(
    { metadata }: CustomResource,
    status: PoolStatus,
    signal: AbortSignal,
  ): Promise<void> {
    const { name, namespace = "" } = metadata;
    const text = JSON.stringify(status);
    const last = this.#written.get(name);
    // The cache shows our own write only later.
    if (last?.text === text && isOlder(metadata.resourceVersion, last)) return;
    try {
      const answer = await this.#options.client.patch(
        IP_ADDRESS_POOLS,
        { name, namespace },
        { type: "merge", body: { status } },
        { subresource: "status", signal },
      );
      const { resourceVersion } = answer.metadata;
      this.#written.set(name, { text, resourceVersion });
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof KubeError && error.code === 404) return;
      this.#written.delete(name);
      this.#again = true;
      this.#options.onFailure(name, error);
    }
  }
}

type PoolStatus = Readonly<Record<keyof PoolCounters, number>>;

interface Written {
  readonly text: string;
  readonly resourceVersion: string | undefined;
}

function isOlder(version: string | undefined, than: Written): boolean {
  return Number(version) < Number(than.resourceVersion);
}

function statusOf(counters: PoolCounters | undefined): PoolStatus | undefined {
  if (counters === undefined) return undefined;
  const number = (value: bigint): number => Math.min(Number(value), LARGEST);
  return {
    assignedIPv4: number(counters.assignedIPv4),
    assignedIPv6: number(counters.assignedIPv6),
    availableIPv4: number(counters.availableIPv4),
    availableIPv6: number(counters.availableIPv6),
  };
}

function isWritten({ status }: CustomResource, wanted: PoolStatus): boolean {
  if (typeof status !== "object" || status === null) return false;
  const found: Readonly<Record<string, unknown>> = { ...status };
  return Object.entries(wanted).every(([key, value]) => found[key] === value);
}
