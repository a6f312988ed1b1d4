import { Chance } from "./chance.ts";
import { nodeIdOf } from "./cluster.ts";
import { MIXES } from "./mixes.ts";
import { FOREIGN } from "./network.ts";
import type { PlannedFault } from "./scenario.ts";
import type { ViewChange } from "./views.ts";
import type { World } from "./world.ts";
import { type Claim, NO_CLAIM } from "../../mod/ownership/mod.ts";

/** What can go wrong. */
export type FaultKind =
  | "none"
  | "crash"
  | "restart"
  | "exit"
  | "drain"
  | "pause"
  | "freeze"
  | "power"
  | "flap"
  | "succession"
  | "longSplit"
  | "heckler"
  | "widow"
  | "rivals"
  | "deaf"
  | "skew"
  | "mutiny"
  | "blackout"
  | "farLink"
  | "handover"
  | "lateOffer"
  | "replay"
  | "pair"
  | "client"
  | "isolate"
  | "split"
  | "unplug"
  | "ipcut"
  | "view"
  | "prefer"
  | "move"
  | "spoof"
  | "foreign"
  | "far"
  | "rack"
  | "metallb"
  | "clock";

type Links = (readonly [number, number])[];

const DURATIONS = [250, 500, 1000, 3000, 7000];
const FREEZES = [400, 700, 2000, 6000];
const PAUSES = [200, 290, 310, 400, 700, 2000, 6000];
const VIEW_CHANGES: readonly ViewChange[] = [
  "exclude",
  "endpoints",
  "order",
  "all",
  "moved",
  "withdraw",
];

/** One fault that happens now. */
export class Fault {
  readonly #world: World;
  readonly #chance: Chance;
  /** How long it lasts, in ms; `Infinity` = it stays. */
  readonly #duration: number;
  readonly #kind: FaultKind;

  /** Chooses what is not planned. */
  constructor(world: World, { kind, seed }: PlannedFault) {
    this.#world = world;
    this.#kind = kind;
    this.#chance = new Chance(seed);
    const stays = MIXES[world.scenario.mix]?.stays ?? 0.15;
    const duration = this.#chance.pick(DURATIONS) *
      this.#chance.within(0.5, 1.5);
    this.#duration = this.#chance.happens(stays) ? Infinity : duration;
  }

