/** MetalLB's own speaker and ours in one cluster, and the way from it to us and back. */
import { skip } from "../privileges.ts";
import {
  buildMetallbSpeaker,
  metallbObstacle,
} from "../interop/metallb/program.ts";
import { labTest } from "./in_lab.ts";

const NAME = "MetalLB's speaker and ours agree, and replace each other";

const obstacle = await metallbObstacle();
if (obstacle === undefined) {
  await labTest(
    NAME,
    {
      apiserver: "real",
      proxy: "lab",
      speakerFlags: ["--ml-key-derivation", "padded"],
    },
    new URL("metallb_checks.ts", import.meta.url),
    buildMetallbSpeaker,
  );
} else skip(NAME, obstacle, { required: false });
