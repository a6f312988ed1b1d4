/**
 * Finds the programs of a real control plane: kube-apiserver and etcd, and
 * kubectl where there is one. Looking is cheap; building is in `build.ts`.
 */

/** The release that `go.mod` pins. */
export const KUBERNETES_VERSION = "v1.36.3";

/** Where kube-apiserver comes from. */
export type ApiServerSource =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "build"; readonly go: string; readonly path: string };

/** The programs, or why there are none. */
export type Kubernetes =
  | {
    readonly kind: "available";
    readonly apiServer: ApiServerSource;
    readonly etcd: string;
    readonly kubectl: string | undefined;
  }
  | {
    readonly kind: "unavailable";
    readonly reason: string;
    /** Go is here, so only something easy to install is missing. */
    readonly goPresent: boolean;
  };

/** Reads an environment variable; the seam for tests. */
export type Environment = (name: string) => string | undefined;

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (
      error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory ||
      error instanceof Deno.errors.PermissionDenied
    ) return false;
    throw error;
  }
}

/** The first folder that holds `name`, as a path, in the order given. */
async function findProgram(
  name: string,
  folders: readonly string[],
): Promise<string | undefined> {
  for (const folder of folders) {
    const path = `${folder}/${name}`;
    if (folder !== "" && await isFile(path)) return path;
  }
  return undefined;
}

/** Where a built kube-apiserver is kept: below `XDG_CACHE_HOME` or `~/.cache`. */
export function cachedApiServer(env: Environment): string {
  const cache = env("XDG_CACHE_HOME") || `${env("HOME") ?? "/root"}/.cache`;
  return `${cache}/herald/kubernetes-${KUBERNETES_VERSION}/kube-apiserver`;
}

/**
 * Looks in `KUBEBUILDER_ASSETS`, then in the cache of earlier builds, then for
 * Go to build with. etcd and kubectl come from the assets or from `PATH`.
 */
export async function findKubernetes(
  env: Environment = (name) => Deno.env.get(name),
): Promise<Kubernetes> {
  const assets = env("KUBEBUILDER_ASSETS") ?? "";
  const path = (env("PATH") ?? "").split(":");
  const go = await findProgram("go", [...path, "/usr/local/go/bin"]);
  const etcd = await findProgram("etcd", [assets, ...path]);
  const kubectl = await findProgram("kubectl", [assets, ...path]);
  const cached = cachedApiServer(env);
  const ready = await findProgram("kube-apiserver", [assets]) ??
    (await isFile(cached) ? cached : undefined);
  const goPresent = go !== undefined;
  if (etcd === undefined) {
    return {
      kind: "unavailable",
      reason:
        "no etcd: install the package etcd-server, or set KUBEBUILDER_ASSETS to a folder with etcd and kube-apiserver",
      goPresent,
    };
  }
  if (ready !== undefined) {
    const apiServer = { kind: "file", path: ready } as const;
    return { kind: "available", apiServer, etcd, kubectl };
  }
  if (go !== undefined) {
    const apiServer = { kind: "build", go, path: cached } as const;
    return { kind: "available", apiServer, etcd, kubectl };
  }
  return {
    kind: "unavailable",
    reason:
      `no kube-apiserver: set KUBEBUILDER_ASSETS to a folder that has one, or install Go to build ${KUBERNETES_VERSION}`,
    goPresent,
  };
}
