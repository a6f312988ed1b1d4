/** The user's and the cluster's part: Services and their endpoints. */
import { collection } from "./api.ts";
import { serviceAddresses } from "./facts.ts";
import type { Lab } from "./lab.ts";
import type { LabNode } from "./lab_node.ts";
import {
  addressCount,
  endpointFamilies,
  endpointSliceObjects,
  endpointsOn,
  podNodes,
  SERVICE_NAMESPACE,
  serviceObject,
  type ServicePlan,
  sliceName,
} from "./objects.ts";
import { podsInRules, readRules } from "./rules.ts";
import {
  CheckError,
  forEachOf,
  lookEvery,
  patience,
  until,
} from "./waiting.ts";

const SERVICES = collection("v1", "services", SERVICE_NAMESPACE);
const SLICES = collection(
  "discovery.k8s.io/v1",
  "endpointslices",
  SERVICE_NAMESPACE,
);

async function allAddresses(lab: Lab): Promise<readonly string[]> {
  const addresses = await serviceAddresses(lab);
  const lacking = lab.services.find((plan) =>
    addresses.get(plan.name)?.length !== addressCount(plan)
  );
  return lacking === undefined ? [...addresses.values()].flat() : [];
}

/** Creates the Services and waits until their addresses are announced. */
export async function createServices(lab: Lab): Promise<void> {
  const nodes = lab.nodes.map(({ plan }) => plan);
  await forEachOf(lab.services, async (plan) => {
    const slices = endpointSliceObjects(plan, podNodes(plan, nodes));
    for (const slice of slices) await lab.api.create(SLICES, slice);
  });
  const started = performance.now();
  // One after the other, so that the order of the addresses is the same each time.
  for (const plan of lab.services) {
    await lab.api.create(SERVICES, serviceObject(plan));
  }
  let ips: readonly string[] = [];
  await until({
    what: "every Service gets its addresses",
    timeoutMs: patience(lab.nodes.length, lab.services.length),
    everyMs: lookEvery(lab.services.length, 5),
    suspects: [lab.controller],
    look: async () => {
      ips = await allAddresses(lab);
      return ips.length > 0 || "some have none";
    },
  });
  const assigned = Math.round(performance.now() - started);
  await until({
    what: "every address is announced on the LAN",
    timeoutMs: patience(lab.nodes.length, lab.services.length),
    everyMs: 5,
    suspects: lab.nodes.flatMap(({ speaker }) => speaker ?? []),
    look: () => {
      const unseen = ips.find((ip) => lab.sightings.macOf(ip) === undefined);
      return unseen === undefined || `${unseen} is not`;
    },
  });
  const announced = Math.round(performance.now() - started);
  lab.progress.done(
    "Services",
    `${lab.services.length} created; all have addresses after ${assigned} ms, ` +
      `announced after ${announced} ms`,
  );
}

/**
 * Finds a node by its name.
 *
 * @throws {CheckError} When there is none.
 */
export function nodeNamed(lab: Lab, name: string | null | undefined): LabNode {
  const node = lab.nodes.find((each) => each.name === name);
  if (node === undefined) {
    throw new CheckError(`No node of the lab is called "${name}"`);
  }
  return node;
}

/** Puts a Service's Pods on these nodes, one each. */
export async function setEndpoints(
  lab: Lab,
  { name, kind }: ServicePlan,
  nodes: readonly LabNode[],
): Promise<void> {
  const plans = nodes.map(({ plan }) => plan);
  for (const slice of endpointSliceObjects({ name, kind, note: "" }, plans)) {
    await lab.api.merge(`${SLICES}/${sliceName(name, slice.addressType)}`, {
      endpoints: endpointsOn(plans, slice.addressType),
    });
  }
}

/**
 * Waits until the rules of all nodes that are up send a Service of traffic
 * policy Cluster to the Pods on these nodes and to no others.
 */
export async function rulesFollow(
  lab: Lab,
  { name, kind }: ServicePlan,
  nodes: readonly LabNode[],
): Promise<void> {
  const pods = nodes.map(({ plan }) => plan.pod)
    .flatMap(({ v4, v6 }) =>
      endpointFamilies(kind).map((family) => family === "IPv4" ? v4 : v6)
    ).sort();
  for (const node of lab.nodes.filter(({ up }) => up)) {
    await until({
      what: `the rules of ${node.name} follow the endpoints of "${name}"`,
      timeoutMs: patience(lab.nodes.length, lab.services.length),
      suspects: lab.dataPlane.processes,
      look: async () => {
        const rules = await readRules(node.name);
        const found = podsInRules(rules, `${SERVICE_NAMESPACE}/${name}`);
        return found.join() === pods.join() || `they have ${found.join()}`;
      },
    });
  }
}

/** What the node lifecycle does in a cluster: dead Pods leave, new ones come. */
export async function refreshEndpoints(lab: Lab): Promise<void> {
  const up = new Set(
    lab.nodes.filter((node) => node.up).map(({ name }) => name),
  );
  const plans = lab.nodes.map(({ plan }) => plan);
  await forEachOf(lab.services, async (service) => {
    const nodes = podNodes(service, plans).filter(({ name }) => up.has(name));
    await setEndpoints(
      lab,
      service,
      nodes.map(({ name }) => nodeNamed(lab, name)),
    );
  });
}
