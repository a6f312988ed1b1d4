import type { Cluster } from "./cluster.ts";
import { FOREIGN } from "./network.ts";

/** Between two announcements, in ms. */
const REPEAT_PERIOD = 1100;
/** How long a new owner announces, in ms. */
const ANNOUNCES_FOR = 5000;

/**
 * A speaker of MetalLB's: it answers where it comes first among those whom
 * membership calls alive, and knows neither beats nor claims.
 */
export class LegacySpeaker {
  readonly #cluster: Cluster;
  readonly #index: number;
  readonly #isAlive: (node: number) => boolean;
  /** Per group, since when it owns it; `Infinity` = it does not. */
  readonly #since: number[];

  /** A speaker that owns nothing yet. */
  constructor(
    cluster: Cluster,
    index: number,
    isAlive: (node: number) => boolean,
  ) {
    this.#cluster = cluster;
    this.#index = index;
    this.#isAlive = isAlive;
    this.#since = Array.from(
      { length: cluster.scenario.groups },
      () => Infinity,
    );
  }

  /** Whether it answers for a group. */
  owns(group: number): boolean {
    return (this.#since[group] ?? Infinity) < Infinity;
  }

  /** Elects anew. */
  elect(): void {
    const { views, network } = this.#cluster;
    const { newest } = views;
    for (const group of this.#since.keys()) {
      const first = views.order(group, newest)?.find((node) =>
        node === this.#index || this.#isAlive(node)
      );
      const owns = first === this.#index;
      if (owns === this.owns(group)) continue;
      this.#since[group] = owns ? network.now : Infinity;
      this.#cluster.isChanged = true;
      this.#cluster.say(
        `node ${this.#index} ${
          owns ? "answers" : "is silent"
        } for group ${group} (MetalLB)`,
      );
      if (owns) this.#announce(group, network.now);
    }
  }

  /** Answers a question. */
  answer(slot: number, group: number, from: number): void {
    if (!this.owns(group) || from === FOREIGN) return;
    this.#cluster.network.send("answer", slot, this.#index, from, (event) => {
      event.group = group;
    });
  }

  #announce(group: number, since: number): void {
    const { network, scenario } = this.#cluster;
    if (this.#since[group] !== since) return;
    for (let slot = 0; slot < scenario.segments; slot++) {
      network.broadcast("announcement", slot, this.#index, (event) => {
        event.group = group;
      });
    }
    if (network.now + REPEAT_PERIOD > since + ANNOUNCES_FOR) return;
    network.at(network.now + REPEAT_PERIOD, () => this.#announce(group, since));
  }
}
