/** One deadline that moves, and what to do when it has come. */
import type { Clock } from "./clock.ts";

/**
 * Calls when a time has come that may be changed until then. A deadline that is
 * put off again and again costs nothing: a timer that was cancelled would wake
 * the process all the same, so the one that runs is left alone, and goes on for
 * the rest.
 */
export class Alarm implements Disposable {
  readonly #clock: Pick<Clock, "now" | "sleep">;
  readonly #ring: () => void;
  readonly #closing = new AbortController();
  #at = Infinity;
  #wakesAt = Infinity;

  /**
   * Begins without a deadline.
   *
   * @param ring Called at the deadline, never before; may set the next one.
   */
  constructor(clock: Pick<Clock, "now" | "sleep">, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Calls at this time, by the clock, instead of the one before; `Infinity` = not at all. */
  set(at: number): void {
    this.#at = at;
    if (at < this.#wakesAt) this.#sleepUntil(at);
  }

  /** Calls no more. */
  close(): void {
    this.#closing.abort();
  }

  /** Same as {@linkcode close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  async #sleepUntil(at: number): Promise<void> {
    const { signal } = this.#closing;
    this.#wakesAt = at;
    const ms = Math.max(0, Math.ceil(at - this.#clock.now()));
    await this.#clock.sleep(ms, signal);
    // One that was set later for an earlier time has taken over.
    if (signal.aborted || this.#wakesAt !== at) return;
    this.#wakesAt = Infinity;
    const deadline = this.#at;
    if (this.#clock.now() < deadline) return this.set(deadline);
    this.#at = Infinity;
    this.#ring();
  }
}
