/**
 * Finds the programs of a real cluster: kube-apiserver with etcd, kube-proxy,
 * and kubectl where there is one. Looking is cheap; building is in `build.ts`.
 */

import {
  cacheFolder,
  type Environment,
  findGo,
  firstFile,
  isFile,
} from "../programs.ts";

export type { Environment };

/** The release that `go.mod` pins. */
export const KUBERNETES_VERSION = "v1.36.3";

/** A program that is built from the module where it is not at hand. */
export type ProgramName = "kube-apiserver" | "kube-proxy";

/** Where such a program comes from. */
export type ProgramSource =
  | { readonly kind: "file"; readonly path: string }
  | {
    readonly kind: "build";
    readonly program: ProgramName;
    readonly go: string;
    readonly path: string;
  };

/** Why something cannot be had on this machine. */
export interface Unavailable {
  readonly kind: "unavailable";
  readonly reason: string;
  /** Go is here, so only something easy to install is missing. */
  readonly goPresent: boolean;
}

/** The programs of a control plane, or why there are none. */
export type Kubernetes = Unavailable | {
  readonly kind: "available";
  readonly apiServer: ProgramSource;
  readonly etcd: string;
  readonly kubectl: string | undefined;
};

/** A program, or why there is none. */
export type FoundProgram = Unavailable | {
  readonly kind: "available";
  readonly source: ProgramSource;
};

function pathFolders(env: Environment): readonly string[] {
  return (env("PATH") ?? "").split(":");
}

function cachedProgram(program: ProgramName, env: Environment): string {
  return `${cacheFolder(env)}/kubernetes-${KUBERNETES_VERSION}/${program}`;
}

/**
 * Looks for a program in `KUBEBUILDER_ASSETS`, then in the cache of earlier
 * builds (below `XDG_CACHE_HOME` or `~/.cache`), then for Go to build it with.
 */
export async function findProgram(
  program: ProgramName,
  env: Environment = (name) => Deno.env.get(name),
): Promise<FoundProgram> {
  const cached = cachedProgram(program, env);
  const go = await findGo(env);
  const ready = await firstFile(program, [env("KUBEBUILDER_ASSETS") ?? ""]) ??
    (await isFile(cached) ? cached : undefined);
  if (ready !== undefined) {
    return { kind: "available", source: { kind: "file", path: ready } };
  }
  if (go !== undefined) {
    const source = { kind: "build", program, go, path: cached } as const;
    return { kind: "available", source };
  }
  return {
    kind: "unavailable",
    reason:
      `no ${program}: set KUBEBUILDER_ASSETS to a folder that has one, or install Go to build ${KUBERNETES_VERSION}`,
    goPresent: false,
  };
}

/**
 * Looks for a control plane: kube-apiserver as {@linkcode findProgram} does,
 * etcd and kubectl in `KUBEBUILDER_ASSETS` and `PATH`.
 */
export async function findKubernetes(
  env: Environment = (name) => Deno.env.get(name),
): Promise<Kubernetes> {
  const folders = [env("KUBEBUILDER_ASSETS") ?? "", ...pathFolders(env)];
  const etcd = await firstFile("etcd", folders);
  if (etcd === undefined) {
    const go = await firstFile("go", [...folders, "/usr/local/go/bin"]);
    return {
      kind: "unavailable",
      reason:
        "no etcd: install the package etcd-server, or set KUBEBUILDER_ASSETS to a folder with etcd and kube-apiserver",
      goPresent: go !== undefined,
    };
  }
  const found = await findProgram("kube-apiserver", env);
  if (found.kind === "unavailable") return found;
  const kubectl = await firstFile("kubectl", folders);
  return { kind: "available", apiServer: found.source, etcd, kubectl };
}
