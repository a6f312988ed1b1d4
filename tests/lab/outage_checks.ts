/**
 * Runs inside the lab: no speaker reaches the API server for longer than any
 * Lease lasts. A node dies meanwhile, and its speaker starts again without
 * knowing anything; then the API server is back. A client uses a Service of that
 * node all the while.
 */
import { assert, assertEquals, assertGreater } from "@std/assert";
import type { Lab } from "../../scripts/lab/lab.ts";
import type { LabNode } from "../../scripts/lab/lab_node.ts";
import { startProbes } from "../../scripts/lab/measurement.ts";
import type { Outage } from "../../scripts/lab/probes.ts";
import { run } from "../../scripts/lab/process.ts";
import { askStatuses, readiness } from "../../scripts/lab/speaker_status.ts";
import { API_PORT } from "../../scripts/lab/topology.ts";
import { pause } from "../../scripts/lab/waiting.ts";
import { rulesFollow, setEndpoints } from "../../scripts/lab/workload.ts";
import { reportChecks } from "./in_lab.ts";
import {
  addressesOf,
  allFamilies,
  createService,
  eventually,
  ownerOf,
} from "./traffic.ts";

/** The Service that the client uses. */
const USED = "wide";
const OTHERS = ["two", "three", "four", "five"];
/** Milliseconds between beats, as the test sets it. */
const BEAT = 300;
/** Several times as long as a Lease of the lab lasts, in ms. */
const LONG = 5000;
/** Twice as long as a returned node has to be sound in the lab, in ms. */
const HOLD = 2000;

/** What was found before the API server went away. */
interface Before {
  /** The node that dies. */
  readonly owner: LabNode;
  /** Addresses by the MAC addresses that they are at. */
  readonly macs: ReadonlyMap<string, string>;
}

let before: Before | undefined;

function known(): Before {
  assert(before);
  return before;
}

async function furnish(lab: Lab): Promise<void> {
  const macs = new Map<string, string>();
  for (const name of [USED, ...OTHERS]) {
    await createService(lab, name, "Cluster", lab.nodes);
    const { plan } = await ownerOf(lab, name);
    for (const ip of await addressesOf(lab, name)) macs.set(ip, plan.mac);
  }
  const owner = await ownerOf(lab, USED);
  assertGreater(new Set(macs.values()).size, 1, "one node has everything");
  // What the client loses is to be the failover's doing, not a dead Pod's.
  const survivor = lab.nodes.filter((node) => node !== owner).slice(0, 1);
  await setEndpoints(lab, allFamilies(lab, USED), survivor);
  await rulesFollow(lab, allFamilies(lab, USED), survivor);
  before = { owner, macs };
}

/** What the speakers say of the beats is what they do. */
async function tellBeats(lab: Lab): Promise<void> {
  await eventually(lab, "all speakers say how fast they beat", async () => {
    const other = (await askStatuses(lab.nodes)).find(({ worker }) =>
      worker.beatInterval !== BEAT || worker.detectionTime !== 3 * BEAT
    );
    return other === undefined ||
      `${other.node} says ${JSON.stringify(other.worker)}`;
  });
  for (const { beats, beatLateness } of await askStatuses(lab.nodes)) {
    const received = beats["eth0"]?.received ?? 0;
    const timed = beatLateness["eth0"]?.upTo.at(-1) ?? 0;
    // Not timed are the first of each peer.
    assertGreater(timed, received / 2);
  }
}

/** Connections of the nodes to the API server break, and new ones are refused. */
async function cut(): Promise<void> {
  await run(
    ["nft", "-f", "-"],
    `table inet outage {
      chain input {
        type filter hook input priority 0;
        iifname != "lo" tcp dport ${API_PORT} reject with tcp reset
      }
    }`,
  );
}

async function mend(): Promise<void> {
  await run(["nft", "delete", "table", "inet", "outage"]);
}

/** Addresses that were seen elsewhere since an event, those of a node left out. */
function moved(lab: Lab, from: number, except?: LabNode): readonly string[] {
  return lab.history.events.slice(from).flatMap((event) =>
    event.kind === "moved" &&
      known().macs.get(event.ip) !== except?.plan.mac
      ? [`${event.ip} to ${event.node}`]
      : []
  );
}

/** Uses the Service while something happens. */
async function used(lab: Lab, act: () => Promise<void>): Promise<Outage> {
  const [ip = ""] = await addressesOf(lab, USED);
  const probes = await startProbes(lab, { ip, by: "datagrams", everyMs: 5 });
  await act();
  await probes.steady();
  const outage = await probes.stop();
  const { lost, probes: sent } = outage;
  console.error(`${ip}: ${lost} of ${sent} probes lost`);
  assert(outage.recovered);
  return outage;
}

async function goesAway(lab: Lab): Promise<void> {
  const from = lab.history.events.length;
  const { lost } = await used(lab, async () => {
    await cut();
    await eventually(lab, "all speakers miss the API server", async () => {
      const happy = (await askStatuses(lab.nodes)).find(({ frozen, ready }) =>
        !frozen || ready
      );
      return happy === undefined || `${happy.node} does not`;
    });
    await pause(LONG);
  });
  assertEquals(lost, 0);
  assertEquals(moved(lab, from), []);
}

async function dies(lab: Lab): Promise<void> {
  const { owner } = known();
  const from = lab.history.events.length;
  const { lost } = await used(lab, async () => {
    await owner.kill(lab.dataPlane);
    await eventually(lab, "its addresses are elsewhere", () => {
      const left = [...known().macs].find(([ip, mac]) =>
        mac === owner.plan.mac && lab.sightings.macOf(ip) === mac
      );
      return Promise.resolve(left === undefined || `${left[0]} is not`);
    });
  });
  assertGreater(lost, 0, "the death went unnoticed: nothing was tested");
  assertEquals(moved(lab, from, owner), []);
}

async function startsBlind(lab: Lab): Promise<void> {
  const { owner } = known();
  const from = lab.history.events.length;
  const { lost } = await used(lab, async () => {
    await owner.start(lab.dataPlane);
    await eventually(lab, "the others know it again", async () => {
      const others = lab.nodes.filter((node) => node !== owner);
      const blind = (await askStatuses(others)).find(({ members }) =>
        !members.includes(owner.name)
      );
      return blind === undefined || `${blind.node} does not`;
    });
    await pause(HOLD);
  });
  assert((await readiness(owner.plan.management)).includes("not listed yet"));
  assertEquals(lost, 0);
  assertEquals(moved(lab, from), []);
}

async function comesBack(lab: Lab): Promise<void> {
  const { owner, macs } = known();
  const from = lab.history.events.length;
  const { lost } = await used(lab, async () => {
    await mend();
    await eventually(lab, "all addresses are where they were", () => {
      const astray = [...macs].find(([ip, mac]) =>
        lab.sightings.macOf(ip) !== mac
      );
      return Promise.resolve(astray === undefined || `${astray[0]} is not`);
    });
  });
  assertEquals(lost, 0);
  assertEquals(moved(lab, from, owner), []);
}

await reportChecks([
  ["Services are created, of more than one node", furnish],
  ["how fast they beat is told as it is", tellBeats],
  ["away for many Leases: nothing moves, nothing is lost", goesAway],
  ["away, and a node dies: what it had is taken over", dies],
  ["away, and its speaker starts again: it disturbs nobody", startsBlind],
  ["back: only what the returned node had moves, without loss", comesBack],
]);
