/** The verbs that look at a cluster, as people run them. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { electionOrder } from "../../mod/ownership/mod.ts";
import { type Outcome, runMain } from "./role_process.ts";
import { ServedCluster } from "./served_cluster.ts";

const TWO_HOURS_MS = 7_200_000;
const MACS = ["02:00:00:00:00:0a", "02:00:00:00:01:0a"];
const SINCE = "2026-01-02T03:04:05Z";

/** A node's word that it announces the Service "web", on all its interfaces. */
async function applyStatus(
  cluster: ServedCluster,
  node: string,
): Promise<void> {
  await cluster.apply(
    "/apis/metallb.io/v1beta1/namespaces/metallb-system/servicel2statuses",
    {
      apiVersion: "metallb.io/v1beta1",
      kind: "ServiceL2Status",
      metadata: {
        name: `l2-${node}`,
        namespace: "metallb-system",
        labels: {
          "metallb.io/node": node,
          "metallb.io/service-name": "web",
          "metallb.io/service-namespace": "default",
        },
        annotations: { "herald-lb.io/since": SINCE },
      },
    },
  );
}

/** Two living speakers and a dead one, a pool, a Service that has an address. */
async function furnish(cluster: ServedCluster): Promise<void> {
  await cluster.applyNamespace();
  const macs = MACS.map((mac, index) => `eth${index}=${mac}`).join();
  await cluster.applySpeaker("node-a", 0, macs);
  await cluster.applySpeaker("node-b", 0, macs);
  await cluster.applySpeaker("node-c", TWO_HOURS_MS);
  await cluster.applyPool("office", ["192.0.2.0/30"]);
  await cluster.applyAdvertisement("all");
  await cluster.applyServed("web", "192.0.2.1", "node-a");
}

async function ask(
  cluster: ServedCluster,
  ...args: readonly string[]
): Promise<Outcome> {
  const file = await cluster.writeKubeconfig();
  const permissions = ["-P=verb", `--allow-read=${file}`];
  return await runMain(permissions, ...args, "--kubeconfig", file);
}

Deno.test("explain SERVICE names the owner, the next and the excluded", async () => {
  await using cluster = new ServedCluster();
  cluster.start();
  await furnish(cluster);
  const json = await ask(cluster, "explain", "default/web", "-o", "json");
  assertEquals(json.stderr, "");
  const { owner, standbys, ips, excluded, problems } = JSON.parse(json.stdout);
  assertEquals(
    [owner, ...standbys],
    electionOrder(["node-a", "node-b"], "192.0.2.1"),
  );
  assertEquals(ips, ["192.0.2.1"]);
  assertEquals(excluded.length, 1);
  assertEquals(excluded[0].exclusions, ["notMember"]);
  assertEquals(problems, []);
  assertEquals(json.code, 0);
  const table = await ask(cluster, "explain", "192.0.2.1");
  assertStringIncludes(
    table.stdout,
    'Address 192.0.2.1: pool "office" holds it; default/web has it',
  );
  assertStringIncludes(table.stdout, `${standbys[0]}  standby 1`);
  assertEquals(table.code, 0);
});

Deno.test("explain says why a Service is pending", async () => {
  await using cluster = new ServedCluster();
  cluster.start();
  await furnish(cluster);
  await cluster.applyPool("office", ["192.0.2.1/32"]);
  await cluster.applyService("late");
  const { code, stdout } = await ask(cluster, "explain", "late");
  assertStringIncludes(
    stdout,
    'problem: default/late: Failed to allocate IP for "default/late": no eligible pool has a free IPv4 address',
  );
  assertEquals(code, 1);
});

Deno.test("explain NODE tells a dead speaker from its Lease", async () => {
  await using cluster = new ServedCluster();
  cluster.start();
  await furnish(cluster);
  const { code, stdout } = await ask(cluster, "explain", "node-c");
  assertStringIncludes(stdout, "Node node-c: speaker not alive");
  assertStringIncludes(stdout, "default/web  no candidate");
  assertEquals(code, 1);
});

Deno.test("explain refuses what the cluster does not have", async () => {
  await using cluster = new ServedCluster();
  cluster.start();
  await furnish(cluster);
  const { code, stderr } = await ask(cluster, "explain", "nothing");
  assertStringIncludes(stderr, 'The cluster has no node "nothing"');
  assertEquals(code, 2);
});

