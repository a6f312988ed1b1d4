import type { Claim } from "../../mod/ownership/mod.ts";
import type { Chance } from "./chance.ts";
import type { World } from "./world.ts";

/** Something that goes wrong now. */
export interface Happening {
  /** To what it happens. */
  readonly world: World;
  /** Chooses what is not planned. */
  readonly chance: Chance;
  /** How long it lasts, in ms; `Infinity` = it stays. */
  readonly duration: number;
  /** To which node, where it happens to one: the owner of some group half of the time. */
  readonly victim: number;
}

/** Pairs of stations: from and to. */
export type Links = (readonly [number, number])[];

/** Any segment. */
export function slotOf({ scenario }: World, chance: Chance): number {
  return chance.below(scenario.segments);
}

/** All links between stations of one side and of the other, both ways. */
export function between(sides: readonly boolean[]): Links {
  const links: Links = [];
  for (let a = 0; a < sides.length; a++) {
    for (let b = 0; b < sides.length; b++) {
      if (sides[a] !== sides[b]) links.push([a, b]);
    }
  }
  return links;
}

/** Delivers an announcement to all nodes that its sender did not make. */
export function forge(
  world: World,
  slot: number,
  group: number,
  from: number,
  claim: Claim,
): void {
  const { network } = world;
  for (let to = 0; to < network.client; to++) {
    if (to === from) continue;
    network.forge("announcement", slot, from, to, (event) => {
      event.group = group;
      event.claim = claim;
    });
  }
}
