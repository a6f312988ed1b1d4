/**
 * Runs inside the lab, while a client uses one of the addresses: the speaker of
 * the owner ends and is started again at once; then its node may not serve for
 * a while.
 */
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { EXCLUDE_LABEL } from "../../mod/config/mod.ts";
import { collection } from "../../scripts/lab/api.ts";
import { type Lab, roleReady } from "../../scripts/lab/lab.ts";
import type { LabNode } from "../../scripts/lab/lab_node.ts";
import { startProbes } from "../../scripts/lab/measurement.ts";
import type { Outage } from "../../scripts/lab/probes.ts";
import { run } from "../../scripts/lab/process.ts";
import { reportChecks } from "./in_lab.ts";
import {
  addressesOf,
  createService,
  eventually,
  heirOf,
  ownerOf,
} from "./traffic.ts";

/** One is enough, unless all have one owner. */
const NAMES = ["wide", "two", "three", "four", "five"];
/**
 * A take-over has 0.6 s (`deno task bench:failover` has the distribution); the
 * machine that runs tests may be busy.
 */
const TAKE_OVER_LIMIT = 1500;

/** Names of two Services with different owners: who ends often gets its addresses back late. */
const used: string[] = [];

async function furnish(lab: Lab): Promise<void> {
  let first: string | undefined;
  for (const name of NAMES) {
    await createService(lab, name, "Cluster", lab.nodes);
    const owner = await ownerOf(lab, name);
    first ??= owner.name;
    if (used.length === 0 || owner.name !== first) used.push(name);
    if (used.length === 2) return;
  }
  throw new Error("All Services have one owner: give more names");
}

/** What is used: the IPv4 address of the first Service, the IPv6 address of the second. */
async function targetOf(
  lab: Lab,
  place: number,
): Promise<
  { readonly name: string; readonly ip: string; readonly owner: LabNode }
> {
  const name = used[place] ?? "";
  const ip = (await addressesOf(lab, name))[place] ?? "";
  return { name, ip, owner: await ownerOf(lab, name) };
}

/** Restarts the speaker of the owner; what the client has lost when the owner has its address back. */
async function restart(
  lab: Lab,
  place: number,
  signal: "SIGTERM" | "SIGKILL",
): Promise<Outage> {
  const { name, ip, owner } = await targetOf(lab, place);
  const probes = await startProbes(lab, { ip, by: "datagrams", everyMs: 5 });
  await owner.speaker?.stop(signal);
  // Whoever knows the owner's MAC address goes on with the node, which forwards.
  await run(["ip", "-n", "client", "neigh", "flush", "to", ip]);
  owner.startSpeaker();
  const { speaker } = owner;
  assert(speaker);
  await roleReady(`${owner.name} again`, owner.plan.management, speaker);
  assertEquals((await ownerOf(lab, name)).name, owner.name);
  await probes.steady();
  const outage = await probes.stop();
  const { probes: sent, lost, outageMs } = outage;
  console.error(
    `${signal}, ${ip}: ${lost} of ${sent} probes lost, ${outageMs} ms`,
  );
  assert(outage.recovered);
  return outage;
}

async function losesNothing(lab: Lab, place: number): Promise<void> {
  assertEquals((await restart(lab, place, "SIGTERM")).lost, 0);
}

async function losesLittle(lab: Lab, place: number): Promise<void> {
  const { outageMs } = await restart(lab, place, "SIGKILL");
  assertLessOrEqual(outageMs, TAKE_OVER_LIMIT);
}

/** The owner may not serve any more, and may again: each time somebody is there before it is gone. */
async function changesHands(
  lab: Lab,
  place: number,
  tell: (node: string, isOut: boolean) => Promise<void>,
): Promise<void> {
  const { name, ip, owner } = await targetOf(lab, place);
  const probes = await startProbes(lab, { ip, by: "datagrams", everyMs: 5 });
  await tell(owner.name, true);
  await heirOf(lab, name, owner);
  await probes.steady();
  await tell(owner.name, false);
  await eventually(lab, `${owner.name} has "${name}" back`, async () => {
    const now = await ownerOf(lab, name);
    return now === owner || `${now.name} has it`;
  });
  await probes.steady();
  const { probes: sent, lost, recovered } = await probes.stop();
  assert(recovered);
  assertEquals(lost, 0, `of ${sent} probes to ${ip}`);
}

const NODES = collection("v1", "nodes");

await reportChecks([
  ["Services of two owners are created", furnish],
  ["by SIGTERM: no IPv4 probe is lost", (lab) => losesNothing(lab, 0)],
  ["by SIGTERM: no IPv6 probe is lost", (lab) => losesNothing(lab, 1)],
  ["by SIGKILL: IPv4 answers in time", (lab) => losesLittle(lab, 0)],
  ["by SIGKILL: IPv6 answers in time", (lab) => losesLittle(lab, 1)],
  ["by the exclude label: no IPv4 probe is lost", async (lab) => {
    await changesHands(lab, 0, async (node, isOut) => {
      const labels = { [EXCLUDE_LABEL]: isOut ? "" : null };
      await lab.api.merge(`${NODES}/${node}`, { metadata: { labels } });
    });
  }],
  ["by NetworkUnavailable: no IPv6 probe is lost", async (lab) => {
    await changesHands(lab, 1, async (node, isOut) => {
      const status = isOut ? "True" : "False";
      const conditions = [{ type: "NetworkUnavailable", status }];
      await lab.api.merge(`${NODES}/${node}/status`, {
        status: { conditions },
      });
    });
  }],
]);
