/**
 * Builds the container image without a container engine, as the Containerfile
 * says: Deno from npm, libpcap and its libraries from Debian, Herald from
 * `dist/`. The result is an OCI layout and an archive of it.
 *
 * Usage: deno task image [flags]; `--help` lists them.
 */
import {
  choiceFlag,
  type Command,
  type FlagValues,
  parseCommand,
  textFlag,
  UsageError,
} from "../../mod/cli/mod.ts";
import { ARCHITECTURES, ownArchitecture } from "./architecture.ts";
import { type ImageDefinition, readDefinition } from "./containerfile.ts";
import { fetchPackages } from "./debian.ts";
import { fetchDeno } from "./deno_binary.ts";
import { ImageError } from "./image_error.ts";
import { type LayerSource, writeImage } from "./layout.ts";
import { PACKAGES, runtimeFiles } from "./runtime.ts";
import { stageCopies, stageRuntime } from "./stage.ts";

const ROOT = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");

const FLAGS = {
  arch: choiceFlag(ARCHITECTURES.map(({ name }) => name), {
    help: "Machine that it runs on.",
    fallback: ownArchitecture(),
    fallbackText: "this one",
  }),
  outdir: textFlag({
    placeholder: "DIR",
    help: "Where layout and archive go.",
    fallback: `${ROOT}/image`,
    fallbackText: "image/",
  }),
  name: textFlag({
    placeholder: "REF",
    help: "Name that it gets where it is loaded, with registry and tag.",
    fallback: undefined,
    fallbackText: "docker.io/library/herald:VERSION",
  }),
  mirror: textFlag({
    placeholder: "URL",
    help: "Where Debian's archive is, without /debian.",
    fallback: "http://deb.debian.org",
  }),
  registry: textFlag({
    placeholder: "URL",
    help: "Where npm's packages are.",
    fallback: "https://registry.npmjs.org",
  }),
  cache: textFlag({
    placeholder: "DIR",
    help: "Keeps what was fetched for the next time.",
    fallback: `${ROOT}/.cache/image`,
    fallbackText: ".cache/image/",
  }),
};

const IMAGE: Command<typeof FLAGS> = {
  name: "image",
  summary: "Builds the container image as an OCI layout, and an archive of it.",
  description:
    `The archive is for "podman load", "docker load", "ctr images import" and
"skopeo copy oci-archive:…". The same inputs give the same digest.

Other folders and servers than the defaults need permission, for example
deno run -P=image --allow-read=.,/tmp/image --allow-write=.cache/image,/tmp/image \\
  scripts/image/build.ts --outdir /tmp/image`,
  flags: FLAGS,
};

type Settings = FlagValues<typeof FLAGS>;

/** The two layers: what changes rarely is one of its own. */
async function stageLayers(
  definition: ImageDefinition,
  { arch, mirror, registry, cache }: Settings,
): Promise<readonly LayerSource[]> {
  const architecture = architectureOf(arch);
  const folder = `${cache}/${arch}`;
  const [packages, deno] = await Promise.all([
    fetchPackages({
      packages: PACKAGES,
      suite: definition.debianSuite,
      mirror,
      architecture,
    }, folder),
    fetchDeno({
      version: definition.denoVersion,
      architecture,
      registry,
    }, `${folder}/npm`),
  ]);
  const runtime = await runtimeFiles(deno, architecture, packages);
  await stageRuntime(runtime, `${folder}/runtime`);
  await stageCopies(definition.copies, ROOT, `${folder}/herald`);
  const versions = packages.map(({ name, version }) => `${name}=${version}`);
  return [
    {
      folder: `${folder}/runtime`,
      contents: `deno=${definition.denoVersion} ${versions.join(" ")}`,
    },
    { folder: `${folder}/herald`, contents: "herald" },
  ];
}

function architectureOf(name: string): typeof ARCHITECTURES[number] {
  const found = ARCHITECTURES.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new UsageError(`Unknown architecture "${name}"`);
}

async function build(settings: Settings): Promise<number> {
  const { arch, outdir } = settings;
  const file = await Deno.readTextFile(`${ROOT}/Containerfile`);
  const definition = readDefinition(file);
  const version = definition.labels["org.opencontainers.image.version"] ?? "";
  const reference = settings.name ?? `docker.io/library/herald:${version}`;
  const layers = await stageLayers(definition, settings);
  const archive = `${outdir}/herald-${version}-${arch}.tar`;
  await Deno.mkdir(outdir, { recursive: true });
  const { digest, size } = await writeImage(
    { definition, architecture: architectureOf(arch), layers, reference },
    `${outdir}/${arch}`,
    archive,
  );
  console.info(`${archive}: ${reference}, ${(size / 1e6).toFixed(1)} MB`);
  console.info(digest);
  return 0;
}

async function main(args: readonly string[]): Promise<number> {
  try {
    const parsed = parseCommand(IMAGE, args, () => undefined);
    if (parsed.kind === "run") return await build(parsed.values);
    console.info(parsed.text.replace("herald image", "deno task image"));
    return 0;
  } catch (error) {
    console.error(`image: ${describe(error)}`);
    return error instanceof UsageError ? error.exitCode : 1;
  }
}

function describe(error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) {
    return `${error.message}; --help shows how`;
  }
  if (error instanceof ImageError || error instanceof UsageError) {
    return error.message;
  }
  throw error;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
