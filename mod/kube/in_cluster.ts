/** The access that Kubernetes gives to every Pod. */
import type { ClusterAccess } from "./access.ts";
import { AccessError } from "./access_error.ts";
import { readFile, type ReadTextFile } from "./material.ts";
import { compact } from "./projection.ts";

/** Folder of the service account's files in a Pod. */
export const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * The access of this Pod's service account.
 *
 * @throws {AccessError} outside a Pod, or when the token is not mounted.
 */
export async function inClusterAccess(
  env: (name: string) => string | undefined,
  read: ReadTextFile,
): Promise<ClusterAccess> {
  const host = env("KUBERNETES_SERVICE_HOST");
  const port = env("KUBERNETES_SERVICE_PORT") ?? "443";
  if (host === undefined || host === "") {
    throw new AccessError(
      "Cannot find a cluster: KUBERNETES_SERVICE_HOST is not set, so this is not a Pod; give --kubeconfig FILE",
      { reason: "notInCluster" },
    );
  }
  const authority = host.includes(":")
    ? `[${host}]:${port}`
    : `${host}:${port}`;
  const origin = "the Pod's service account; see automountServiceAccountToken";
  const file = (name: string) => ({
    kind: "file" as const,
    path: `${SERVICE_ACCOUNT}/${name}`,
    origin,
  });
  return compact({
    server: `https://${authority}`,
    origin: "the Pod's service account",
    namespace: await ownNamespace(read),
    ca: file("ca.crt"),
    identity: { token: file("token") },
  });
}

async function ownNamespace(read: ReadTextFile): Promise<string | undefined> {
  try {
    const path = `${SERVICE_ACCOUNT}/namespace`;
    return (await readFile(read, path, "namespace")).trim() || undefined;
  } catch (error) {
    // A Pod without the file still has a token; flags name the namespace.
    if (error instanceof AccessError) return undefined;
    throw error;
  }
}
