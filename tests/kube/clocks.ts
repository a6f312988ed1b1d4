/** Clocks for tests of mod/kube: no test waits for real time. */
import type { Clock } from "../../mod/kube/mod.ts";

/** A clock whose sleepers wake at once, having moved the time on. */
export class SkippingClock implements Clock {
  /** The sleeps so far, in ms. */
  readonly sleeps: number[] = [];
  /** The time. */
  time = 0;

  now(): number {
    return this.time;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted !== true) {
      this.sleeps.push(ms);
      this.time += ms;
    }
    return Promise.resolve();
  }
}

interface Sleeper {
  readonly ms: number;
  readonly wake: () => void;
}

/** A clock whose sleepers wake when the test says so. */
export class ManualClock implements Clock {
  readonly #sleepers = new Set<Sleeper>();
  /** The time. */
  time = 0;

  /** How long the sleepers of the moment want to sleep, in ms. */
  get sleeping(): readonly number[] {
    return [...this.#sleepers].map(({ ms }) => ms);
  }

  now(): number {
    return this.time;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const sleeper = { ms, wake: resolve };
    this.#sleepers.add(sleeper);
    signal?.addEventListener("abort", resolve as () => void);
    return promise.finally(() => {
      this.#sleepers.delete(sleeper);
      signal?.removeEventListener("abort", resolve as () => void);
    });
  }

  /** Wakes all sleepers. */
  wakeAll(): void {
    for (const { wake } of this.#sleepers) wake();
  }
}
