/** A real kube-apiserver with etcd as the API server of the lab. */
import {
  applyCrds,
  findKubernetes,
  type Manifest,
  parseManifests,
  programPath,
  readFolder,
  startCluster,
} from "../../tests/kubernetes/mod.ts";
import type { ApiFetch } from "./api.ts";
import type { ApiUser, ControlPlane, Role } from "./control_plane.ts";
import { LabError } from "./lab_error.ts";
import { SYSTEM_NAMESPACE } from "./objects.ts";
import { LAB_DIRECTORY } from "./programs.ts";
import { API_PORT, inUse, SERVICE_CIDR, type Topology } from "./topology.ts";

const MANIFESTS = new URL("../../manifests/", import.meta.url);

/**
 * The name by which the server knows a user: a role's service account, or the
 * user that Kubernetes itself gives the rights of kube-proxy.
 */
function nameOf(user: ApiUser): string {
  return user === "kube-proxy"
    ? "system:kube-proxy"
    : `system:serviceaccount:${SYSTEM_NAMESPACE}:herald-${user}`;
}

/**
 * Finds or builds the programs. Building needs the network, so this comes
 * before the lab's namespaces.
 *
 * @throws {LabError} With the reason when there can be no real API server.
 */
export async function prepareReal(): Promise<void> {
  const found = await findKubernetes();
  if (found.kind === "unavailable") {
    throw new LabError(`Cannot use a real API server: ${found.reason}`);
  }
  await programPath(found.apiServer);
}

async function readManifests(name: string): Promise<Manifest[]> {
  return parseManifests(await Deno.readTextFile(new URL(name, MANIFESTS)));
}

async function installRights(fetch: ApiFetch, role: Role): Promise<void> {
  for (const manifest of await readManifests(`base/${role}_rbac.yaml`)) {
    const { kind, metadata } = manifest;
    if (typeof kind !== "string" || kind === "ServiceAccount") continue;
    const place = typeof metadata === "object" && metadata !== null &&
        "namespace" in metadata
      ? `/namespaces/${metadata.namespace}`
      : "";
    const path =
      `/apis/rbac.authorization.k8s.io/v1${place}/${kind.toLowerCase()}s`;
    const response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(manifest),
    });
    const detail = await response.text();
    if (response.ok) continue;
    throw new LabError(`Cannot create the ${kind} of the ${role}`, { detail });
  }
}

/**
 * Starts a real control plane. The roles get the rights of their manifests and
 * no more.
 *
 * @param topology Where it listens.
 */
export async function startReal(topology: Topology): Promise<ControlPlane> {
  const roles: readonly Role[] = ["controller", "speaker"];
  const users: readonly ApiUser[] = [...roles, "kube-proxy"];
  const cluster = await startCluster({
    address: topology.apiServer,
    port: API_PORT,
    serviceRanges: inUse(topology.families, SERVICE_CIDR).join(),
    parent: LAB_DIRECTORY,
    users: users.map((user) => ({ name: nameOf(user) })),
  });
  const fetch: ApiFetch = (path, init) => cluster.fetch(path, init);
  return {
    description: `kube-apiserver and etcd, ${cluster.server}`,
    fetch,
    kubeconfig: (user) => cluster.kubeconfigFor({ user: nameOf(user) }),
    install: async () => {
      await applyCrds(cluster, await readFolder(new URL("crds", MANIFESTS)));
      for (const role of roles) await installRights(fetch, role);
    },
    process: undefined,
  };
}
