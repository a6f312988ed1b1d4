import { fuzz, type Report } from "./fuzz.ts";
import { targets } from "./targets.ts";

/** What the worker is asked to do. */
export interface FuzzRequest {
  readonly names: readonly string[];
  readonly seed: number;
  readonly millisecondsEach: number;
  /** Two 32-bit numbers that tell where it is: position in `names`, execution. */
  readonly progress: SharedArrayBuffer;
}

/** The part of a worker's global scope that is used here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<FuzzRequest>) => void) | null;
  postMessage(message: Report): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = ({ data }): void => {
  const progress = new Int32Array(data.progress);
  for (const [position, name] of data.names.entries()) {
    const target = targets.find((target) => target.name === name);
    if (target === undefined) {
      throw new RangeError(`There is no target "${name}"`);
    }
    Atomics.store(progress, 0, position);
    scope.postMessage(fuzz(target, {
      seed: data.seed,
      goesOn: (_index, elapsedMs) => elapsedMs < data.millisecondsEach,
      now: () => performance.now(),
      onStart: (index) => Atomics.store(progress, 1, index),
    }));
  }
};
