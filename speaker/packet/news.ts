import {
  CONTROL,
  type PacketEvent,
  type SharedMemory,
  WORKER_STATES,
  type WorkerState,
} from "../../mod/layer2/mod.ts";

/** The worker's voice: everything it tells the main thread goes through here. */
export class News {
  readonly #memory: SharedMemory;

  /**
   * Speaks through shared memory.
   *
   * @param memory Shared with the main thread.
   */
  constructor(memory: SharedMemory) {
    this.#memory = memory;
  }

  /** Tells an event. */
  report(event: PacketEvent): void {
    this.#memory.events.push(event);
    this.#wake();
  }

  /** Tells an event that may be left out where many happen at once. */
  mention(event: PacketEvent): void {
    if (this.#memory.events.isBusy) return;
    this.report(event);
  }

  /** Tells that something is new on the board of claims. */
  claimsChanged(): void {
    Atomics.add(this.#memory.control, CONTROL.claims, 1);
    this.#wake();
  }

  /** Tells that beats of all living members come, or do not any more. */
  hearingChanged(): void {
    this.#wake();
  }

  /** Tells that interfaces have changed. */
  linksChanged(): void {
    Atomics.add(this.#memory.control, CONTROL.links, 1);
    this.#wake();
  }

  /** Tells that a generation is in force. */
  applied(generation: number): void {
    Atomics.store(this.#memory.control, CONTROL.applied, generation);
    this.#wake();
  }

  /** Tells where the worker is. */
  state(state: WorkerState): void {
    const index = WORKER_STATES.indexOf(state);
    Atomics.store(this.#memory.control, CONTROL.state, index);
    this.#wake();
  }

  #wake(): void {
    Atomics.add(this.#memory.control, CONTROL.news, 1);
    Atomics.notify(this.#memory.control, CONTROL.news);
  }
}
