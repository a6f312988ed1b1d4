/** Longer stories of splits, and of nodes that are cut off. */
import { between, type Happening, type Links } from "./happening.ts";
import type { World } from "./world.ts";

/** The segment is split for so long that membership sees it, with candidates on either side. */
export function longSplit({ world, chance }: Happening): void {
  const { client } = world.network;
  const owner = world.ownerOf(0, 0) ?? 0;
  const sides = Array.from(
    { length: client + 1 },
    (_, index) => index !== owner && chance.happens(0.6),
  );
  sides[(owner + 1) % client] = true;
  const links = between(sides);
  world.cut(
    0,
    links,
    false,
    "cut segment for long",
    undefined,
  );
  world.later(chance.within(7000, 10_000), () => {
    world.heal(0, links, false, "heal segment", undefined);
  });
}

/**
 * The owner is cut off with the client and is replaced; a third claims alone
 * again and again, so that its replacement pauses ever longer between answers;
 * then all heals.
 */
export function heckler({ world, chance }: Happening): void {
  const { client } = world.network;
  const owner = world.ownerOf(0, 0);
  if (owner === undefined) return;
  const all = Array.from({ length: client + 1 }, (_, index) => index);
  const split = between(
    all.map((index) => index === owner || index === client),
  );
  world.cut(
    0,
    split,
    false,
    `cut node ${owner} and the client from the rest`,
  );
  for (const start of [1500, 3300, 6100]) {
    world.later(start, () => {
      const winner = world.ownerOf(0, 0);
      const heckler = all.find((index) =>
        ![owner, winner, client].includes(index)
      );
      const links = between(all.map((index) => index === heckler));
      world.cut(0, links, false, `cut node ${heckler} from all`);
      world.later(700, () => {
        world.heal(0, links, false, `heal node ${heckler}`);
      });
    });
  }
  world.later(chance.within(6900, 7200), () => {
    world.heal(0, split, false, "heal segment");
  });
}

/** The owner is cut off, is replaced, and its replacement dies before it is heard. */
export function widow({ world, chance }: Happening): void {
  const { client } = world.network;
  const owner = world.ownerOf(0, 0);
  if (owner === undefined) return;
  // Of four, at least one more stays with the replacement and remembers it.
  const friend = (owner + 1 + chance.below(client - 1)) % client;
  const hasFriend = client > 2 && chance.happens(0.5);
  const links = between(
    Array.from(
      { length: client + 1 },
      (_, index) => index === owner || hasFriend && index === friend,
    ),
  );
  world.cut(0, links, false, `cut node ${owner} from all`, undefined);
  world.later(chance.within(600, 2000), () => {
    const other = world.ownerOf(0, 0);
    if (other !== undefined && other !== owner) world.crash(other);
    world.heal(0, links, false, `heal node ${owner}`, undefined);
  });
}

/** The owner is cut off, is replaced, and drains before it is heard again. */
export function recluse({ world, chance }: Happening): void {
  const owner = world.ownerOf(0, 0);
  if (owner === undefined) return;
  cutOff(world, owner, chance.within(2500, 9000));
  world.later(chance.within(0, 2000), () => world.drain(owner, true));
}

/** Nobody hears the owner any more, it does not hear who replaces it, and others tell it. */
export function muted({ world, chance }: Happening): void {
  const { client } = world.network;
  const owner = world.ownerOf(0, 0);
  const next = world.order(0).find((node) => node !== owner);
  if (owner === undefined || next === undefined) return;
  const links: Links = [[next, owner]];
  for (let other = 0; other <= client; other++) {
    if (other !== owner) links.push([owner, other]);
  }
  world.cut(0, links, false, `cut node ${owner} to all`, [owner]);
  world.later(chance.within(1000, 6000), () => {
    world.heal(0, links, false, `heal node ${owner}`, [owner]);
  });
}

/** The owner crashes, and nobody hears any more who is about to follow it, for a while. */
export function heir({ world, chance }: Happening): void {
  const { client } = world.network;
  const owner = world.ownerOf(0, 0);
  const next = world.order(0).find((node) => node !== owner);
  if (owner === undefined || next === undefined) return;
  const links: Links = [];
  for (let other = 0; other <= client; other++) {
    if (other !== next) links.push([next, other]);
  }
  world.crash(owner);
  world.later(chance.within(0, 180), () => {
    world.cut(0, links, false, `cut node ${next} to all`, [next]);
  });
  world.later(chance.within(1000, 6000), () => {
    world.heal(0, links, false, `heal node ${next}`, [next]);
  });
}

/** A candidate that owns nothing is cut off for about as long as it takes to notice. */
export function blink(happening: Happening): void {
  const { world, chance } = happening;
  const node = bystander(happening);
  if (node !== undefined) cutOff(world, node, chance.within(250, 650));
}

