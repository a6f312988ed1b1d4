/** Keeps the rules of every node in step with Services and EndpointSlices. */
import type { EndpointSlice, KubeObject, Service } from "../../mod/kube/mod.ts";
import { collection, type LabApi } from "./api.ts";
import type { DataPlane } from "./data_plane.ts";
import { type LabProcess, run } from "./process.ts";
import { renderStandIn } from "./stand_in.ts";
import { pause } from "./waiting.ts";

/** Changes that come within this time are applied together. */
const GATHER_MS = 5;
/** Pause before a broken watch starts anew. */
const RETRY_MS = 200;

const SERVICES = collection("v1", "services");
const SLICES = collection("discovery.k8s.io/v1", "endpointslices");

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}

/** The stand-in for kube-proxy on all nodes of the lab. */
export class StandIn implements DataPlane {
  readonly description = "the lab's own nftables rules, in place of kube-proxy";
  readonly processes: readonly LabProcess[] = [];
  readonly #api: LabApi;
  readonly #services = new Map<string, Service>();
  readonly #slices = new Map<string, EndpointSlice>();
  /** Rules in force, by node. */
  readonly #applied = new Map<string, string>();
  readonly #onFailure: (error: unknown) => void;
  #due: ReturnType<typeof setTimeout> | undefined;
  #lastTook = 0;
  #running: Promise<void> = Promise.resolve();

  /**
   * @param api Where the objects are.
   * @param nodes Names of the nodes that are up.
   * @param onFailure Told when rules cannot be applied.
   */
  constructor(
    api: LabApi,
    nodes: readonly string[],
    onFailure: (error: unknown) => void,
  ) {
    this.#api = api;
    this.#onFailure = onFailure;
    for (const node of nodes) this.#applied.set(node, "");
  }

  start(): Promise<void> {
    this.#track(SERVICES, this.#services);
    this.#track(SLICES, this.#slices);
    return Promise.resolve();
  }

  nodeDown(node: string): Promise<void> {
    this.#applied.delete(node);
    return Promise.resolve();
  }

  async nodeUp(node: string): Promise<void> {
    this.#applied.set(node, "");
    await this.#apply();
  }

  async #track<T extends KubeObject>(
    path: string,
    store: Map<string, T>,
  ): Promise<void> {
    // Until the lab ends, which takes this process along.
    for (;;) {
      try {
        const { items, metadata } = await this.#api.list<T>(path);
        store.clear();
        for (const item of items) store.set(keyOf(item), item);
        this.#changed();
        const from = metadata.resourceVersion;
        for await (
          const { type, object } of this.#api.watch<T>(path, from)
        ) {
          if (type === "DELETED") store.delete(keyOf(object));
          else store.set(keyOf(object), object);
          this.#changed();
        }
      } catch {
        // The server is away.
      }
      await pause(RETRY_MS);
    }
  }

  #changed(): void {
    if (this.#due !== undefined) return;
    // A large ruleset takes its time: half of it is left to everybody else.
    const wait = Math.max(GATHER_MS, this.#lastTook);
    this.#due = setTimeout(() => {
      this.#apply().catch(this.#onFailure);
    }, wait);
  }

  #apply(): Promise<void> {
    this.#running = this.#running.catch(() => {}).then(async () => {
      clearTimeout(this.#due);
      this.#due = undefined;
      const started = performance.now();
      await this.#render();
      this.#lastTook = performance.now() - started;
    });
    return this.#running;
  }

  async #render(): Promise<void> {
    const view = {
      services: [...this.#services.values()],
      endpointSlices: [...this.#slices.values()],
    };
    await Promise.all(
      [...this.#applied].map(async ([node, before]) => {
        const rules = renderStandIn(view, node);
        if (rules === before) return;
        await run(["ip", "netns", "exec", node, "nft", "-f", "-"], rules);
        if (this.#applied.has(node)) this.#applied.set(node, rules);
      }),
    );
  }
}
