import { Beat, type Claim, NO_CLAIM } from "../../mod/ownership/mod.ts";
import type { Chance } from "./chance.ts";
import { EventQueue, type Timed } from "./event_queue.ts";
import type { Scenario } from "./scenario.ts";

/** What a message is. */
export type MessageKind =
  | "beat"
  | "announcement"
  | "question"
  | "answer"
  | "witnessQuestion"
  | "witnessAnswer"
  | "chatter";

/** Something to come: a message that arrives, or an action. */
export class SimulatedEvent implements Timed {
  /** See {@linkcode Timed}. */
  time = 0;
  /** See {@linkcode Timed}. */
  order = 0;
  /** What arrives; `"action"` = something is done. */
  kind: MessageKind | "action" = "action";
  /** The segment. */
  slot = 0;
  /** Whence: index of a node or client; see {@linkcode FOREIGN}. */
  from = 0;
  /** Whither. */
  to = 0;
  /** Index of the group. */
  group = 0;
  /** The claim in the frame. */
  claim: Claim = NO_CLAIM;
  /** The beat. */
  readonly beat = new Beat();
  /** What is done. */
  action: (() => void) | undefined = undefined;
}

/** Sender index of a host that is no member. */
export const FOREIGN = -1;

/** The LAN: who reaches whom, and what is under way. Stations are nodes by index, and the client after them. */
export class Network {
  /** What is to come. */
  readonly queue = new EventQueue<SimulatedEvent>();
  /** The present, in ms. */
  now = 0;
  /** The client's index. */
  readonly client: number;
  /** Whether anything but IP is cut now or was ever. */
  readonly #cuts: Int16Array[];
  readonly #ipCuts: Int16Array[];
  readonly #chance: Chance;
  readonly #scenario: Scenario;
  readonly #free: SimulatedEvent[] = [];
  /** Grows when a link is cut or healed. */
  changes = 0;

  /** A network without faults. */
  constructor(scenario: Scenario, chance: Chance) {
    this.#scenario = scenario;
    this.#chance = chance;
    this.client = scenario.nodes;
    const links = (scenario.nodes + 1) ** 2;
    const make = (): Int16Array[] =>
      Array.from({ length: scenario.segments }, () => new Int16Array(links));
    this.#cuts = make();
    this.#ipCuts = make();
  }

  /** Whether frames of one station reach another. */
  reaches(slot: number, from: number, to: number): boolean {
    return this.#cuts[slot]?.[this.#link(from, to)] === 0;
  }

  /** Whether two stations reach each other. */
  reachBoth(slot: number, a: number, b: number): boolean {
    return this.reaches(slot, a, b) && this.reaches(slot, b, a);
  }

  /** Whether IP passes, too. */
  reachesIp(slot: number, from: number, to: number): boolean {
    return this.reaches(slot, from, to) &&
      this.#ipCuts[slot]?.[this.#link(from, to)] === 0;
  }

  /** Cuts links, or heals them. */
  cut(
    slot: number,
    links: readonly (readonly [number, number])[],
    isHealed: boolean,
    isIpOnly: boolean,
  ): void {
    const cuts = (isIpOnly ? this.#ipCuts : this.#cuts)[slot];
    if (cuts === undefined) return;
    for (const [from, to] of links) {
      const link = this.#link(from, to);
      cuts[link] = (cuts[link] ?? 0) + (isHealed ? -1 : 1);
    }
    this.changes++;
  }

  /** Whether any link is cut. */
  hasCut(): boolean {
    return this.#cuts.some((cuts) => cuts.some((count) => count > 0));
  }

  /** Whether IP is cut anywhere. */
  hasIpCut(): boolean {
    return this.#ipCuts.some((cuts) => cuts.some((count) => count > 0));
  }

  /** Does something later. */
  at(time: number, action: () => void): void {
    const event = this.#make(time, "action");
    event.action = action;
    this.queue.push(event);
  }

  /** Sends a frame to one station; the caller fills in what it carries. */
  send(
    kind: MessageKind,
    slot: number,
    from: number,
    to: number,
    fill?: (event: SimulatedEvent) => void,
  ): void {
    const origin = from === FOREIGN ? this.client : from;
    const isIp = kind === "beat";
    if (
      isIp ? !this.reachesIp(slot, origin, to) : !this.reaches(slot, origin, to)
    ) return;
    const { loss, copies } = this.#scenario;
    if (loss > 0 && this.#chance.happens(loss)) return;
    this.#post(kind, slot, from, to, fill);
    if (copies > 0 && this.#chance.happens(copies)) {
      this.#post(kind, slot, from, to, fill);
    }
  }

  /** Delivers a frame that somebody else made, under another's name. */
  forge(
    kind: MessageKind,
    slot: number,
    from: number,
    to: number,
    fill: (event: SimulatedEvent) => void,
  ): void {
    this.#post(kind, slot, from, to, fill);
  }

  /** Sends a frame to all. */
  broadcast(
    kind: MessageKind,
    slot: number,
    from: number,
    fill?: (event: SimulatedEvent) => void,
  ): void {
    for (let to = 0; to <= this.client; to++) {
      if (to !== from) this.send(kind, slot, from, to, fill);
    }
  }

  /** The next event; the clock goes on to it. */
  next(): SimulatedEvent | undefined {
    const event = this.queue.pop();
    if (event !== undefined) this.now = event.time;
    return event;
  }

  /** Takes an event back that has happened. */
  recycle(event: SimulatedEvent): void {
    event.action = undefined;
    if (this.#free.length < 256) this.#free.push(event);
  }

  #post(
    kind: MessageKind,
    slot: number,
    from: number,
    to: number,
    fill?: (event: SimulatedEvent) => void,
  ): void {
    const event = this.#make(this.now + this.#delay(), kind);
    event.slot = slot;
    event.from = from;
    event.to = to;
    event.claim = NO_CLAIM;
    fill?.(event);
    this.queue.push(event);
  }

  #make(time: number, kind: MessageKind | "action"): SimulatedEvent {
    const event = this.#free.pop() ?? new SimulatedEvent();
    event.time = time;
    event.kind = kind;
    return event;
  }

  #delay(): number {
    if (this.#scenario.isSlow && this.#chance.happens(0.01)) return 100;
    return 5 * this.#chance.unit();
  }

  #link(from: number, to: number): number {
    return from * (this.client + 1) + to;
  }
}

/** Copies a beat. */
export function copyBeat(from: Beat, to: Beat): void {
  to.node = from.node;
  to.incarnation = from.incarnation;
  to.link = from.link;
  to.sequence = from.sequence;
  to.state = from.state;
  to.wanted = from.wanted;
  to.interval = from.interval;
  to.newestAge = from.newestAge;
  to.since = from.since;
  to.until = from.until;
  to.version = from.version;
  to.followed = from.followed;
  to.clearLists();
  for (let index = 0; index < from.heard.length; index++) {
    const heard = from.heard.at(index);
    const copy = to.heard.add();
    copy.node = heard.node;
    copy.incarnation = heard.incarnation;
    copy.age = heard.age;
    copy.twoWay = heard.twoWay;
    copy.lifeAge = heard.lifeAge;
  }
  for (let index = 0; index < from.changes.length; index++) {
    Object.assign(to.changes.add(), from.changes.at(index));
  }
  for (let index = 0; index < from.corrections.length; index++) {
    Object.assign(to.corrections.add(), from.corrections.at(index));
  }
  for (let index = 0; index < from.offers.length; index++) {
    Object.assign(to.offers.add(), from.offers.at(index));
  }
}
