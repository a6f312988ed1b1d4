/** What goes wrong with processes and machines. */
import type { Happening, Links } from "./happening.ts";

const FREEZES = [400, 700, 2000, 6000];
const PAUSES = [200, 290, 310, 400, 700, 2000, 6000];

/** A process ends at once, and is back after a while. */
export function crash({ world, duration, victim }: Happening): void {
  if (!world.mayStop(victim)) return;
  world.crash(victim);
  if (duration < Infinity) world.later(duration, () => world.start(victim));
}

/** The owner's process ends and is back before anybody missed it, but waits for a node that is down. */
export function restart({ world, chance }: Happening): void {
  const owner = world.ownerOf(0, 0);
  const down = world.order(0).filter((node) => node !== owner).at(-1);
  if (owner === undefined || down === undefined) return;
  world.crash(down);
  world.later(chance.within(7500, 8000), () => {
    world.crash(owner);
    world.later(chance.within(50, 250), () => world.start(owner));
  });
}

/** Standbys boot, and do not forward for a while; meanwhile the owner ends, by a crash or in order. */
export function boot({ world, chance }: Happening): void {
  const owner = world.ownerOf(0, 0);
  if (owner === undefined) return;
  const others = world.order(0).filter((node) => node !== owner);
  for (const node of others.slice(0, chance.between(1, others.length))) {
    world.crash(node);
    world.later(500, () => world.start(node, chance.within(6000, 8000)));
  }
  world.later(
    chance.within(3000, 4000),
    () => chance.happens(0.5) ? world.exit(owner) : world.crash(owner),
  );
}

/** A process is told to end, and is back after a while. */
export function exit({ world, duration, victim }: Happening): void {
  if (!world.mayStop(victim) || !world.isSettled(victim)) return;
  world.exit(victim);
  if (duration === Infinity) return;
  world.later(2100 + duration, () => world.start(victim));
}

/** An owner is told to end once all groups have been owned for a while, however rarely nodes beat. */
export function farewell({ world, chance }: Happening): void {
  world.later(chance.within(8000, 11_000), () => {
    const owner = world.ownerOf(0, 0);
    if (owner !== undefined) world.exit(owner);
  });
}

/** A node drains, and takes part again after a while. */
export function drain({ world, duration, victim }: Happening): void {
  if (!world.isSettled(victim)) return;
  world.drain(victim, true);
  if (duration === Infinity) return;
  world.later(duration, () => world.drain(victim, false));
}

/** All nodes lose power, and start again. */
export function power({ world, chance }: Happening): void {
  for (let node = 0; node < world.scenario.nodes; node++) {
    world.crash(node);
    world.later(chance.within(300, 3000), () => world.start(node));
  }
}

/** A node crashes again and again, soon after it has returned. */
export function flap({ world, chance, victim }: Happening): void {
  const period = chance.within(4000, 5000);
  for (let turn = 0; turn < 5; turn++) {
    world.later(turn * period, () => world.crash(victim));
    world.later(turn * period + 500, () => world.start(victim));
  }
}

/** The standby starts again with a clock that went back, and then the owner crashes. */
export function skew({ world, chance }: Happening): void {
  const owner = world.ownerOf(0, 0);
  if (owner === undefined) return;
  const standby = (owner + 1) % world.scenario.nodes;
  world.jumpClock(standby, -3_600_000);
  world.crash(standby);
  world.later(500, () => world.start(standby));
  world.later(chance.within(3000, 6000), () => world.crash(owner));
}

/** A candidate starts again that does not hear the owner any more. */
export function newcomer({ world, chance }: Happening): void {
  const owner = world.ownerOf(0, 0);
  if (owner === undefined) return;
  const others = world.order(0).filter((node) => node !== owner);
  const newcomer = chance.pick(others);
  const links: Links = [[owner, newcomer]];
  if (chance.happens(0.5)) links.push([newcomer, owner]);
  world.crash(newcomer);
  world.cut(0, links, false, `cut link ${owner}-${newcomer}`, [newcomer]);
  world.later(chance.within(500, 8000), () => world.start(newcomer));
}