  /** Makes it happen. */
  inject(): void {
    const victim = this.#victim();
    switch (this.#kind) {
      case "none":
        return;
      case "crash":
        return this.#crash(victim);
      case "restart":
        return this.#restart();
      case "exit":
        return this.#exit(victim);
      case "drain":
        return this.#drain(victim);
      case "pause":
        return this.#pause(victim, false);
      case "freeze":
        return this.#pause(victim, true);
      case "power":
        return this.#power();
      case "flap":
        return this.#flap(victim);
      case "succession":
        return this.#succession();
      case "longSplit":
        return this.#longSplit();
      case "heckler":
        return this.#heckler();
      case "widow":
        return this.#widow();
      case "rivals":
        return this.#rivals();
      case "deaf":
        return this.#deaf();
      case "skew":
        return this.#skew();
      case "mutiny":
        return this.#mutiny();
      case "blackout":
        return this.#blackout();
      case "farLink":
        return this.#farLink();
      case "handover":
        return this.#handover();
      case "lateOffer":
        return this.#lateOffer();
      case "replay":
        return this.#replay();
      case "pair":
        return this.#pair();
      case "client":
        return this.#client(victim);
      case "isolate":
        return this.#isolate(victim);
      case "unplug":
        return this.#unplug(victim);
      case "split":
        return this.#split();
      case "ipcut":
        return this.#ipCut();
      case "view":
        return this.#world.changeView(
          this.#chance.pick(VIEW_CHANGES),
          this.#chance,
        );
      case "prefer":
        return this.#world.changeView("order", this.#chance);
      case "move":
        return this.#world.changeView("moved", this.#chance);
      case "spoof":
        return this.#spoof();
      case "foreign":
        return this.#foreign();
      case "far":
        return this.#far();
      case "rack":
        return this.#rack();
      case "metallb":
        return this.#world.makeLegacy();
      case "clock":
        return this.#clock(victim);
    }
  }

  /** The owner of some group half of the time, else anybody. */
  #victim(): number {
    const { scenario } = this.#world;
    const group = this.#chance.below(scenario.groups);
    const wantsOwner = this.#chance.happens(0.5);
    const any = this.#chance.below(scenario.nodes);
    const owner = this.#world.ownerOf(0, wantsOwner ? group : 0);
    if (MIXES[scenario.mix]?.sparesOwner === true) {
      return any === owner ? (any + 1) % scenario.nodes : any;
    }
    return wantsOwner ? owner ?? any : any;
  }

  #slot(): number {
    return this.#chance.below(this.#world.scenario.segments);
  }

  #crash(victim: number): void {
    const { world, duration } = {
      world: this.#world,
      duration: this.#duration,
    };
    if (!world.mayStop(victim)) return;
    world.crash(victim);
    if (duration < Infinity) world.later(duration, () => world.start(victim));
  }

  /** The owner's process ends and is back before anybody missed it, but waits for a node that is down. */
  #restart(): void {
    const world = this.#world;
    const owner = world.ownerOf(0, 0);
    const down = world.order(0).filter((node) => node !== owner).at(-1);
    if (owner === undefined || down === undefined) return;
    world.crash(down);
    world.later(this.#chance.within(7500, 8000), () => {
      world.crash(owner);
      world.later(this.#chance.within(50, 250), () => world.start(owner));
    });
  }

  #exit(victim: number): void {
    const world = this.#world;
    if (!world.mayStop(victim) || !world.isSettled(victim)) return;
    world.exit(victim);
    if (this.#duration === Infinity) return;
    world.later(2100 + this.#duration, () => world.start(victim));
  }

  #drain(victim: number): void {
    const world = this.#world;
    if (!world.isSettled(victim)) return;
    world.drain(victim, true);
    if (this.#duration === Infinity) return;
    world.later(this.#duration, () => world.drain(victim, false));
  }

  #pause(victim: number, isFrozen: boolean): void {
    const time = this.#chance.happens(0.15)
      ? 20_000 * this.#chance.unit()
      : this.#chance.pick(isFrozen ? FREEZES : PAUSES);
    this.#world.pause(victim, time * this.#chance.within(0.9, 1.1), isFrozen);
  }

  /** All nodes lose power, and start again. */
  #power(): void {
    const world = this.#world;
    for (let node = 0; node < world.scenario.nodes; node++) {
      world.crash(node);
      world.later(this.#chance.within(300, 3000), () => world.start(node));
    }
  }

  /** The first standby drains or starts while the owner crashes. */
  #succession(): void {
    const world = this.#world;
    const owner = world.ownerOf(0, 0);
    const first = world.order(0).find((node) => node !== owner);
    if (owner === undefined || first === undefined) return;
    if (this.#chance.happens(0.5)) {
      world.drain(first, true);
      world.later(this.#chance.within(200, 900), () => world.crash(owner));
      return;
    }
    world.crash(first);
    world.later(2000, () => world.start(first));
    world.later(this.#chance.within(2150, 2280), () => world.crash(owner));
  }

  /** The owner gives its groups away while it does not reach the first candidates by IP. */
  #handover(): void {
    const world = this.#world;
    const owner = world.ownerOf(0, 0);
    if (owner === undefined) return;
    const others = world.order(0).filter((node) => node !== owner);
    const unreached = others.slice(0, this.#chance.between(0, others.length));
    const isOneWay = this.#chance.happens(0.5);
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
    world.later(this.#chance.within(50, 400), () => {
      const way = this.#chance.pick(["exit", "drain", "exclude"]);
      if (way === "drain") world.drain(owner, true);
      else if (way === "exit" && unreached.length < others.length) {
        world.exit(owner);
      } else world.exclude(owner);
    });
  }

  /** The owner gives its groups to a candidate that stands still, until another has taken them. */
  #lateOffer(): void {
    const world = this.#world;
    const owner = world.ownerOf(0, 0);
    const next = world.order(0).find((node) => node !== owner);
    if (owner === undefined || next === undefined) return;
    world.pause(next, this.#chance.within(700, 1500), false);
    world.later(this.#chance.within(10, 250), () => {
      if (this.#chance.happens(0.5)) world.drain(owner, true);
      else if (world.isSettled(owner)) world.exit(owner);
    });
  }

  /** Somebody replays, again and again, a claim from an earlier life of the cluster. */
  #replay(): void {
    const world = this.#world;
    const { scenario, views } = world;
    const group = this.#chance.below(scenario.groups);
    const from = this.#chance.below(scenario.nodes);
    const claim: Claim = {
      term: this.#chance.between(20, 50),
      full: true,
      hash: views.hashes[group]?.[from] ?? 0,
      node: nodeIdOf(from),
    };
    world.hasSpoof = true;
    for (let turn = 0; turn < 5; turn++) {
      world.later(turn * this.#chance.within(150, 400), () => {
        world.say(`replay group ${group} of node ${from} term ${claim.term}`);
        this.#forge(0, group, from, claim);
      });
    }
  }

  /** The segment is split for so long that membership sees it, with candidates on either side. */
  #longSplit(): void {
    const world = this.#world;
    const { client } = world.network;
    const owner = world.ownerOf(0, 0) ?? 0;
    const sides = Array.from(
      { length: client + 1 },
      (_, index) => index !== owner && this.#chance.happens(0.6),
    );
    sides[(owner + 1) % client] = true;
    const links = this.#between(sides);
    world.cut(
      0,
      links,
      false,
      "cut segment for long",
      undefined,
    );
    world.later(this.#chance.within(7000, 10_000), () => {
      world.heal(0, links, false, "heal segment", undefined);
    });
  }

  /**
   * The owner is cut off with the client and is replaced; a third claims alone
   * again and again, so that its replacement pauses ever longer between answers;
   * then all heals.
   */
  #heckler(): void {
    const world = this.#world;
    const { client } = world.network;
    const owner = world.ownerOf(0, 0);
    if (owner === undefined) return;
    const all = Array.from({ length: client + 1 }, (_, index) => index);
    const split = this.#between(
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
        const links = this.#between(all.map((index) => index === heckler));
        world.cut(0, links, false, `cut node ${heckler} from all`);
        world.later(700, () => {
          world.heal(0, links, false, `heal node ${heckler}`);
        });
      });
    }
    world.later(this.#chance.within(6900, 7200), () => {
      world.heal(0, split, false, "heal segment");
    });
  }

  /** The owner is cut off, is replaced, and its replacement dies before it is heard. */
  #widow(): void {
    const world = this.#world;
    const { client } = world.network;
    const owner = world.ownerOf(0, 0);
    if (owner === undefined) return;
    // Of four, at least one more stays with the replacement and remembers it.
    const friend = (owner + 1 + this.#chance.below(client - 1)) % client;
    const hasFriend = client > 2 && this.#chance.happens(0.5);
    const links = this.#between(
      Array.from(
        { length: client + 1 },
        (_, index) => index === owner || hasFriend && index === friend,
      ),
    );
    world.cut(0, links, false, `cut node ${owner} from all`, undefined);
    world.later(this.#chance.within(600, 2000), () => {
      const other = world.ownerOf(0, 0);
      if (other !== undefined && other !== owner) world.crash(other);
      world.heal(0, links, false, `heal node ${owner}`, undefined);
    });
  }

  /** The owner crashes, and who follows it hears nothing from then on. */
  #deaf(): void {
    const world = this.#world;
    const { client } = world.network;
    const owner = world.ownerOf(0, 0);
    if (owner !== undefined) world.crash(owner);
    world.later(this.#chance.within(600, 3000), () => {
      const next = world.ownerOf(0, 0);
      if (next === undefined) return;
      const links: Links = [];
      for (let other = 0; other <= client; other++) {
        if (other !== next) links.push([other, next]);
      }
      world.cut(0, links, false, `cut all to node ${next}`, [next]);
    });
  }

  /** The standby starts again with a clock that went back, and then the owner crashes. */
  #skew(): void {
    const world = this.#world;
    const owner = world.ownerOf(0, 0);
    if (owner === undefined) return;
    const standby = (owner + 1) % world.scenario.nodes;
    world.jumpClock(standby, -3_600_000);
    world.crash(standby);
    world.later(500, () => world.start(standby));
    world.later(this.#chance.within(3000, 6000), () => world.crash(owner));
  }

  /** The owner stands still until it is replaced, and then all do for a moment. */
  #blackout(): void {
    const world = this.#world;
    const owner = world.ownerOf(0, 0);
    if (owner === undefined) return;
    const isFrozen = this.#chance.happens(0.5);
    const time = this.#chance.within(600, 2000);
    world.pause(owner, time, isFrozen);
    world.later(time - this.#chance.within(50, 250), () => {
      for (let node = 0; node < world.scenario.nodes; node++) {
        if (node !== owner) {
          world.pause(node, this.#chance.within(250, 900), isFrozen);
        }
      }
    });
  }

  /** A candidate that hears nobody takes over alone, and then gives the group away. */
  #mutiny(): void {
    const world = this.#world;
    const { client } = world.network;
    const owner = world.ownerOf(0, 0);
    const deaf = world.order(0).find((node) => node !== owner);
    if (deaf === undefined) return;
    const links: Links = [];
    for (let other = 0; other <= client; other++) {
      if (other !== deaf) links.push([other, deaf]);
    }
    world.cut(0, links, false, `cut all to node ${deaf}`, [deaf]);
    world.later(this.#chance.within(600, 2000), () => world.exit(deaf));
  }

  /** The link between the owner and a candidate that does not beat it is cut, for long. */
  #farLink(): void {
    const world = this.#world;
    const owner = world.ownerOf(0, 0);
    const far = world.order(0).filter((node) => node !== owner).at(-1);
    if (owner === undefined || far === undefined) return;
    const links: Links = [[owner, far], [far, owner]];
    world.cut(0, links, false, `cut link ${owner}-${far}`, [far]);
  }

  /** IP is cut among all, and meanwhile the segment is split for a moment. */
  #rivals(): void {
    const world = this.#world;
    const { nodes } = world.scenario;
    const all: Links = [];
    for (let from = 0; from < nodes; from++) {
      for (let to = 0; to < nodes; to++) if (from !== to) all.push([from, to]);
    }
    world.hasIpFault = true;
    world.cut(0, all, true, "cut IP among all", []);
    world.later(500, () => this.#longSplit());
  }

  /** A node crashes again and again, soon after it has returned. */
  #flap(victim: number): void {
    const world = this.#world;
    const period = this.#chance.within(4000, 5000);
    for (let turn = 0; turn < 5; turn++) {
      world.later(turn * period, () => world.crash(victim));
      world.later(turn * period + 500, () => world.start(victim));
    }
  }

  #pair(): void {
    const { nodes } = this.#world.scenario;
    const a = this.#chance.below(nodes);
    const b = (a + 1 + this.#chance.below(nodes - 1)) % nodes;
    const links: Links = [[a, b]];
    if (this.#chance.happens(0.5)) links.push([b, a]);
    this.#cut(links, `link ${a}-${b}${links.length === 1 ? " one way" : ""}`, [
      a,
      b,
    ]);
  }

  #client(victim: number): void {
    const { client } = this.#world.network;
    const there: readonly [number, number] = [victim, client];
    const back: readonly [number, number] = [client, victim];
    const links: Links = this.#chance.happens(0.6)
      ? [there, back]
      : [this.#chance.pick([there, back])];
    this.#world.hasClientCut = true;
    this.#cut(
      links,
      `client and node ${victim}${links.length === 1 ? " one way" : ""}`,
      [victim],
    );
  }

  #isolate(victim: number): void {
    const way = this.#chance.pick(["both", "both", "sends", "hears"]);
    const links: Links = [];
    for (let other = 0; other <= this.#world.network.client; other++) {
      if (other === victim) continue;
      if (way !== "hears") links.push([victim, other]);
      if (way !== "sends") links.push([other, victim]);
    }
    this.#cut(
      links,
      `node ${victim} from all (${
        way === "both"
          ? "both ways"
          : `nobody ${way === "sends" ? "hears it" : "is heard by it"}`
      })`,
      [victim],
    );
  }

  #unplug(victim: number): void {
    const links: Links = [];
    for (let other = 0; other <= this.#world.network.client; other++) {
      if (other !== victim) links.push([victim, other], [other, victim]);
    }
    this.#cut(links, `cable of node ${victim}`, [victim]);
  }

  #split(): void {
    const { client } = this.#world.network;
    const sides = Array.from(
      { length: client + 1 },
      () => this.#chance.happens(0.5),
    );
    if (
      !sides.some((isThere, index) =>
        index < client && isThere === sides[client]
      )
    ) {
      this.#world.hasClientCut = true;
    }
    const side = sides.flatMap((isThere, index) => isThere ? [index] : []);
    this.#cut(
      this.#between(sides),
      `segment: {${side.join(", ")}} and the rest`,
      undefined,
    );
  }

  #between(sides: readonly boolean[]): Links {
    const links: Links = [];
    for (let a = 0; a < sides.length; a++) {
      for (let b = 0; b < sides.length; b++) {
        if (sides[a] !== sides[b]) links.push([a, b]);
      }
    }
    return links;
  }

  #ipCut(): void {
    const { nodes } = this.#world.scenario;
    const all = this.#chance.happens(0.4);
    const a = this.#chance.below(nodes);
    const b = (a + 1 + this.#chance.below(nodes - 1)) % nodes;
    const links: Links = [];
    for (let from = 0; from < nodes; from++) {
      for (let to = 0; to < nodes; to++) {
        if (from === to) continue;
        if (all || [a, b].includes(from) && [a, b].includes(to)) {
          links.push([from, to]);
        }
      }
    }
    this.#world.hasIpFault = true;
    this.#cut(
      links,
      `IP ${all ? "among all" : `${a}-${b}`}`,
      // As long as ARP passes, it is no reason to move anything.
      [],
      true,
    );
  }

  #cut(
    links: Links,
    what: string,
    nodes: readonly number[] | undefined,
    isIpOnly = false,
  ): void {
    const world = this.#world;
    const slot = this.#slot();
    const where = world.scenario.segments > 1 ? ` on segment ${slot}` : "";
    world.cut(slot, links, isIpOnly, `cut ${what}${where}`, nodes);
    if (this.#duration === Infinity) return;
    world.later(this.#duration, () => {
      world.heal(slot, links, isIpOnly, `heal ${what}${where}`, nodes);
    });
  }

  #spoof(): void {
    const world = this.#world;
    const { scenario } = world;
    const slot = this.#slot();
    const group = this.#chance.below(scenario.groups);
    const as = this.#chance.below(scenario.nodes + 1);
    const from = as === scenario.nodes ? FOREIGN : as;
    world.hasSpoof = true;
    world.say(
      `spoof group ${group} as ${
        from === FOREIGN ? "a foreign host" : `node ${from}`
      }`,
    );
    this.#forge(slot, group, from, NO_CLAIM);
    if (!this.#chance.happens(0.5) || world.recorded.length === 0) return;
    const old = this.#chance.pick(world.recorded);
    world.say(
      `replay group ${old.group} of node ${old.from} term ${old.claim.term}`,
    );
    this.#forge(slot, old.group, old.from, old.claim);
  }

  /** The foreign host goes, and comes back when its address is long owned. */
  #foreign(): void {
    const world = this.#world;
    world.foreignHost.leave();
    world.later(14_000, () => {
      world.say("the foreign host is back, and fights");
      for (let turn = 0; turn < 40; turn++) {
        world.later(turn * 25, () => this.#forge(0, 0, FOREIGN, NO_CLAIM));
      }
    });
  }

  #forge(slot: number, group: number, from: number, claim: Claim): void {
    const { network } = this.#world;
    for (let to = 0; to < network.client; to++) {
      if (to === from) continue;
      network.forge("announcement", slot, from, to, (event) => {
        event.group = group;
        event.claim = claim;
      });
    }
  }

  #far(): void {
    const { views, network } = this.#world;
    const owner = this.#world.ownerOf(0, 0);
    const order = views.first(0);
    const far = order.filter((node) => node !== owner).slice(2);
    const sides = Array.from(
      { length: network.client + 1 },
      (_, index) => far.includes(index) || index === network.client,
    );
    const links = this.#between(sides);
    const world = this.#world;
    world.cut(0, links, false, `cut client with only nodes ${far.join(", ")}`);
    if (this.#duration === Infinity) return;
    world.later(9000 + 1000 * this.#chance.unit(), () => {
      world.heal(0, links, false, "heal client");
    });
  }

  #rack(): void {
    const world = this.#world;
    const owner = world.ownerOf(0, 0);
    if (owner === undefined) return;
    const order = world.views.first(0);
    const standbys = order.filter((node) => node !== owner).slice(0, 2);
    for (const node of [owner, ...standbys]) {
      world.later(100 * this.#chance.unit(), () => world.crash(node));
      world.later(9000 + 1000 * this.#chance.unit(), () => world.start(node));
    }
  }

  #clock(victim: number): void {
    const hours = this.#chance.pick([-5, -1, -0.001, 0.001, 2]);
    this.#world.jumpClock(victim, hours * 3_600_000);
  }
}