/** The same node's cable is loose: it makes contact for moments. */
export function flicker(happening: Happening): void {
  const { world, chance } = happening;
  const node = bystander(happening);
  if (node === undefined) return;
  let at = 0;
  for (let turn = 0; turn < 5; turn++) {
    const duration = chance.within(200, 500);
    world.later(at, () => cutOff(world, node, duration));
    at += duration + chance.within(1, 40);
  }
}

/** Any node that owns nothing. */
function bystander({ world, chance }: Happening): number | undefined {
  const { groups, nodes } = world.scenario;
  const owners = Array.from(
    { length: groups },
    (_, group) => world.ownerOf(0, group),
  );
  const idle = Array.from({ length: nodes }, (_, node) => node)
    .filter((node) => !owners.includes(node));
  return idle.length === 0 ? undefined : chance.pick(idle);
}

/** Cuts a node off from all, both ways, for a while. */
function cutOff(world: World, node: number, duration: number): void {
  const links = between(
    Array.from(
      { length: world.network.client + 1 },
      (_, index) => index === node,
    ),
  );
  world.cut(0, links, false, `cut node ${node} from all`, [node]);
  world.later(duration, () => {
    world.heal(0, links, false, `heal node ${node}`, [node]);
  });
}

/** The owner crashes, and who follows it hears nothing from then on. */
export function deaf({ world, chance }: Happening): void {
  const { client } = world.network;
  const owner = world.ownerOf(0, 0);
  if (owner !== undefined) world.crash(owner);
  world.later(chance.within(600, 3000), () => {
    const next = world.ownerOf(0, 0);
    if (next === undefined) return;
    const links: Links = [];
    for (let other = 0; other <= client; other++) {
      if (other !== next) links.push([other, next]);
    }
    world.cut(0, links, false, `cut all to node ${next}`, [next]);
  });
}

/** A candidate that hears nobody takes over alone, and then gives the group away. */
export function mutiny({ world, chance }: Happening): void {
  const { client } = world.network;
  const owner = world.ownerOf(0, 0);
  const deaf = world.order(0).find((node) => node !== owner);
  if (deaf === undefined) return;
  const links: Links = [];
  for (let other = 0; other <= client; other++) {
    if (other !== deaf) links.push([other, deaf]);
  }
  world.cut(0, links, false, `cut all to node ${deaf}`, [deaf]);
  world.later(chance.within(600, 2000), () => world.exit(deaf));
}

/** The link between the owner and a candidate that does not beat it is cut, for long. */
export function farLink({ world }: Happening): void {
  const owner = world.ownerOf(0, 0);
  const far = world.order(0).filter((node) => node !== owner).at(-1);
  if (owner === undefined || far === undefined) return;
  const links: Links = [[owner, far], [far, owner]];
  world.cut(0, links, false, `cut link ${owner}-${far}`, [far]);
}

/** The client is left with candidates that do not beat the owner. */
export function far({ world, chance, duration }: Happening): void {
  const { views, network } = world;
  const owner = world.ownerOf(0, 0);
  const order = views.first(0);
  const far = order.filter((node) => node !== owner).slice(2);
  const sides = Array.from(
    { length: network.client + 1 },
    (_, index) => far.includes(index) || index === network.client,
  );
  const links = between(sides);
  world.cut(0, links, false, `cut client with only nodes ${far.join(", ")}`);
  if (duration === Infinity) return;
  world.later(9000 + 1000 * chance.unit(), () => {
    world.heal(0, links, false, "heal client");
  });
}

/** The segment is split while the members' key is replaced, and heals before all have the new one. */
export function rotation({ world, chance }: Happening): void {
  const { client } = world.network;
  const sides = Array.from(
    { length: client + 1 },
    (_, index) => index < client && chance.happens(0.5),
  );
  const links = between(sides);
  const among = links.filter((link) => !link.includes(client));
  world.hasIpFault = true;
  world.cut(0, links, false, "cut segment");
  world.hasKeyFault = true;
  world.later(500, () => {
    for (const [node] of sides.entries()) {
      if (sides[node] === true) world.otherKeys.add(node);
    }
    world.cut(0, among, true, "replace the key on one side", []);
  });
  const heal = chance.within(1000, 8000);
  world.later(heal, () => world.heal(0, links, false, "heal segment"));
  world.later(heal + chance.within(500, 6000), () => {
    world.otherKeys.clear();
    world.heal(0, among, true, "replace the key on the other side", []);
  });
}

/** IP is cut among all, and meanwhile the segment is split for a moment. */
export function rivals(happening: Happening): void {
  const { world } = happening;
  const { nodes } = world.scenario;
  const all: Links = [];
  for (let from = 0; from < nodes; from++) {
    for (let to = 0; to < nodes; to++) if (from !== to) all.push([from, to]);
  }
  world.hasIpFault = true;
  world.cut(0, all, true, "cut IP among all", []);
  world.later(500, () => longSplit(happening));
}
