/** Installing, upgrading and both ways to uninstall, by the README's commands. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { whyNotInstallable } from "../installed_cluster.ts";
import { skip } from "../privileges.ts";
import { RoleProcess } from "../roles/role_process.ts";
import { until } from "../roles/waiting.ts";
import { findKubernetes } from "./binaries.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { isManifest, type Manifest, parseManifests } from "./crds.ts";
import { blocksBelow, kubectlBelow } from "./readme_commands.ts";
import { shell } from "./shell.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const OVERLAYS = `${ROOT}manifests/overlays`;
const NAMESPACE = "metallb-system";
const USER = `system:serviceaccount:${NAMESPACE}:herald-controller`;
const CRDS = "customresourcedefinitions";

/** `NAME KIND` of every object of a kind, sorted. */
async function names(
  plane: Cluster,
  ...kinds: readonly string[]
): Promise<readonly string[]> {
  const list = kinds.join();
  const script = `kubectl get ${list} --all-namespaces --output name`;
  return (await shell(plane, script)).trim().split("\n").filter((line) =>
    line !== ""
  ).sort();
}

interface Service {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly status: {
    readonly loadBalancer: { readonly ingress?: readonly { ip: string }[] };
  };
}

async function service(plane: Cluster, name: string): Promise<Service> {
  const path = `/api/v1/namespaces/default/services/${name}`;
  return await (await plane.fetch(path)).json();
}

async function addressOf(
  plane: Cluster,
  name: string,
): Promise<string | undefined> {
  const { status } = await service(plane, name);
  return status.loadBalancer.ingress?.[0]?.ip;
}

