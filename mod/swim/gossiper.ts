import type { Core } from "./core.ts";
import { isLiving, type Member } from "./member.ts";
import type { Outbox } from "./outbox.ts";

/** Sends at regular times what no other packet has carried along. */
export class Gossiper {
  readonly #core: Core;
  readonly #outbox: Outbox;
  #nextAt = Infinity;

  /** Begins. */
  constructor(core: Core, outbox: Outbox, now: number) {
    this.#core = core;
    this.#outbox = outbox;
    this.begin(now);
  }

  /** Begins anew, at a random point of the first interval. */
  begin(now: number): void {
    const { settings: { gossipInterval, gossipNodes }, random } = this.#core;
    this.#nextAt = gossipInterval === 0 || gossipNodes === 0
      ? Infinity
      : now + random.next() * gossipInterval;
  }

  /** When there is something to send, in ms; `Infinity` while nothing waits. */
  get deadline(): number {
    const { broadcasts, members } = this.#core;
    const isIdle = broadcasts.size === 0 || members.size < 2;
    return isIdle ? Infinity : this.#nextAt;
  }

  /** Sends what is due. */
  tick(now: number): void {
    if (this.deadline > now) return;
    const { settings, members } = this.#core;
    // Times that passed while nothing waited are not made up for.
    this.#nextAt = Math.max(this.#nextAt, now) + settings.gossipInterval;
    const targets = members.pick(
      settings.gossipNodes,
      (member) => this.#wantsGossip(member, now),
    );
    for (const target of targets) {
      if (!this.#outbox.gossip(target)) return;
    }
  }

  #wantsGossip(member: Member, now: number): boolean {
    const { self, settings } = this.#core;
    if (member.name === self.name) return false;
    if (isLiving(member)) return true;
    // The dead may object; those who left have nothing to say.
    return member.state === "dead" &&
      now - member.since <= settings.gossipToTheDead;
  }
}
