/** A controller in an embedded cluster, for its integration tests. */
import { getLogger } from "@logtape/logtape";
import { Registry } from "../mod/telemetry/mod.ts";
import { type Controller, startController } from "../controller/controller.ts";
import { type CustomResource, IP_ADDRESS_POOLS } from "../mod/config/mod.ts";
import { NAMESPACES, type Service, SERVICES } from "../mod/kube/mod.ts";
import { EmbeddedCluster } from "./embedded_cluster.ts";
import { ManualClock, settle } from "./manual_clock.ts";

/** Namespace of the controller's own resources. */
export const NAMESPACE = "metallb-system";

/** An IPAddressPool. */
export function pool(name: string, ...addresses: string[]): CustomResource {
  return {
    apiVersion: "metallb.io/v1beta1",
    kind: "IPAddressPool",
    metadata: { name, namespace: NAMESPACE },
    spec: { addresses },
  };
}

/** A Service that wants an address, with these differences. */
export function service(
  name: string,
  spec: Partial<Service["spec"]> = {},
  annotations: Readonly<Record<string, string>> = {},
): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "default", annotations },
    spec: {
      type: "LoadBalancer",
      ports: [{ name: "http", port: 80, protocol: "TCP" }],
      selector: { app: name },
      ...spec,
    },
  };
}

/** The addresses of a status, joined by blanks. */
export function addresses(service: Service | undefined): string {
  const ingress = service?.status?.loadBalancer?.ingress ?? [];
  return ingress.map(({ ip }) => ip).join(" ");
}

/** A cluster with pools, and a controller that runs in it. */
export class Rig implements AsyncDisposable {
  readonly cluster = new EmbeddedCluster();
  readonly clock = new ManualClock();
  readonly registry = new Registry();
  #controller: Controller | undefined;

  /** A cluster in which these pools exist already. */
  static async withPools(...pools: CustomResource[]): Promise<Rig> {
    const rig = new Rig();
    await rig.cluster.client.create(NAMESPACES, {
      metadata: { name: NAMESPACE },
    });
    await rig.createPools(...pools);
    return rig;
  }

  async createPools(...pools: CustomResource[]): Promise<void> {
    for (const one of pools) {
      await this.cluster.client.create(IP_ADDRESS_POOLS, one);
    }
  }

  start(loadBalancerClass = ""): Controller {
    this.#controller = startController(
      { namespace: NAMESPACE, loadBalancerClass, retryInterval: 3_600_000 },
      {
        client: this.cluster.client,
        clock: this.clock,
        random: () => 0.5,
        log: getLogger(["herald", "test"]),
        registry: this.registry,
      },
    );
    return this.#controller;
  }

  async restart(): Promise<void> {
    await this.#controller?.stop();
    this.registry.clear();
    this.start();
  }

  create(one: Service): Promise<Service> {
    return this.cluster.client.create(SERVICES, one);
  }

  async change(
    name: string,
    change: (service: Service) => Service,
  ): Promise<void> {
    const { client } = this.cluster;
    const key = { name, namespace: "default" };
    await client.replace(SERVICES, change(await client.get(SERVICES, key)));
  }

  async remove(name: string): Promise<void> {
    const key = { name, namespace: "default" };
    await this.cluster.client.delete(SERVICES, key);
  }

  /** Waits until these Services have exactly these addresses. */
  async has(wanted: Readonly<Record<string, string>>): Promise<void> {
    await this.cluster.until(
      SERVICES,
      (services) =>
        Object.entries(wanted).every(([name, ips]) =>
          services.has(name) && addresses(services.get(name)) === ips
        ),
    );
  }

  /** Lets the configuration settle until it has so many problems. */
  async problems(controller: Controller, least: number): Promise<string> {
    while (controller.ready().problems.length < least) {
      await this.clock.advance(50);
    }
    return controller.ready().problems.join("\n");
  }

  /** Lets everything run until such a request was made so often. */
  async requested(pattern: RegExp, times = 1): Promise<void> {
    const { requests } = this.cluster;
    while (requests.filter((one) => pattern.test(one)).length < times) {
      await settle();
    }
  }

  statusWrites(): number {
    return this.cluster.requests.filter((request) =>
      /^(PATCH|PUT) .*\/services\/[^/]+\/status$/.test(request)
    ).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#controller?.stop();
    this.cluster[Symbol.dispose]();
  }
}
