import { type Service, SERVICES } from "../../mod/kube/mod.ts";
import { manifestEnvironment } from "../engine_flags.ts";
import { ControllerCluster } from "../../tests/controller_cluster.ts";
import {
  addressesOf,
  AddressLedger,
} from "../../tests/roles/address_ledger.ts";
import type { RoleProcess } from "../../tests/roles/role_process.ts";

/** The pool of every figure: room for whatever they make. */
export const POOL = "10.0.0.0/16";
/** Folder of the bundle. */
export const DIST = new URL("../../dist", import.meta.url).pathname;
/** Connections of the bare client, which is what all else is compared with. */
export const CONNECTIONS = 4;
/** A class that no controller serves. */
const FOREIGN_CLASS = "example.com/bare";

/** How the controller is run. */
export type Variant = "bundled" | "from source";

/** A real kube-apiserver, a bare client, and controllers that come and go. */
export class ControllerLab implements AsyncDisposable {
  readonly cluster: ControllerCluster;
  /** What the API server says of all Services. */
  readonly ledger: AddressLedger;
  readonly #stop = new AbortController();
  readonly #following: Promise<void>;
  readonly #http: Deno.HttpClient;

  private constructor(cluster: ControllerCluster) {
    this.cluster = cluster;
    this.ledger = new AddressLedger(cluster.client, [POOL]);
    this.#following = this.ledger.run(this.#stop.signal);
    // Over HTTP/2 there would be one connection, whatever is asked for.
    this.#http = Deno.createHttpClient({
      caCerts: [cluster.plane.caPem],
      http2: false,
    });
  }

  /** Starts the control plane and creates a pool. */
  static async make(): Promise<ControllerLab> {
    const cluster = await ControllerCluster.start();
    await cluster.createPool("p", [POOL]);
    return new ControllerLab(cluster);
  }

  /** Starts a controller, bundled as the manifests do. */
  controller(variant: Variant): RoleProcess {
    if (variant === "from source") return this.cluster.controller();
    return this.cluster.controller([], {
      entry: "dist/main.js",
      env: manifestEnvironment("controller"),
      permissions: [`--allow-read=${DIST}`],
    });
  }

  /** Creates Services over the bare client's connections. */
  async create(
    prefix: string,
    count: number,
    isForeign = false,
  ): Promise<readonly string[]> {
    const names = Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
    await this.each(names, async (name) => {
      await this.send("POST", "", serviceNamed(name, isForeign));
    });
    return names;
  }

  /** Does something for every item, on so many connections at once. */
  async each<T>(
    items: readonly T[],
    work: (item: T, index: number) => Promise<void>,
  ): Promise<void> {
    const queue = [...items.entries()].values();
    await Promise.all(
      Array.from({ length: CONNECTIONS }, async () => {
        for (const [index, item] of queue) await work(item, index);
      }),
    );
  }

  /** One request about Services, without anything around it. */
  async send(method: string, path: string, body?: unknown): Promise<unknown> {
    const { server, token } = this.cluster.plane;
    const answer = await fetch(
      `${server}/api/v1/namespaces/default/services${path}`,
      {
        client: this.#http,
        method,
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
        },
        ...body === undefined ? {} : { body: JSON.stringify(body) },
      },
    );
    if (answer.ok) return await answer.json();
    throw new Error(`${method} ${path}: ${await answer.text()}`);
  }

  /** Time of so many statuses by a client that does nothing else, in ms. */
  async bareTime(count: number): Promise<number> {
    const names = await this.create("bare", count, true);
    const objects = await Promise.all(
      names.map((name) => this.send("GET", `/${name}`)),
    );
    const begun = performance.now();
    await this.each(objects, async (object, index) => {
      const ip = `10.1.${index >> 8}.${index & 255}`;
      const status = { loadBalancer: { ingress: [{ ip, ipMode: "VIP" }] } };
      const body = { ...object as Record<string, unknown>, status };
      await this.send("PUT", `/${names[index]}/status`, body);
    });
    const took = performance.now() - begun;
    await this.remove(names);
    return took;
  }

  /** Deletes Services. */
  async remove(names: readonly string[]): Promise<void> {
    await this.each(names, async (name) => {
      await this.cluster.client.delete(SERVICES, {
        name,
        namespace: "default",
      });
    });
  }

  /** Waits until all of these have an address; gives the time of the last. */
  async served(names: readonly string[]): Promise<number> {
    const keys = names.map((name) => `default/${name}`);
    let next = 0;
    await this.ledger.until((services) => {
      while (next < keys.length && hasAddress(services.get(keys[next] ?? ""))) {
        next++;
      }
      return next === keys.length;
    });
    return performance.now();
  }

  /** Waits until one of these has an address; gives the time. */
  async begun(names: readonly string[]): Promise<number> {
    const keys = names.map((name) => `default/${name}`);
    await this.ledger.until((services) =>
      keys.some((key) => hasAddress(services.get(key)))
    );
    return performance.now();
  }

  /** Ends everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#following;
    this.#http.close();
    await this.cluster[Symbol.asyncDispose]();
  }
}

function hasAddress(service: Service | undefined): boolean {
  return service !== undefined && addressesOf(service).length > 0;
}

/** A Service as the figures make it: no node ports, of which there are few. */
export function serviceNamed(name: string, isForeign = false): unknown {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "default" },
    spec: {
      type: "LoadBalancer",
      allocateLoadBalancerNodePorts: false,
      ports: [{ port: 80 }],
      selector: { app: name },
      ...isForeign ? { loadBalancerClass: FOREIGN_CLASS } : {},
    },
  };
}
