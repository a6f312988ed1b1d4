/** A time limit on one call, joined with the caller's own signal. */
import type { Clock } from "./clock.ts";

/** Why a wait was ended. Without a reason the runtime makes an error with a stack for each. */
const ENDED = "ended";

/** Aborts its signal when the time is up or when the caller aborts. */
export class Deadline implements Disposable {
  readonly #controller = new AbortController();
  readonly #done = new AbortController();
  readonly #outer: AbortSignal | undefined;
  #expired = false;

  /**
   * Starts the time.
   *
   * @param ms How long the call may take.
   * @param outer The caller's own signal.
   */
  constructor(
    clock: Pick<Clock, "sleep">,
    ms: number,
    outer?: AbortSignal,
  ) {
    this.#outer = outer;
    if (outer?.aborted === true) this.#controller.abort(outer.reason);
    outer?.addEventListener("abort", this.#forward);
    clock.sleep(ms, this.#done.signal).then(() => {
      if (this.#done.signal.aborted || this.signal.aborted) return;
      this.#expired = true;
      this.#controller.abort();
    });
  }

  /** What to pass to the call. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether the time ran out, as opposed to an abort by the caller. */
  get expired(): boolean {
    return this.#expired;
  }

  readonly #forward = (): void => this.#controller.abort(this.#outer?.reason);

  /** Ends the time without an abort. */
  [Symbol.dispose](): void {
    this.#outer?.removeEventListener("abort", this.#forward);
    this.#done.abort(ENDED);
  }
}
