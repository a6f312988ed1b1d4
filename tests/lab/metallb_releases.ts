/**
 * The same as metallb_test.ts with a later MetalLB, whose build takes minutes,
 * and the way from one to the other. A task of its own: deno task lab:metallb
 */
import { NEW_RELEASE, OLD_RELEASE } from "../interop/metallb/program.ts";
import { metallbTest } from "./metallb_lab.ts";

await metallbTest(
  `the speaker of MetalLB ${NEW_RELEASE.version} and ours agree, and replace each other`,
  [NEW_RELEASE],
  "metallb_checks.ts",
);

await metallbTest(
  `from MetalLB ${OLD_RELEASE.version} to ours, and on to ${NEW_RELEASE.version}`,
  [OLD_RELEASE, NEW_RELEASE],
  "metallb_upgrade_checks.ts",
);

await metallbTest(
  `a speaker of MetalLB ${NEW_RELEASE.version} that does not gossip with ours is not found`,
  [NEW_RELEASE],
  "metallb_apart_checks.ts",
);
