/** A cluster in which histories happen, with a controller that runs in it. */
import { getLogger } from "@logtape/logtape";
import {
  type Controller,
  startController,
} from "../../controller/controller.ts";
import {
  type KubeClient,
  KubeError,
  listAll,
  type Service,
  SERVICES,
} from "../../mod/kube/mod.ts";
import { Registry } from "../../mod/telemetry/mod.ts";
import type { Clock } from "../../mod/time/mod.ts";
import { addressesOf, AddressLedger } from "../roles/address_ledger.ts";
import { type Action, LAYOUTS, type Shape, type Wish } from "./actions.ts";
import { judgeSettled, type Pools } from "./judge.ts";
import {
  annotationsOf,
  NAMESPACE,
  serviceObject,
  specOf,
  stackOf,
} from "./objects.ts";
import {
  changePools,
  createPools,
  deletePools,
  EVERYWHERE,
  FENCE,
  SYSTEM_NAMESPACE,
} from "./pools.ts";
import { watchedClient } from "./watched_client.ts";

/** Services that are none of the controller's business. */
const BYSTANDERS = ["bystander-type", "bystander-class"];

/** What a world is made of. */
export interface WorldOptions {
  /** The cluster, without Services of its own but "kubernetes". */
  readonly client: KubeClient;
  /** The controller's clock. */
  readonly clock: Clock;
  /** Lets a moment of the controller's time pass. */
  readonly tick: () => Promise<void>;
}

/** What the API server answers to what comes too late, or twice. */
function isRace(error: unknown): boolean {
  return error instanceof KubeError && [404, 409].includes(error.code);
}

function keyOf(name: string): {
  readonly name: string;
  readonly namespace: string;
} {
  return { name, namespace: NAMESPACE };
}

/** One cluster, one controller, and a ledger of all that they write. */
export class World implements AsyncDisposable {
  readonly #options: WorldOptions;
  readonly #ledger: AddressLedger;
  readonly #stop = new AbortController();
  readonly #following: Promise<void>;
  readonly #violations: string[] = [];
  readonly #registry = new Registry();
  readonly #bystanders = new Map<string, string>();
  /** Sharing keys that each Service ever had. */
  readonly #offers = new Map<string, Set<string>>();
  #controller: Controller | undefined;
  #pools: Pools = LAYOUTS[0];
  #fences = 0;

