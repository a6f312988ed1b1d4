/** Both roles against a real kube-apiserver with the rights of `manifests/base`. */
import { assertEquals } from "@std/assert";
import { IP_ADDRESS_POOLS } from "../../mod/config/mod.ts";
import { SERVICES } from "../../mod/kube/mod.ts";
import { sliceOf } from "../endpoint_slices.ts";
import {
  type ApiCall,
  type InstalledCluster,
  MANIFESTS,
  type RoleName,
  whyNotInstallable,
} from "../installed_cluster.ts";
import { parseManifests } from "../kubernetes/mod.ts";
import { NetworkNamespace } from "../network_namespace.ts";
import { privilegedTests, skip } from "../privileges.ts";
import { WebhookCluster } from "../webhook_cluster.ts";
import { RoleProcess } from "./role_process.ts";
import { until } from "./waiting.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const NAMESPACE = "metallb-system";
const NODE = "node-a";

async function startSpeaker(
  cluster: InstalledCluster,
  pod: string,
): Promise<RoleProcess> {
  const file = await cluster.kubeconfigOf("speaker");
  const readable = [
    ...["speaker", "mod", "ffi"].map((folder) => ROOT + folder),
    file,
  ];
  return RoleProcess.start({
    permissions: ["-P=speaker", `--allow-read=${readable.join()}`],
    args: [
      ...["speaker", "--kubeconfig", file, "--node-name", NODE],
      ...["--pod-name", pod, "--pod-uid", `uid-of-${pod}`],
      ...["--metrics-port", "9121"],
      ...["--lease-duration", "2", "--lease-renew", "0.2"],
    ],
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
    [
      "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
      sliceOf("web", NODE),
    ],
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

/** What `kubectl get -o jsonpath` shows of an object. */
async function field(
  { plane }: InstalledCluster,
  path: string,
  ...object: string[]
): Promise<string> {
  const args = ["get", ...object, "-o", `jsonpath={${path}}`];
  return (await plane.kubectl(args)).stdout;
}

const INGRESS = ".status.loadBalancer.ingress[0].ip";
const STATUSES = ["servicel2statuses,configurationstates", `-n=${NAMESPACE}`];

/** Waits until a field is as wanted. */
async function shows(
  cluster: InstalledCluster,
  path: string,
  object: readonly string[],
  isWanted: (text: string) => boolean,
): Promise<void> {
  await until(() => field(cluster, path, ...object), isWanted);
}

async function isReady(role: RoleProcess): Promise<void> {
  await role.until("/readyz", ({ status }) => status === 200);
  // What it may not do it finds out by a question that everybody may ask.
  await role.event(({ message }) =>
    String(message).startsWith("Metrics over HTTPS are off")
  );
}

/** A Service is created, and everything is told of it. */
async function comeIn(
  cluster: InstalledCluster,
  ...roles: readonly RoleProcess[]
): Promise<void> {
  await Promise.all(roles.map(isReady));
  await serve(cluster, "web");
  const pool = ["ipaddresspool/p", `-n=${NAMESPACE}`];
  await shows(cluster, INGRESS, ["service/web"], (ip) => ip === "192.0.2.0");
  await shows(cluster, ".status.assignedIPv4", pool, (text) => text === "1");
  await shows(
    cluster,
    ".items[*].reason",
    ["events"],
    (reasons) =>
      reasons.includes("IPAllocated") && reasons.includes("nodeAssigned"),
  );
  // The controller's ConfigurationState has no node.
  await shows(
    cluster,
    ".items[*].status.node",
    STATUSES,
    (nodes) => nodes === NODE,
  );
}

/** Another Pod runs on the node, and the Service is deleted. */
async function goOut(
  cluster: InstalledCluster,
  speaker: RoleProcess,
): Promise<void> {
  await isReady(speaker);
  const owners = ".items[*].metadata.ownerReferences[*].name";
  const isTheirs = (names: string): boolean => names === "pod-2 pod-2";
  await shows(cluster, owners, STATUSES, isTheirs);
  await cluster.client.delete(SERVICES, { name: "web", namespace: "default" });
  await speaker.until(
    "/metrics",
    ({ text }) => !text.includes("metallb_speaker_announced{service="),
  );
  await shows(
    cluster,
    ".items[*].status.node",
    STATUSES,
    (nodes) => nodes === "",
  );
  const pool = ["ipaddresspool/p", `-n=${NAMESPACE}`];
  await shows(cluster, ".status.assignedIPv4", pool, (text) => text === "0");
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

/** What a Service's life need not take. */
const SELDOM = new Set([
  // After a conflict, or when the answer to a write was lost.
  "controller get services",
]);

interface Rule {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const RIGHTS: Readonly<Record<RoleName, readonly string[]>> = {
  controller: [
    "base/controller_rbac.yaml",
    "components/webhooks/rbac.yaml",
    "components/webhooks/certificate_rbac.yaml",
  ],
  speaker: ["base/speaker_rbac.yaml"],
};

/** Every right that the manifests give, as `ROLE VERB RESOURCE`. */
async function rightsOf(role: RoleName): Promise<readonly string[]> {
  const texts = await Promise.all(
    RIGHTS[role].map((file) => Deno.readTextFile(MANIFESTS + file)),
  );
  const rules = texts.flatMap(parseManifests).flatMap(({ rules = [] }) =>
    rules as readonly Rule[]
  );
  return rules.flatMap(({ resources, verbs }) =>
    resources.flatMap((resource) =>
      verbs.map((verb) => `${role} ${verb} ${resource}`)
    )
  );
}

const reason = await whyNotInstallable();

privilegedTests(import.meta.url, (test) => {
  const name =
    "the rights of manifests/base are what a Service's life takes, no more and no less";
  if (reason !== undefined) return skip(name, reason, { required: false });
  test(name, async () => {
    using namespace = NetworkNamespace.enter();
    namespace.wire("eth0", "peer");
    await using webhooks = await WebhookCluster.start(namespace);
    const cluster = webhooks.installed;
    const lived = new AbortController();
    const refusals = refusal(cluster, lived.signal);
    const unless = <T>(work: Promise<T>) => Promise.race([refusals, work]);
    try {
      const controller = await webhooks.controller(
        ...["--metrics-port", "9120", "--pod-name", "controller-1"],
        ...["--ml-secret-name", "memberlist"],
      );
      await using first = controller;
      await unless(webhooks.untilAnswered());
      await furnish(cluster);
      {
        await using speaker = await startSpeaker(cluster, "pod-1");
        await unless(comeIn(cluster, controller, speaker));
        assertEquals(await speaker.stop(), 0);
      }
      await using speaker = await startSpeaker(cluster, "pod-2");
      await unless(goOut(cluster, speaker));
      assertEquals(await speaker.stop(), 0);
      assertEquals(await first.stop(), 0);
    } finally {
      lived.abort();
    }
    await refusals;
    const calls = await cluster.calls();
    assertEquals(refused(calls), []);
    // Asking for what is not there yet is what the right is for, too.
    const done = new Set(
      calls.map(({ role, verb, resource }) => `${role} ${verb} ${resource}`),
    );
    const rights = [
      ...await rightsOf("controller"),
      ...await rightsOf("speaker"),
    ];
    assertEquals(
      rights.filter((right) => !done.has(right) && !SELDOM.has(right)),
      [],
      "rights that nobody needed",
    );
    // The speaker's Lease is gone, and the leader's is free to take.
    const leases = ["leases", `-n=${NAMESPACE}`];
    const names = await field(cluster, ".items[*].metadata.name", ...leases);
    assertEquals(names, "herald-controller");
    const holders = await field(cluster, ".items[*].spec", ...leases);
    assertEquals(JSON.parse(holders).holderIdentity, "");
  });
});
