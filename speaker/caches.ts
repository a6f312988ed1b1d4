/** The caches of the API that a speaker follows. */
import { getLogger } from "@logtape/logtape";
import {
  type CustomResource,
  IP_ADDRESS_POOLS,
  L2_ADVERTISEMENTS,
} from "../mod/config/mod.ts";
import {
  type Change,
  type EndpointSlice,
  type KubeClient,
  type KubeObject,
  type Lease,
  LEASES,
  type Namespace,
  NAMESPACES,
  type Node,
  Reflector,
  type ReflectorState,
  type Resource,
  type Selection,
  type Service,
} from "../mod/kube/mod.ts";
import type { Clock } from "../mod/time/mod.ts";
import type { Dirty } from "./decisions.ts";
import { LEASE_SELECTOR } from "./leases/lease_keeper.ts";
import {
  differs,
  SERVICE_NAME,
  SPEAKER_NODES,
  SPEAKER_SERVICES,
  SPEAKER_SLICES,
} from "./projections.ts";

/** Settings of {@linkcode Caches}. */
export interface CachesOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: () => number;
  /** Namespace of the `metallb.io` resources and of the Leases. */
  readonly namespace: string;
  /** Called when the configuration may have changed. */
  readonly onConfig: () => void;
  /** Called with the Services about which decisions may have changed. */
  readonly onDirty: (dirty: Dirty) => void;
  /** Called with changes of the speakers' Leases. */
  readonly onLeases: (changes: readonly Change<Lease>[]) => void;
  /** Called with the number of objects of every batch of changes. */
  readonly onUpdates: (count: number) => void;
}

/** A cache, whatever its kind. */
type Followed = Pick<Reflector<KubeObject>, "start" | "state" | "plural">;

/** Everything that a speaker knows of the cluster. */
export class Caches {
  readonly #options: CachesOptions;
  readonly #all: Followed[] = [];
  readonly #services: Reflector<Service>;
  readonly #nodes: Reflector<Node>;
  readonly #namespaces: Reflector<Namespace>;
  readonly #pools: Reflector<CustomResource>;
  readonly #l2Advertisements: Reflector<CustomResource>;
  /** EndpointSlices by Service, each by its own key. */
  readonly #slicesByService = new Map<string, Map<string, EndpointSlice>>();

  /** Makes caches that have not begun. */
  constructor(options: CachesOptions) {
    this.#options = options;
    const { namespace, onConfig, onDirty, onLeases } = options;
    this.#services = this.#follow(
      SPEAKER_SERVICES,
      {},
      (changes) => onDirty(new Set(changes.map(({ key }) => key))),
    );
    this.#follow(
      SPEAKER_SLICES,
      {},
      (changes) => onDirty(this.#indexSlices(changes)),
    );
    this.#nodes = this.#follow(SPEAKER_NODES, {}, (changes) => {
      // Nothing at all means the first list of an empty cluster.
      if (changes.length === 0 || changes.some(differs)) onConfig();
    });
    this.#namespaces = this.#follow(NAMESPACES, {}, onConfig);
    this.#pools = this.#follow(IP_ADDRESS_POOLS, { namespace }, onConfig);
    this.#l2Advertisements = this.#follow(
      L2_ADVERTISEMENTS,
      { namespace },
      onConfig,
    );
    const speakers = { namespace, labelSelector: LEASE_SELECTOR };
    this.#follow(LEASES, speakers, onLeases);
  }

  /** Follows the server until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#all.map((cache) => cache.start(signal)));
  }

  /** Whether every cache has been complete once. */
  get areSynced(): boolean {
    return this.#all.every(({ state }) => state.kind !== "unsynced");
  }

  /** How far each cache follows the server, by the name of its kind. */
  get states(): readonly (readonly [string, ReflectorState])[] {
    return this.#all.map((cache) => [cache.plural, cache.state] as const);
  }

  /** All Services by `namespace/name`. */
  get services(): ReadonlyMap<string, Service> {
    return this.#services.store;
  }

  /** All nodes. */
  get nodes(): readonly Node[] {
    return [...this.#nodes.store.values()];
  }

  /** All namespaces. */
  get namespaces(): readonly Namespace[] {
    return [...this.#namespaces.store.values()];
  }

  /** All `IPAddressPool` objects. */
  get pools(): readonly CustomResource[] {
    return [...this.#pools.store.values()];
  }

  /** All `L2Advertisement` objects. */
  get l2Advertisements(): readonly CustomResource[] {
    return [...this.#l2Advertisements.store.values()];
  }

  /** The EndpointSlices of a Service. */
  slicesOf(service: string): readonly EndpointSlice[] {
    return [...this.#slicesByService.get(service)?.values() ?? []];
  }

  #indexSlices(changes: readonly Change<EndpointSlice>[]): Set<string> {
    const touched = new Set<string>();
    for (const change of changes) {
      if (change.type === "MODIFIED") {
        this.#unindex(change.key, change.previous, touched);
      }
      if (change.type === "DELETED") {
        this.#unindex(change.key, change.object, touched);
      } else {
        this.#index(change.key, change.object, touched);
      }
    }
    return touched;
  }

  #index(key: string, slice: EndpointSlice, touched: Set<string>): void {
    const service = serviceOf(slice);
    if (service === undefined) return;
    const slices = this.#slicesByService.get(service) ?? new Map();
    slices.set(key, slice);
    this.#slicesByService.set(service, slices);
    touched.add(service);
  }

  #unindex(key: string, slice: EndpointSlice, touched: Set<string>): void {
    const service = serviceOf(slice);
    if (service === undefined) return;
    const slices = this.#slicesByService.get(service);
    slices?.delete(key);
    if (slices?.size === 0) this.#slicesByService.delete(service);
    touched.add(service);
  }

  #follow<T extends KubeObject>(
    resource: Resource<T>,
    selection: Selection,
    onChange: (changes: readonly Change<T>[]) => void,
  ): Reflector<T> {
    const { client, clock, random, onUpdates } = this.#options;
    const log = getLogger(["herald", "speaker", "kube"]);
    const reflector = new Reflector(client, resource, {
      selection,
      clock,
      random,
      onChange: (changes) => {
        onUpdates(changes.length);
        onChange(changes);
      },
      onFailure: ({ error, delayMs }) =>
        log.warn("Cannot follow {kind}, next try in {delay} ms: {error}", {
          kind: resource.plural,
          delay: Math.round(delayMs),
          reason: error.reason,
          error: error.message,
        }),
    });
    this.#all.push(reflector);
    return reflector;
  }
}

function serviceOf({ metadata }: EndpointSlice): string | undefined {
  const name = metadata.labels?.[SERVICE_NAME];
  return name === undefined ? undefined : `${metadata.namespace ?? ""}/${name}`;
}
