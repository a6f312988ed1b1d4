import {
  encodeMemberMeta,
  type Endpoint,
  isLiving,
  LAN,
  type SwimEffect,
  type SwimEvent,
  SwimMachine,
  type SwimSettings,
} from "../../mod/swim/mod.ts";
import type { Chance } from "./chance.ts";
import type { Cluster } from "./cluster.ts";
import type { SimulatedNode } from "./simulated_node.ts";

/** The speaker's settings, without compression: small packets gain nothing by it. */
const SETTINGS: SwimSettings = { ...LAN, compression: false };
/** Between two looks whether beats of all come, in ms. */
const HEARING_INTERVAL = 1000;
/** Between two looks for members that are missing, in ms. */
const JOIN_INTERVAL = 10_000;
/** The same until anybody was found. */
const FIRST_JOIN_INTERVAL = 500;
/** How long all nodes are waited for after the first look, in ms. */
const MEETING_LIMIT = 2000;
/** A goodbye may take so long, in ms. */
const GOODBYE_LIMIT = 500;
/** From a change of members to the packet worker at most, in ms. */
const PUBLISHED_AFTER = 20;
/** A segment of a stream that was lost is sent again after, in ms; doubled each time. */
const RETRANSMISSION = 200;
/** Where all listen. */
const PORT = 7946;

/** A stream that somebody opened to us. */
interface Accepted {
  readonly opener: GossipMember;
  /** Its number there. */
  readonly stream: number;
}

/** The main thread of one process, as far as it gossips. */
class GossipMember {
  readonly node: SimulatedNode;
  readonly machine: SwimMachine;
  /** Streams that it opened and that have no answer yet. */
  readonly waiting = new Set<number>();
  readonly accepted = new Map<number, Accepted>();
  /** What came while the process stood still. */
  buffer: SwimEvent[] = [];
  /** When its timer fires. */
  armedFor = Infinity;
  /** Whether beats of all came when it was last looked. */
  hearsAll = false;
  /** Endpoints of the present look that were not reached yet. */
  joining = 0;
  /** Until when all nodes are waited for. */
  waitsUntil: number | undefined;
  /** Called when its goodbye has spread. */
  onGoodbye: (() => void) | undefined;

  constructor(node: SimulatedNode, machine: SwimMachine) {
    this.node = node;
    this.machine = machine;
  }
}

/**
 * The production gossip of all nodes: each process has a machine of `mod/swim`,
 * and drives it as the speaker does. Packets and streams go over the first
 * segment, or over a network of their own that no fault touches.
 */
export class Membership {
  readonly #cluster: Cluster;
  readonly #nodes: readonly SimulatedNode[];
  readonly #chance: Chance;
  readonly #members: (GossipMember | undefined)[] = [];
  #streams = 0;

  /**
   * Nobody runs yet.
   *
   * @param chance Chooses for all members.
   */
  constructor(
    cluster: Cluster,
    nodes: readonly SimulatedNode[],
    chance: Chance,
  ) {
    this.#cluster = cluster;
    this.#nodes = nodes;
    this.#chance = chance;
  }

  /** A process has started. */
  started(node: SimulatedNode): void {
    const chance = this.#chance;
    const machine = new SwimMachine({
      name: nameOf(node.index),
      endpoint: endpointOf(node.index),
      meta: encodeMemberMeta([]),
      settings: SETTINGS,
      random: {
        next: () => chance.unit(),
        fill: (bytes) => {
          for (let at = 0; at < bytes.length; at++) {
            bytes[at] = chance.below(256);
          }
        },
      },
    }, this.#now);
    const member = new GossipMember(node, machine);
    this.#members[node.index] = member;
    this.#arm(member);
    this.#look(member);
    this.#listen(member);
  }

  /** A process has ended, without goodbye. */
  stopped(index: number): void {
    this.#members[index] = undefined;
  }

  /** A process says goodbye; `done` is called when that has spread, or took too long. */
  leave(index: number, done: () => void): void {
    const member = this.#members[index];
    if (member === undefined) return done();
    member.onGoodbye = done;
    this.#give(member, { kind: "leave", timeout: GOODBYE_LIMIT });
  }

  /** A process goes on: it takes in what was buffered, then looks at its timer. */
  resumed(index: number): void {
    const member = this.#members[index];
    if (member === undefined) return;
    const { buffer } = member;
    member.buffer = [];
    for (const event of buffer) this.#give(member, event);
    member.armedFor = Infinity;
    this.#arm(member);
    this.#changed(member);
  }

  /** Something arrives at a node. */
  receive(index: number, event: SwimEvent): void {
    const member = this.#members[index];
    if (member !== undefined) this.#arrive(member, event);
  }

  get #now(): number {
    return this.#cluster.network.now;
  }

