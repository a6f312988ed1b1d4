/** Tests with real speakers of MetalLB's in the lab. */
import {
  buildMetallbSpeaker,
  metallbObstacle,
  type MetallbRelease,
} from "../interop/metallb/program.ts";
import { skip } from "../privileges.ts";
import { labTest } from "./in_lab.ts";
import { flagsBeside } from "./metallb_change.ts";

/**
 * Registers a test with releases of MetalLB's, which are built if need be.
 *
 * @param name Name of the test.
 * @param releases What it needs; our speakers start with the key of the first.
 * @param checks The module with its checks; the first version is its second argument.
 */
export async function metallbTest(
  name: string,
  releases: readonly [MetallbRelease, ...MetallbRelease[]],
  checks: string,
): Promise<void> {
  const [{ derivation, version }] = releases;
  const obstacles = await Promise.all(releases.map(metallbObstacle));
  const obstacle = obstacles.find((each) => each !== undefined);
  if (obstacle !== undefined) return skip(name, obstacle, { required: false });
  await labTest(
    name,
    {
      apiserver: "real",
      proxy: "lab",
      speakerFlags: flagsBeside(derivation),
    },
    new URL(checks, import.meta.url),
    async () => {
      for (const release of releases) await buildMetallbSpeaker(release);
    },
    version,
  );
}
