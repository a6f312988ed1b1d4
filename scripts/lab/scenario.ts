/**
 * What the lab shows: Services get addresses and answer, the owner of one dies
 * and another node takes over, the node comes back. Each step checks what it
 * shows.
 */
import { collection } from "./api.ts";
import { serviceAddresses, settle, suspects } from "./facts.ts";
import { effectiveCapabilities, type Lab, roleReady } from "./lab.ts";
import type { LabNode } from "./lab_node.ts";
import { wallClock } from "./history.ts";
import {
  endpointSliceObjects,
  endpointsOn,
  podNodes,
  SERVICE_NAMESPACE,
  serviceObject,
  type ServicePlan,
  sliceName,
} from "./objects.ts";
import type { Failover, Outcome, ServiceFacts } from "./outcome.ts";
import { measureOutage, type Outage } from "./probes.ts";
import type { TimedSighting } from "./sighting.ts";
import { formatServices, formatWhy } from "./table.ts";
import { SERVICE_ECHO_PORT } from "./topology.ts";
import { CheckError, pause, until } from "./waiting.ts";

const SERVICES = collection("v1", "services", SERVICE_NAMESPACE);
const SLICES = collection(
  "discovery.k8s.io/v1",
  "endpointslices",
  SERVICE_NAMESPACE,
);

const PROBE_EVERY_MS = 5;
/** Answers in a row that make the start and the end of a measurement. */
const STEADY_PROBES = 60;
/** A take-over that takes longer has failed. */
const TAKE_OVER_LIMIT_MS = 15_000;

/** `CapEff` of a process that holds CAP_NET_RAW (13) and nothing else. */
const ONLY_NET_RAW = (1n << 13n).toString(16).padStart(16, "0");
const NOTHING = "0".repeat(16);

/** Checks that the roles hold the capabilities of the manifests and no others. */
export async function checkCapabilities(lab: Lab): Promise<void> {
  const held = async (
    process: Lab["controller"],
    expected: string,
  ): Promise<void> => {
    const found = await effectiveCapabilities(process);
    if (found === expected) return;
    throw new CheckError(
      `"${process.name}" holds the capabilities ${found}, not ${expected}`,
      [process],
    );
  };
  await held(lab.controller, NOTHING);
  for (const { speaker } of lab.nodes) {
    if (speaker !== undefined) await held(speaker, ONLY_NET_RAW);
  }
  lab.progress.done(
    "capabilities",
    "speakers hold CAP_NET_RAW only, the controller none",
  );
}

/** Creates the Services and waits for their addresses. */
export async function createServices(lab: Lab): Promise<void> {
  const nodes = lab.nodes.map(({ plan }) => plan);
  const started = performance.now();
  for (const plan of lab.services) {
    const slices = endpointSliceObjects(plan, podNodes(plan, nodes));
    for (const slice of slices) await lab.api.create(SLICES, slice);
    await lab.api.create(SERVICES, serviceObject(plan));
  }
  await until({
    what: "every Service gets its addresses",
    timeoutMs: 20_000,
    everyMs: 5,
    suspects: [lab.controller],
    look: async () => {
      const addresses = await serviceAddresses(lab);
      const without = lab.services.filter(({ name, kind }) =>
        addresses.get(name)?.length !== (kind === "dualStack" ? 2 : 1)
      );
      return without.length === 0 ||
        `${without.length} without, the first is "${without[0]?.name}"`;
    },
  });
  const ms = Math.round(performance.now() - started);
  lab.progress.done(
    "Services",
    `${lab.services.length} created; all have addresses after ${ms} ms`,
  );
}

/** Shows where everything is. */
export function showServices(
  lab: Lab,
  facts: readonly ServiceFacts[],
): void {
  lab.progress.plain("");
  for (const line of formatServices(facts)) lab.progress.plain(`  ${line}`);
  lab.progress.plain("");
}

function nodeNamed(lab: Lab, name: string | null | undefined): LabNode {
  const node = lab.nodes.find((each) => each.name === name);
  if (node === undefined) {
    throw new CheckError(`No node of the lab is called "${name}"`);
  }
  return node;
}

