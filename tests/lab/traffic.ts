/** What tests in the lab do to Services, and what the client sees of it. */
import type { Service } from "../../mod/kube/mod.ts";
import { collection } from "../../scripts/lab/api.ts";
import { serviceAddresses, suspects } from "../../scripts/lab/facts.ts";
import type { Lab } from "../../scripts/lab/lab.ts";
import type { LabNode } from "../../scripts/lab/lab_node.ts";
import { neighbours } from "../../scripts/lab/network_driver.ts";
import {
  addressCount,
  endpointSliceObjects,
  SERVICE_NAMESPACE,
  serviceObject,
  type ServicePlan,
} from "../../scripts/lab/objects.ts";
import { run } from "../../scripts/lab/process.ts";
import type { ServiceStatus } from "../../speaker/status.ts";
import { askSpeakers } from "../../scripts/lab/speaker_status.ts";
import { SERVICE_HTTP_PORT } from "../../scripts/lab/topology.ts";
import { until, type Verdict } from "../../scripts/lab/waiting.ts";
import { nodeNamed } from "../../scripts/lab/workload.ts";

const SERVICES = collection("v1", "services", SERVICE_NAMESPACE);
const SLICES = collection(
  "discovery.k8s.io/v1",
  "endpointslices",
  SERVICE_NAMESPACE,
);

/** Time that a change may take until the client sees it. */
const LIMIT_MS = 60_000;
/** Time that one request may take. */
const REQUEST_LIMIT_MS = 500;
/** Requests that show where connections go: three Pods are hit for certain. */
const SAMPLE = 60;

/** External traffic policies. */
export type Policy = "Cluster" | "Local";

/** A Service with an address of each family that there is. */
export function allFamilies(
  { topology: { families } }: Pick<Lab, "topology">,
  name: string,
): ServicePlan {
  const kind = families === "dual" ? "dualStack" : families;
  return { name, kind, note: "" };
}

/** Waits until something is so. */
export async function eventually(
  lab: Lab,
  what: string,
  look: () => Promise<Verdict>,
): Promise<void> {
  const timeoutMs = LIMIT_MS;
  await until({ what, timeoutMs, suspects: suspects(lab), look });
}

/** Creates a Service with a Pod on each of the nodes, and gives its addresses. */
export async function createService(
  lab: Lab,
  name: string,
  policy: Policy,
  nodes: readonly LabNode[],
): Promise<readonly string[]> {
  const plan = allFamilies(lab, name);
  const plans = nodes.map((node) => node.plan);
  for (const slice of endpointSliceObjects(plan, plans)) {
    await lab.api.create(SLICES, slice);
  }
  const service = serviceObject(plan);
  await lab.api.create<Service>(SERVICES, {
    ...service,
    spec: { ...service.spec, externalTrafficPolicy: policy },
  });
  await eventually(lab, `"${name}" gets its addresses`, async () => {
    const ips = await addressesOf(lab, name);
    return ips.length === addressCount(plan) || `it has ${ips.length}`;
  });
  return await addressesOf(lab, name);
}

/** The addresses of a Service. */
export async function addressesOf(
  lab: Lab,
  name: string,
): Promise<readonly string[]> {
  return (await serviceAddresses(lab)).get(name) ?? [];
}

/** Merges into the `spec` of a Service. */
export async function changeService(
  lab: Lab,
  name: string,
  spec: Readonly<Record<string, unknown>>,
): Promise<void> {
  await lab.api.merge(`${SERVICES}/${name}`, { spec });
}

/** Deletes a Service. */
export async function deleteService(lab: Lab, name: string): Promise<void> {
  await lab.api.delete(`${SERVICES}/${name}`);
}

/** What the speakers agree about a Service; what keeps them from it while they do not. */
async function agreedStatus(
  lab: Lab,
  name: string,
): Promise<ServiceStatus | string> {
  const agreement = await askSpeakers(lab.nodes);
  if (agreement.kind === "open") return agreement.why;
  return agreement.services.get(`${SERVICE_NAMESPACE}/${name}`) ??
    "they do not know it";
}

/**
 * The node that owns a Service's addresses, once all speakers say so and it is
 * the first of the order: what moved elsewhere for a moment is given back.
 */
export async function ownerOf(lab: Lab, name: string): Promise<LabNode> {
  let owner: string | null | undefined;
  await eventually(lab, `the speakers agree about "${name}"`, async () => {
    const status = await agreedStatus(lab, name);
    if (typeof status === "string") return status;
    owner = status.owner;
    const first = status.order.find(({ node }) =>
      lab.nodes.some(({ name, up }) => up && name === node)
    )?.node;
    if (first === undefined) return "nobody can own it";
    return owner === first || `it is at ${owner ?? "no node"}, not at ${first}`;
  });
  return nodeNamed(lab, owner);
}

