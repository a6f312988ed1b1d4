import { Chance } from "./chance.ts";
import * as forgeries from "./forgeries.ts";
import * as handovers from "./handover_stories.ts";
import type { Happening } from "./happening.ts";
import * as links from "./link_faults.ts";
import { MIXES } from "./mixes.ts";
import * as processes from "./process_faults.ts";
import type { PlannedFault } from "./scenario.ts";
import * as splits from "./split_stories.ts";
import type { ViewChange } from "./views.ts";
import type { World } from "./world.ts";

const DURATIONS = [250, 500, 1000, 3000, 7000];
const VIEW_CHANGES: readonly ViewChange[] = [
  "exclude",
  "endpoints",
  "order",
  "all",
  "moved",
  "withdraw",
];

/** What can go wrong, by name. */
const FAULTS = {
  none: () => {},
  crash: processes.crash,
  restart: processes.restart,
  boot: processes.boot,
  exit: processes.exit,
  farewell: processes.farewell,
  drain: processes.drain,
  pause: processes.pause,
  freeze: processes.freeze,
  power: processes.power,
  flap: processes.flap,
  succession: processes.succession,
  longSplit: splits.longSplit,
  heckler: splits.heckler,
  widow: splits.widow,
  recluse: splits.recluse,
  muted: splits.muted,
  heir: splits.heir,
  blink: splits.blink,
  flicker: splits.flicker,
  rotation: splits.rotation,
  rivals: splits.rivals,
  deaf: splits.deaf,
  skew: processes.skew,
  newcomer: processes.newcomer,
  latecomer: processes.latecomer,
  mutiny: splits.mutiny,
  blackout: processes.blackout,
  dominoes: processes.dominoes,
  busy: processes.busy,
  farLink: splits.farLink,
  handover: handovers.handover,
  lateOffer: handovers.lateOffer,
  moveCut: handovers.moveCut,
  amnesia: handovers.amnesia,
  replay: forgeries.replay,
  rebeat: forgeries.rebeat,
  chorus: forgeries.chorus,
  pair: links.pair,
  client: links.client,
  isolate: links.isolate,
  split: links.split,
  unplug: links.unplug,
  ipcut: links.ipCut,
  view: ({ world, chance }: Happening) =>
    world.changeView(chance.pick(VIEW_CHANGES), chance),
  adopt: ({ world, chance }: Happening) => world.changeView("adopt", chance),
  prefer: ({ world, chance }: Happening) => world.changeView("order", chance),
  move: ({ world, chance }: Happening) => world.changeView("moved", chance),
  clear: ({ world }: Happening) => world.clear(),
  spoof: forgeries.spoof,
  foreign: forgeries.foreign,
  far: splits.far,
  rack: processes.rack,
  branch: processes.branch,
  metallb: ({ world }: Happening) => world.makeLegacy(),
  clock: processes.clock,
} satisfies Record<string, (happening: Happening) => void>;

/** What can go wrong. */
export type FaultKind = keyof typeof FAULTS;

/** Makes a planned fault happen now; what is not planned follows from its seed and the state. */
export function inject(world: World, { kind, seed }: PlannedFault): void {
  const chance = new Chance(seed);
  const stays = MIXES[world.scenario.mix]?.stays ?? 0.15;
  const time = chance.pick(DURATIONS) * chance.within(0.5, 1.5);
  const duration = chance.happens(stays) ? Infinity : time;
  FAULTS[kind]({ world, chance, duration, victim: victimOf(world, chance) });
}

/** The owner of some group half of the time, else anybody. */
function victimOf(world: World, chance: Chance): number {
  const { scenario } = world;
  const group = chance.below(scenario.groups);
  const wantsOwner = chance.happens(0.5);
  const any = chance.below(scenario.nodes);
  const owner = world.ownerOf(0, wantsOwner ? group : 0);
  if (MIXES[scenario.mix]?.sparesOwner === true) {
    return any === owner ? (any + 1) % scenario.nodes : any;
  }
  return wantsOwner ? owner ?? any : any;
}
