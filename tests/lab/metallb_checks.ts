/**
 * Runs inside the lab: node by node our speakers are replaced by those of a
 * release of MetalLB's, and node by node they come back, while somebody asks for
 * the addresses of six Services all the while. In the middle each kind is killed
 * once. The release is the second argument.
 */
import { NEW_RELEASE, OLD_RELEASE } from "../interop/metallb/program.ts";
import { reportChecks } from "./in_lab.ts";
import { MetallbStory } from "./metallb_story.ts";

const [, version] = Deno.args;
const release = version === NEW_RELEASE.version ? NEW_RELEASE : OLD_RELEASE;
const ours = release.derivation;
const story = new MetallbStory(ours);

await reportChecks([
  story.begins(),
  story.turns(0, release),
  story.turns(1, release),
  story.dies(
    "MetalLB's speaker is killed: the next of the order takes over",
    0,
  ),
  story.dies("ours is killed: MetalLB's takes over", 2),
  story.turns(2, release),
  story.turns(0, ours),
  story.turns(1, ours),
  story.turns(2, ours),
  story.ends(),
]);
