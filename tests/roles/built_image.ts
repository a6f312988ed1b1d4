/** The image as `deno task image` builds it, and its files unpacked. */
import { assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url).pathname;

/** What the image's configuration says about its processes. */
export interface ProcessConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly WorkingDir: string;
}

/** A blob of the layout, as it is referred to. */
interface Reference {
  readonly digest: string;
  readonly size: number;
}

/** A built image. */
export interface BuiltImage {
  /** Digest of the manifest. */
  readonly digest: string;
  /** Path of the archive. */
  readonly archive: string;
  readonly process: ProcessConfig;
  /** Paths of the layers' archives, the lowest first. */
  readonly layers: readonly string[];
}

/** Runs a program; gives what it printed. */
export async function printed(
  program: string,
  ...args: readonly string[]
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout);
  throw new Error(`${program} ${args.join(" ")}: ${decoder.decode(stderr)}`);
}

/** Bundles Herald for {@linkcode buildImage}. */
export async function bundle(): Promise<void> {
  const command = ["run", "--quiet", "-P=bundle", "scripts/bundle.ts"];
  await printed(Deno.execPath(), ...command);
}

/** Builds under the task's own permission set, plus the folder of the result. */
export async function buildImage(folder: string): Promise<BuiltImage> {
  const out = await printed(
    Deno.execPath(),
    ...["run", "--quiet", "--no-prompt", "-P=image"],
    `--allow-read=.,${folder}`,
    `--allow-write=.cache/image,${folder}`,
    "scripts/image/build.ts",
    ...["--outdir", folder],
  );
  const [summary = "", digest = ""] = out.split("\n");
  const architecture = Deno.build.arch === "aarch64" ? "arm64" : "amd64";
  const layout = `${folder}/${architecture}`;
  const index = JSON.parse(await Deno.readTextFile(`${layout}/index.json`));
  assertEquals(index.manifests.length, 1);
  assertEquals(index.manifests[0].digest, digest);
  const manifest = JSON.parse(await checked(layout, index.manifests[0]));
  const config = JSON.parse(await checked(layout, manifest.config));
  const layers = await Promise.all(
    manifest.layers.map(async (layer: Reference, at: number) => {
      const path = blob(layout, layer.digest);
      await checked(layout, layer);
      assertEquals(await digestOfTar(path), config.rootfs.diff_ids[at]);
      return path;
    }),
  );
  const archive = summary.slice(0, summary.indexOf(": "));
  return { digest, archive, process: config.config, layers };
}

function blob(layout: string, digest: string): string {
  return `${layout}/blobs/${digest.replace(":", "/")}`;
}

/** Reads a blob and holds it to what refers to it. */
async function checked(
  layout: string,
  { digest, size }: Reference,
): Promise<string> {
  const path = blob(layout, digest);
  assertEquals((await Deno.stat(path)).size, size);
  const sum = await printed("sha256sum", path);
  assertEquals(`sha256:${sum.slice(0, 64)}`, digest);
  return await Deno.readTextFile(path);
}

/** Digest of a layer before it was compressed. */
async function digestOfTar(path: string): Promise<string> {
  const sum = await printed("sh", "-c", `gzip -dc ${path} | sha256sum`);
  return `sha256:${sum.slice(0, 64)}`;
}

/** Unpacks all layers into a folder, as root with owners and modes. */
export async function unpackImage(
  { layers }: BuiltImage,
  folder: string,
): Promise<void> {
  for (const layer of layers) {
    await printed("tar", "-xpzf", layer, "-C", folder);
  }
}
