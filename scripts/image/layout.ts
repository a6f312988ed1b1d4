/** Writes an image as an OCI layout, and the layout as one archive. */
import type { Architecture } from "./architecture.ts";
import { run } from "./command.ts";
import type { ImageDefinition } from "./containerfile.ts";
import { removeFolder } from "./debian.ts";
import { digestOf } from "./digest.ts";
import {
  blobPath,
  CONFIG_TYPE,
  type Descriptor,
  dockerManifest,
  imageConfig,
  imageIndex,
  imageManifest,
  type Layer,
  LAYER_TYPE,
} from "./oci.ts";

/** A folder that becomes a layer. */
export interface LayerSource {
  /** The folder; it stands for `/`. */
  readonly folder: string;
  /** What it holds, for `podman history`. */
  readonly contents: string;
}

/** What is written. */
export interface ImageSource {
  readonly definition: ImageDefinition;
  readonly architecture: Architecture;
  readonly layers: readonly LayerSource[];
  /** Name that the image gets where it is loaded, with registry and tag. */
  readonly reference: string;
}

/** A written image. */
export interface WrittenImage {
  /** Digest of its manifest, by which a registry knows it. */
  readonly digest: string;
  /** Bytes of its layers, compressed. */
  readonly size: number;
}

/**
 * Writes a layout in place of what is in `folder`, and the archive beside it.
 *
 * @throws {ImageError} When tar or gzip fails.
 */
export async function writeImage(
  { definition, architecture, layers: sources, reference }: ImageSource,
  folder: string,
  archive: string,
): Promise<WrittenImage> {
  await removeFolder(folder);
  await Deno.mkdir(`${folder}/blobs/sha256`, { recursive: true });
  const layers: Layer[] = [];
  for (const source of sources) layers.push(await packLayer(source, folder));
  const config = {
    mediaType: CONFIG_TYPE,
    ...await writeBlob(folder, imageConfig(definition, architecture, layers)),
  };
  const manifest = await writeBlob(
    folder,
    imageManifest(definition, config, layers),
  );
  await writeJson(
    `${folder}/index.json`,
    imageIndex(manifest, architecture, reference),
  );
  await writeJson(`${folder}/oci-layout`, { imageLayoutVersion: "1.0.0" });
  // Not part of a layout, so only the archive has it.
  await writeJson(
    `${folder}/manifest.json`,
    dockerManifest(config, layers, reference),
  );
  await pack(folder, archive);
  await Deno.remove(`${folder}/manifest.json`);
  const size = layers.reduce((sum, layer) => sum + layer.size, 0);
  return { digest: manifest.digest, size };
}

async function packLayer(
  { folder, contents }: LayerSource,
  layout: string,
): Promise<Layer> {
  const tar = `${layout}/layer.tar`;
  await pack(folder, tar);
  const diffId = `sha256:${await digestOf(tar)}`;
  // Not CompressionStream: its output depends on the processor.
  await run(["gzip", "--no-name"], { input: tar, output: `${tar}.gz` });
  await Deno.remove(tar);
  const descriptor = await store(layout, `${tar}.gz`);
  return { mediaType: LAYER_TYPE, ...descriptor, diffId, contents };
}

/** Packs a folder so that the same files give the same bytes, whoever packs them. */
async function pack(folder: string, archive: string): Promise<void> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  await run([
    "tar",
    "--create",
    `--file=${archive}`,
    `--directory=${folder}`,
    "--format=ustar",
    "--sort=name",
    "--mtime=@0",
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    "--mode=u=rwX,go=rX",
    ...entries.map(({ name }) => name).sort(),
  ]);
}

type Blob = Omit<Descriptor, "mediaType">;

async function writeBlob(layout: string, document: unknown): Promise<Blob> {
  const file = `${layout}/blob.json`;
  await writeJson(file, document);
  return await store(layout, file);
}

/** Moves a file to where its digest says. */
async function store(layout: string, file: string): Promise<Blob> {
  const digest = `sha256:${await digestOf(file)}`;
  const { size } = await Deno.stat(file);
  await Deno.rename(file, `${layout}/${blobPath({ digest })}`);
  return { digest, size };
}

async function writeJson(path: string, document: unknown): Promise<void> {
  await Deno.writeTextFile(path, JSON.stringify(document));
}
