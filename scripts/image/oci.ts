/** The JSON documents of an image (OCI Image Format 1.1). */
import type { Architecture } from "./architecture.ts";
import type { ImageDefinition } from "./containerfile.ts";

/** Points to a blob (OCI "Content Descriptors"). */
export interface Descriptor {
  /** What the blob is. */
  readonly mediaType: string;
  /** `sha256:` and its digest in hex. */
  readonly digest: string;
  /** Its length, in bytes. */
  readonly size: number;
}

/** A packed layer. */
export interface Layer extends Descriptor {
  /** Digest of the tar archive before it was compressed. */
  readonly diffId: string;
  /** What it holds, for `podman history`. */
  readonly contents: string;
}

/** Same content, same digest: no image knows when it was built. */
const CREATED = "1970-01-01T00:00:00Z";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
/** Media type of an image's configuration. */
export const CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
/** Media type of a layer. */
export const LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip";

/** The image's configuration (OCI "Image Configuration"). */
export function imageConfig(
  definition: ImageDefinition,
  { name }: Architecture,
  layers: readonly Layer[],
): unknown {
  const { user, env, entrypoint, workingDirectory, labels } = definition;
  return {
    created: CREATED,
    architecture: name,
    os: "linux",
    config: {
      User: user,
      Env: env,
      Entrypoint: entrypoint,
      WorkingDir: workingDirectory,
      Labels: labels,
    },
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(({ contents }) => ({
      created: CREATED,
      created_by: contents,
    })),
  };
}

/** What makes configuration and layers an image (OCI "Image Manifest"). */
export function imageManifest(
  { labels }: ImageDefinition,
  config: Descriptor,
  layers: readonly Layer[],
): unknown {
  return {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config,
    layers: layers.map(({ mediaType, digest, size }) => {
      return { mediaType, digest, size };
    }),
    annotations: labels,
  };
}

/** Where a layout begins (OCI "Image Layout", `index.json`). */
export function imageIndex(
  manifest: Omit<Descriptor, "mediaType">,
  { name }: Architecture,
  reference: string,
): unknown {
  return {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [{
      mediaType: MANIFEST,
      ...manifest,
      platform: { architecture: name, os: "linux" },
      annotations: {
        // containerd names an imported image by the first, podman by the second.
        "io.containerd.image.name": reference,
        "org.opencontainers.image.ref.name": reference,
      },
    }],
  };
}

/** What `docker load` before version 25 looks for in an archive. */
export function dockerManifest(
  config: Descriptor,
  layers: readonly Layer[],
  reference: string,
): unknown {
  return [{
    Config: blobPath(config),
    RepoTags: [reference.replace(/^docker\.io\/(?:library\/)?/, "")],
    Layers: layers.map(blobPath),
  }];
}

/** Where a layout keeps a blob. */
export function blobPath({ digest }: Pick<Descriptor, "digest">): string {
  return `blobs/${digest.replace(":", "/")}`;
}
