/**
 * A network of members under a virtual clock: the production machine, packets
 * that get lost, streams that break, members that stop. All chance comes from a
 * seed, so a run can be repeated.
 *
 * @module
 */
import {
  type Endpoint,
  type Keyring,
  type Label,
  LOCAL,
  type Member,
  type MemberChange,
  type MemberState,
  type RandomSource,
  type SwimEffect,
  type SwimEvent,
  SwimMachine,
  type SwimSettings,
} from "../../mod/swim/mod.ts";
import { Random } from "../fuzz/random.ts";

/** Chance from a seed. */
export function seededRandom(seed: number, index: number): RandomSource {
  const random = new Random(seed, index);
  return {
    next: () => random.next() / 2 ** 32,
    fill: (bytes) => {
      for (let at = 0; at < bytes.length; at++) bytes[at] = random.below(256);
    },
  };
}

/** Something that a member reported. */
export interface Report {
  readonly at: number;
  /** Who reported it. */
  readonly by: string;
  readonly about: string;
  readonly change: MemberChange;
}

/** A packet or a stream between two members that got lost. */
export interface Lost {
  readonly at: number;
  readonly from: string;
  readonly to: string;
}

/** What a member of a virtual network may have of its own. */
export interface MemberOptions {
  readonly settings?: SwimSettings;
  readonly keyring?: Keyring;
  readonly label?: Label;
  readonly meta?: Uint8Array;
  /** Last byte of its address; absent: from the number in its name. */
  readonly address?: number;
}

/** A stream under way. */
interface OpenStream {
  readonly opener: VirtualMember;
  /** Its number at the opener. */
  readonly stream: number;
}

/** A member, and what it reported besides changes. */
export class VirtualMember {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly machine: SwimMachine;
  readonly delivered: Uint8Array[] = [];
  readonly drops: string[] = [];
  /** Ends of joins and goodbyes. */
  readonly ended: SwimEffect[] = [];
  readonly accepted = new Map<number, OpenStream>();
  /** Streams that it opened and that have no answer yet. */
  readonly waiting = new Set<number>();
  isRunning = true;

  /** Starts it. */
  constructor(machine: SwimMachine, name: string, endpoint: Endpoint) {
    this.machine = machine;
    this.name = name;
    this.endpoint = endpoint;
  }

  /** What it knows of another. */
  sees(name: string): Member | undefined {
    return this.machine.members.find((member) => member.name === name);
  }

  /** The names that it holds in one of these states, sorted. */
  names(...states: readonly MemberState[]): string[] {
    return this.machine.members.filter(({ state }) => states.includes(state))
      .map(({ name }) => name).sort();
  }
}

interface Scheduled {
  readonly at: number;
  readonly act: () => void;
}

/** Members and the network between them. */
export class VirtualNetwork {
  readonly reports: Report[] = [];
  readonly lost: Lost[] = [];
  readonly members = new Map<string, VirtualMember>();
  /** Whether what is sent from one to another gets lost. */
  loss: (from: string, to: string) => boolean = () => false;
  /** Milliseconds since the network was made. */
  now = 0;
  /** Packets sent so far. */
  packets = 0;
  readonly #seed: number;
  readonly #random: RandomSource;
  readonly #scheduled: Scheduled[] = [];
  #count = 0;

  /** An empty network at time 0. */
  constructor(seed: number) {
    this.#seed = seed;
    this.#random = seededRandom(seed, 0);
  }

  /** A number from 0 to less than 1. */
  chance(): number {
    return this.#random.next();
  }

