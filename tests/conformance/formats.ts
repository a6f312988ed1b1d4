/** The table of all corpus formats. */
import { allocation } from "./allocation.ts";
import { CONFIG } from "./config.ts";
import { ELECTION } from "./election.ts";
import { LAYER2 } from "./layer2.ts";
import { MEMBERLIST_WIRE } from "./memberlist_wire.ts";
import { BGP, BGP_WIRE } from "./pending.ts";
import type { Format } from "./runner.ts";

/** Formats in the order in which they are tried on a row. */
export const FORMATS: readonly Format[] = [
  allocation,
  CONFIG,
  ELECTION,
  LAYER2,
  BGP,
  BGP_WIRE,
  MEMBERLIST_WIRE,
];
