/**
 * Every rule with a write that breaks it, and what the writer is told: the
 * field, the value and the other object in conflict.
 */
import type { DenialReason } from "../../mod/webhook/mod.ts";
import { ADVERTISEMENT_RULES } from "./advertisement_rules.ts";
import { PEER_RULES } from "./peer_rules.ts";
import { POOL_RULES } from "./pool_rules.ts";
import type { Row } from "./row.ts";

/** A row or more for each rule. The type wants one for every rule there is. */
export const RULES: Readonly<Record<DenialReason, readonly Row[]>> = {
  ...POOL_RULES,
  ...ADVERTISEMENT_RULES,
  ...PEER_RULES,
};
