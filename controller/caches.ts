/** What the controller knows of the cluster. */
import type { Logger } from "@logtape/logtape";
import { type CustomResource, IP_ADDRESS_POOLS } from "../mod/config/mod.ts";
import {
  type KubeClient,
  type KubeObject,
  type Namespace,
  NAMESPACES,
  Reflector,
  type ReflectorState,
  type Resource,
  type Selection,
  type Service,
  SERVICES,
} from "../mod/kube/mod.ts";
import type { Clock } from "../mod/time/mod.ts";

/** What the caches need. */
export interface CacheOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** A number in `[0, 1)`, for jitter. */
  readonly random: () => number;
  readonly log: Logger;
  /** Namespace of the `metallb.io` resources. */
  readonly namespace: string;
  /** Told of Services that changed, by key; only once all caches are complete. */
  readonly onServices: (keys: readonly string[]) => void;
  /** Told that pools or namespaces may have changed; as above. */
  readonly onConfig: () => void;
}

/** The caches of Services, namespaces and pools. */
export class Caches {
  readonly #services: Reflector<Service>;
  readonly #namespaces: Reflector<Namespace>;
  readonly #pools: Reflector<CustomResource>;
  readonly #options: CacheOptions;
  #complete = false;
  #followsServices = false;

  /** Makes caches that follow nothing yet. */
  constructor(options: CacheOptions) {
    const { namespace, onServices, onConfig } = options;
    this.#options = options;
    this.#services = this.#reflect(SERVICES, {}, onServices);
    this.#namespaces = this.#reflect(NAMESPACES, {}, onConfig);
    this.#pools = this.#reflect(IP_ADDRESS_POOLS, { namespace }, onConfig);
  }

  /** All Services by `namespace/name`. */
  get services(): ReadonlyMap<string, Service> {
    return this.#services.store;
  }

  /** All namespaces. */
  get namespaces(): readonly Namespace[] {
    return [...this.#namespaces.store.values()];
  }

  /** The resources of the pools. */
  get pools(): readonly CustomResource[] {
    return [...this.#pools.store.values()];
  }

  /** Whether every cache has listed its kind. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Whether Services are being followed, or will be only later. */
  get followsServices(): boolean {
    return this.#followsServices;
  }

  /** How far each cache follows the server, by the name of the kind in URLs. */
  states(): ReadonlyMap<string, ReflectorState> {
    const all = [this.#services, this.#namespaces, this.#pools];
    return new Map(all.map(({ plural, state }) => [plural, state]));
  }

  /**
   * Follows the configuration at once and Services from `mayFollowServices`
   * on; ends with the signal.
   *
   * @param onComplete Called when every kind has been listed.
   */
  async run(
    signal: AbortSignal,
    mayFollowServices: Promise<void>,
    onComplete: () => void,
  ): Promise<void> {
    const later = mayFollowServices.then(() => {
      this.#followsServices = true;
      return this.#services.start(signal);
    });
    const all = [this.#services, this.#namespaces, this.#pools];
    const listed = Promise.all(all.map(({ synced }) => synced)).then(() => {
      this.#complete = true;
      if (!signal.aborted) onComplete();
    });
    await Promise.all([
      later,
      this.#namespaces.start(signal),
      this.#pools.start(signal),
      Promise.race([listed, ended(signal)]),
    ]);
  }

  #reflect<T extends KubeObject>(
    resource: Resource<T>,
    selection: Selection,
    onKeys: (keys: readonly string[]) => void,
  ): Reflector<T> {
    const { client, clock, random, log } = this.#options;
    return new Reflector(client, resource, {
      selection,
      clock,
      random,
      onChange: (changes) => {
        if (this.#complete) onKeys(changes.map(({ key }) => key));
      },
      onFailure: ({ error, delayMs }) =>
        log.warn("Cannot watch {kind}, next try in {delay} ms: {error}", {
          kind: resource.plural,
          delay: Math.round(delayMs),
          error: error.message,
        }),
    });
  }
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
