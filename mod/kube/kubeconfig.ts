/** Reading a kubeconfig. */
import type { ClusterAccess, Identity } from "./access.ts";
import { AccessError } from "./access_error.ts";
import {
  type Cluster,
  type Context,
  newClusters,
  newContexts,
  newUsers,
  type User,
} from "./k8s.ts";
import { decodeBase64, type Material } from "./material.ts";
import { compact, isRecord, list, type Raw, record } from "./projection.ts";
import { parse } from "@std/yaml";

/** Options of {@linkcode parseKubeconfig}. */
export interface KubeconfigOptions {
  /** Path of the file: names it in messages, and paths in it are relative to it. */
  readonly path: string;
  /** Context to use; default: `current-context`. */
  readonly context?: string | undefined;
}

/**
 * Reads a kubeconfig. Files that it names are not read yet.
 *
 * @throws {AccessError} that says what is wrong, where, and what to do.
 */
export function parseKubeconfig(
  text: string,
  options: KubeconfigOptions,
): ClusterAccess {
  const raw = parseYaml(text, options.path);
  const entries = readEntries(raw, options.path);
  const context = chooseContext(entries.contexts, raw, options);
  const where = `kubeconfig "${options.path}", context "${context.name}"`;
  const cluster = findEntry(
    entries.clusters,
    context.cluster,
    "cluster",
    where,
  );
  const user = findEntry(entries.users, context.user, "user", where);
  refuseUnsupported(cluster, user, where);
  const folder = options.path.slice(0, options.path.lastIndexOf("/") + 1);
  return compact({
    server: serverUrl(cluster, where),
    origin: where,
    namespace: context.namespace,
    ca: material(
      cluster.caData,
      cluster.caFile,
      ["certificate-authority", `cluster "${cluster.name}"`],
      folder,
    ),
    proxyUrl: cluster.proxyUrl,
    identity: readIdentity(user, raw, folder),
  });
}

function parseYaml(text: string, path: string): Raw {
  let parsed: unknown;
  try {
    parsed = parse(text);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new AccessError(
      `Cannot read kubeconfig "${path}": it is not YAML: ${detail}`,
      { reason: "badYaml", cause },
    );
  }
  if (isRecord(parsed)) return parsed;
  throw new AccessError(
    `Cannot read kubeconfig "${path}": it is empty or not a mapping; expected clusters, users and contexts`,
    { reason: "badKubeconfig" },
  );
}

interface Entries {
  readonly clusters: readonly Cluster[];
  readonly users: readonly User[];
  readonly contexts: readonly Context[];
}

function readEntries(raw: Raw, path: string): Entries {
  try {
    return {
      clusters: newClusters(raw["clusters"]),
      users: newUsers(raw["users"]),
      contexts: newContexts(raw["contexts"]),
    };
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new AccessError(`Cannot read kubeconfig "${path}": ${detail}`, {
      reason: "badKubeconfig",
      cause,
    });
  }
}

function names(entries: readonly { readonly name: string }[]): string {
  if (entries.length === 0) return "there is none";
  return `there are ${entries.map(({ name }) => `"${name}"`).join(", ")}`;
}

function chooseContext(
  contexts: readonly Context[],
  raw: Raw,
  { path, context }: KubeconfigOptions,
): Context {
  const name = context ?? raw["current-context"];
  if (typeof name !== "string" || name === "") {
    throw new AccessError(
      `Cannot choose a context of kubeconfig "${path}": current-context is not set; ${
        names(contexts)
      }`,
      { reason: "unknownContext" },
    );
  }
  const found = contexts.find((entry) => entry.name === name);
  if (found !== undefined) return found;
  throw new AccessError(
    `Cannot find context "${name}" in kubeconfig "${path}": ${names(contexts)}`,
    { reason: "unknownContext" },
  );
}

function findEntry<T extends { readonly name: string }>(
  entries: readonly T[],
  name: string,
  what: "cluster" | "user",
  where: string,
): T {
  const found = entries.find((entry) => entry.name === name);
  if (found !== undefined) return found;
  throw new AccessError(
    `Cannot find ${what} "${name}" of ${where}: ${names(entries)}`,
    { reason: "badKubeconfig" },
  );
}

function refuseUnsupported(cluster: Cluster, user: User, where: string): void {
  const refused = cluster.skipTLSVerify
    ? "insecure-skip-tls-verify; give certificate-authority-data instead"
    : cluster.tlsServerName !== undefined
    ? "tls-server-name; use a server URL whose host the certificate names"
    : user.username !== undefined
    ? "username and password, which Kubernetes dropped in 1.19; use a token or a client certificate"
    : undefined;
  if (refused === undefined) return;
  throw new AccessError(`Cannot use ${where}: no support for ${refused}`, {
    reason: "unsupported",
  });
}

function serverUrl({ name, server }: Cluster, where: string): string {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url?.protocol === "https:" || url?.protocol === "http:") return server;
  throw new AccessError(
    `Cannot use server "${server}" of cluster "${name}" (${where}): expected https://HOST:PORT`,
    { reason: "badKubeconfig" },
  );
}

function material(
  data: unknown,
  file: unknown,
  [field, owner]: readonly [field: string, owner: string],
  folder: string,
): Material | undefined {
  const origin = `${field} of ${owner}`;
  // As with kubectl, data wins over a file.
  if (typeof data === "string" && data !== "") {
    const text = decodeBase64(data, `${field}-data of ${owner}`);
    return { kind: "inline", text, origin };
  }
  if (typeof file !== "string" || file === "") return undefined;
  const path = file.startsWith("/") ? file : `${folder}${file}`;
  return { kind: "file", path, origin };
}

function readIdentity(
  user: User,
  raw: Raw,
  folder: string,
): Identity {
  const owner = `user "${user.name}"`;
  const cert = material(
    user.certData,
    user.certFile,
    ["client-certificate", owner],
    folder,
  );
  const key = material(
    user.keyData,
    user.keyFile,
    ["client-key", owner],
    folder,
  );
  if ((cert === undefined) !== (key === undefined)) {
    throw new AccessError(
      `Cannot use user "${user.name}": client-certificate and client-key go together`,
      { reason: "badKubeconfig" },
    );
  }
  const { name, exec, authProvider } = user;
  const usesPlugin = isRecord(exec) || isRecord(authProvider);
  return compact({
    token: tokenOf(user, raw, folder),
    certificate: cert && key ? { cert, key } : undefined,
    impersonate: user.impersonateUser,
    plugin: usesPlugin ? { name, exec, authProvider } : undefined,
  });
}

/** client-node looks for `token-file`; the field is called `tokenFile`. */
function tokenOf(user: User, raw: Raw, folder: string): Material | undefined {
  const owner = `user "${user.name}"`;
  const entry = list(raw["users"], record)?.find(({ name }) =>
    name === user.name
  );
  const file = record(entry?.["user"])["tokenFile"];
  if (typeof file === "string" && file !== "") {
    return material(undefined, file, ["tokenFile", owner], folder);
  }
  if (typeof user.token !== "string" || user.token === "") return undefined;
  return { kind: "inline", text: user.token, origin: `token of ${owner}` };
}
