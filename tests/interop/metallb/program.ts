/** The speakers of MetalLB's releases, and whether they can be had here. */
import { createHash } from "node:crypto";
import type { KeyDerivation } from "../../../mod/swim/mod.ts";
import { buildGoProgram, cacheFolder, findGo, isFile } from "../../programs.ts";

/** A release that there is a Go module for, in the folder of its name. */
export interface MetallbRelease {
  readonly version: "v0.15.2" | "v0.16.2";
  /** How it makes the gossip's key of the members' secret. */
  readonly derivation: KeyDerivation;
  /** The files that its program is made of. */
  readonly files: readonly string[];
}

/** One of the last that make the gossip's key the old way. */
export const OLD_RELEASE: MetallbRelease = {
  version: "v0.15.2",
  derivation: "padded",
  files: ["go.mod", "go.sum"],
};

/** The first that makes the gossip's key the new way. */
export const NEW_RELEASE: MetallbRelease = {
  version: "v0.16.2",
  derivation: "sha256",
  files: [
    ...OLD_RELEASE.files,
    "frr-k8s/go.mod",
    "frr-k8s/api/v1beta1/types.go",
  ],
};

function folderOf({ version }: MetallbRelease): string {
  return new URL(`${version}/`, import.meta.url).pathname;
}

/** The path at which a release's program is, or will be once it is built. */
export async function metallbSpeaker(release: MetallbRelease): Promise<string> {
  const hash = createHash("sha256");
  for (const file of release.files) {
    hash.update(await Deno.readTextFile(folderOf(release) + file));
  }
  const version = `${release.version}-${hash.digest("hex").slice(0, 12)}`;
  return `${cacheFolder()}/metallb-${version}/speaker`;
}

/** Why a release's program is neither here nor can be built; `undefined` = it can be had. */
export async function metallbObstacle(
  release: MetallbRelease,
): Promise<string | undefined> {
  if (await isFile(await metallbSpeaker(release))) return undefined;
  return await findGo() === undefined
    ? `no speaker of MetalLB's: install Go to build ${release.version}`
    : undefined;
}

/**
 * Builds a release's program, if need be: minutes, once.
 *
 * @throws {Error} With the end of what the compiler says.
 */
export async function buildMetallbSpeaker(
  release: MetallbRelease,
): Promise<void> {
  const go = await findGo();
  if (go === undefined) return;
  await buildGoProgram({
    name: `the speaker of MetalLB ${release.version}`,
    go,
    module: folderOf(release),
    package: "go.universe.tf/metallb/speaker",
    linkerFlags: ["-s", "-w"],
    target: await metallbSpeaker(release),
  });
}
