import { type Claim, NO_CLAIM } from "../../mod/ownership/mod.ts";
import type { Checker } from "./checker.ts";
import type { Cluster } from "./cluster.ts";
import { FOREIGN, type SimulatedEvent } from "./network.ts";

/** It asks about so often, in ms. */
const REQUESTS = 500;
/** Other traffic on the segment comes about so often, in ms. */
const CHATTER = 1000;
/** A frame is under way for at most so long, in ms, if it is not late. */
const ON_ITS_WAY = 6;
/** Announcements that somebody may replay, at most. */
const RECORDED = 50;

/** An announcement that somebody may replay. */
export interface Recorded {
  /** Index of its sender. */
  readonly from: number;
  /** Index of its group. */
  readonly group: number;
  /** Its claim. */
  readonly claim: Claim;
}

/** A station on every segment that learns from announcements, asks, and answers as a witness. */
export class Client {
  /** Announcements that it heard. */
  readonly recorded: Recorded[] = [];
  readonly #cluster: Cluster & { readonly hasLegacy: boolean };
  readonly #checker: Checker;
  /** Per segment and group, whose announcement it heard last. */
  readonly #cache: (number | undefined)[];
  readonly #excused: boolean[];
  /** Of nodes that end in a split, until when what they said before arrives. */
  readonly #lastWords = new Map<number, number>();

  /**
   * It knows nobody yet.
   *
   * @param checker Is told of answers.
   */
  constructor(
    cluster: Cluster & { readonly hasLegacy: boolean },
    checker: Checker,
  ) {
    const { groups, segments } = cluster.scenario;
    this.#cluster = cluster;
    this.#checker = checker;
    this.#cache = Array.from({ length: groups * segments }, () => undefined);
    this.#excused = this.#cache.map(() => false);
  }

  /** Begins to ask, and to be heard. */
  begin(): void {
    for (let slot = 0; slot < this.#cluster.scenario.segments; slot++) {
      this.#chatter(slot);
      this.#request(slot);
    }
  }

  /** Whose address it has for a group. */
  cached(slot: number, group: number): number | undefined {
    return this.#cache[this.#cell(slot, group)];
  }

  /** Whether it cannot know better than it does. */
  isExcused(slot: number, group: number): boolean {
    return this.#excused[this.#cell(slot, group)] === true;
  }

  /**
   * A node ends while the segment is split: who learned from it may cross over
   * to another owner that never knew of it, and hear nothing until the refresh.
   */
  excuse(node: number): void {
    this.#lastWords.set(node, this.#cluster.network.now + ON_ITS_WAY);
    for (const [cell, from] of this.#cache.entries()) {
      if (from === node) this.#excused[cell] = true;
    }
  }

  /** Something arrives. */
  hears({ kind, slot, from, group, claim }: SimulatedEvent): void {
    const { network, hasLegacy } = this.#cluster;
    if (kind === "announcement" && from !== FOREIGN) {
      const cell = this.#cell(slot, group);
      if (!hasLegacy) this.#cache[cell] = from;
      if (network.now < (this.#lastWords.get(from) ?? 0)) {
        this.#excused[cell] = true;
      }
      if (claim !== NO_CLAIM && this.recorded.length < RECORDED) {
        this.recorded.push({ from, group, claim });
      }
    } else if (kind === "answer") {
      this.#checker.answered(slot, group, from);
    } else if (kind === "witnessQuestion") {
      network.send("witnessAnswer", slot, network.client, from);
    }
  }

  #chatter(slot: number): void {
    const { network, chance } = this.#cluster;
    network.at(network.now + CHATTER * (0.5 + chance.unit()), () => {
      network.broadcast("chatter", slot, network.client);
      this.#chatter(slot);
    });
  }

  /** It looks for a group from time to time, as if it had forgotten its address. */
  #request(slot: number): void {
    const { network, chance, scenario } = this.#cluster;
    network.at(network.now + REQUESTS * (0.5 + chance.unit()), () => {
      const group = chance.below(scenario.groups);
      network.broadcast("question", slot, network.client, (event) => {
        event.group = group;
      });
      this.#request(slot);
    });
  }

  #cell(slot: number, group: number): number {
    return slot * this.#cluster.scenario.groups + group;
  }
}
