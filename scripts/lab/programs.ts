/** The commands of everything that runs in the lab. */
import { LIBRARY_PATHS } from "../../ffi/mod.ts";
import { SYSTEM_NAMESPACE } from "./objects.ts";
import type { LabSettings, SpeakerStyle } from "./options.ts";
import type { Launch } from "./process.ts";
import {
  API_PORT,
  KUBE_PROXY_HEALTH_PORT,
  type NodePlan,
  ROLE_PORT,
  type Topology,
  urlHost,
} from "./topology.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

/** Seconds: how often a speaker renews its Lease, and when one is dead. */
const LEASE = { renew: 0.3, duration: 1 };
/** Seconds: how long a node must be back before it gets its addresses back. */
const FAILBACK_HOLD = "1";
/** Every speaker sees every renewal: with more nodes on one machine, fewer. */
const NODES_AT_FULL_PACE = 6;

/** Files of the lab, on a file system that ends with it. */
export const LAB_DIRECTORY = "/run/herald-lab";

/**
 * The folder of what the roles may read besides the code: kubeconfigs, and the
 * members' Secret. It is on a file system of the lab's own.
 */
export const CREDENTIALS_DIRECTORY =
  "/var/run/secrets/kubernetes.io/serviceaccount";

/** Where the Secret of the members is mounted, on all nodes. */
export const MEMBER_SECRET_DIRECTORY: string =
  `${CREDENTIALS_DIRECTORY}/memberlist`;

/** Path of the kubeconfig of a role. */
export function kubeconfigPath(role: "controller" | "speaker"): string {
  return `${CREDENTIALS_DIRECTORY}/${role}.kubeconfig`;
}

function program(
  file: string,
  permissions: readonly string[],
  ...args: readonly string[]
): string[] {
  return [
    Deno.execPath(),
    "run",
    "--quiet",
    "--no-prompt",
    ...permissions,
    new URL(file, import.meta.url).pathname,
    ...args,
  ];
}

function role(
  name: "controller" | "speaker",
  ...flags: readonly string[]
): string[] {
  return [
    Deno.execPath(),
    "run",
    "--quiet",
    "--no-prompt",
    `-P=${name}`,
    MAIN,
    name,
    "--kubeconfig",
    kubeconfigPath(name),
    "--namespace",
    SYSTEM_NAMESPACE,
    "--http-port",
    String(ROLE_PORT),
    ...flags,
  ];
}

/** The controller, without any capability. */
export function controllerLaunch({ apiServer }: Topology): Launch {
  return {
    name: "controller",
    capabilities: "none",
    // The API servers of the lab call no webhooks.
    command: role(
      "controller",
      ...["--http-address", apiServer, "--webhook-mode", "disabled"],
    ),
  };
}

function leaseFlags(nodes: number): string[] {
  const stretch = Math.max(1, nodes / NODES_AT_FULL_PACE);
  return [
    ...["--lease-renew", (LEASE.renew * stretch).toFixed(2)],
    ...["--lease-duration", (LEASE.duration * stretch).toFixed(2)],
  ];
}

/** The stand-in has written a node's rules before its speaker starts. */
function healthzOf(node: NodePlan, proxy: LabSettings["proxy"]): string {
  return proxy === "lab"
    ? "off"
    : `http://${urlHost(node.management)}:${KUBE_PROXY_HEALTH_PORT}/healthz`;
}

/**
 * The speaker of a node, with CAP_NET_RAW only, or CAP_SYS_NICE beside it.
 *
 * @param node Where it runs.
 * @param options How many nodes there are; how it is run; what forwards; more flags.
 */
export function speakerLaunch(
  node: NodePlan,
  { nodes, speakers, proxy, flags }: {
    readonly nodes: number;
    readonly speakers: SpeakerStyle;
    readonly proxy: LabSettings["proxy"];
    readonly flags: readonly string[];
  },
): Launch {
  return {
    name: `speaker-${node.name}`,
    namespace: node.name,
    capabilities: speakers === "realTime" ? "realTime" : "netRaw",
    command: role(
      "speaker",
      ...["--node-name", node.name, "--http-address", node.management],
      ...["--ml-bindaddr", node.internal[0] ?? ""],
      ...["--failback-hold", FAILBACK_HOLD],
      ...["--ml-secret-key-path", MEMBER_SECRET_DIRECTORY],
      ...["--kube-proxy-healthz", healthzOf(node, proxy)],
      ...speakers === "lab" ? leaseFlags(nodes) : [],
      ...flags,
    ),
  };
}

/** The Pod on a node. */
export function podLaunch(node: NodePlan): Launch {
  return {
    name: node.podName,
    namespace: node.podName,
    capabilities: "none",
    command: program("pod.ts", ["--allow-net"], node.name, node.podName),
  };
}

/** The client. */
export function clientLaunch(): Launch {
  return {
    name: "client",
    namespace: "client",
    capabilities: "none",
    command: program("client.ts", ["--allow-net"]),
    dialogue: true,
  };
}

/** The observer. */
export function observerLaunch(): Launch {
  return {
    name: "observer",
    namespace: "observer",
    capabilities: "netRaw",
    command: program("observer.ts", [`--allow-ffi=${LIBRARY_PATHS.join()}`]),
    dialogue: true,
  };
}

/** The embedded API server. */
export function apiServerLaunch({ apiServer }: Topology): Launch {
  return {
    name: "apiserver",
    capabilities: "none",
    command: program(
      "apiserver_process.ts",
      ["--allow-net"],
      apiServer,
      String(API_PORT),
    ),
  };
}
