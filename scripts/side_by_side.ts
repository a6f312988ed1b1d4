/** Jobs that run side by side and are told one after another. */

/** Where bytes go, such as `Deno.stdout`. */
export interface Output {
  /** Writes bytes at once. */
  writeSync(bytes: Uint8Array): number;
}

/** What a job writes: held back until all before it have ended. */
export class Page {
  /** Nothing once the page is open. */
  #held: (() => void)[] | undefined = [];

  /** An output that keeps to the order of the jobs. */
  over(output: Output): Output {
    return {
      writeSync: (bytes) => {
        if (this.#held === undefined) return output.writeSync(bytes);
        const copy = bytes.slice();
        this.#held.push(() => output.writeSync(copy));
        return bytes.length;
      },
    };
  }

  /** Writes what was held back, and what comes from now on at once. */
  open(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const write of held) write();
  }
}

/** Something to do. */
export interface Job<T> {
  /** It keeps all cores busy by itself: nothing runs beside it. */
  readonly alone: boolean;
  /** Does it, and writes to the page only. */
  readonly run: (page: Page) => Promise<T>;
}

/**
 * Does all jobs in their order, several at once unless they are to be alone.
 * The first that has not ended writes at once, those after it when it has.
 *
 * @param jobs The jobs; of those that are not alone the longest go first.
 * @param atOnce How many run at once.
 * @returns What they gave, in their order.
 * @throws What one of them threw; the others are not waited for then.
 */
export async function runSideBySide<T>(
  jobs: readonly Job<T>[],
  atOnce: number,
): Promise<readonly T[]> {
  const begun: Promise<T>[] = [];
  const running = new Set<Promise<T>>();
  for (const { alone, run } of jobs) {
    while (running.size >= (alone ? 1 : atOnce)) await Promise.race(running);
    const page = new Page();
    const before = Promise.all(begun);
    const ended = run(page).finally(() => running.delete(ended));
    running.add(ended);
    begun.push(ended);
    before.then(() => page.open(), () => page.open());
    if (alone) await ended;
  }
  return await Promise.all(begun);
}
