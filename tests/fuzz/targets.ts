import { layer2Targets } from "./layer2_targets.ts";
import { netTargets } from "./net_targets.ts";
import { ownershipTargets } from "./ownership_targets.ts";
import { pingTargets } from "./ping_targets.ts";
import { swimTargets } from "./swim_targets.ts";
import type { FuzzTarget } from "./target.ts";
import { webhookTargets } from "./webhook_targets.ts";

/** All that can be fuzzed: whatever takes input from strangers has a row. */
export const targets: readonly FuzzTarget[] = [
  ...layer2Targets,
  ...netTargets,
  ...ownershipTargets,
  ...pingTargets,
  ...swimTargets,
  ...webhookTargets,
];
