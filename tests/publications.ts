/** What a packet worker would say of a state that is published to it. */
import type { Publication } from "../mod/layer2/mod.ts";

/** Everything of it was taken. */
export function wholePublication(generation: number): Publication {
  return {
    generation,
    written: true,
    refusedAddresses: [],
    refusedInterfaces: [],
    refusedPeers: [],
  };
}
