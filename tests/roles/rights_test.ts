/** Both roles against a real kube-apiserver with the rights of `manifests/base`. */
import { assertEquals } from "@std/assert";
import { IP_ADDRESS_POOLS } from "../../mod/config/mod.ts";
import { SERVICES } from "../../mod/kube/mod.ts";
import {
  type ApiCall,
  InstalledCluster,
  type RoleName,
  whyNotInstallable,
} from "../installed_cluster.ts";
import { NetworkNamespace } from "../network_namespace.ts";
import { privilegedTests, skip } from "../privileges.ts";
import { RoleProcess } from "./role_process.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const NAMESPACE = "metallb-system";
const NODE = "node-a";

const FLAGS: Readonly<Record<RoleName, readonly string[]>> = {
  controller: ["--leader-lease-duration", "2", "--leader-lease-renew", "0.2"],
  speaker: [
    ...["--node-name", NODE],
    ...["--lease-duration", "2", "--lease-renew", "0.2"],
  ],
};

async function startRole(
  cluster: InstalledCluster,
  role: RoleName,
): Promise<RoleProcess> {
  const file = await cluster.kubeconfigOf(role);
  const readable = [
    ...["speaker", "mod", "ffi"].map((folder) => ROOT + folder),
    file,
  ];
  return RoleProcess.start({
    permissions: [`-P=${role}`, `--allow-read=${readable.join()}`],
    args: [role, "--kubeconfig", file, ...FLAGS[role]],
  });
}

/** A cluster with a node, a pool and its advertisement. */
async function furnish({ plane, client }: InstalledCluster): Promise<void> {
  await client.create(IP_ADDRESS_POOLS, {
    metadata: { name: "p", namespace: NAMESPACE },
    spec: { addresses: ["192.0.2.0/31"] },
  });
  const custom = `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}`;
  const objects = [
    ["/api/v1/nodes", { metadata: { name: NODE } }],
    [`${custom}/l2advertisements`, {
      apiVersion: "metallb.io/v1beta1",
      kind: "L2Advertisement",
      metadata: { name: "all" },
    }],
    ["/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", {
      metadata: {
        name: "web-1",
        labels: { "kubernetes.io/service-name": "web" },
      },
      addressType: "IPv4",
      endpoints: [{ addresses: ["10.244.0.5"], nodeName: NODE }],
      ports: [{ port: 80 }],
    }],
  ] as const;
  for (const [path, object] of objects) {
    const body = JSON.stringify(object);
    const answer = await plane.fetch(path, { method: "POST", body });
    assertEquals(answer.status, 201, await answer.text());
  }
}

async function serve({ client }: InstalledCluster, name: string) {
  await client.create(SERVICES, {
    metadata: { name, namespace: "default" },
    spec: {
      type: "LoadBalancer",
      selector: { app: "web" },
      ports: [{ port: 80 }],
    },
  });
}

/** Reads until the answer is as wanted; the time limit is the test runner's. */
async function until<T>(
  read: () => Promise<T>,
  isWanted: (answer: T) => boolean,
): Promise<T> {
  for (;;) {
    const answer = await read();
    if (isWanted(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What `kubectl get -o jsonpath` shows of an object. */
async function field(
  { plane }: InstalledCluster,
  path: string,
  ...object: string[]
): Promise<string> {
  const args = ["get", ...object, "-o", `jsonpath={${path}}`];
  return (await plane.kubectl(args)).stdout;
}

/** The life of a Service. */
async function live(
  cluster: InstalledCluster,
  controller: RoleProcess,
  speaker: RoleProcess,
): Promise<void> {
  for (const role of [controller, speaker]) {
    await role.until("/readyz", ({ status }) => status === 200);
  }
  const { client } = cluster;
  const ingress = ".status.loadBalancer.ingress[0].ip";
  const assigned = (count: string) =>
    until(
      () =>
        field(
          cluster,
          ".status.assignedIPv4",
          "ipaddresspool/p",
          `-n=${NAMESPACE}`,
        ),
      (text) => text === count,
    );
  const announces = (isAnnounced: boolean) =>
    speaker.until(
      "/metrics",
      ({ text }) =>
        text.includes("metallb_speaker_announced{service=") === isAnnounced,
    );
  await serve(cluster, "web");
  await until(
    () => field(cluster, ingress, "service/web"),
    (ip) => ip === "192.0.2.0",
  );
  await announces(true);
  await assigned("1");
  await until(
    () => field(cluster, ".items[*].reason", "events"),
    (reasons) => reasons.includes("IPAllocated"),
  );
  await client.delete(SERVICES, { name: "web", namespace: "default" });
  await announces(false);
  await assigned("0");
}

/** Calls that were refused, one line for each kind. */
function refused(calls: readonly ApiCall[]): readonly string[] {
  const bad = calls.filter(({ code }) => code === 401 || code === 403);
  const lines = bad.map(({ role, verb, resource, code }) =>
    `${role} ${verb} ${resource}: ${code}`
  );
  return [...new Set(lines)];
}

/** Throws as soon as a call was refused: a role without a right waits for ever. */
async function refusal(
  cluster: InstalledCluster,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const lines = refused(await cluster.calls());
    if (lines.length > 0) throw new Error(lines.join("\n"));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** What the calls must include, or the test shows nothing. */
const NEEDED = [
  "controller patch services/status",
  "controller patch ipaddresspools/status",
  "controller patch configurationstates/status",
  "controller create events",
  "controller create leases",
  "controller patch leases",
  "controller watch services",
  "speaker watch services",
  "speaker watch endpointslices",
  "speaker watch nodes",
  "speaker watch l2advertisements",
  "speaker create leases",
  "speaker patch leases",
  "speaker delete leases",
];

const reason = await whyNotInstallable();

privilegedTests(import.meta.url, (test) => {
  const name = "the rights of manifests/base suffice for a Service's life";
  if (reason !== undefined) return skip(name, reason, { required: false });
  test(name, async () => {
    using namespace = NetworkNamespace.enter();
    namespace.wire("eth0", "peer");
    await using cluster = await InstalledCluster.start();
    await furnish(cluster);
    await using controller = await startRole(cluster, "controller");
    await using speaker = await startRole(cluster, "speaker");
    const lived = new AbortController();
    const refusals = refusal(cluster, lived.signal);
    try {
      await Promise.race([refusals, live(cluster, controller, speaker)]);
    } finally {
      lived.abort();
    }
    await refusals;
    assertEquals(await speaker.stop(), 0);
    assertEquals(await controller.stop(), 0);
    const calls = await cluster.calls();
    assertEquals(refused(calls), []);
    const done = new Set(
      calls.filter(({ code }) => code < 300)
        .map(({ role, verb, resource }) => `${role} ${verb} ${resource}`),
    );
    assertEquals(NEEDED.filter((call) => !done.has(call)), []);
    // The speaker's Lease is gone, and the leader's is free to take.
    const leases = ["leases", `-n=${NAMESPACE}`];
    const names = await field(cluster, ".items[*].metadata.name", ...leases);
    assertEquals(names, "herald-controller");
    const holders = await field(cluster, ".items[*].spec", ...leases);
    assertEquals(JSON.parse(holders).holderIdentity, "");
  });
});
