/** What goes wrong with links. */
import { between, type Happening, type Links, slotOf } from "./happening.ts";

/** The link between two nodes is cut, one way or both. */
export function pair({ world, chance, duration }: Happening): void {
  const { nodes } = world.scenario;
  const a = chance.below(nodes);
  const b = (a + 1 + chance.below(nodes - 1)) % nodes;
  const links: Links = [[a, b]];
  if (chance.happens(0.5)) links.push([b, a]);
  cutFor(
    { world, chance, duration },
    links,
    `link ${a}-${b}${links.length === 1 ? " one way" : ""}`,
    [
      a,
      b,
    ],
  );
}

/** The link between a node and the client is cut, one way or both. */
export function client({ world, chance, duration, victim }: Happening): void {
  const { client } = world.network;
  const there: readonly [number, number] = [victim, client];
  const back: readonly [number, number] = [client, victim];
  const links: Links = chance.happens(0.6)
    ? [there, back]
    : [chance.pick([there, back])];
  world.hasClientCut = true;
  cutFor(
    { world, chance, duration },
    links,
    `client and node ${victim}${links.length === 1 ? " one way" : ""}`,
    [victim],
  );
}

/** A node is cut off from all, one way or both. */
export function isolate({ world, chance, duration, victim }: Happening): void {
  const way = chance.pick(["both", "both", "sends", "hears"]);
  const links: Links = [];
  for (let other = 0; other <= world.network.client; other++) {
    if (other === victim) continue;
    if (way !== "hears") links.push([victim, other]);
    if (way !== "sends") links.push([other, victim]);
  }
  cutFor(
    { world, chance, duration },
    links,
    `node ${victim} from all (${
      way === "both"
        ? "both ways"
        : `nobody ${way === "sends" ? "hears it" : "is heard by it"}`
    })`,
    [victim],
  );
}

/** A cable is unplugged. */
export function unplug({ world, chance, duration, victim }: Happening): void {
  const links: Links = [];
  for (let other = 0; other <= world.network.client; other++) {
    if (other !== victim) links.push([victim, other], [other, victim]);
  }
  cutFor({ world, chance, duration }, links, `cable of node ${victim}`, [
    victim,
  ]);
}

/** The segment is split. */
export function split({ world, chance, duration }: Happening): void {
  const { client } = world.network;
  const sides = Array.from(
    { length: client + 1 },
    () => chance.happens(0.5),
  );
  if (
    !sides.some((isThere, index) => index < client && isThere === sides[client])
  ) {
    world.hasClientCut = true;
  }
  const side = sides.flatMap((isThere, index) => isThere ? [index] : []);
  cutFor(
    { world, chance, duration },
    between(sides),
    `segment: {${side.join(", ")}} and the rest`,
    undefined,
  );
}

/** IP is cut between two, or among all, while ARP passes. */
export function ipCut({ world, chance, duration }: Happening): void {
  const { nodes } = world.scenario;
  const all = chance.happens(0.4);
  const a = chance.below(nodes);
  const b = (a + 1 + chance.below(nodes - 1)) % nodes;
  const links: Links = [];
  for (let from = 0; from < nodes; from++) {
    for (let to = 0; to < nodes; to++) {
      if (from === to) continue;
      if (all || [a, b].includes(from) && [a, b].includes(to)) {
        links.push([from, to]);
      }
    }
  }
  world.hasIpFault = true;
  cutFor(
    { world, chance, duration },
    links,
    `IP ${all ? "among all" : `${a}-${b}`}`,
    // As long as ARP passes, it is no reason to move anything.
    [],
    true,
  );
}

/** Cuts links on some segment, for a while or for good. */
function cutFor(
  { world, chance, duration }: Pick<Happening, "world" | "chance" | "duration">,
  links: Links,
  what: string,
  nodes: readonly number[] | undefined,
  isIpOnly = false,
): void {
  const slot = slotOf(world, chance);
  const where = world.scenario.segments > 1 ? ` on segment ${slot}` : "";
  world.cut(slot, links, isIpOnly, `cut ${what}${where}`, nodes);
  if (duration === Infinity) return;
  world.later(duration, () => {
    world.heal(slot, links, isIpOnly, `heal ${what}${where}`, nodes);
  });
}
