/** Where the configuration of the cluster access comes from. */
import type { ClusterAccess } from "./access.ts";
import { inClusterAccess } from "./in_cluster.ts";
import {
  readFile,
  readMaterial,
  type ReadTextFile,
  requirePem,
} from "./material.ts";

/** Where to look for the configuration. */
export interface AccessOptions {
  /** Path of a kubeconfig; without it the Pod's service account is used. */
  readonly kubeconfig?: string | undefined;
  /** Context of the kubeconfig; default: its `current-context`. */
  readonly context?: string | undefined;
  /** Reads an environment variable. */
  readonly env: (name: string) => string | undefined;
  /** Reads a file. */
  readonly readTextFile: ReadTextFile;
}

/**
 * Finds out how to reach the cluster, from a kubeconfig or inside a Pod.
 * Everything that it names is read once, so that a mistake shows at start.
 *
 * @throws {AccessError} that says what is wrong, where, and what to do.
 */
export async function loadAccess(
  options: AccessOptions,
): Promise<ClusterAccess> {
  const { kubeconfig, env, readTextFile } = options;
  const access = kubeconfig === undefined
    ? await inClusterAccess(env, readTextFile)
    : await fromKubeconfig(kubeconfig, options);
  await checkMaterial(access, readTextFile);
  return access;
}

async function fromKubeconfig(
  path: string,
  { context, readTextFile }: AccessOptions,
): Promise<ClusterAccess> {
  const text = await readFile(readTextFile, path, "the kubeconfig");
  // A Pod needs no YAML and nothing of client-node.
  const { parseKubeconfig } = await import("./kubeconfig.ts");
  return parseKubeconfig(text, { path, context });
}

async function checkMaterial(
  { ca, identity }: ClusterAccess,
  read: ReadTextFile,
): Promise<void> {
  const { token, certificate } = identity;
  if (ca !== undefined) {
    requirePem(await readMaterial(read, ca), "CERTIFICATE", ca.origin);
  }
  if (token !== undefined) await readMaterial(read, token);
  if (certificate === undefined) return;
  const { cert, key } = certificate;
  requirePem(await readMaterial(read, cert), "CERTIFICATE", cert.origin);
  requirePem(await readMaterial(read, key), "PRIVATE KEY", key.origin);
}
