/** A node dies and comes back, and the client watches. */
import { suspects } from "./facts.ts";
import { wallClock } from "./history.ts";
import { type Lab, roleReady } from "./lab.ts";
import type { LabNode } from "./lab_node.ts";
import { startProbes } from "./measurement.ts";
import type { Failover, ServiceFacts } from "./outcome.ts";
import type { Outage } from "./probes.ts";
import type { TimedSighting } from "./sighting.ts";
import { CheckError, pause } from "./waiting.ts";
import {
  nodeNamed,
  refreshEndpoints,
  rulesFollow,
  setEndpoints,
} from "./workload.ts";

const PROBES = { by: "datagrams", everyMs: 5 } as const;
/** A take-over that takes longer has failed. */
const TAKE_OVER_LIMIT_MS = 15_000;

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

/**
 * Leaves a Service one Pod, on the last standby, so that what the client loses
 * is the failover's doing and not a dead Pod's.
 */
async function placePod(lab: Lab, facts: ServiceFacts): Promise<void> {
  const plan = lab.services.find(({ name }) => name === facts.name);
  if (plan === undefined) return;
  const pod = nodeNamed(lab, facts.standbys.at(-1));
  await setEndpoints(lab, plan, [pod]);
  await rulesFollow(lab, plan, [pod]);
}

function firstOf(facts: readonly ServiceFacts[]): ServiceFacts {
  const [first] = facts;
  if (first !== undefined) return first;
  throw new CheckError("The lab has no Service");
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
  const probes = await startProbes(lab, { ...PROBES, ip });
  const claim = lab.sightings.next(ip, owner.plan.mac);
  const killedMs = wallClock();
  await owner.kill(lab.dataPlane);
  lab.history.add({ kind: "nodeKilled", node: owner.name }, killedMs);
  const proxy = lab.proxy === "kube-proxy" ? "kube-proxy, " : "";
  lab.progress.note(
    "kill",
    `${owner.name}, the owner of "${service.name}": ${proxy}speaker, Pod and cables`,
  );
  const first = await firstClaim(
    lab,
    `somebody takes over "${service.name}" from ${owner.name}`,
    claim,
  );
  await probes.steady();
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
  // The first standby, unless it was late: then it gets the Service afterwards.
  if (newOwner === undefined || !service.standbys.includes(newOwner)) {
    throw new CheckError(
      `"${service.name}" went to ${newOwner ?? "a stranger"}, ` +
        `the standbys are ${service.standbys.join(", ")}`,
    );
  }
  if (!outage.recovered) {
    throw new CheckError(`"${service.name}" does not answer since the kill`);
  }
}

/** Shows how it went. */
export function showFailover(lab: Lab, failover: Failover): void {
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
    ? `lost nothing: ${probes} probes, one every ${PROBES.everyMs} ms`
    : `lost ${lost} of ${probes} probes; out for ${Math.round(outageMs)} ms`;
}

async function start(lab: Lab, node: LabNode): Promise<void> {
  const { name } = node;
  await node.start(lab.dataPlane);
  lab.history.add({ kind: "nodeStarted", node: name });
  if (node.speaker !== undefined) {
    await roleReady(
      `the speaker of ${name}`,
      node.plan.management,
      node.speaker,
    );
  }
}

/** Starts a killed node; its Pods become endpoints again. */
export async function bringBack(lab: Lab, node: LabNode): Promise<void> {
  await start(lab, node);
  await refreshEndpoints(lab);
}

/** Starts the killed node and watches it take its Service back. */
export async function handBack(
  lab: Lab,
  facts: readonly ServiceFacts[],
): Promise<void> {
  const service = firstOf(facts);
  const owner = nodeNamed(lab, service.owner);
  const [ip = ""] = service.ips;
  await placePod(lab, service);
  const heir = lab.sightings.macOf(ip) ?? "";
  const probes = await startProbes(lab, { ...PROBES, ip });
  const claim = lab.sightings.next(ip, heir);
  await start(lab, owner);
  const { mac } = await firstClaim(
    lab,
    `${owner.name} takes "${service.name}" back`,
    claim,
  );
  if (mac !== owner.plan.mac) {
    throw new CheckError(`"${service.name}" went to ${mac}, not back`);
  }
  await probes.steady();
  const outage = await probes.stop();
  await refreshEndpoints(lab);
  lab.progress.done(
    "hand-back",
    `${owner.name} is up and announces it again; client ${
      describeOutage(outage)
    }`,
  );
}