  /** Starts a member; one of that name that runs already is gone, without goodbye. */
  start(name: string, options: MemberOptions = {}): VirtualMember {
    this.kill(name);
    const number = options.address ?? 1 + Number(/\d+$/.exec(name)?.[0] ?? 0);
    const endpoint = { ip: `192.0.2.${number}`, port: 7946 };
    const { keyring, label } = options;
    const machine = new SwimMachine({
      name,
      endpoint,
      meta: options.meta ?? new Uint8Array(),
      settings: options.settings ?? LOCAL,
      ...(keyring === undefined ? {} : { keyring }),
      ...(label === undefined ? {} : { label }),
      random: seededRandom(this.#seed, ++this.#count),
    }, this.now);
    const member = new VirtualMember(machine, name, endpoint);
    this.members.set(name, member);
    return member;
  }

  /** Starts `count` members, `m0` and on, which all join the first. */
  startCluster(count: number, options: MemberOptions = {}): string[] {
    const names = Array.from({ length: count }, (_, index) => `m${index}`);
    for (const name of names) this.start(name, options);
    for (const name of names.slice(1)) this.join(name, "m0");
    return names;
  }

  /** Stops a member without goodbye: what is sent to it gets lost. */
  kill(name: string): void {
    const member = this.members.get(name);
    if (member !== undefined) member.isRunning = false;
  }

  /** The member of that name. */
  get(name: string): VirtualMember {
    const member = this.members.get(name);
    if (member === undefined) throw new RangeError(`There is no "${name}"`);
    return member;
  }

  /** Whether all that run hold exactly these for alive. */
  agree(names: readonly string[]): boolean {
    const expected = names.toSorted().join();
    return [...this.members.values()].every((member) =>
      !member.isRunning || member.names("alive").join() === expected
    );
  }

  /** Gives a member an event. */
  give(name: string, event: SwimEvent): void {
    this.#give(this.get(name), event);
  }

  /** Has a member join others. */
  join(name: string, ...others: readonly string[]): void {
    const to = others.map((other) => this.get(other).endpoint);
    this.give(name, { kind: "join", to });
  }

  /** Lets time pass until the condition holds; whether it does within that time. */
  until(condition: () => boolean, ms: number): boolean {
    const end = this.now + ms;
    while (!condition()) {
      const next = this.#next();
      if (next.at > end) {
        this.now = end;
        return condition();
      }
      this.now = Math.max(this.now, next.at);
      next.act();
    }
    return true;
  }

  /** Lets time pass. */
  run(ms: number): void {
    this.until(() => false, ms);
  }

  /** What comes next: something that arrives, or a member's deadline. */
  #next(): Scheduled {
    const [first] = this.#scheduled;
    let next: Scheduled = first === undefined
      ? { at: Infinity, act: () => {} }
      : { at: first.at, act: () => this.#scheduled.shift()?.act() };
    for (const member of this.members.values()) {
      const at = member.isRunning ? member.machine.nextDeadline() : Infinity;
      // What arrives at the same time is taken in first.
      if (at >= next.at) continue;
      next = { at, act: () => this.#give(member, { kind: "timer" }) };
    }
    return next;
  }

  #schedule(at: number, act: () => void): void {
    let place = this.#scheduled.length;
    while (place > 0 && (this.#scheduled[place - 1]?.at ?? 0) > at) place--;
    this.#scheduled.splice(place, 0, { at, act });
  }

  #give(member: VirtualMember, event: SwimEvent): void {
    if (!member.isRunning) return;
    for (const effect of member.machine.step(event, this.now)) {
      this.#perform(member, effect);
    }
  }

  #perform(member: VirtualMember, effect: SwimEffect): void {
    switch (effect.kind) {
      case "send":
        this.packets++;
        this.#carry(member, effect.to, (to) =>
          this.#give(to, {
            kind: "packet",
            from: member.endpoint,
            bytes: effect.bytes,
          }));
        break;
      case "openStream":
        this.#openStream(member, effect);
        break;
      case "reply":
      case "closeStream":
        this.#endStream(member, effect);
        break;
      case "member": {
        const { change, member: { name: about } } = effect;
        this.reports.push({ at: this.now, by: member.name, about, change });
        break;
      }
      case "deliver":
        member.delivered.push(effect.payload);
        break;
      case "dropped":
        member.drops.push(effect.reason);
        break;
      default:
        member.ended.push(effect);
    }
  }

  /** Carries something to whoever runs at an endpoint; whether it gets there. */
  #carry(
    from: VirtualMember,
    endpoint: Endpoint,
    arrive: (to: VirtualMember) => void,
  ): boolean {
    const to = [...this.members.values()].find((each) =>
      each.isRunning && each.endpoint.ip === endpoint.ip
    );
    if (to === undefined) return false;
    if (to !== from && this.loss(from.name, to.name)) {
      this.lost.push({ at: this.now, from: from.name, to: to.name });
      return false;
    }
    this.#schedule(this.now + 1 + 4 * this.chance(), () => arrive(to));
    return true;
  }

  #openStream(
    opener: VirtualMember,
    effect: SwimEffect & { kind: "openStream" },
  ): void {
    const { stream, bytes, to: endpoint, deadline } = effect;
    opener.waiting.add(stream);
    this.#carry(opener, endpoint, (to) => {
      const number = ++this.#count;
      to.accepted.set(number, { opener, stream });
      const from = opener.endpoint;
      this.#give(to, { kind: "request", stream: number, from, bytes });
    });
    this.#schedule(deadline, () => {
      if (!opener.waiting.delete(stream)) return;
      this.#give(opener, { kind: "streamFailed", stream, reason: "timedOut" });
    });
  }

  #endStream(
    from: VirtualMember,
    effect: SwimEffect & { kind: "reply" | "closeStream" },
  ): void {
    const accepted = from.accepted.get(effect.stream);
    from.accepted.delete(effect.stream);
    if (accepted === undefined) throw new RangeError("The stream is over");
    const { opener, stream } = accepted;
    this.#carry(from, opener.endpoint, () => {
      if (!opener.waiting.delete(stream)) return;
      this.#give(
        opener,
        effect.kind === "reply"
          ? { kind: "reply", stream, bytes: effect.bytes }
          : { kind: "streamFailed", stream, reason: "closed" },
      );
    });
  }
}
