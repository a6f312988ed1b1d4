/** MetalLB's own speaker and ours in one cluster, and the way from it to us and back. */
import { OLD_RELEASE } from "../interop/metallb/program.ts";
import { metallbTest } from "./metallb_lab.ts";

await metallbTest(
  "MetalLB's speaker and ours agree, and replace each other",
  [OLD_RELEASE],
  "metallb_checks.ts",
);
