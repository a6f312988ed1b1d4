import type { Cluster } from "./cluster.ts";
import { FOREIGN } from "./network.ts";

/** An address that a foreign host gave up is looked for again within, in ms: RFC 5227's DEFEND_INTERVAL and a look. */
const FREE_AFTER = 12_000;

/** A host that is no member, and uses the address of the first group. */
export class ForeignHost {
  readonly #cluster: Cluster;
  #leftAt: number;

  /** It is there from the beginning, or never. */
  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#leftAt = cluster.scenario.hasForeign ? Infinity : -Infinity;
  }

  /** Whether it uses the address. */
  get isThere(): boolean {
    return this.#cluster.network.now < this.#leftAt;
  }

  /** Whether the members may still think that it does. */
  get isBelieved(): boolean {
    return this.#cluster.network.now < this.#leftAt + FREE_AFTER;
  }

  /** It answers a node's question. */
  answer(node: number, slot: number, group: number): void {
    if (group !== 0 || !this.isThere) return;
    this.#cluster.network.forge("answer", slot, FOREIGN, node, (event) => {
      event.group = group;
    });
  }

  /** It goes. */
  leave(): void {
    const { network } = this.#cluster;
    this.#leftAt = Math.min(this.#leftAt, network.now);
    this.#cluster.say("the foreign host goes");
  }
}
