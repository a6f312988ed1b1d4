/** The calls of a drain: the mark on the Node, and who announces what. */
import { DRAIN_ANNOTATION } from "../../mod/config/mod.ts";
import { UsageError } from "../../mod/cli/mod.ts";
import {
  type KubeClient,
  KubeError,
  listAll,
  type Node,
  NODES,
} from "../../mod/kube/mod.ts";
import {
  L2_STATUS_RECORDS,
  type L2StatusRecord,
  selectorOfNode,
} from "../../mod/report/mod.ts";
import type { Cluster } from "../../mod/role/mod.ts";

/** What keeps a node from being drained, and what to do about it. */
export class DrainError extends Error {
  /** Name of the class, for logs. */
  override readonly name = "DrainError";
}

/** Whether a call may well succeed when it is made again. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof KubeError) || error.reason === "aborted") return false;
  return error.code === 0 || error.code === 429 || error.code >= 500;
}

/**
 * Makes a call; a refusal says which rights it takes.
 *
 * @throws {DrainError} When a right is missing.
 * @throws {KubeError} When the call fails otherwise.
 */
export async function withRights<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (!(cause instanceof KubeError)) throw cause;
    if (cause.code !== 401 && cause.code !== 403) throw cause;
    throw new DrainError(
      `${cause.message}; who drains needs the rights in manifests/maintenance/rbac.yaml: bind them to the user of this kubeconfig`,
      { cause },
    );
  }
}

/**
 * Reads a node.
 *
 * @throws {UsageError} When there is none of that name.
 * @throws {DrainError} When a right is missing.
 * @throws {KubeError} When the call fails otherwise.
 */
export async function readNode(
  client: KubeClient,
  name: string,
  signal: AbortSignal,
): Promise<Node> {
  try {
    return await withRights(() => client.get(NODES, { name }, { signal }));
  } catch (cause) {
    if (!(cause instanceof KubeError) || cause.code !== 404) throw cause;
    throw new UsageError(
      `The cluster has no node "${name}": "kubectl get nodes" lists them`,
      { cause },
    );
  }
}

/**
 * Marks a node as draining, or takes the mark away; its speaker follows.
 *
 * @throws {DrainError} When a right is missing.
 * @throws {KubeError} When the call fails otherwise.
 */
export async function markNode(
  client: KubeClient,
  name: string,
  drains: boolean,
  signal: AbortSignal,
): Promise<void> {
  const annotations = { [DRAIN_ANNOTATION]: drains ? "true" : null };
  const patch = { type: "merge", body: { metadata: { annotations } } } as const;
  await withRights(() => client.patch(NODES, { name }, patch, { signal }));
}

/**
 * Who announces what.
 *
 * @param node One node's objects only; left out, those of all.
 * @throws {DrainError} When a right is missing.
 * @throws {KubeError} When the call fails otherwise.
 */
export async function announcements(
  { client, namespace }: Cluster,
  signal: AbortSignal,
  node?: string,
): Promise<readonly L2StatusRecord[]> {
  return await withRights(() =>
    listAll(client, L2_STATUS_RECORDS, {
      namespace,
      signal,
      ...node === undefined ? {} : { labelSelector: selectorOfNode(node) },
    })
  );
}