  #isCurrent(member: GossipMember): boolean {
    return this.#members[member.node.index] === member;
  }

  #arrive(member: GossipMember, event: SwimEvent): void {
    if (!this.#isCurrent(member)) return;
    if (member.node.isPaused) {
      if (!member.node.isFrozen) member.buffer.push(event);
    } else this.#give(member, event);
  }

  #give(member: GossipMember, event: SwimEvent): void {
    for (const effect of member.machine.step(event, this.#now)) {
      this.#perform(member, effect);
    }
    if (this.#isCurrent(member)) this.#arm(member);
  }

  #arm(member: GossipMember): void {
    const deadline = member.machine.nextDeadline();
    if (deadline >= member.armedFor) return;
    member.armedFor = deadline;
    this.#cluster.network.at(Math.max(deadline, this.#now), () => {
      if (!this.#isCurrent(member) || member.armedFor !== deadline) return;
      if (member.node.isPaused) return;
      member.armedFor = Infinity;
      this.#give(member, { kind: "timer" });
    });
  }

  /** Tells it whether beats of all come, as its packet worker does. */
  #listen(member: GossipMember): void {
    this.#cluster.network.at(this.#now + HEARING_INTERVAL, () => {
      if (!this.#isCurrent(member)) return;
      const { node } = member;
      if (!node.isPaused && node.hearsAll !== member.hearsAll) {
        member.hearsAll = node.hearsAll;
        this.#give(member, { kind: "heard", all: member.hearsAll });
      }
      this.#listen(member);
    });
  }

  #perform(member: GossipMember, effect: SwimEffect): void {
    switch (effect.kind) {
      case "send":
        return this.#send(member.node.index, effect);
      case "openStream":
        return this.#openStream(member, effect);
      case "reply":
      case "closeStream":
        return this.#endStream(member, effect);
      case "member":
        return this.#changed(member);
      case "joinEnded":
        return this.#joined(member);
      case "goodbyeEnded":
        return member.onGoodbye?.();
      default:
    }
  }

  #send(from: number, { to, bytes }: SwimEffect & { kind: "send" }): void {
    const { network, scenario } = this.#cluster;
    const packet: SwimEvent = { kind: "packet", from: endpointOf(from), bytes };
    const index = indexOf(to);
    if (scenario.isMembershipApart) {
      network.forge("gossip", 0, from, index, (event) => event.gossip = packet);
    } else {
      network.send("gossip", 0, from, index, (event) => event.gossip = packet);
    }
  }

  /** A stream reaches who listens, and is refused by a machine on which nobody does. */
  #openStream(
    opener: GossipMember,
    { stream, to, bytes, deadline }: SwimEffect & { kind: "openStream" },
  ): void {
    const from = opener.node.index;
    opener.waiting.add(stream);
    this.#carry(from, indexOf(to), () => {
      const target = this.#members[indexOf(to)];
      if (target === undefined) {
        return this.#fail(opener, stream, "unreachable");
      }
      const number = ++this.#streams;
      target.accepted.set(number, { opener, stream });
      this.#arrive(target, {
        kind: "request",
        stream: number,
        from: endpointOf(from),
        bytes,
      });
    });
    this.#cluster.network.at(
      deadline,
      () => this.#fail(opener, stream, "timedOut"),
    );
  }

  #fail(
    opener: GossipMember,
    stream: number,
    reason: "unreachable" | "timedOut" | "closed",
  ): void {
    if (!opener.waiting.delete(stream)) return;
    this.#arrive(opener, { kind: "streamFailed", stream, reason });
  }

  #endStream(
    member: GossipMember,
    effect: SwimEffect & { kind: "reply" | "closeStream" },
  ): void {
    const accepted = member.accepted.get(effect.stream);
    if (accepted === undefined) throw new RangeError("The stream is over");
    member.accepted.delete(effect.stream);
    const { opener, stream } = accepted;
    this.#carry(member.node.index, opener.node.index, () => {
      if (effect.kind === "closeStream") {
        return this.#fail(opener, stream, "closed");
      }
      if (!opener.waiting.delete(stream)) return;
      this.#arrive(opener, { kind: "reply", stream, bytes: effect.bytes });
    });
  }

  /** Carries a part of a stream: nothing of it is lost, but it may take long. */
  #carry(from: number, to: number, arrive: () => void): void {
    const { network, scenario } = this.#cluster;
    const isThere = (): boolean =>
      scenario.isMembershipApart ||
      network.reachesIp(0, from, to) && network.reachesIp(0, to, from);
    if (!isThere()) return;
    // A handshake, and then what is said.
    let delay = 15 * this.#chance.unit();
    let wait = RETRANSMISSION;
    while (!scenario.isMembershipApart && this.#chance.happens(scenario.loss)) {
      delay += wait;
      wait *= 2;
    }
    network.at(this.#now + delay, () => {
      if (isThere()) arrive();
    });
  }

  #changed(member: GossipMember): void {
    this.#cluster.network.at(
      this.#now + PUBLISHED_AFTER * this.#chance.unit(),
      () => {
        if (this.#isCurrent(member) && !member.node.isPaused) {
          this.#publish(member);
        }
      },
    );
  }

  /** Tells the packet worker who is there; takes part when all are, or were waited for. */
  #publish(member: GossipMember): void {
    const { node, machine } = member;
    const states = this.#nodes.map(({ index }) =>
      machine.members.find(({ name }) => name === nameOf(index))?.state
    );
    node.meet(states);
    const living = machine.members.filter(isLiving).length;
    if (living > 1) this.#wait(member);
    if (member.waitsUntil === undefined) return;
    const isComplete = living === this.#nodes.length;
    if (isComplete || this.#now >= member.waitsUntil) node.join();
  }

  /** Waits for the rest: they were looked for, or somebody was found. */
  #wait(member: GossipMember): void {
    if (member.waitsUntil !== undefined) return;
    member.waitsUntil = this.#now + MEETING_LIMIT;
    this.#cluster.network.at(member.waitsUntil, () => this.#changed(member));
  }

  /** Looks for who is missing, again and again. */
  #look(member: GossipMember): void {
    const living = new Set(
      member.machine.members.filter(isLiving).map(({ name }) => name),
    );
    const missing = this.#nodes.filter(({ index }) =>
      !living.has(nameOf(index))
    );
    member.joining = missing.length;
    if (missing.length === 0) return this.#looked(member);
    const to = missing.map(({ index }) => endpointOf(index));
    this.#give(member, { kind: "join", to });
  }

  #joined(member: GossipMember): void {
    member.joining--;
    if (member.joining === 0) this.#looked(member);
  }

  #looked(member: GossipMember): void {
    this.#wait(member);
    this.#changed(member);
    const isAlone = member.machine.members.filter(isLiving).length < 2;
    const wait = isAlone ? FIRST_JOIN_INTERVAL : JOIN_INTERVAL;
    this.#cluster.network.at(this.#now + wait, () => {
      if (this.#isCurrent(member)) this.#look(member);
    });
  }
}

function nameOf(index: number): string {
  return `node-${index}`;
}

function endpointOf(index: number): Endpoint {
  return { ip: `192.0.2.${index + 1}`, port: PORT };
}

function indexOf({ ip }: Endpoint): number {
  return Number(ip.slice(ip.lastIndexOf(".") + 1)) - 1;
}
