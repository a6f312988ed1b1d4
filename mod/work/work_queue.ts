/** A queue of keys: one at a time per key, several keys at once. */
import type { Clock } from "../time/mod.ts";
import { Tasks } from "./tasks.ts";

/** How a work queue runs. */
export interface WorkQueueOptions {
  /** Does the work of one key. A rejection makes the key be tried again. */
  readonly work: (key: string, signal: AbortSignal) => Promise<void>;
  /** How many keys may be in work at once. */
  readonly concurrency: number;
  /** Time. */
  readonly clock: Clock;
  /** A number in `[0, 1)`, for jitter. */
  readonly random: () => number;
  /** First wait after a failure, in ms; doubles up to `maxDelay`. */
  readonly baseDelay: number;
  /** Longest wait after a failure, in ms. */
  readonly maxDelay: number;
  /** Told of every failure, with the wait that follows. */
  readonly onFailure: (key: string, error: unknown, delay: number) => void;
  /** Told whenever nothing is waiting or in work any more. */
  readonly onIdle: () => void;
}

/**
 * Keys are worked on in the order in which they came; a key that comes again
 * while it waits is done once, one that comes while it is in work is done
 * again afterwards.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #waiting = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #delays = new Tasks();
  /** Aborted when no more work is taken up. */
  readonly #closing = new AbortController();
  /** Aborted when what is under way has to end. */
  readonly #stop = new AbortController();

  /** Makes an empty queue. */
  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** How many keys wait or are in work. */
  get depth(): number {
    return this.#waiting.size + this.#running.size;
  }

  /** Whether nothing waits and nothing is in work. */
  get isIdle(): boolean {
    return this.depth === 0;
  }

  /** Asks for the work of a key. */
  add(key: string): void {
    if (this.#closing.signal.aborted) return;
    if (this.#running.has(key)) this.#again.add(key);
    else this.#waiting.add(key);
    this.#fill();
  }

  /** Whether a key in work will be worked on once more. */
  willRepeat(key: string): boolean {
    return this.#again.has(key);
  }

  /**
   * Takes up no more work; resolves when what is in work has ended, which is
   * aborted after `grace` ms.
   */
  async stop(grace: number): Promise<void> {
    this.#waiting.clear();
    this.#again.clear();
    this.#closing.abort();
    const ended = new AbortController();
    const all = Promise.allSettled([
      ...this.#running.values(),
      this.#delays.ended(),
    ]);
    all.finally(() => ended.abort());
    await this.#options.clock.sleep(grace, ended.signal);
    this.#stop.abort();
    await all;
  }

  #fill(): void {
    const { concurrency } = this.#options;
    for (const key of this.#waiting) {
      if (this.#running.size >= concurrency) return;
      this.#waiting.delete(key);
      this.#running.set(key, this.#run(key));
    }
  }

  async #run(key: string): Promise<void> {
    // Leave the caller's stack first: whoever adds a key is never re-entered.
    await Promise.resolve();
    try {
      await this.#options.work(key, this.#stop.signal);
      this.#failures.delete(key);
    } catch (error) {
      this.#retry(key, error);
    }
    this.#running.delete(key);
    if (this.#again.delete(key)) this.#waiting.add(key);
    if (this.#closing.signal.aborted) return;
    this.#fill();
    if (this.isIdle) this.#options.onIdle();
  }

  #retry(key: string, error: unknown): void {
    if (this.#closing.signal.aborted) return;
    const { baseDelay, maxDelay, random, onFailure } = this.#options;
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const longest = Math.min(maxDelay, baseDelay * 2 ** (failures - 1));
    const delay = longest * (0.5 + random() / 2);
    onFailure(key, error, delay);
    this.#delays.add(this.#addLater(key, delay));
  }

  async #addLater(key: string, delay: number): Promise<void> {
    const { signal } = this.#closing;
    await this.#options.clock.sleep(delay, signal);
    if (!signal.aborted) this.add(key);
  }
}
