/**
 * A real kube-apiserver with `manifests/base` applied as it is, whose webhooks
 * are answered by a real controller.
 *
 * The API server calls a Service, and there is no kube-proxy here: the thread's
 * network namespace gets the Service's address, and the controller's port is
 * bound to it.
 */
import { InstalledCluster } from "./installed_cluster.ts";
import type { NetworkNamespace } from "./network_namespace.ts";
import { RoleProcess } from "./roles/role_process.ts";

const NAMESPACE = "metallb-system";
const SERVICE = "metallb-webhook-service";

/** A pool that goes with any other. */
const HARMLESS = {
  apiVersion: "metallb.io/v1beta1",
  kind: "IPAddressPool",
  metadata: { name: "harmless" },
  spec: { addresses: ["203.0.113.255/32"] },
};

/** The address of the webhooks' Service. */
async function serviceAddress({ plane }: InstalledCluster): Promise<string> {
  const path = `/api/v1/namespaces/${NAMESPACE}/services/${SERVICE}`;
  const { spec } = await (await plane.fetch(path)).json();
  return String(spec.clusterIP);
}

/** The cluster, and what its controllers need of the network. */
export class WebhookCluster implements AsyncDisposable {
  /** The cluster. */
  readonly installed: InstalledCluster;
  /** The address of the webhooks' Service. */
  readonly address: string;
  readonly #namespace: NetworkNamespace;

  private constructor(
    installed: InstalledCluster,
    namespace: NetworkNamespace,
    address: string,
  ) {
    this.installed = installed;
    this.#namespace = namespace;
    this.address = address;
  }

  /** Starts a control plane in a namespace, and installs. */
  static async start(namespace: NetworkNamespace): Promise<WebhookCluster> {
    const installed = await InstalledCluster.start();
    const address = await serviceAddress(installed);
    const cluster = new WebhookCluster(installed, namespace, address);
    cluster.connect();
    return cluster;
  }

  /** Makes the Service's address reachable. */
  connect(): void {
    this.#namespace.ip("address", "add", `${this.address}/32`, "dev", "lo");
  }

  /** Takes it away: whoever calls the webhooks gets no answer. */
  disconnect(): void {
    this.#namespace.ip("address", "del", `${this.address}/32`, "dev", "lo");
  }

  /** Sends a pool that nobody stores; gives the API server's answer. */
  async ask(): Promise<{ readonly code: number; readonly message: string }> {
    const path =
      `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/ipaddresspools?dryRun=All`;
    const answer = await this.installed.plane.fetch(path, {
      method: "POST",
      body: JSON.stringify(HARMLESS),
    });
    const { message = "" } = await answer.json();
    return { code: answer.status, message };
  }

  /** Waits until the API server calls the webhooks, and believes them. */
  async untilAnswered(): Promise<void> {
    while ((await this.ask()).code !== 201) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /**
   * Starts a controller that answers at the Service's address, under its
   * permission set and with its own rights.
   */
  controller(...flags: string[]): Promise<RoleProcess> {
    return this.#start("443", this.address, flags);
  }

  /** Starts a replica that answers at a port of its own. */
  replica(...flags: string[]): Promise<RoleProcess> {
    return this.#start("0", "127.0.0.1", flags);
  }

  async #start(
    port: string,
    address: string,
    flags: readonly string[],
  ): Promise<RoleProcess> {
    const file = await this.installed.kubeconfigOf("controller");
    return RoleProcess.start({
      permissions: ["-P=controller", `--allow-read=${file}`],
      args: [
        ...["controller", "--kubeconfig", file],
        ...["--webhook-port", port, "--webhook-address", address],
        ...["--leader-lease-duration", "2", "--leader-lease-renew", "0.2"],
        ...flags,
      ],
    });
  }

  /** Ends everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.installed[Symbol.asyncDispose]();
  }
}
