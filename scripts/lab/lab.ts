/** The running lab: the network, the API, the roles, the client, the observer. */
import { SECRET_FILES } from "../../mod/config/mod.ts";
import { formatPrefix, parsePrefix } from "../../mod/net/mod.ts";
import { collection, LabApi } from "./api.ts";
import { Client } from "./client_driver.ts";
import type { ControlPlane } from "./control_plane.ts";
import { startEmbedded } from "./control_plane.ts";
import type { DataPlane } from "./data_plane.ts";
import type { History } from "./history.ts";
import { ENVIRONMENT, LabNode, roleEnvironment } from "./lab_node.ts";
import { LabError } from "./lab_error.ts";
import { MountedFolder } from "./mounted_folder.ts";
import { planNetwork } from "./network.ts";
import { buildNetwork } from "./network_driver.ts";
import {
  advertisementObjects,
  namespaceObject,
  nodeObject,
  planServices,
  poolObjects,
  SERVICE_NAMESPACE,
  type ServicePlan,
  SYSTEM_NAMESPACE,
} from "./objects.ts";
import type { LabSettings, SpeakerStyle } from "./options.ts";
import { LabProcess, type Launch, run } from "./process.ts";
import {
  clientLaunch,
  controllerLaunch,
  kubeconfigPath,
  LAB_DIRECTORY,
  MEMBER_SECRET_DIRECTORY,
  observerLaunch,
} from "./programs.ts";
import type { Progress } from "./progress.ts";
import { Sightings } from "./sightings.ts";
import { readiness } from "./speaker_status.ts";
import { StandIn } from "./stand_in_driver.ts";
import { inUse, planTopology, type Topology } from "./topology.ts";
import { until } from "./waiting.ts";

/** Everything that the scenario and the live view work with. */
export interface Lab {
  readonly topology: Topology;
  /** Which data plane, as on the command line. */
  readonly proxy: LabSettings["proxy"];
  readonly services: readonly ServicePlan[];
  readonly history: History;
  readonly progress: Progress;
  readonly api: LabApi;
  readonly nodes: readonly LabNode[];
  /** The Secret of the members; all nodes mount it. */
  readonly memberSecret: MountedFolder;
  readonly dataPlane: DataPlane;
  readonly client: Client;
  readonly sightings: Sightings;
  readonly controller: LabProcess;
}

// /var/run is /run nearly everywhere; where it is not, it gets its own.
const PREPARE_FILES = `
mount -t tmpfs -o mode=755 tmpfs /run
[ /var/run -ef /run ] || mount -t tmpfs -o mode=755 tmpfs /var/run
mkdir -p "$@"`;

function describeLan({ families, lan, nodes }: Topology): string {
  const prefixes = inUse(families, {
    v4: `${lan.client.v4}/${lan.length.v4}`,
    v6: `${lan.client.v6}/${lan.length.v6}`,
  }).map((each) => formatPrefix(parsePrefix(each)));
  return `${nodes.length} nodes, a client and an observer on one LAN ` +
    `(${prefixes.join(", ")})`;
}

function startControlPlane(
  settings: LabSettings,
  topology: Topology,
  logs: string,
): Promise<ControlPlane> {
  if (settings.apiserver === "embedded") return startEmbedded(topology, logs);
  // Loaded on demand: it brings what only tests need.
  return import("./real_control_plane.ts").then(({ startReal }) =>
    startReal(topology)
  );
}

async function createObjects(
  api: LabApi,
  control: ControlPlane,
  topology: Topology,
): Promise<void> {
  const namespaces = collection("v1", "namespaces");
  for (const name of [SYSTEM_NAMESPACE, SERVICE_NAMESPACE]) {
    await api.create(namespaces, namespaceObject(name));
  }
  await control.install();
  for (const node of topology.nodes) {
    await api.create(collection("v1", "nodes"), nodeObject(node));
  }
  const metallb = (plural: string): string =>
    collection("metallb.io/v1beta1", plural, SYSTEM_NAMESPACE);
  for (const pool of poolObjects(topology)) {
    await api.create(metallb("ipaddresspools"), pool);
  }
  for (const advertisement of advertisementObjects(topology)) {
    await api.create(metallb("l2advertisements"), advertisement);
  }
}

async function startController(
  topology: Topology,
  logs: string,
  style: SpeakerStyle,
): Promise<LabProcess> {
  const controller = LabProcess.start(
    controllerLaunch(topology),
    logs,
    roleEnvironment("controller", style),
  );
  await roleReady("the controller", topology.apiServer, controller);
  return controller;
}

/**
 * Waits until a role says that it is ready.
 *
 * @param what Which, for the message.
 * @param address Where its HTTP port is.
 * @param process Its process.
 */
export async function roleReady(
  what: string,
  address: string,
  process: LabProcess,
): Promise<void> {
  await until({
    what: `${what} becomes ready`,
    timeoutMs: 30_000,
    suspects: [process],
    look: async () => {
      const state = await readiness(address);
      return state === "ready" || state;
    },
  });
}

/** Starts the speaker of a node and waits until it is ready. */
async function startSpeaker(node: LabNode): Promise<void> {
  node.startSpeaker();
  if (node.speaker === undefined) return;
  await roleReady(
    `the speaker of ${node.name}`,
    node.plan.management,
    node.speaker,
  );
}

/**
 * Checks that a process holds the capabilities that it should and no others.
 *
 * @param process The process.
 * @returns Its effective capabilities, as `/proc` shows them.
 */