Deno.test("status shows pools, owners and speakers, problems first", async () => {
  await using cluster = new ServedCluster();
  cluster.start();
  await furnish(cluster);
  const [announcer = ""] = electionOrder(["node-a", "node-b"], "192.0.2.1");
  await applyStatus(cluster, announcer);
  const table = await ask(cluster, "status");
  const [first, , ...rest] = table.stdout.split("\n");
  assertStringIncludes(first ?? "", "problem: speaker of node-c: its Lease");
  const [owner, standby] = electionOrder(["node-a", "node-b"], "192.0.2.1");
  assertEquals(rest.slice(0, 5), [
    "POOL    ASSIGNED  AVAILABLE",
    "office  1         3",
    "",
    `SERVICE      ADDRESS    POOL    OWNER   ${
      "MAC".padEnd(36)
    }  SINCE                 STANDBYS`,
    `default/web  192.0.2.1  office  ${owner}  ${
      MACS.join(", ")
    }  ${SINCE}  ${standby}`,
  ]);
  assertEquals(table.code, 1);
  await applyStatus(cluster, standby ?? "");
  const torn = await ask(cluster, "status");
  assertStringIncludes(
    torn.stdout,
    "problem: default/web: node-a and node-b say that they announce it; one should",
  );
});

Deno.test("status -o json of a cluster that is well ends with 0", async () => {
  await using cluster = new ServedCluster();
  cluster.start();
  await furnish(cluster);
  await cluster.applySpeaker("node-c", 0);
  const { code, stdout } = await ask(cluster, "status", "-o", "json");
  const { problems, services, pools, speakers } = JSON.parse(stdout);
  assertEquals(problems, []);
  assertEquals(
    [services[0].owner, ...services[0].standbys],
    electionOrder(["node-a", "node-b", "node-c"], "192.0.2.1"),
  );
  assertEquals(pools, [{ pool: "office", assigned: "1", available: "3" }]);
  assertEquals(speakers.length, 3);
  assertEquals(code, 0);
});

Deno.test("status and explain tell who announces, and who drains", async () => {
  await using cluster = new ServedCluster();
  cluster.start();
  await furnish(cluster);
  await cluster.applySpeaker("node-c", 0);
  const nodes = ["node-a", "node-b", "node-c"];
  const [first = "", second = "", third = ""] = electionOrder(
    nodes,
    "192.0.2.1",
  );
  // The first has given it away, and the third claims it; the second stands by.
  await cluster.drain(first);
  await applyStatus(cluster, third);
  const json = await ask(cluster, "status", "-o", "json");
  const { problems, services, speakers } = JSON.parse(json.stdout);
  assertEquals(problems, []);
  const { owner, standbys, since } = services[0];
  assertEquals([owner, standbys, since], [third, [second], SINCE]);
  assertEquals(
    speakers.filter(({ draining }: { readonly draining: boolean }) => draining)
      .map(({ node }: { readonly node: string }) => node),
    [first],
  );
  assertEquals(json.code, 0);
  const table = await ask(cluster, "explain", "web");
  assertStringIncludes(table.stdout, `Owner: ${third}\n`);
  assertStringIncludes(table.stdout, `  ${third} announces it since ${SINCE}`);
  assertStringIncludes(table.stdout, `${first}  draining   it drains`);
  const drained = await ask(cluster, "explain", first);
  assertStringIncludes(
    drained.stdout,
    `Node ${first}: speaker alive, draining`,
  );
});

Deno.test("drain marks a node under the permissions of a verb, and undoes it", async () => {
  await using cluster = new ServedCluster();
  cluster.start();
  await furnish(cluster);
  const drained = await ask(cluster, "drain", "node-a", "--grace", "0");
  assertEquals([drained.code, drained.stderr], [0, ""]);
  assertStringIncludes(drained.stdout, "node-a may be shut down.");
  const undone = await ask(cluster, "drain", "node-a", "--undo");
  assertEquals([undone.code, undone.stderr], [0, ""]);
  const dead = await ask(cluster, "drain", "node-c");
  assertStringIncludes(dead.stderr, "its speaker is not alive");
  assertEquals(dead.code, 1);
  const unknown = await ask(cluster, "drain", "node-x");
  assertStringIncludes(unknown.stderr, 'The cluster has no node "node-x"');
  assertEquals(unknown.code, 2);
});

const usage = [
  { args: ["status", "x"], code: 2, says: 'Unexpected argument "x"' },
  { args: ["status", "--help"], code: 0, says: "Usage: herald status" },
  { args: ["explain"], code: 2, says: "Name one Service, address or node" },
  { args: ["explain", "a", "b"], code: 2, says: "Name one Service" },
  { args: ["explain", "web"], code: 1, says: "give --kubeconfig FILE" },
  { args: ["explain", "--help"], code: 0, says: "Exit code: 0 = all is well" },
  { args: ["drain"], code: 2, says: 'Name one node: "drain NODE"' },
  { args: ["drain", "a", "b"], code: 2, says: "Name one node" },
  { args: ["drain", "a", "--grace", "x"], code: 2, says: "--grace takes" },
  { args: ["drain", "a"], code: 1, says: "give --kubeconfig FILE" },
  { args: ["drain", "--help"], code: 0, says: "Exit code: 0 = drained" },
];

Deno.test.each(usage)("$args ends with $code", async ({ args, code, says }) => {
  const outcome = await runMain(["-P=verb"], ...args);
  assertStringIncludes(outcome.stdout + outcome.stderr, says);
  assert(outcome.code === code, `it ended with ${outcome.code}`);
});