async function setEndpoints(
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

/** What the node lifecycle does in a cluster: dead Pods leave, new ones come. */
export async function refreshEndpoints(lab: Lab): Promise<void> {
  const up = new Set(
    lab.nodes.filter((node) => node.up).map(({ name }) => name),
  );
  const plans = lab.nodes.map(({ plan }) => plan);
  for (const service of lab.services) {
    if (service.kind === "single") continue;
    const nodes = podNodes(service, plans).filter(({ name }) => up.has(name));
    await setEndpoints(
      lab,
      service,
      nodes.map(({ name }) => nodeNamed(lab, name)),
    );
  }
}

interface Measurement {
  readonly ip: string;
  stop(): Promise<Outage>;
}

async function answered(lab: Lab, count: number): Promise<void> {
  const { answered: before } = await lab.client.ask<"probeCount">({
    kind: "probeCount",
  });
  await until({
    what: "the client's probes are answered",
    timeoutMs: TAKE_OVER_LIMIT_MS,
    suspects: suspects(lab),
    look: async () => {
      const now = await lab.client.ask<"probeCount">({ kind: "probeCount" });
      return now.answered >= before + count ||
        `${now.answered} of ${now.sent} so far`;
    },
  });
}

async function startProbes(lab: Lab, ip: string): Promise<Measurement> {
  await lab.client.ask<"startProbes">({
    kind: "startProbes",
    host: ip,
    port: SERVICE_ECHO_PORT,
    everyMs: PROBE_EVERY_MS,
  });
  await answered(lab, STEADY_PROBES);
  return {
    ip,
    stop: async () => {
      const { probes } = await lab.client.ask<"stopProbes">({
        kind: "stopProbes",
      });
      return measureOutage(probes);
    },
  };
}

async function firstClaim(
  lab: Lab,
  what: string,
  claim: Promise<TimedSighting>,
): Promise<TimedSighting> {
  const late = pause(TAKE_OVER_LIMIT_MS).then(() => undefined);
  const sighting = await Promise.race([claim, late]);
  if (sighting !== undefined) return sighting;
  throw new CheckError(
    `${what}: no announcement within ${TAKE_OVER_LIMIT_MS / 1000} s`,
    suspects(lab),
  );
}

function firstOf(facts: readonly ServiceFacts[]): ServiceFacts {
  const [first] = facts;
  if (first !== undefined) return first;
  throw new CheckError("The lab has no Service");
}

/**
 * Moves the first Service's only Pod to the last standby, so that what the
 * client loses is the failover's doing and not a dead Pod's.
 */
async function placePod(lab: Lab, facts: ServiceFacts): Promise<void> {
  const plan = lab.services.find(({ name }) => name === facts.name);
  if (plan === undefined) return;
  const pod = nodeNamed(lab, facts.standbys.at(-1));
  await setEndpoints(lab, plan, [pod]);
}

/** Kills the owner of the first Service and watches what happens. */
export async function failOver(
  lab: Lab,
  facts: readonly ServiceFacts[],
): Promise<Failover> {
  const service = firstOf(facts);
  const [ip = ""] = service.ips;
  const owner = nodeNamed(lab, service.owner);
  await placePod(lab, service);
  const probes = await startProbes(lab, ip);
  const claim = lab.sightings.next(ip, owner.plan.mac);
  const killedMs = wallClock();
  await owner.kill(lab.dataPlane);
  lab.history.add({ kind: "nodeKilled", node: owner.name }, killedMs);
  lab.progress.note(
    "kill",
    `${owner.name}, the owner of "${service.name}": speaker, Pod and cables`,
  );
  const first = await firstClaim(
    lab,
    `somebody takes over "${service.name}" from ${owner.name}`,
    claim,
  );
  await answered(lab, STEADY_PROBES);
  const outage = await probes.stop();
  const newOwner = lab.nodes.find(({ plan }) => plan.mac === first.mac);
  checkTakeOver(service, newOwner?.name, outage);
  return {
    killed: owner.name,
    newOwner: newOwner?.name ?? "",
    firstAnnouncementMs: first.atMs - killedMs,
    outage,
  };
}

function checkTakeOver(
  service: ServiceFacts,
  newOwner: string | undefined,
  outage: Outage,
): void {
  const [expected] = service.standbys;
  if (newOwner !== expected) {
    throw new CheckError(
      `"${service.name}" went to ${newOwner ?? "a stranger"}, ` +
        `the first standby is ${expected}`,
    );
  }
  if (!outage.recovered) {
    throw new CheckError(`"${service.name}" does not answer since the kill`);
  }
}

function showFailover(lab: Lab, failover: Failover): void {
  const { newOwner, firstAnnouncementMs, outage } = failover;
  lab.progress.done(
    "take-over",
    `${newOwner} announced the address ${
      Math.round(firstAnnouncementMs)
    } ms after the kill`,
  );
  lab.progress.done("client", describeOutage(outage));
}

function describeOutage({ probes, lost, outageMs }: Outage): string {
  return lost === 0
    ? `lost nothing: ${probes} probes, one every ${PROBE_EVERY_MS} ms`
    : `lost ${lost} of ${probes} probes; out for ${Math.round(outageMs)} ms`;
}

/** Starts a killed node again and waits until it is as before. */
export async function bringBack(lab: Lab, name: string): Promise<void> {
  const node = nodeNamed(lab, name);
  await node.start(lab.dataPlane);
  lab.history.add({ kind: "nodeStarted", node: name });
  if (node.speaker !== undefined) {
    await roleReady(
      `the speaker of ${name}`,
      node.plan.management,
      node.speaker,
    );
  }
  await refreshEndpoints(lab);
}

async function handBack(lab: Lab, service: ServiceFacts): Promise<void> {
  const owner = nodeNamed(lab, service.owner);
  const [ip = ""] = service.ips;
  const heir = lab.sightings.macOf(ip) ?? "";
  const probes = await startProbes(lab, ip);
  const claim = lab.sightings.next(ip, heir);
  await bringBack(lab, owner.name);
  const { mac } = await firstClaim(
    lab,
    `${owner.name} takes "${service.name}" back`,
    claim,
  );
  if (mac !== owner.plan.mac) {
    throw new CheckError(`"${service.name}" went to ${mac}, not back`);
  }
  await answered(lab, STEADY_PROBES);
  const outage = await probes.stop();
  lab.progress.done(
    "hand-back",
    `${owner.name} is up and announces it again; client ${
      describeOutage(outage)
    }`,
  );
}

/**
 * Runs the whole scenario.
 *
 * @param lab The lab, without Services.
 * @returns What was found.
 * @throws {CheckError} When something does not hold.
 */
export async function runScenario(lab: Lab): Promise<Outcome> {
  await checkCapabilities(lab);
  await createServices(lab);
  const before = await settle(lab, "every Service answers");
  lab.progress.done(
    "checks",
    "all speakers agree; the client resolves each owner's MAC; all answer HTTP",
  );
  showServices(lab, before);
  for (const line of formatWhy(firstOf(before))) {
    lab.progress.plain(`  ${line}`);
  }

  lab.progress.heading("A node dies");
  const failover = await failOver(lab, before);
  showFailover(lab, failover);
  await refreshEndpoints(lab);
  const during = await settle(
    lab,
    `every Service answers without ${failover.killed}`,
  );
  lab.progress.done("checks", `all Services answer without ${failover.killed}`);
  showServices(lab, during);

  lab.progress.heading("It comes back");
  await handBack(lab, firstOf(before));
  const after = await settle(lab, "every Service answers as before");
  checkRestored(before, after);
  lab.progress.done("checks", "every Service is where it was, and answers");
  showServices(lab, after);
  return {
    nodes: lab.nodes.map(({ name }) => name),
    services: after,
    failover,
    events: lab.history.events,
  };
}

function checkRestored(
  before: readonly ServiceFacts[],
  after: readonly ServiceFacts[],
): void {
  before.forEach(({ name, ips, owner }, index) => {
    const now = after[index];
    if (now?.owner === owner && now.ips.join() === ips.join()) return;
    throw new CheckError(
      `"${name}" was ${ips.join()} at ${owner} and is ${now?.ips.join()} at ${now?.owner}`,
    );
  });
}
