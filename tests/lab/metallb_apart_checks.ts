/**
 * Runs inside the lab: on one node MetalLB's speaker gossips with nobody, then
 * in plain. Ours does not find it, and both answer, as the README says; they do
 * not fight over `ServiceL2Status` objects either.
 */
import { assert, assertEquals, assertLess } from "@std/assert";
import { collection } from "../../scripts/lab/api.ts";
import type { Lab } from "../../scripts/lab/lab.ts";
import type { LabNode } from "../../scripts/lab/lab_node.ts";
import { SYSTEM_NAMESPACE } from "../../scripts/lab/objects.ts";
import { askStatus } from "../../scripts/lab/speaker_status.ts";
import { NEW_RELEASE } from "../interop/metallb/program.ts";
import { type LabCheck, reportChecks } from "./in_lab.ts";
import { type MetallbGossip, prepareMetallb, startMetallb } from "./metallb.ts";
import { orderOf } from "./metallb_change.ts";
import { addressesOf, createService, eventually } from "./traffic.ts";
import { WireWatch } from "./wire_watch.ts";

const SERVICES = ["web-0", "web-1", "web-2", "web-3"];
const STATUSES = collection(
  "metallb.io/v1beta1",
  "servicel2statuses",
  SYSTEM_NAMESPACE,
);
/** More than the 10 s after which our speakers look for members again. */
const WATCHED_MS = 15_000;
const POLL_MS = 200;
/** So many answers show who answers: half a second of questions, if one does. */
const ENOUGH = 25;

const ips: string[] = [];
let wire: WireWatch | undefined;

function now(): number {
  return performance.timeOrigin + performance.now();
}

async function begins(lab: Lab): Promise<void> {
  await prepareMetallb(lab);
  for (const name of SERVICES) {
    await createService(lab, name, "Cluster", lab.nodes);
    const [v4 = ""] = await addressesOf(lab, name);
    ips.push(v4);
  }
  wire = new WireWatch(lab, ips);
}

/** The nodes that have answered for an address since a time, sorted. */
function answerers(lab: Lab, ip: string, since: number): string[] {
  const macs = new Set(wire?.answers(ip, since).map(({ mac }) => mac));
  return lab.nodes.filter(({ plan }) => macs.has(plan.mac))
    .map(({ name }) => name);
}

/** So many nodes answer for an address from now on. */
async function isAnsweredBy(
  lab: Lab,
  ip: string,
  expected: number,
): Promise<void> {
  const since = now();
  await eventually(lab, `${expected} nodes answer for ${ip}`, () => {
    const { length = 0 } = wire?.answers(ip, since) ?? [];
    const found = answerers(lab, ip, since);
    const isEnough = length >= ENOUGH && found.length >= expected;
    return Promise.resolve(isEnough || `${length} answers of ${found}`);
  });
  assertEquals(answerers(lab, ip, since).length, expected, ip);
}

/** Counts the objects that are seen in a time, by their names. */
async function countStatuses(lab: Lab, ms: number): Promise<number> {
  const names = new Set<string>();
  for (const end = now() + ms; now() < end;) {
    const { items } = await lab.api.list(STATUSES);
    for (const { metadata } of items) names.add(metadata.name);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return names.size;
}

/** What two answer for beside a speaker that gossips like that. */
function contestedBy(gossip: MetallbGossip, node: LabNode, lab: Lab): string[] {
  return ips.filter((ip) =>
    gossip === "plain" || orderOf(ip, lab.nodes)[0] === node
  );
}

function staysApart(gossip: MetallbGossip): LabCheck {
  return [`a speaker that gossips ${gossip} is not found`, async (lab) => {
    const [node, ...others] = lab.nodes;
    if (node === undefined) throw new Error("The lab has no node");
    await node.speaker?.stop("SIGTERM");
    const since = now();
    const metallb = await startMetallb(node, NEW_RELEASE, gossip);
    const contested = contestedBy(gossip, node, lab);
    assert(contested.length > 0);
    await eventually(
      lab,
      "MetalLB's speaker answers",
      () =>
        Promise.resolve(
          contested.every((ip) =>
            answerers(lab, ip, since).includes(node.name)
          ) ||
            `${metallb.log}: not for ${contested}`,
        ),
    );
    const count = await countStatuses(lab, WATCHED_MS);
    // Two of ours and two of MetalLB's for each Service, and as many at the start.
    assertLess(count, 8 * SERVICES.length);
    for (const ip of ips) {
      const expected = contested.includes(ip) ? 2 : 1;
      await isAnsweredBy(lab, ip, expected);
    }
    for (const other of others) {
      const status = await askStatus(other);
      assertEquals(status?.members, others.map(({ name }) => name).sort());
    }
    await metallb.stop("SIGTERM");
  }];
}

await reportChecks([
  ["Services have addresses", begins],
  staysApart("none"),
  staysApart("plain"),
]);
