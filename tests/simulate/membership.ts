import type { Cluster } from "./cluster.ts";
import type { SimulatedNode } from "./simulated_node.ts";

/** Tells the nodes whom membership calls alive. */
export interface Membership {
  /** Who runs, or who reaches whom, may have changed. */
  update(): void;
  /** A node said that it leaves. */
  left(node: number): void;
  /** A process starts: whom it calls alive at first. */
  started(node: SimulatedNode): void;
}

/** How long a node is not reached before it is called dead, from and to, in ms. */
const DEAD_AFTER = [4000, 6000] as const;
/** How long a reached node is called dead at most, in ms. */
const ALIVE_AFTER = 1500;

/**
 * Stands in for gossip: a node calls another dead when it has not reached it,
 * directly or over a third, for four to six seconds.
 */
export class GossipStandIn implements Membership {
  readonly #cluster: Cluster;
  readonly #nodes: readonly SimulatedNode[];
  /** Per pair, the number of the change to come; 0 = none. */
  readonly #pending: number[];
  readonly #pendingAlive: boolean[];
  #numbers = 0;

  /** Everybody is called as it is. */
  constructor(cluster: Cluster, nodes: readonly SimulatedNode[]) {
    this.#cluster = cluster;
    this.#nodes = nodes;
    this.#pending = nodes.flatMap(() => nodes.map(() => 0));
    this.#pendingAlive = nodes.flatMap(() => nodes.map(() => false));
  }

  /** See {@linkcode Membership}. */
  started(node: SimulatedNode): void {
    for (const other of this.#nodes) {
      node.alive[other.index] = other.isUp;
      this.#pending[this.#pair(node.index, other.index)] = 0;
    }
  }

  /** See {@linkcode Membership}. */
  left(node: number): void {
    for (const observer of this.#nodes) {
      if (observer.isUp && observer.index !== node) {
        observer.setAlive(node, false);
      }
    }
  }

  /** See {@linkcode Membership}. */
  update(): void {
    for (const observer of this.#nodes) {
      if (!observer.isUp) continue;
      for (const target of this.#nodes) {
        if (observer !== target) this.#look(observer, target.index);
      }
    }
  }

  #look(observer: SimulatedNode, target: number): void {
    const { network, chance } = this.#cluster;
    const pair = this.#pair(observer.index, target);
    const isReached = this.#reaches(observer.index, target);
    const isPending = (this.#pending[pair] ?? 0) !== 0;
    if (isPending && this.#pendingAlive[pair] === isReached) return;
    this.#pending[pair] = 0;
    if (observer.alive[target] === isReached) return;
    const number = ++this.#numbers;
    this.#pending[pair] = number;
    this.#pendingAlive[pair] = isReached;
    const delay = isReached
      ? ALIVE_AFTER * chance.unit()
      : chance.within(...DEAD_AFTER);
    network.at(network.now + delay, () => {
      if (this.#pending[pair] !== number) return;
      this.#pending[pair] = 0;
      if (observer.isUp && !observer.isPaused) {
        observer.setAlive(target, isReached);
      } else this.update();
    });
  }

  /** Whether one reaches another, directly or over a third. */
  #reaches(from: number, to: number): boolean {
    if (this.#reachesDirectly(from, to)) return true;
    return this.#nodes.some(({ index }) =>
      index !== from && index !== to && this.#reachesDirectly(from, index) &&
      this.#reachesDirectly(index, to)
    );
  }

  #reachesDirectly(from: number, to: number): boolean {
    const node = this.#nodes[to];
    if (node === undefined || !node.isUp || node.isPaused) return false;
    const { network, scenario } = this.#cluster;
    // Gossip runs over the first segment, unless it has a network of its own.
    return scenario.isMembershipApart ||
      network.reachesIp(0, from, to) && network.reachesIp(0, to, from);
  }

  #pair(observer: number, target: number): number {
    return observer * this.#nodes.length + target;
  }
}
