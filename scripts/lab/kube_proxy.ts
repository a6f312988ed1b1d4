/** The real kube-proxy, in nftables mode, as a process on every node. */
import {
  findProgram,
  KUBERNETES_VERSION,
  programPath,
} from "../../tests/kubernetes/mod.ts";
import type { DataPlane } from "./data_plane.ts";
import { LabError } from "./lab_error.ts";
import { type LabProcess, type Launch, run } from "./process.ts";
import { LAB_DIRECTORY } from "./programs.ts";
import {
  CLUSTER_CIDR,
  type Families,
  inUse,
  KUBE_PROXY_HEALTH_PORT,
  type NodePlan,
  type Topology,
  urlHost,
} from "./topology.ts";
import { until } from "./waiting.ts";

/** Port of kube-proxy's `/metrics`. */
const METRICS_PORT = 10249;
/** Where the kubeconfig of all kube-proxies is. */
export const KUBE_PROXY_KUBECONFIG = `${LAB_DIRECTORY}/kube-proxy.kubeconfig`;

/** Time that a kube-proxy may take until its rules are in the kernel. */
const START_LIMIT_MS = 30_000;

/**
 * Finds or builds kube-proxy. Building needs the network, so the first call
 * comes before the lab's namespaces.
 *
 * @returns Its path.
 * @throws {LabError} With the reason when there is none.
 */
export async function findKubeProxy(): Promise<string> {
  const found = await findProgram("kube-proxy");
  if (found.kind === "available") return await programPath(found.source);
  throw new LabError(`Cannot run kube-proxy: ${found.reason}`);
}

/**
 * The configuration of a node's kube-proxy: defaults but for where things are.
 *
 * @param node Where it runs.
 * @param families Which address families there are.
 * @returns A KubeProxyConfiguration.
 */
export function kubeProxyConfiguration(
  node: NodePlan,
  families: Families = "dual",
): Readonly<Record<string, unknown>> {
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "nftables",
    hostnameOverride: node.name,
    clientConnection: {
      kubeconfig: KUBE_PROXY_KUBECONFIG,
      // The embedded API server speaks nothing else.
      contentType: "application/json",
      acceptContentTypes: "application/json",
    },
    detectLocalMode: "ClusterCIDR",
    clusterCIDR: inUse(families, CLUSTER_CIDR).join(),
    nodePortAddresses: ["primary"],
    healthzBindAddress: `${urlHost(node.management)}:${KUBE_PROXY_HEALTH_PORT}`,
    metricsBindAddress: `${urlHost(node.management)}:${METRICS_PORT}`,
    // Zero leaves a setting as it is: some belong to the whole machine.
    conntrack: {
      maxPerCore: 0,
      min: 0,
      tcpEstablishedTimeout: "0s",
      tcpCloseWaitTimeout: "0s",
    },
  };
}

function configurationPath(node: NodePlan): string {
  return `${LAB_DIRECTORY}/kube-proxy-${node.name}.json`;
}

/**
 * The kube-proxy of a node, with CAP_NET_ADMIN only.
 *
 * @param program Path of kube-proxy.
 * @param node Where it runs.
 */
export function kubeProxyLaunch(program: string, node: NodePlan): Launch {
  return {
    name: `kube-proxy-${node.name}`,
    namespace: node.name,
    capabilities: "netAdmin",
    command: [program, `--config=${configurationPath(node)}`, "--v=2"],
  };
}

/** The part of `/healthz` that tells whether rules were written. */
interface Health {
  readonly status?: Readonly<Record<string, { readonly healthy: boolean }>>;
}

/**
 * Judges what `/healthz` says. It answers 200 from the start; a family appears
 * in it with the first rules in the kernel.
 *
 * @param health The answer's body.
 * @param families Which address families there are.
 * @returns `true`, or what is missing.
 */
export function judgeHealth(
  health: Health,
  families: Families = "dual",
): true | string {
  const wanted = inUse(families, { v4: "IPv4", v6: "IPv6" });
  const lacking = wanted.find((family) =>
    health.status?.[family]?.healthy !== true
  );
  return lacking === undefined || `it has no ${lacking} rules in force`;
}

async function look(
  node: NodePlan,
  families: Families,
): Promise<true | string> {
  try {
    const response = await fetch(
      `http://${urlHost(node.management)}:${KUBE_PROXY_HEALTH_PORT}/healthz`,
      { signal: AbortSignal.timeout(1000) },
    );
    return judgeHealth(await response.json(), families);
  } catch {
    return "it does not answer";
  }
}

/** kube-proxy on the nodes of the lab. */
export class KubeProxies implements DataPlane {
  readonly description: string;
  readonly #program: string;
  readonly #nodes: readonly NodePlan[];
  readonly #families: Families;
  readonly #start: (launch: Launch) => LabProcess;
  readonly #running = new Map<string, LabProcess>();

  /**
   * @param program Path of kube-proxy.
   * @param topology Its nodes, all up, and which address families there are.
   * @param start Starts a process of the lab.
   */
  constructor(
    program: string,
    { nodes, families }: Pick<Topology, "nodes" | "families">,
    start: (launch: Launch) => LabProcess,
  ) {
    this.#program = program;
    this.#nodes = nodes;
    this.#families = families;
    this.#start = start;
    this.description = `kube-proxy ${KUBERNETES_VERSION} in nftables mode`;
  }

  get processes(): readonly LabProcess[] {
    return [...this.#running.values()];
  }

  async start(): Promise<void> {
    await Promise.all(this.#nodes.map(async (node) => {
      const text = JSON.stringify(
        kubeProxyConfiguration(node, this.#families),
      );
      await Deno.writeTextFile(configurationPath(node), text);
      await this.#launch(node);
    }));
  }

  async nodeDown(node: string): Promise<void> {
    const process = this.#running.get(node);
    this.#running.delete(node);
    await process?.stop();
  }

  async nodeUp(node: string): Promise<void> {
    const plan = this.#nodes.find(({ name }) => name === node);
    if (plan === undefined) return;
    // A machine that boots has no rules; its namespace here kept them.
    await run(["ip", "netns", "exec", node, "nft", "flush", "ruleset"]);
    await this.#launch(plan);
  }

  async #launch(node: NodePlan): Promise<void> {
    const process = this.#start(kubeProxyLaunch(this.#program, node));
    this.#running.set(node.name, process);
    await until({
      what: `the kube-proxy of ${node.name} has written its rules`,
      timeoutMs: START_LIMIT_MS,
      suspects: [process],
      look: () => look(node, this.#families),
    });
  }
}
