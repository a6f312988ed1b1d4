/** A clock that stands still until a test moves it. */

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Time for tests: sleepers wake in order while it is advanced. */
export class ManualClock {
  #now = 0;
  readonly #sleepers = new Set<Sleeper>();

  /** How many wait at present. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** Milliseconds since the clock was made. */
  now(): number {
    return this.#now;
  }

  /** The date, counted from the year 2000. */
  date(): Date {
    return new Date(Date.UTC(2000, 0, 1) + this.#now);
  }

  /** Waits until the clock has been moved that far, or the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const sleeper: Sleeper = {
        at: this.#now + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal?.removeEventListener("abort", sleeper.wake);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", sleeper.wake);
    });
  }

  /** Moves the clock while nobody wakes, as for a process that was stopped. */
  jump(ms: number): void {
    this.#now += ms;
  }

  /**
   * Moves the clock, waking sleepers in order and letting them act.
   *
   * @param act Lets who woke act; by default until nothing is left to do, which
   * takes milliseconds each time.
   */
  async advance(
    ms: number,
    act: () => Promise<void> = settle,
  ): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const next = [...this.#sleepers].filter(({ at }) => at <= end)
        .sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      await act();
    }
    this.#now = end;
  }
}

/** Lets everything that is ready run: microtasks and one turn of the loop. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}
