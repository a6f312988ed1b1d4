/**
 * Two controllers that are killed and paused at random, while Services come,
 * change and go. For a longer run: `HERALD_SOAK_SECONDS=600 HERALD_SOAK_SEED=7
 * deno test -P=test tests/roles/controller_faults_test.ts`.
 */
import { assert, assertEquals } from "@std/assert";
import { KubeError, type Service, SERVICES } from "../../mod/kube/mod.ts";
import { ControllerCluster } from "../controller_cluster.ts";
import { service } from "../controller_rig.ts";
import { kubernetesTest } from "../kubernetes/mod.ts";
import { addressesOf, AddressLedger } from "./address_ledger.ts";
import type { RoleProcess } from "./role_process.ts";

const POOLS = ["192.0.2.0/28", "2001:db8::/124"];
const CAPACITY = 16;
const NAMES = 24;
const FLAGS = ["--leader-lease-duration", "1", "--leader-lease-renew", "0.2"];

/** The same sequence for a seed (a linear congruential generator). */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(this.#state / 2 ** 32 * limit);
  }

  pick<T>(...choices: readonly [T, ...T[]]): T {
    return choices[this.below(choices.length)] ?? choices[0];
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Two replicas, each of which is killed and started anew, or stands still. */
class Replicas implements AsyncDisposable {
  readonly #cluster: ControllerCluster;
  readonly #running: RoleProcess[];
  /** How often one was killed, or stood still. */
  faults = 0;

  constructor(cluster: ControllerCluster) {
    this.#cluster = cluster;
    this.#running = [cluster.controller(FLAGS), cluster.controller(FLAGS)];
  }

  async disturb(dice: Dice): Promise<void> {
    const at = dice.below(2);
    const one = this.#running[at];
    if (one === undefined) return;
    this.faults++;
    if (dice.below(3) === 0) {
      Deno.kill(one.pid, "SIGKILL");
      await one.stop();
      this.#running[at] = this.#cluster.controller(FLAGS);
      return;
    }
    Deno.kill(one.pid, "SIGSTOP");
    await pause(dice.pick(50, 300, 1200, 1600));
    Deno.kill(one.pid, "SIGCONT");
  }

  async restart(): Promise<void> {
    await Promise.all(this.#running.map((one) => one.stop()));
    this.#running.splice(0, 2, this.#cluster.controller(FLAGS));
  }

  /** Waits until the only replica leads and has looked at so many Services. */
  async looked(services: number): Promise<void> {
    const [one] = this.#running;
    const count = /^herald_controller_reconcile_duration_seconds_count (\d+)$/m;
    await one?.until(
      "/metrics",
      ({ text }) =>
        text.includes("herald_leader 1\n") &&
        text.includes("herald_controller_queue_depth 0\n") &&
        Number(count.exec(text)?.[1]) >= services,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#running.map((one) => one.stop()));
  }
}

/** Services that come, change and go; what is gone or there already is fine. */
class Workload {
  readonly #cluster: ControllerCluster;
  readonly #dice: Dice;
  steps = 0;

  constructor(cluster: ControllerCluster, dice: Dice) {
    this.#cluster = cluster;
    this.#dice = dice;
  }

  async step(): Promise<void> {
    this.steps++;
    const name = `s${this.#dice.below(NAMES)}`;
    try {
      await this.#act(name);
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      assert([404, 409].includes(error.code), error.message);
    }
  }

  async #act(name: string): Promise<void> {
    const { client } = this.#cluster;
    const key = { name, namespace: "default" };
    switch (this.#dice.below(6)) {
      case 0:
        return await client.delete(SERVICES, key);
      case 1: {
        const type = this.#dice.pick("ClusterIP", "LoadBalancer");
        await client.patch(SERVICES, key, merge({ spec: { type } }));
        return;
      }
      case 2: {
        const wanted = `192.0.2.${this.#dice.below(CAPACITY)}`;
        const loadBalancerIP = this.#dice.pick(null, wanted);
        await client.patch(SERVICES, key, merge({ spec: { loadBalancerIP } }));
        return;
      }
      default:
        await client.create(SERVICES, this.#newService(name));
    }
  }

  #newService(name: string): Service {
    const port = 8000 + Number(name.slice(1));
    const shared = { "metallb.io/allow-shared-ip": "k" };
    const ports = [{ port, protocol: "TCP" }];
    const both = {
      ipFamilyPolicy: "PreferDualStack",
      ipFamilies: ["IPv4", "IPv6"],
    };
    return this.#dice.pick(
      service(name, { ports }),
      service(name, { ports }, shared),
      service(name, { ports, ...both }),
    );
  }
}

function merge(
  body: unknown,
): { readonly type: "merge"; readonly body: unknown } {
  return { type: "merge", body };
}

/** Whether every Service has what it is to have, when there is enough for all. */
function isServed(services: ReadonlyMap<string, Service>): boolean {
  return [...services.values()].every((one) =>
    one.spec.type === "LoadBalancer"
      ? addressesOf(one).length === (one.spec.clusterIPs?.length ?? 1)
      : addressesOf(one).length === 0
  );
}

/** Leaves so many Services, none of which asks for an address. */
async function thinOut(
  { client }: ControllerCluster,
  ledger: AddressLedger,
  left: number,
): Promise<void> {
  const all = [...ledger.services.values()]
    .filter(({ metadata }) => metadata.namespace === "default");
  for (const [index, { metadata }] of all.entries()) {
    const { name } = metadata;
    const key = { name, namespace: "default" };
    if (name === "kubernetes") continue;
    if (index >= left) await client.delete(SERVICES, key);
    else {
      const body = merge({ spec: { loadBalancerIP: null } });
      await client.patch(SERVICES, key, body);
    }
  }
}

/** Takes every address that nobody holds: none was lost. */
async function fillUp(
  { client }: ControllerCluster,
  ledger: AddressLedger,
): Promise<void> {
  const held = new Set(
    [...ledger.services.values()].flatMap(addressesOf)
      .filter((ip) => ip.includes(".")),
  );
  const free = CAPACITY - held.size;
  for (let index = 0; index < free; index++) {
    await client.create(SERVICES, service(`filler-${index}`));
  }
  await ledger.until((services) =>
    isServed(services) &&
    [...services.keys()].filter((key) => key.includes("filler")).length === free
  );
}

function versions(ledger: AddressLedger): readonly (readonly string[])[] {
  return [...ledger.services].map(([key, { metadata }]) => [
    key,
    metadata.resourceVersion ?? "",
  ]);
}

const seconds = Number(Deno.env.get("HERALD_SOAK_SECONDS") ?? 20);
const seed = Number(
  Deno.env.get("HERALD_SOAK_SEED") ?? Math.floor(Math.random() * 2 ** 31),
);

await kubernetesTest(
  "controllers killed and paused at random lose no address and give none twice",
  async () => {
    console.info(`HERALD_SOAK_SEED=${seed}`);
    const stop = new AbortController();
    await using cluster = await ControllerCluster.start();
    await cluster.createPool("p", POOLS);
    const ledger = new AddressLedger(cluster.client, POOLS);
    const following = ledger.run(stop.signal);
    {
      await using replicas = new Replicas(cluster);
      const end = performance.now() + seconds * 1000;
      const [workload, faults] = [
        new Workload(cluster, new Dice(seed)),
        new Dice(seed + 1),
      ];
      const work = async (): Promise<void> => {
        while (performance.now() < end || workload.steps <= 100) {
          await workload.step();
          await pause(10);
        }
      };
      const disturb = async (): Promise<void> => {
        while (performance.now() < end || replicas.faults <= 5) {
          await pause(100 + faults.below(700));
          await replicas.disturb(faults);
        }
      };
      await Promise.all([work(), disturb()]);
      assertEquals(ledger.violations, []);
      await thinOut(cluster, ledger, CAPACITY / 2);
      await ledger.until((services) =>
        services.size <= CAPACITY / 2 + 1 && isServed(services)
      );
      await fillUp(cluster, ledger);
      const before = versions(ledger);
      await replicas.restart();
      await replicas.looked(ledger.services.size);
      assertEquals(versions(ledger), before);
      assertEquals(ledger.violations, []);
    }
    stop.abort();
    await following;
  },
);
