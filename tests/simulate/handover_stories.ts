/** Stories of hand-overs. */
import type { Happening, Links } from "./happening.ts";
import type { World } from "./world.ts";

/** The owner gives its groups away while it does not reach the first candidates by IP. */
export function handover({ world, chance }: Happening): void {
  const owner = world.ownerOf(0, 0);
  if (owner === undefined) return;
  const others = world.order(0).filter((node) => node !== owner);
  const unreached = others.slice(0, chance.between(0, others.length));
  const isOneWay = chance.happens(0.5);
  const links = unreached.flatMap((node): Links =>
    isOneWay ? [[owner, node]] : [[node, owner], [owner, node]]
  );
  world.hasIpFault = true;
  world.cut(
    0,
    links,
    true,
    `cut IP ${isOneWay ? "from" : "of"} node ${owner} ${
      isOneWay ? "to" : "with"
    } ${unreached.join(", ")}`,
    [owner],
  );
  world.later(chance.within(50, 400), () => {
    const way = chance.pick(["exit", "drain", "exclude"]);
    if (way === "drain") world.drain(owner, true);
    else if (way === "exit" && unreached.length < others.length) {
      world.exit(owner);
    } else world.exclude(owner);
  });
}

/** The owner gives its groups to a candidate that stands still, until another has taken them. */
export function lateOffer({ world, chance }: Happening): void {
  const owner = world.ownerOf(0, 0);
  const next = world.order(0).find((node) => node !== owner);
  if (owner === undefined || next === undefined) return;
  world.pause(next, chance.within(700, 1500), false);
  world.later(chance.within(10, 250), () => {
    if (chance.happens(0.5)) world.drain(owner, true);
    else if (world.isSettled(owner)) world.exit(owner);
  });
}

/** The only endpoint of a group moves to a node that its owner does not reach by IP any more. */
export function moveCut({ world, chance }: Happening): void {
  world.changeView("moved", chance);
  for (const [owner, to] of movesOf(world)) {
    world.hasIpFault = true;
    world.cut(
      0,
      [[owner, to], [to, owner]],
      true,
      `cut IP ${owner}-${to}`,
      [],
    );
  }
}

/** The same, and who could tell that the old owner fell silent starts again meanwhile. */
export function amnesia(happening: Happening): void {
  const { world, chance } = happening;
  moveCut(happening);
  for (const nodes of movesOf(world)) {
    for (let third = 0; third < world.scenario.nodes; third++) {
      if (nodes.includes(third)) continue;
      world.crash(third);
      world.later(chance.within(600, 1500), () => world.start(third));
    }
  }
}

/** From where to where groups are to move whose only candidate is another than their owner. */
function movesOf(world: World): (readonly [number, number])[] {
  const moves: (readonly [number, number])[] = [];
  for (let group = 0; group < world.scenario.groups; group++) {
    const owner = world.ownerOf(0, group);
    const [to, ...others] = world.order(group);
    if (owner === undefined || to === undefined || others.length > 0) continue;
    if (owner !== to) moves.push([owner, to]);
  }
  return moves;
}
