/**
 * Runs inside a lab whose nodes have one address family only: the members find
 * each other, one node answers, and what happens to it costs a client no more
 * than elsewhere.
 */
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { DRAIN_ANNOTATION } from "../../mod/config/mod.ts";
import { collection } from "../../scripts/lab/api.ts";
import type { Lab } from "../../scripts/lab/lab.ts";
import type { LabNode } from "../../scripts/lab/lab_node.ts";
import { startProbes } from "../../scripts/lab/measurement.ts";
import { SERVICE_NAMESPACE } from "../../scripts/lab/objects.ts";
import { run } from "../../scripts/lab/process.ts";
import { askStatuses } from "../../scripts/lab/speaker_status.ts";
import { inUse } from "../../scripts/lab/topology.ts";
import {
  nodeNamed,
  rulesFollow,
  setEndpoints,
} from "../../scripts/lab/workload.ts";
import { reportChecks } from "./in_lab.ts";
import {
  addressesOf,
  allFamilies,
  createService,
  eventually,
  heirOf,
  ownerOf,
} from "./traffic.ts";
import { pingFromClient, runVerb } from "./verbs.ts";

const NODES = collection("v1", "nodes");
const NAME = "wide";
const KEY = `${SERVICE_NAMESPACE}/${NAME}`;
/** As of the other checks in the lab: a take-over has 0.6 s, a busy machine more. */
const TAKE_OVER_LIMIT = 1500;
/** Beats both ways until they are no accident. */
const BEATS = 10;

/** What the log says where a family is missing and nobody thought of it. */
const SOCKET_FAILURE =
  /Gossip: |heartbeatsFailed|interfaceFailed|joinRefused|EAFNOSUPPORT|EADDRNOTAVAIL|ENETUNREACH|os error (97|99|101)/;
const MOST_WARNINGS = 5;

async function addressOf(lab: Lab): Promise<string> {
  const [ip = "", ...others] = await addressesOf(lab, NAME);
  assertEquals(others, [], "one family, one address");
  return ip;
}

/** No node has an address of the other family, not even a link-local one. */
async function isSingleStack({ nodes, topology }: Lab): Promise<void> {
  const other = topology.families === "ipv4" ? "-6" : "-4";
  for (const { name, plan } of nodes) {
    const text = await run(["ip", other, "-n", name, "-o", "addr", "show"]);
    const lines = text.split("\n").filter((line) => !/^$| lo /.test(line));
    assertEquals(lines, [], `addresses of ${name}`);
    assertEquals(plan.internal, inUse(topology.families, plan.lan));
  }
}

async function findEachOther(lab: Lab): Promise<void> {
  const names = lab.nodes.map(({ name }) => name).join();
  await eventually(lab, "the members find each other", async () => {
    const statuses = await askStatuses(lab.nodes);
    const lost = statuses.find(({ members }) => members.join() !== names);
    return lost === undefined || `${lost.node} knows ${lost.members.join()}`;
  });
}

async function beatBothWays(lab: Lab): Promise<void> {
  const others = lab.nodes.length - 1;
  await eventually(lab, "all beat with all, both ways", async () => {
    const statuses = await askStatuses(lab.nodes);
    const lacking = statuses.find(({ beats, worker }) => {
      const { sent = 0, received = 0 } = beats["eth0"] ?? {};
      return worker.partners !== others || Math.min(sent, received) < BEATS;
    });
    return lacking === undefined ||
      `${lacking.node}: ${JSON.stringify([lacking.worker, lacking.beats])}`;
  });
}

/** The whole segment is asked, and listened to. */
async function oneAnswers(lab: Lab): Promise<void> {
  const { plan } = await ownerOf(lab, NAME);
  const ip = await addressOf(lab);
  const report: { readonly answers: readonly { readonly mac: string }[] } = JSON
    .parse(
      await pingFromClient(
        ...[ip, "--count", "3", "--timeout", "200", "-o", "json"],
      ),
    );
  const macs = new Set(report.answers.map(({ mac }) => mac));
  assertEquals([...macs], [plan.mac]);
}