export async function effectiveCapabilities(
  process: LabProcess,
): Promise<string> {
  const text = await run(["grep", "CapEff", `/proc/${process.pid}/status`]);
  return text.replace("CapEff:", "").trim();
}

async function startObserver(
  logs: string,
  sightings: Sightings,
): Promise<LabProcess> {
  const observer = LabProcess.start(observerLaunch(), logs, ENVIRONMENT);
  sightings.follow(observer.lines());
  await until({
    what: "the observer captures",
    timeoutMs: 15_000,
    suspects: [observer],
    look: () => sightings.capturing || "it has not said so",
  });
  return observer;
}

/** Whether an address may move: those of the machines themselves do not. */
function mayMove({ lan, nodes }: Topology, ip: string): boolean {
  const fixed = [lan.client, ...nodes.map((node) => node.lan)];
  return !ip.startsWith("fe80:") &&
    !fixed.some(({ v4, v6 }) => v4 === ip || v6 === ip);
}

function recordMoves(topology: Topology, history: History): Sightings {
  return new Sightings(({ ip, mac, form, atMs }) => {
    if (!mayMove(topology, ip)) return;
    const node = topology.nodes.find((each) => each.mac === mac)?.name ?? null;
    history.add({ kind: "moved", ip, mac, node, form }, atMs);
  });
}

async function prepareMachine(
  topology: Topology,
  logs: string,
): Promise<MountedFolder> {
  const folders = [logs, LAB_DIRECTORY, MEMBER_SECRET_DIRECTORY];
  await run(["sh", "-ec", PREPARE_FILES, "sh", ...folders]);
  const secret = new MountedFolder(MEMBER_SECRET_DIRECTORY);
  const text = crypto.getRandomValues(new Uint8Array(32)).toBase64();
  await secret.replace({ [SECRET_FILES.primary]: text });
  await buildNetwork(planNetwork(topology));
  return secret;
}

/** Starts the API server and creates what is there before the roles. */
async function startApi(
  settings: LabSettings,
  topology: Topology,
  logs: string,
): Promise<{ readonly api: LabApi; readonly control: ControlPlane }> {
  const control = await startControlPlane(settings, topology, logs);
  const api = new LabApi(control.fetch);
  await createObjects(api, control, topology);
  for (const role of ["controller", "speaker"] as const) {
    await Deno.writeTextFile(kubeconfigPath(role), control.kubeconfig(role));
  }
  return { api, control };
}

async function createDataPlane(
  { proxy }: LabSettings,
  parts: {
    readonly api: LabApi;
    readonly control: ControlPlane;
    readonly topology: Topology;
    readonly logs: string;
    readonly onFailure: (error: unknown) => void;
  },
): Promise<DataPlane> {
  const { api, control, topology, logs, onFailure } = parts;
  const { nodes } = topology;
  if (proxy === "lab") {
    return new StandIn(api, nodes.map(({ name }) => name), onFailure);
  }
  // Loaded on demand: it brings what only tests need.
  const { findKubeProxy, KUBE_PROXY_KUBECONFIG, KubeProxies } = await import(
    "./kube_proxy.ts"
  );
  await Deno.writeTextFile(
    KUBE_PROXY_KUBECONFIG,
    control.kubeconfig("kube-proxy"),
  );
  const start = (launch: Launch): LabProcess =>
    LabProcess.start(launch, logs, ENVIRONMENT);
  return new KubeProxies(await findKubeProxy(), topology, start);
}

function describeFailure(error: unknown): string {
  if (!(error instanceof LabError)) return String(error);
  return `${error.message}: ${error.detail}`;
}

/**
 * Starts everything but the Services.
 *
 * @param settings What it is made of.
 * @param tellers Told about each step and each event.
 * @returns The lab; it ends with this process.
 * @throws {LabError} When a part does not come up.
 */
export async function startLab(
  settings: LabSettings,
  tellers: { readonly progress: Progress; readonly history: History },
): Promise<Lab> {
  const { progress, history } = tellers;
  const topology = planTopology(
    settings.nodes,
    settings.services,
    settings.families,
  );
  const logs = settings.logs ?? LAB_DIRECTORY;
  const memberSecret = await prepareMachine(topology, logs);
  progress.done("network", describeLan(topology));

  const sightings = recordMoves(topology, history);
  const style = settings.speakers ?? "lab";
  const nodes = topology.nodes.map((plan) =>
    new LabNode(plan, {
      ...{ logs, nodes: settings.nodes, proxy: settings.proxy },
      speakers: style,
      flags: settings.speakerFlags ?? [],
    })
  );
  const launched = LabProcess.start(clientLaunch(), logs, ENVIRONMENT);
  const client = new Client(launched);
  for (const node of nodes) node.startPod();
  const [{ api, control }] = await Promise.all([
    startApi(settings, topology, logs),
    startObserver(logs, sightings),
  ]);
  progress.done(
    "API server",
    `${control.description}; nodes and pools created`,
  );

  const dataPlane = await createDataPlane(settings, {
    ...{ api, control, topology, logs },
    onFailure: (error) => progress.failed("data plane", describeFailure(error)),
  });
  await dataPlane.start();
  progress.done("data plane", dataPlane.description);
  const [controller] = await Promise.all([
    startController(topology, logs, style),
    ...nodes.map(startSpeaker),
  ]);
  progress.done("roles", `controller and ${nodes.length} speakers are ready`);
  const services = planServices(settings.services, settings.families);
  return {
    ...{ topology, services, history, progress, api, nodes, memberSecret },
    ...{ proxy: settings.proxy, dataPlane, client, sightings, controller },
  };
}
