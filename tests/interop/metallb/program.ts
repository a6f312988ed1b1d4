/** The speaker of MetalLB's, and whether it can be had here. */
import { createHash } from "node:crypto";
import { buildGoProgram, cacheFolder, findGo, isFile } from "../../programs.ts";

/** The release that `go.mod` pins: one that makes the gossip's key the old way. */
export const METALLB_VERSION = "v0.15.2";

const FOLDER = new URL(".", import.meta.url).pathname;

/** The path at which the program is, or will be once it is built. */
export async function metallbSpeaker(): Promise<string> {
  const hash = createHash("sha256");
  for (const file of ["go.mod", "go.sum"]) {
    hash.update(await Deno.readTextFile(FOLDER + file));
  }
  const version = `${METALLB_VERSION}-${hash.digest("hex").slice(0, 12)}`;
  return `${cacheFolder()}/metallb-${version}/speaker`;
}

/** Why the program is neither here nor can be built; `undefined` = it can be had. */
export async function metallbObstacle(): Promise<string | undefined> {
  if (await isFile(await metallbSpeaker())) return undefined;
  return await findGo() === undefined
    ? `no speaker of MetalLB's: install Go to build ${METALLB_VERSION}`
    : undefined;
}

/**
 * Builds the program, if need be: minutes, once.
 *
 * @throws {Error} With the end of what the compiler says.
 */
export async function buildMetallbSpeaker(): Promise<void> {
  const go = await findGo();
  if (go === undefined) return;
  await buildGoProgram({
    name: `the speaker of MetalLB ${METALLB_VERSION}`,
    go,
    module: FOLDER,
    package: "go.universe.tf/metallb/speaker",
    linkerFlags: ["-s", "-w"],
    target: await metallbSpeaker(),
  });
}