/** A candidate starts again that comes after the owner and its standbys. */
export function latecomer({ world, chance }: Happening): void {
  const last = world.order(0).at(-1);
  if (last === undefined || last === world.ownerOf(0, 0)) return;
  world.crash(last);
  world.later(chance.within(500, 8000), () => world.start(last));
}

/** The owner and both standbys crash. */
export function rack({ world, chance }: Happening): void {
  const owner = world.ownerOf(0, 0);
  if (owner === undefined) return;
  const order = world.views.first(0);
  const standbys = order.filter((node) => node !== owner).slice(0, 2);
  for (const node of [owner, ...standbys]) {
    world.later(100 * chance.unit(), () => world.crash(node));
    world.later(9000 + 1000 * chance.unit(), () => world.start(node));
  }
}

/** The owner on the second segment crashes, once it has found out who is there. */
export function branch({ world, chance }: Happening): void {
  world.later(chance.within(1500, 6500), () => {
    const owner = world.ownerOf(1, 0);
    if (owner !== undefined) world.crash(owner);
  });
}

/** The first standby drains or starts while the owner crashes. */
export function succession({ world, chance }: Happening): void {
  const owner = world.ownerOf(0, 0);
  const first = world.order(0).find((node) => node !== owner);
  if (owner === undefined || first === undefined) return;
  if (chance.happens(0.5)) {
    world.drain(first, true);
    world.later(chance.within(200, 900), () => world.crash(owner));
    return;
  }
  world.crash(first);
  world.later(2000, () => world.start(first));
  world.later(chance.within(2150, 2280), () => world.crash(owner));
}

/** The owner stands still until it is replaced, and then all do for a moment. */
export function blackout({ world, chance }: Happening): void {
  const owner = world.ownerOf(0, 0);
  if (owner === undefined) return;
  const isFrozen = chance.happens(0.5);
  const time = chance.within(600, 2000);
  world.pause(owner, time, isFrozen);
  world.later(time - chance.within(50, 250), () => {
    for (let node = 0; node < world.scenario.nodes; node++) {
      if (node !== owner) {
        world.pause(node, chance.within(250, 900), isFrozen);
      }
    }
  });
}

/** All machines are busy: each node gets no processor for a moment, again and again. */
export function busy({ world, chance }: Happening): void {
  for (let node = 0; node < world.scenario.nodes; node++) {
    for (let at = chance.within(0, 1500); at < 12_000;) {
      const time = chance.within(310, 550);
      world.later(at, () => world.pause(node, time, false));
      at += time + chance.within(500, 1500);
    }
  }
}

/** One owner after the other stands still until it is replaced, and all go on at nearly the same time. */
export function dominoes({ world, chance }: Happening): void {
  const isFrozen = chance.happens(0.5);
  for (const start of [0, 500, 1000]) {
    world.later(start, () => {
      const owner = world.ownerOf(0, 0);
      if (owner === undefined) return;
      world.pause(owner, chance.within(1900, 2300) - start, isFrozen);
    });
  }
}

/** A wall clock jumps. */
export function clock({ world, chance, victim }: Happening): void {
  const hours = chance.pick([-5, -1, -0.001, 0.001, 2]);
  world.jumpClock(victim, hours * 3_600_000);
}

/** A process stands still. */
export function pause(happening: Happening): void {
  standStill(happening, false);
}

/** A machine does, and loses what is sent to it. */
export function freeze(happening: Happening): void {
  standStill(happening, true);
}

function standStill(
  { world, chance, victim }: Happening,
  isFrozen: boolean,
): void {
  const time = chance.happens(0.15)
    ? 20_000 * chance.unit()
    : chance.pick(isFrozen ? FREEZES : PAUSES);
  world.pause(victim, time * chance.within(0.9, 1.1), isFrozen);
}