async function verbsFindAllWell(lab: Lab): Promise<void> {
  const owner = await ownerOf(lab, NAME);
  const [status, service, node] = await Promise.all([
    runVerb("status", "-o", "json"),
    runVerb("explain", KEY, "-o", "json"),
    runVerb("explain", owner.name, "-o", "json"),
  ]).then((texts) => texts.map((text) => JSON.parse(text)));
  assertEquals(status.problems, []);
  assertEquals(status.speakers.length, lab.nodes.length);
  assertEquals(service.owner, owner.name);
  assertEquals(service.ips, [await addressOf(lab)]);
  assertEquals(node.owns, [KEY]);
}

/** As the verb does, whose rights the roles do not have. */
async function tellToDrain(
  lab: Lab,
  { name }: LabNode,
  mark: string | null,
): Promise<void> {
  const annotations = { [DRAIN_ANNOTATION]: mark };
  await lab.api.merge(`${NODES}/${name}`, { metadata: { annotations } });
}

async function drains(lab: Lab): Promise<void> {
  const ip = await addressOf(lab);
  const owner = await ownerOf(lab, NAME);
  const probes = await startProbes(lab, { ip, by: "datagrams", everyMs: 5 });
  await tellToDrain(lab, owner, "true");
  const heir = await heirOf(lab, NAME, owner);
  assertEquals(lab.sightings.macOf(ip), heir.plan.mac);
  await probes.steady();
  await tellToDrain(lab, owner, null);
  assertEquals((await ownerOf(lab, NAME)).name, owner.name);
  await probes.steady();
  const { probes: sent, lost, recovered } = await probes.stop();
  assert(recovered);
  assertEquals(lost, 0, `of ${sent} probes to ${ip}`);
}

/** Nothing about sockets, and not much at all: a slow machine makes warnings, too. */
async function logNothingWrong(lab: Lab): Promise<void> {
  const speakers = lab.nodes.flatMap(({ speaker }) => speaker ?? []);
  for (const { name, log } of [lab.controller, ...speakers]) {
    const lines = (await Deno.readTextFile(log)).trimEnd().split("\n");
    const warnings = lines.filter((line) => JSON.parse(line).level !== "INFO");
    const wrong = warnings.filter((line) => SOCKET_FAILURE.test(line));
    assertEquals(wrong, [], `the log of ${name}`);
    assertLessOrEqual(warnings.length, MOST_WARNINGS, warnings.join("\n"));
  }
}

async function dies(lab: Lab, owner: LabNode): Promise<LabNode> {
  const ip = await addressOf(lab);
  const probes = await startProbes(lab, { ip, by: "datagrams", everyMs: 5 });
  await owner.kill(lab.dataPlane);
  const heir = await heirOf(lab, NAME, owner);
  await probes.steady();
  const { recovered, outageMs, lost, probes: sent } = await probes.stop();
  console.error(`${ip}: ${lost} of ${sent} probes lost, ${outageMs} ms`);
  assert(recovered);
  assertLessOrEqual(outageMs, TAKE_OVER_LIMIT);
  assertEquals(lab.sightings.macOf(ip), heir.plan.mac);
  return heir;
}

/** The last node that is left has only the client to tell that it is not cut off itself. */
async function lastOneTakesOver(lab: Lab): Promise<void> {
  const owner = await ownerOf(lab, NAME);
  const [{ services } = { services: [] }] = await askStatuses([owner]);
  const last = nodeNamed(lab, services[0]?.standbys.at(-1));
  // What the client loses is to be the failover's doing, not a dead Pod's.
  await setEndpoints(lab, allFamilies(lab, NAME), [last]);
  await rulesFollow(lab, allFamilies(lab, NAME), [last]);
  const heir = await dies(lab, owner);
  assertEquals((await dies(lab, heir)).name, last.name);
}

await reportChecks([
  ["the nodes have one address family", isSingleStack],
  ["the members find each other", findEachOther],
  ["a Service is created", async (lab) => {
    await createService(lab, NAME, "Cluster", lab.nodes);
    await ownerOf(lab, NAME);
  }],
  ["all beat with all, both ways", beatBothWays],
  ["one station answers", oneAnswers],
  ["status and explain find all well", verbsFindAllWell],
  ["a drained owner loses no probe", drains],
  ["the logs hold nothing wrong", logNothingWrong],
  ["the owner dies, then its heir", lastOneTakesOver],
]);
