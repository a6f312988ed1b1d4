/**
 * Runs inside the lab, and answers there for the kube-proxy of every node: the
 * owner of a Service dies, boots, and has no rules for a while.
 */
import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import type { Lab } from "../../scripts/lab/lab.ts";
import type { LabNode } from "../../scripts/lab/lab_node.ts";
import { startProbes } from "../../scripts/lab/measurement.ts";
import { askStatus, readiness } from "../../scripts/lab/speaker_status.ts";
import { KUBE_PROXY_HEALTH_PORT } from "../../scripts/lab/topology.ts";
import { reportChecks } from "./in_lab.ts";
import {
  addressesOf,
  createService,
  eventually,
  heirOf,
  ownerOf,
} from "./traffic.ts";

const NAME = "wide";
/** The lab's hold time of fail-back, in ms. */
const HOLD = 1000;
/** Questions of a speaker in some three seconds: contact and the hold time take less. */
const LONG = 6;

/** Nodes whose kube-proxy is not healthy, by their address. */
const unhealthy = new Set<string>();
/** Questions, by the address that they come from. */
const asked = new Map<string, number>();

Deno.serve(
  { port: KUBE_PROXY_HEALTH_PORT, onListen: () => {} },
  (_request, { remoteAddr: { hostname } }) => {
    asked.set(hostname, askedBy(hostname) + 1);
    const isHealthy = !unhealthy.has(hostname);
    const status = isHealthy ? { IPv4: { healthy: true } } : {};
    return Response.json({ status }, { status: isHealthy ? 200 : 503 });
  },
);

function askedBy(address: string): number {
  return asked.get(address) ?? 0;
}

/** Waits until a node has asked so many times more. */
async function asks(lab: Lab, node: LabNode, times: number): Promise<void> {
  const { management } = node.plan;
  const end = askedBy(management) + times;
  await eventually(
    lab,
    `the speaker of ${node.name} asks ${times} times`,
    () => {
      const now = askedBy(management);
      return Promise.resolve(now >= end || `${end - now} are left`);
    },
  );
}

/** Waits until a node that has booted beats with others, and is none to give anything to. */
async function isReserve(lab: Lab, node: LabNode): Promise<void> {
  await eventually(lab, `${node.name} is a reserve`, async () => {
    const status = await askStatus(node);
    if (status === undefined) return "it does not answer";
    const { forwarding: { kind, reason }, worker } = status;
    assertEquals(kind, "waits", reason);
    if (reason !== "unhealthy") return `it has heard: ${reason}`;
    return worker.partners > 0 || "it beats with nobody";
  });
}

/** The owner dies and boots, and its kube-proxy does not say that it is healthy. */
async function boots(lab: Lab): Promise<LabNode> {
  const owner = await ownerOf(lab, NAME);
  unhealthy.add(owner.plan.management);
  await owner.kill(lab.dataPlane);
  await heirOf(lab, NAME, owner);
  await owner.start(lab.dataPlane);
  await isReserve(lab, owner);
  return owner;
}

async function waitsForKubeProxy(lab: Lab): Promise<void> {
  const [ip = ""] = await addressesOf(lab, NAME);
  const owner = await boots(lab);
  const { management } = owner.plan;
  const probes = await startProbes(lab, { ip, by: "datagrams", everyMs: 5 });
  const moves = lab.sightings.macOf(ip);
  await asks(lab, owner, LONG);
  assertEquals(lab.sightings.macOf(ip), moves, "nothing went back to it");
  assertEquals(
    await readiness(management),
    "kube-proxy: it has not said that this node forwards (unhealthy)",
  );

  const healthyAt = performance.now();
  unhealthy.delete(management);
  assertEquals((await ownerOf(lab, NAME)).name, owner.name);
  assertGreaterOrEqual(performance.now() - healthyAt, HOLD);
  await probes.steady();
  const { probes: sent, lost, recovered } = await probes.stop();
  assert(recovered);
  assertEquals(lost, 0, `of ${sent} probes to ${ip}`);
  assertEquals(lab.sightings.macOf(ip), owner.plan.mac);
  assertEquals(await readiness(management), "ready");
}

/** Whoever has been told does not ask again. */
async function asksNoMore(lab: Lab): Promise<void> {
  const before = new Map(asked);
  const owner = await boots(lab);
  await asks(lab, owner, 2);
  for (const { plan: { management, name } } of lab.nodes) {
    if (name === owner.name) continue;
    assertEquals(askedBy(management), before.get(management), name);
  }
}

/** It is a reserve still, and all others die. */
async function takesWhatNobodyDoes(lab: Lab): Promise<void> {
  const booted = lab.nodes.find(({ plan }) => unhealthy.has(plan.management));
  assert(booted !== undefined);
  const others = lab.nodes.filter((node) => node !== booted);
  await Promise.all(others.map((node) => node.kill(lab.dataPlane)));
  assertEquals((await ownerOf(lab, NAME)).name, booted.name);
  await isReserveStill(booted);
}

async function isReserveStill(node: LabNode): Promise<void> {
  const status = await askStatus(node);
  assertEquals(status?.forwarding.kind, "waits");
}

await reportChecks([
  ["a Service is created", async (lab) => {
    await createService(lab, NAME, "Cluster", lab.nodes);
    await ownerOf(lab, NAME);
  }],
  [
    "its owner boots, and gets it back once kube-proxy has rules",
    waitsForKubeProxy,
  ],
  ["nobody asks for longer than needed", asksNoMore],
  ["it takes what nobody else answers for, rules or not", takesWhatNobodyDoes],
]);
