/** Work under way that is waited for at the end. */

/** Knows what is under way; what has ended is forgotten. */
export class Tasks {
  readonly #running = new Set<Promise<unknown>>();

  /** How many have not ended. */
  get size(): number {
    return this.#running.size;
  }

  /** Takes on work, which is not to fail. */
  add(task: Promise<unknown>): void {
    this.#running.add(task);
    task.finally(() => this.#running.delete(task));
  }

  /** Resolves when all that is under way has ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }
}
