import { Beat, type Claim, NO_CLAIM } from "../../mod/ownership/mod.ts";
import type { SwimEvent } from "../../mod/swim/mod.ts";
import type { Chance } from "./chance.ts";
import { EventQueue, type Timed } from "./event_queue.ts";
import { Links } from "./links.ts";
import type { Scenario } from "./scenario.ts";

/** What a message is. */
export type MessageKind =
  | "beat"
  | "gossip"
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
  /** What gossip says. */
  gossip: SwimEvent | undefined = undefined;
  /** What is done. */
  action: (() => void) | undefined = undefined;
}

/** Sender index of a host that is no member. */
export const FOREIGN = -1;

/** Slow frames come so late, in ms. */
export const LATE = 100;

/** The LAN: who reaches whom, and what is under way. */
export class Network extends Links {
  /** What is to come. */
  readonly queue = new EventQueue<SimulatedEvent>();
  /** The present, in ms. */
  now = 0;
  /** Is told of every frame that is sent to one station; nobody hears it by default. */
  eavesdropper: (event: Readonly<SimulatedEvent>) => void = () => {};
  readonly #chance: Chance;
  readonly #scenario: Scenario;
  readonly #free: SimulatedEvent[] = [];
  /** When the newest beat arrives that was not late, by segment, sender and receiver. */
  readonly #beatsUntil: Float64Array;

  /** A network without faults. */
  constructor(scenario: Scenario, chance: Chance) {
    super(scenario.nodes, scenario.segments);
    this.#scenario = scenario;
    this.#chance = chance;
    const stations = scenario.nodes + 1;
    this.#beatsUntil = new Float64Array(scenario.segments * stations ** 2);
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
    const isIp = kind === "beat" || kind === "gossip";
    if (
      isIp ? !this.reachesIp(slot, origin, to) : !this.reaches(slot, origin, to)
    ) return;
    const { loss, copies } = this.#scenario;
    if (loss > 0 && this.#chance.happens(loss)) return;
    this.eavesdropper(this.#post(kind, slot, from, to, fill));
    if (copies > 0 && this.#chance.happens(copies)) {
      this.#post(kind, slot, from, to, fill);
    }
  }

  /** Delivers a frame whatever is cut: somebody else made it under another's name, or it comes over another network. */
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
    event.gossip = undefined;
    if (this.#free.length < 256) this.#free.push(event);
  }

  #post(
    kind: MessageKind,
    slot: number,
    from: number,
    to: number,
    fill?: (event: SimulatedEvent) => void,
  ): SimulatedEvent {
    const delay = this.#delay();
    const time = kind === "beat" && delay < LATE
      ? this.#inOrder(this.now + delay, slot, from, to)
      : this.now + delay;
    const event = this.#make(time, kind);
    event.slot = slot;
    event.from = from;
    event.to = to;
    event.claim = NO_CLAIM;
    fill?.(event);
    this.queue.push(event);
    return event;
  }

  #make(time: number, kind: MessageKind | "action"): SimulatedEvent {
    const event = this.#free.pop() ?? new SimulatedEvent();
    event.time = time;
    event.kind = kind;
    return event;
  }

  /** A LAN keeps the datagrams of one socket to another in order. */
  #inOrder(time: number, slot: number, from: number, to: number): number {
    const stations = this.client + 1;
    const at = (slot * stations + from) * stations + to;
    const arrives = Math.max(time, this.#beatsUntil[at] ?? 0);
    this.#beatsUntil[at] = arrives;
    return arrives;
  }

  #delay(): number {
    const { isSlow, late } = this.#scenario;
    if (isSlow && this.#chance.happens(late)) return LATE;
    return 5 * this.#chance.unit();
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
  to.learns = from.learns;
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
