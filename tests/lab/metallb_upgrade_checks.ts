/**
 * Runs inside the lab: a cluster goes from the old MetalLB to ours and on to the
 * new one, which the old one does not understand. In between our speakers change
 * the key, one after the other.
 */
import { NEW_RELEASE, OLD_RELEASE } from "../interop/metallb/program.ts";
import { reportChecks } from "./in_lab.ts";
import { MetallbStory } from "./metallb_story.ts";

const { derivation } = OLD_RELEASE;
const story = new MetallbStory(derivation);
const stages = [OLD_RELEASE, derivation, NEW_RELEASE.derivation, NEW_RELEASE];

await reportChecks([
  story.begins(),
  ...stages.flatMap((stage) =>
    [0, 1, 2].map((place) => story.turns(place, stage))
  ),
  story.ends(),
]);
