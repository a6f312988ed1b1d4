/** What others send that is not theirs, or not of today. */
import { Beat, type Claim, NO_CLAIM } from "../../mod/ownership/mod.ts";
import { nodeIdOf } from "./cluster.ts";
import { forge, type Happening, slotOf } from "./happening.ts";
import type { World } from "./world.ts";
import { copyBeat, FOREIGN } from "./network.ts";

/** Somebody replays, again and again, a claim from an earlier life of the cluster. */
export function replay({ world, chance }: Happening): void {
  const { scenario, views } = world;
  const group = chance.below(scenario.groups);
  const from = chance.below(scenario.nodes);
  const claim: Claim = {
    term: chance.between(20, 50),
    full: true,
    hash: views.hashes[group]?.[from] ?? 0,
    node: nodeIdOf(from),
  };
  world.hasSpoof = true;
  for (let turn = 0; turn < 5; turn++) {
    world.later(turn * chance.within(150, 400), () => {
      world.say(`replay group ${group} of node ${from} term ${claim.term}`);
      forge(world, 0, group, from, claim);
    });
  }
}

/**
 * All but an owner and its standbys are excluded. Later somebody replays an old
 * claim of each node, lower than the owner's, and soon after that the owner crashes.
 */
export function chorus({ world, chance }: Happening): void {
  const owner = world.ownerOf(0, 0);
  if (owner === undefined) return;
  const others = world.order(0).filter((node) => node !== owner);
  for (const node of others.slice(2)) world.exclude(node);
  world.later(chance.within(3000, 4000), () => {
    world.say("replay group 0 of all nodes");
    for (const from of others) {
      const hash = world.views.hashes[0]?.[from] ?? 0;
      const claim = { term: 1, full: false, hash, node: nodeIdOf(from) };
      forge(world, 0, 0, from, claim);
    }
    world.later(chance.within(300, 900), () => world.crash(owner));
  });
}

/** Beats are recorded for so long before they are replayed, in ms. */
const RECORDED_FOR = 6000;

/**
 * The only candidate besides the owner starts, and is told what the owner
 * claims. Later both crash; the candidate is back at once, and is told the same
 * by somebody, beat by beat.
 */
export function rebeat({ world, chance }: Happening): void {
  const owner = world.ownerOf(0, 0);
  if (owner === undefined) return;
  const [standby, third] = world.order(0).filter((node) => node !== owner);
  if (standby === undefined || third === undefined) return;
  // It has nothing to do with the group, and is there for who starts to find.
  world.exclude(third);
  const recorded: Beat[] = [];
  world.network.eavesdropper = ({ kind, from, to, beat }) => {
    if (kind !== "beat" || from !== owner || to !== standby) return;
    const copy = new Beat();
    copyBeat(beat, copy);
    recorded.push(copy);
  };
  world.crash(standby);
  world.later(500, () => world.start(standby));
  world.later(RECORDED_FOR, () => {
    world.crash(owner);
    world.crash(standby);
    world.later(chance.within(100, 1000), () => {
      world.start(standby);
      world.say(`replay ${recorded.length} beats of node ${owner}`);
      replayBeats(world, recorded, owner, standby);
    });
  });
}

function replayBeats(
  world: World,
  beats: readonly Beat[],
  from: number,
  to: number,
): void {
  beats.forEach((beat, turn) => {
    world.later(turn * world.scenario.beat, () => {
      world.network.forge("beat", 0, from, to, (event) => {
        copyBeat(beat, event.beat);
      });
    });
  });
}

/** Somebody announces what is not his, or replays an announcement. */
export function spoof({ world, chance }: Happening): void {
  const { scenario } = world;
  const slot = slotOf(world, chance);
  const group = chance.below(scenario.groups);
  const as = chance.below(scenario.nodes + 1);
  const from = as === scenario.nodes ? FOREIGN : as;
  world.hasSpoof = true;
  world.say(
    `spoof group ${group} as ${
      from === FOREIGN ? "a foreign host" : `node ${from}`
    }`,
  );
  forge(world, slot, group, from, NO_CLAIM);
  if (!chance.happens(0.5) || world.client.recorded.length === 0) return;
  const old = chance.pick(world.client.recorded);
  world.say(
    `replay group ${old.group} of node ${old.from} term ${old.claim.term}`,
  );
  forge(world, slot, old.group, old.from, old.claim);
}

/** The foreign host goes, and comes back when its address is long owned. */
export function foreign({ world }: Happening): void {
  world.foreignHost.leave();
  world.later(14_000, () => {
    world.say("the foreign host is back, and fights");
    for (let turn = 0; turn < 40; turn++) {
      world.later(turn * 25, () => forge(world, 0, 0, FOREIGN, NO_CLAIM));
    }
  });
}