  private constructor(options: WorldOptions) {
    this.#options = options;
    this.#ledger = new AddressLedger(
      options.client,
      EVERYWHERE,
      (a, b) => this.#haveShared(a, b),
    );
    this.#following = this.#ledger.run(this.#stop.signal);
  }

  /** Makes the pools, the bystanders and the fence, and starts the controller. */
  static async open(options: WorldOptions): Promise<World> {
    const world = new World(options);
    await createPools(options.client);
    await world.#createBystanders();
    await world.#create(FENCE, {}, { "metallb.io/address-pool": FENCE });
    world.#start();
    await world.settle();
    return world;
  }

  /** What was ever wrong so far, one sentence each. */
  get violations(): readonly string[] {
    return [...this.#ledger.violations, ...this.#violations];
  }

  /** Performs an action. What comes too late, or twice, does nothing. */
  async act(action: Action): Promise<void> {
    switch (action.kind) {
      case "rest":
        return await this.check();
      case "restart":
        return await this.restart();
      case "layout":
        return await this.#setLayout(action.layout);
      default:
        try {
          await this.#change(action);
        } catch (error) {
          if (!isRace(error)) throw error;
        }
    }
  }

  /** Lets everything settle and notes what is wrong then. */
  async check(): Promise<void> {
    await this.settle();
    const services = await this.#services();
    this.#violations.push(...judgeSettled(services, this.#pools));
    for (const [name, version] of this.#bystanders) {
      const found = await this.#options.client.get(SERVICES, keyOf(name));
      if (found.metadata.resourceVersion === version) continue;
      this.#violations.push(`${name} was written`);
    }
  }

  /** A restart changes nothing: notes every Service that it wrote. */
  async restart(): Promise<void> {
    await this.settle();
    const before = await this.#versions();
    await this.#controller?.stop();
    this.#start();
    await this.settle();
    for (const [name, version] of await this.#versions()) {
      if (before.get(name) === version) continue;
      this.#violations.push(`a restart wrote ${name}`);
    }
  }

  /**
   * Deletes everything, then takes every IPv4 address: whatever was released
   * is free again.
   */
  async drain(): Promise<void> {
    for (const { metadata } of await this.#services()) {
      await this.#options.client.delete(SERVICES, keyOf(metadata.name));
    }
    await this.settle();
    const total = Object.values(this.#pools)
      .reduce((sum, { size }) => sum + size, 0);
    for (let index = 0; index < total; index++) {
      await this.#create(`filler-${index}`, {}, {});
    }
    await this.check();
    const served = (await this.#services()).flatMap(addressesOf);
    if (served.length === total) return;
    this.#violations.push(`only ${served.length} of ${total} are free again`);
  }

  /** Waits until the controller has seen and done everything. */
  async settle(): Promise<void> {
    const { client } = this.#options;
    const address = `203.0.113.${this.#fences++ % 2}`;
    const annotations = { "metallb.io/loadBalancerIPs": address };
    await client.patch(SERVICES, keyOf(FENCE), {
      type: "merge",
      body: { metadata: { annotations } },
    });
    const isPassed = async (): Promise<boolean> => {
      const fence = await client.get(SERVICES, keyOf(FENCE));
      return addressesOf(fence).join() === address &&
        await this.#gauge("herald_controller_queue_depth") === 0;
    };
    while (!await isPassed()) await this.#options.tick();
  }

  async #gauge(name: string): Promise<number> {
    this.#controller?.observe();
    const text = await this.#registry.metrics();
    const line = text.split("\n").find((one) => one.startsWith(`${name} `));
    return Number(line?.split(" ").at(-1) ?? Number.NaN);
  }

  #start(): void {
    this.#registry.clear();
    const { client, clock } = this.#options;
    this.#controller = startController({
      namespace: SYSTEM_NAMESPACE,
      loadBalancerClass: "",
    }, {
      client: watchedClient(client, (problem) => {
        this.#violations.push(problem);
      }),
      clock,
      random: () => 0.5,
      log: getLogger(["herald", "test"]),
      registry: this.#registry,
    });
  }

  async #change(
    action: Extract<Action, { readonly name: string }>,
  ): Promise<void> {
    const { client } = this.#options;
    const key = keyOf(action.name);
    switch (action.kind) {
      case "delete":
        return await client.delete(SERVICES, key);
      case "retype": {
        const body = { spec: { type: action.type } };
        await client.patch(SERVICES, key, { type: "merge", body });
        return;
      }
      case "apply":
        await this.#apply(action.name, action.shape, action.wish);
    }
  }

  /**
   * The rule of every moment: users change what their Services share while
   * these hold addresses and while statuses are written. Those that have
   * settled are judged by the letter.
   */
  #haveShared(a: Service, b: Service): boolean {
    const offers = this.#offers.get(a.metadata.name);
    const others = this.#offers.get(b.metadata.name);
    return offers !== undefined && others !== undefined &&
      !offers.isDisjointFrom(others);
  }

  async #apply(name: string, shape: Shape, wish: Wish): Promise<void> {
    const offers = this.#offers.get(name) ?? new Set();
    this.#offers.set(name, offers);
    if (wish.sharingKey !== null) offers.add(wish.sharingKey);
    try {
      const spec = { ...specOf(wish), ...stackOf(shape) };
      return await this.#create(name, spec, annotationsOf(wish));
    } catch (error) {
      if (!isRace(error)) throw error;
    }
    const annotations = {
      "metallb.io/address-pool": wish.pool,
      "metallb.io/allow-shared-ip": wish.sharingKey,
    };
    const spec = { loadBalancerIP: null, ...specOf(wish) };
    await this.#options.client.patch(SERVICES, keyOf(name), {
      type: "merge",
      body: { metadata: { annotations }, spec },
    });
  }

  async #create(
    name: string,
    spec: Partial<Service["spec"]>,
    annotations: Readonly<Record<string, string>>,
  ): Promise<void> {
    const service = serviceObject(name, spec, annotations);
    await this.#options.client.create(SERVICES, service);
  }

  async #createBystanders(): Promise<void> {
    const specs: readonly Partial<Service["spec"]>[] = [
      { type: "ClusterIP" },
      { loadBalancerClass: "example.com/other" },
    ];
    for (const [index, name] of BYSTANDERS.entries()) {
      await this.#create(name, specs[index] ?? {}, {});
      const found = await this.#options.client.get(SERVICES, keyOf(name));
      this.#bystanders.set(name, found.metadata.resourceVersion ?? "");
    }
  }

  async #setLayout(layout: 0 | 1): Promise<void> {
    const pools = LAYOUTS[layout];
    await changePools(this.#options.client, pools);
    this.#pools = pools;
    for (const [name, { size }] of Object.entries(pools)) {
      const gauge = `metallb_allocator_ipv4_addresses_total{pool="${name}"}`;
      while (await this.#gauge(gauge) !== size) await this.#options.tick();
    }
  }

  /** The Services of the history. */
  async #services(): Promise<readonly Service[]> {
    const all = await listAll(this.#options.client, SERVICES);
    return all.filter(({ metadata: { name, namespace } }) =>
      namespace === NAMESPACE && !BYSTANDERS.includes(name) &&
      name !== FENCE && name !== "kubernetes"
    );
  }

  async #versions(): Promise<ReadonlyMap<string, string>> {
    return new Map(
      (await this.#services()).map(({ metadata }) => [
        metadata.name,
        metadata.resourceVersion ?? "",
      ]),
    );
  }

  /** Ends the controller and removes everything from the cluster. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#controller?.stop();
    const { client } = this.#options;
    const names = (await this.#services()).map(({ metadata }) => metadata.name);
    for (const name of [...names, FENCE, ...BYSTANDERS]) {
      await client.delete(SERVICES, keyOf(name));
    }
    await deletePools(client);
    this.#stop.abort();
    await this.#following;
  }
}
