/**
 * Runs inside the lab: Services are created, updated and deleted, nodes die,
 * and the client sees what it should. `wide` has traffic policy Cluster, `near` has Local; both
 * have an address of each family, and all of both is checked for each.
 */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { bringBack } from "../../scripts/lab/failover.ts";
import type { Lab } from "../../scripts/lab/lab.ts";
import type { LabNode } from "../../scripts/lab/lab_node.ts";
import { startProbes } from "../../scripts/lab/measurement.ts";
import {
  POD_ECHO_PORT,
  POD_HTTP_PORT,
  SERVICE_ECHO_PORT,
} from "../../scripts/lab/topology.ts";
import { rulesFollow, setEndpoints } from "../../scripts/lab/workload.ts";
import { type LabCheck, reportChecks } from "./in_lab.ts";
import {
  addressesOf,
  allFamilies,
  ask,
  changeService,
  createService,
  deleteService,
  eventually,
  isGone,
  ownerOf,
  resolvesTo,
  sentTo,
  trafficIs,
} from "./traffic.ts";

const WIDE = "wide";
const NEAR = "near";
const OTHER_PORT = 8081;

function podsOf(nodes: readonly LabNode[]): readonly string[] {
  return nodes.map(({ plan }) => plan.podName).sort();
}

/** Every Pod answers, and the owner's address stands in for the client's. */
async function isSpread(
  lab: Lab,
  name: string,
  nodes: readonly LabNode[],
): Promise<void> {
  const owner = await ownerOf(lab, name);
  for (const ip of await addressesOf(lab, name)) {
    const expected = { pods: podsOf(nodes), sourceKept: false };
    await trafficIs(lab, ip, owner, expected);
  }
}

/** The Pod on the owner answers alone, and sees the client's address. */
async function isLocal(
  lab: Lab,
  name: string,
  nodes: readonly LabNode[],
): Promise<void> {
  const owner = await ownerOf(lab, name);
  assert(nodes.includes(owner), `${owner.name} has no Pod of "${name}"`);
  for (const ip of await addressesOf(lab, name)) {
    const expected = { pods: podsOf([owner]), sourceKept: true };
    await trafficIs(lab, ip, owner, expected);
  }
}

async function createsCluster(lab: Lab): Promise<void> {
  await createService(lab, WIDE, "Cluster", lab.nodes);
  await isSpread(lab, WIDE, lab.nodes);
}

async function createsLocal(lab: Lab): Promise<void> {
  const nodes = lab.nodes.slice(0, 2);
  await createService(lab, NEAR, "Local", nodes);
  await isLocal(lab, NEAR, nodes);
}

/** What comes to a node by a stale neighbour entry (R6, and Local's limit). */
async function forwardsWhatIsStale(lab: Lab): Promise<void> {
  const wideOwner = await ownerOf(lab, WIDE);
  for (const ip of await addressesOf(lab, WIDE)) {
    for (const node of lab.nodes.filter((each) => each !== wideOwner)) {
      await eventually(lab, `${node.name} forwards what is stale`, async () => {
        return await sentTo(lab, ip, node) !== undefined || "it drops it";
      });
    }
  }
  const nearOwner = await ownerOf(lab, NEAR);
  const [first, second, empty] = lab.nodes;
  assert(first && second && empty);
  const standby = nearOwner === first ? second : first;
  const { podName } = standby.plan;
  for (const ip of await addressesOf(lab, NEAR)) {
    await eventually(lab, `${standby.name} takes its own Pod`, async () => {
      const found = await sentTo(lab, ip, standby);
      const isLocal = found?.pod === podName && found.sourceKept;
      return isLocal || `it gives ${Deno.inspect(found)}`;
    });
    assertEquals(await sentTo(lab, ip, empty), undefined, empty.name);
  }
}

async function changesPort(lab: Lab): Promise<void> {
  const ips = await addressesOf(lab, WIDE);
  const echo = {
    ...{ name: "echo", protocol: "UDP" },
    ...{ port: SERVICE_ECHO_PORT, targetPort: POD_ECHO_PORT },
  };
  const http = { name: "http", protocol: "TCP", targetPort: POD_HTTP_PORT };
  await changeService(lab, WIDE, {
    ports: [{ ...http, port: OTHER_PORT }, echo],
  });
  for (const ip of ips) {
    await eventually(lab, `${ip} answers on its new port only`, async () => {
      if (await ask(lab, ip, OTHER_PORT) === undefined) return "not on the new";
      return await ask(lab, ip) === undefined || "on the old";
    });
  }
  assertEquals(await addressesOf(lab, WIDE), ips);
  await changeService(lab, WIDE, { ports: [{ ...http, port: 80 }, echo] });
  await isSpread(lab, WIDE, lab.nodes);
}

