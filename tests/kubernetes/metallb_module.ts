/** MetalLB's own CRDs and samples, read from its Go module and never kept. */
import { type Manifest, parseManifests } from "./crds.ts";
import { runCommand } from "./process.ts";

/** The release whose resources have to be interchangeable with ours. */
const MODULE = "go.universe.tf/metallb@v0.16.2";

/** What the module holds, or why it cannot be had. */
export type MetallbModule =
  | {
    readonly kind: "available";
    /** CustomResourceDefinitions. */
    readonly crds: readonly Manifest[];
    /** Objects of its kinds that it shows to users. */
    readonly samples: readonly Manifest[];
  }
  | { readonly kind: "unavailable"; readonly reason: string };

/** A module in Go's cache, or why it cannot be had. */
export type FetchedModule =
  | { readonly kind: "available"; readonly root: string }
  | { readonly kind: "unavailable"; readonly reason: string };

/** Has Go fetch a module, such as `example.com/name@v1.2.3` (once; it keeps it). */
export async function fetchModule(module: string): Promise<FetchedModule> {
  const path = [Deno.env.get("PATH"), "/usr/local/go/bin"].join(":");
  const directory = await Deno.makeTempDir();
  try {
    const { code, stdout, stderr } = await runCommand(
      ["env", "-C", directory, "go", "mod", "download", "-json", module],
      { env: { PATH: path, GOFLAGS: "-mod=mod", GOWORK: "off" } },
    );
    if (code !== 0) {
      const [line = ""] = stderr.trim().split("\n");
      const reason = `cannot fetch ${module} with Go: ${line}`;
      return { kind: "unavailable", reason };
    }
    const { Dir: root } = JSON.parse(stdout) as { readonly Dir: string };
    return { kind: "available", root };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Reads what the module holds. */
export async function readMetallbModule(): Promise<MetallbModule> {
  const fetched = await fetchModule(MODULE);
  if (fetched.kind === "unavailable") return fetched;
  const { root } = fetched;
  const samples = await readFolder(`${root}/configsamples`);
  return {
    kind: "available",
    crds: await readFolder(`${root}/config/crd/bases`),
    samples: samples.filter(({ apiVersion }) =>
      String(apiVersion).startsWith("metallb.io/")
    ),
  };
}

/** The objects of all YAML files of a folder, in the order of their names. */
export async function readFolder(
  folder: string | URL,
): Promise<readonly Manifest[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".yaml") && name !== "kustomization.yaml") {
      names.push(name);
    }
  }
  const base = String(folder).replace(/\/*$/, "/");
  const texts = await Promise.all(
    names.sort().map((name) => {
      const file = base + name;
      return Deno.readTextFile(
        file.startsWith("file:") ? new URL(file) : file,
      );
    }),
  );
  return texts.flatMap(parseManifests);
}