/** A pool, a Service for Herald, and one that another load balancer serves. */
const OBJECTS = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: office, namespace: ${NAMESPACE} }
spec: { addresses: [192.0.2.0/30] }
---
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: { name: router, namespace: ${NAMESPACE} }
spec: { myASN: 64500, peerASN: 64501, peerAddress: 192.0.2.254 }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: default }
spec: { type: LoadBalancer, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: other, namespace: default }
spec: { type: LoadBalancer, loadBalancerClass: example.com/other, ports: [{ port: 80 }] }
`;

async function furnish(plane: Cluster): Promise<void> {
  // Nobody answers the webhooks here; tests/roles/webhook_test.ts does.
  await shell(
    plane,
    "kubectl delete validatingwebhookconfiguration metallb-webhook-configuration",
  );
  const { code, stderr } = await plane.kubectl(
    ["apply", "--server-side", "--filename", "-"],
    OBJECTS,
  );
  assertEquals(code, 0, stderr);
  await plane.kubectl([
    ...["patch", "service", "other", "--subresource=status", "--type=merge"],
    '--patch={"status":{"loadBalancer":{"ingress":[{"ip":"198.51.100.9"}]}}}',
  ]);
}

/** Runs the controller until the Service has an address and it is ready. */
async function control(plane: Cluster, wanted: string): Promise<void> {
  const file = `${plane.directory}/controller.kubeconfig`;
  await Deno.writeTextFile(file, plane.kubeconfigFor({ user: USER }));
  await using role = RoleProcess.start({
    permissions: ["-P=controller", `--allow-read=${file}`],
    args: ["controller", "--kubeconfig", file, "--webhook-port", "0"],
  });
  await role.until("/readyz", ({ status }) => status === 200);
  await until(() => addressOf(plane, "web"), (ip) => ip === wanted);
}

async function conversion(plane: Cluster): Promise<unknown> {
  const name = "bgppeers.metallb.io";
  const path = `/apis/apiextensions.k8s.io/v1/${CRDS}/${name}`;
  return (await (await plane.fetch(path)).json()).spec.conversion;
}

async function labelOf(plane: Cluster, label: string): Promise<unknown> {
  const path = `/api/v1/namespaces/${NAMESPACE}`;
  return (await (await plane.fetch(path)).json()).metadata.labels[label];
}

/** As kube-controller-manager does, which the test cluster lacks. */
async function emptyNamespace(plane: Cluster): Promise<void> {
  const path = `/api/v1/namespaces/${NAMESPACE}`;
  const read = async () => await (await plane.fetch(path)).json();
  const namespace = await until(
    read,
    ({ metadata }) => metadata?.deletionTimestamp !== undefined,
  );
  const spec = { ...namespace.spec, finalizers: [] };
  const answer = await plane.fetch(`${path}/finalize`, {
    method: "PUT",
    body: JSON.stringify({ ...namespace, spec }),
  });
  await answer.body?.cancel();
}

/** Everything of Herald's that is neither a definition nor what they define. */
const WORKLOAD = [
  ...["deployments", "daemonsets", "serviceaccounts", "roles", "rolebindings"],
  ...["clusterroles", "clusterrolebindings", "services", "secrets"],
  "validatingwebhookconfigurations",
];

async function heralds(plane: Cluster): Promise<readonly string[]> {
  return (await names(plane, ...WORKLOAD)).filter((name) =>
    name.includes("/herald-") || name.includes("/metallb-webhook-")
  );
}

const reason = await whyNotInstallable();

function test(name: string, run: (t: Deno.TestContext) => Promise<void>): void {
  if (reason !== undefined) skip(name, reason, { required: false });
  else Deno.test(name, run);
}

test("the README's commands install, upgrade, uninstall and clear", async (context) => {
  const [install = ""] = await kubectlBelow("## Install");
  const [upgrade = ""] = await kubectlBelow("### Upgrade");
  const [keep = "", clear = ""] = await kubectlBelow("### Uninstall");
  await using plane = await startCluster({ users: [{ name: USER }] });
  await shell(plane, install);
  const installed = await heralds(plane);
  assert(installed.includes("deployment.apps/herald-controller"));
  assert(installed.includes("daemonset.apps/herald-speaker"));
  const definitions = await names(plane, CRDS);
  await furnish(plane);
  await control(plane, "192.0.2.0");
  const before = await service(plane, "web");
  await context.step("an upgrade changes no Service", async () => {
    // What somebody else wrote does not stop it.
    const label = "pod-security.kubernetes.io/enforce";
    await shell(
      plane,
      `kubectl label namespace ${NAMESPACE} ${label}=baseline --overwrite --field-manager helm`,
    );
    await shell(plane, upgrade);
    assertEquals(await labelOf(plane, label), "privileged");
    assertEquals(await heralds(plane), installed);
    assertEquals(await service(plane, "web"), before);
  });
  await context.step(
    "uninstalled, definitions, pools and addresses are there",
    async () => {
      await shell(plane, keep);
      assertEquals(await conversion(plane), { strategy: "None" });
      assertEquals(await heralds(plane), []);
      assertEquals(await names(plane, CRDS), definitions);
      assertEquals(await names(plane, "ipaddresspools", "bgppeers"), [
        "bgppeer.metallb.io/router",
        "ipaddresspool.metallb.io/office",
      ]);
      assertEquals(await service(plane, "web"), before);
    },
  );
  await context.step(
    "installed again, it takes the address over as it is",
    async () => {
      await shell(plane, install);
      assertEquals(await heralds(plane), installed);
      await control(plane, "192.0.2.0");
      assertEquals(await service(plane, "web"), before);
    },
  );
  await context.step("cleared, nothing of it is left", async () => {
    await shell(plane, keep);
    await Promise.all([shell(plane, clear), emptyNamespace(plane)]);
    const { metadata, status } = await service(plane, "web");
    assertEquals([metadata.annotations, status], [undefined, {
      loadBalancer: {},
    }]);
    assertEquals(await heralds(plane), []);
    assertEquals(await names(plane, CRDS), []);
    const namespaces = await names(plane, "namespaces");
    assert(!namespaces.includes(`namespace/${NAMESPACE}`));
  });
  await context.step(
    "the other load balancer's Service is as it was",
    async () => {
      assertEquals(await addressOf(plane, "other"), "198.51.100.9");
    },
  );
});

/** The objects of a kustomization. */
async function kustomized(folder: string): Promise<readonly Manifest[]> {
  const found = await findKubernetes();
  const kubectl = found.kind === "available" ? found.kubectl ?? "" : "";
  const { stdout, stderr } = await new Deno.Command(kubectl, {
    args: ["kustomize", folder],
  }).output();
  const decoder = new TextDecoder();
  assertEquals(decoder.decode(stderr), "");
  return parseManifests(decoder.decode(stdout));
}

function isKept({ metadata }: Manifest): boolean {
  const labels = isManifest(metadata) ? metadata.labels : undefined;
  return isManifest(labels) && labels["herald-lb.io/uninstall"] === "keep";
}

test("of every overlay, uninstalling keeps the namespace and the definitions", async () => {
  const entries = await Array.fromAsync(Deno.readDir(OVERLAYS));
  const folders = entries.map(({ name }) => `${OVERLAYS}/${name}`);
  for (const folder of [`${ROOT}manifests/base`, ...folders]) {
    const manifests = await kustomized(folder);
    for (const manifest of manifests) {
      const { kind } = manifest;
      const holds = kind === "CustomResourceDefinition" || kind === "Namespace";
      assertEquals(isKept(manifest), holds, `${folder}: ${kind}`);
    }
    assert(manifests.some(isKept), folder);
  }
});

test("the README's kustomization sets the name of the image", async () => {
  const [block = ""] = await blocksBelow("## Install", "yaml");
  await Deno.mkdir(`${ROOT}.cache`, { recursive: true });
  const folder = await Deno.makeTempDir({ dir: `${ROOT}.cache` });
  try {
    const text = block.replace("path/to/herald", "../..");
    await Deno.writeTextFile(`${folder}/kustomization.yaml`, text);
    const images = JSON.stringify(await kustomized(folder))
      .match(/"image":"[^"]*"/g) ?? [];
    assertEquals(
      new Set(images),
      new Set(['"image":"registry.example/herald:0.1.0"']),
    );
    const base = JSON.stringify(await kustomized(`${ROOT}manifests/base`));
    assertStringIncludes(base, '"image":"herald:0.1.0"');
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