/** The node that owns a Service's addresses in the place of another, once all speakers say so. */
export async function heirOf(
  lab: Lab,
  name: string,
  before: LabNode,
): Promise<LabNode> {
  let owner: string | null | undefined;
  const what = `another node than ${before.name} has "${name}"`;
  await eventually(lab, what, async () => {
    const status = await agreedStatus(lab, name);
    if (typeof status === "string") return status;
    owner = status.owner;
    if (owner === null) return "no node has it";
    return owner !== before.name || `${owner} has it`;
  });
  return nodeNamed(lab, owner);
}

/** The Pod that answered, and whether it saw the client's own address. */
interface Answer {
  readonly pod: string;
  readonly sourceKept: boolean;
}

/** Asks an address once; undefined when nobody answers. */
export async function ask(
  lab: Lab,
  host: string,
  port: number = SERVICE_HTTP_PORT,
): Promise<Answer | undefined> {
  const result = await lab.client.ask<"http">({
    kind: "http",
    host,
    port,
    timeoutMs: REQUEST_LIMIT_MS,
  });
  if (!result.ok) return undefined;
  const { pod, client } = result.answer;
  const { v4, v6 } = lab.topology.lan.client;
  return { pod, sourceKept: client === v4 || client === v6 };
}

/** Where connections to an address go. */
export interface Traffic {
  /** Names of the Pods that answer, sorted. */
  readonly pods: readonly string[];
  /** Whether they see the client's own address. */
  readonly sourceKept: boolean;
}

async function sample(lab: Lab, ip: string): Promise<Traffic | undefined> {
  const pods = new Set<string>();
  const sources = new Set<boolean>();
  for (let count = 0; count < SAMPLE; count++) {
    const answer = await ask(lab, ip);
    if (answer === undefined) return undefined;
    pods.add(answer.pod);
    sources.add(answer.sourceKept);
  }
  const [sourceKept = false] = sources;
  return sources.size === 1
    ? { pods: [...pods].sort(), sourceKept }
    : undefined;
}

/**
 * Waits until every one of many connections in a row goes where it should,
 * and the client resolves the address to the owner.
 */
export async function trafficIs(
  lab: Lab,
  ip: string,
  owner: LabNode,
  expected: Traffic,
): Promise<void> {
  const wanted = JSON.stringify(expected);
  await eventually(lab, `${ip} leads to ${wanted}`, async () => {
    const found = JSON.stringify(await sample(lab, ip));
    if (found !== wanted) return `it leads to ${found ?? "different places"}`;
    return await resolvesTo(ip, owner);
  });
}

/** Whether the client takes a node for the owner of an address. */
export async function resolvesTo(ip: string, node: LabNode): Promise<Verdict> {
  const mac = (await neighbours("client")).get(ip);
  return mac === node.plan.mac || `the client resolves ${mac}`;
}

/** Pins an address to a node in the client's neighbour table while `body` runs. */
async function pinned(
  ip: string,
  node: LabNode,
  body: () => Promise<void>,
): Promise<void> {
  const neighbour = ["ip", "-n", "client", "neigh"];
  const entry = [ip, "dev", "eth0"];
  await run([
    ...[...neighbour, "replace", ...entry],
    ...["lladdr", node.plan.mac, "nud", "permanent"],
  ]);
  await body();
  await run([...neighbour, "del", ...entry]);
}

/** What a node does with connections that come to it for an address: one is made. */
export async function sentTo(
  lab: Lab,
  ip: string,
  node: LabNode,
): Promise<Answer | undefined> {
  let answer: Answer | undefined;
  await pinned(ip, node, async () => {
    answer = await ask(lab, ip);
  });
  return answer;
}

/**
 * Waits until an address is gone: no node answers for it, and none forwards
 * what comes for it all the same.
 */
export async function isGone(lab: Lab, ip: string): Promise<void> {
  await eventually(lab, `${ip} is not resolved any more`, async () => {
    await run(["ip", "-n", "client", "neigh", "flush", "to", ip]);
    const answer = await ask(lab, ip);
    const mac = (await neighbours("client")).get(ip);
    if (mac !== undefined) return `the client resolves ${mac}`;
    return answer === undefined || `${answer.pod} answers`;
  });
  for (const node of lab.nodes) {
    await eventually(
      lab,
      `${node.name} drops what comes for ${ip}`,
      async () => {
        const answer = await sentTo(lab, ip, node);
        return answer === undefined || `it brings it to ${answer.pod}`;
      },
    );
  }
}