async function changesPolicy(lab: Lab): Promise<void> {
  const ips = await addressesOf(lab, WIDE);
  await changeService(lab, WIDE, { externalTrafficPolicy: "Local" });
  await isLocal(lab, WIDE, lab.nodes);
  await changeService(lab, WIDE, { externalTrafficPolicy: "Cluster" });
  await isSpread(lab, WIDE, lab.nodes);
  assertEquals(await addressesOf(lab, WIDE), ips);
}

async function changesEndpoints(lab: Lab): Promise<void> {
  const [first, , last] = lab.nodes;
  assert(first && last);
  await setEndpoints(lab, allFamilies(lab, WIDE), [first]);
  await isSpread(lab, WIDE, [first]);
  await setEndpoints(lab, allFamilies(lab, NEAR), [last]);
  await eventually(lab, `"${NEAR}" moves to its Pod`, async () => {
    const { name } = await ownerOf(lab, NEAR);
    return name === last.name || `it is at ${name}`;
  });
  await isLocal(lab, NEAR, [last]);
  for (const name of [WIDE, NEAR]) {
    await setEndpoints(lab, allFamilies(lab, name), lab.nodes);
  }
  await isSpread(lab, WIDE, lab.nodes);
  await isLocal(lab, NEAR, lab.nodes);
}

/** The owner of a Service dies; new connections come all the while. */
async function survivesDeath(
  lab: Lab,
  name: string,
  hold: (nodes: readonly LabNode[]) => Promise<void>,
): Promise<void> {
  const owner = await ownerOf(lab, name);
  const others = lab.nodes.filter((node) => node !== owner);
  const [ip = ""] = await addressesOf(lab, name);
  const probes = await startProbes(lab, { ip, by: "connections", everyMs: 20 });
  await eventually(
    lab,
    `the client uses ${owner.name}`,
    async () => await resolvesTo(ip, owner),
  );
  await owner.kill(lab.dataPlane);
  for (const service of [WIDE, NEAR]) {
    await setEndpoints(lab, allFamilies(lab, service), others);
  }
  await probes.steady();
  // Until then a third of the connections still goes to the dead Pod.
  await rulesFollow(lab, allFamilies(lab, WIDE), others);
  const { lost, outageMs } = await probes.stop();
  console.error(`"${name}": ${lost} connections failed, ${outageMs} ms`);
  assertGreater(lost, 0, "the death went unnoticed: nothing was tested");
  await hold(others);
  await bringBack(lab, owner);
  for (const service of [WIDE, NEAR]) {
    await setEndpoints(lab, allFamilies(lab, service), lab.nodes);
  }
  await eventually(lab, `${owner.name} has its address back`, async () => {
    return await ownerOf(lab, name) === owner || "it has not";
  });
  await hold(lab.nodes);
}

async function deletes(lab: Lab): Promise<void> {
  const ips = await addressesOf(lab, WIDE);
  assertEquals(ips.length, 2);
  await deleteService(lab, WIDE);
  await Promise.all(ips.map((ip) => isGone(lab, ip)));
}

async function changesType(lab: Lab): Promise<void> {
  const ips = await addressesOf(lab, NEAR);
  assertEquals(ips.length, 2);
  await changeService(lab, NEAR, {
    type: "ClusterIP",
    externalTrafficPolicy: null,
  });
  await Promise.all(ips.map((ip) => isGone(lab, ip)));
}

const CHECKS: readonly LabCheck[] = [
  ["created with Cluster: every Pod answers, from the owner", createsCluster],
  [
    "created with Local: the owner's Pod answers and sees the client",
    createsLocal,
  ],
  [
    "a node that owns nothing forwards what comes by a stale entry",
    forwardsWhatIsStale,
  ],
  ["updated: the new port answers, the old one does not", changesPort],
  ["updated: Cluster becomes Local and Cluster again", changesPolicy],
  [
    "updated: traffic follows the endpoints, with Local the owner too",
    changesEndpoints,
  ],
  [
    "a node dies, Cluster: new connections find the next owner",
    (lab) => survivesDeath(lab, WIDE, (nodes) => isSpread(lab, WIDE, nodes)),
  ],
  [
    "a node dies, Local: new connections find the next owner",
    (lab) => survivesDeath(lab, NEAR, (nodes) => isLocal(lab, NEAR, nodes)),
  ],
  ["deleted: neither resolved nor forwarded", deletes],
  ["no LoadBalancer any more: neither resolved nor forwarded", changesType],
];

await reportChecks(CHECKS);
