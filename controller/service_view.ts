/** The newest known state of each Service: watch, or answer to our own call. */
import type { Service } from "../mod/kube/mod.ts";

/**
 * A cache lags behind our own writes; deciding on what it shows would undo
 * them. This keeps the answers of the API server until the watch has caught
 * up with them.
 */
export class ServiceView {
  readonly #cache: () => ReadonlyMap<string, Service>;
  readonly #answers = new Map<string, Service>();

  /** Looks at a cache, keyed `namespace/name`. */
  constructor(cache: () => ReadonlyMap<string, Service>) {
    this.#cache = cache;
  }

  /** The newest state of a Service; `undefined` when it is gone. */
  get(key: string): Service | undefined {
    const cached = this.#cache().get(key);
    const answer = this.#answers.get(key);
    if (answer === undefined) return cached;
    if (cached !== undefined && isNewer(answer, cached)) return answer;
    this.#answers.delete(key);
    return cached;
  }

  /** All keys of the cache. */
  keys(): Iterable<string> {
    return this.#cache().keys();
  }

  /** Notes what the API server answered; `undefined` = there is no such Service. */
  note(key: string, answer: Service | undefined): void {
    const cached = this.#cache().get(key);
    const isNews = answer !== undefined &&
      (cached === undefined || isNewer(answer, cached));
    if (isNews) this.#answers.set(key, answer);
    else this.#answers.delete(key);
  }
}

/** Whether `a` is a later state than `b`; resource versions count upwards. */
function isNewer(a: Service, b: Service): boolean {
  const [first, second] = [version(a), version(b)];
  return first !== undefined && second !== undefined && first > second;
}

function version({ metadata }: Service): bigint | undefined {
  const { resourceVersion = "" } = metadata;
  return /^\d+$/.test(resourceVersion) ? BigInt(resourceVersion) : undefined;
}
