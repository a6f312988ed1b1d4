/** The cluster of the lab as it was at a moment, for the simulator's checker. */
import { Links } from "../../../tests/simulate/links.ts";
import type {
  LoggedFault,
  Observed,
} from "../../../tests/simulate/observed.ts";

/** What became of a node. */
export type NodeChange =
  /** Its speaker has been started. */
  | "started"
  /** Its speaker is ready. */
  | "ready"
  /** Its speaker does not run any more. */
  | "ended"
  /** Its speaker has been told to end. */
  | "leaving"
  | "paused"
  | "resumed";

/** Something that was done to the lab. */
export interface Happening {
  readonly at: number;
  /** For people. */
  readonly text: string;
  /** To which nodes, by index; `undefined` = to all; none = it moves nothing. */
  readonly nodes: readonly number[] | undefined;
  readonly change:
    | { readonly kind: "none" }
    | {
      readonly kind: "node";
      readonly node: number;
      readonly to: NodeChange;
    }
    | {
      readonly kind: "links";
      /** Index of who sends, and of who hears; the client comes after the nodes. */
      readonly links: readonly (readonly [number, number])[];
      readonly isHealed: boolean;
      readonly isIpOnly: boolean;
    }
    | {
      readonly kind: "loss";
      /** Part of all frames between nodes that is lost from now on, from 0 to 1. */
      readonly share: number;
    };
}

/** What a recording is about. */
export interface RecordedPlan {
  readonly nodes: number;
  /** Per address, the nodes that may own it, best first. */
  readonly orders: readonly (readonly number[])[];
  /** How late frames and processes may be, in ms. */
  readonly late: number;
}

/** Who answered so long ago, in ms, may answer still when it is not seen any more. */
const RECENT = 500;
/** Who split a segment so long ago, in ms, has just healed it. */
const JUST_HEALED = 350;
/** A speaker that is ready needs so long, in ms, until all know it. */
const EXPERIENCE = 1000;

class RecordedNetwork extends Links {
  /** The present, in ms. */
  now = 0;
}

interface NodeState {
  isUp: boolean;
  isPaused: boolean;
  isLeaving: boolean;
  readyAt: number;
}

/** What is known of an address. */
interface Group {
  /** Who answers, as the client sees it. */
  readonly answering: Set<number>;
  /** When who answers no more did so last. */
  readonly lastAt: Map<number, number>;
  /** Who answers still, it must be thought, though the client does not hear it. */
  readonly presumed: Set<number>;
  /** Who announced it last. */
  cached: number | undefined;
  isExcused: boolean;
}

/** The lab at a moment; it begins with all nodes up and all links whole. */
export class RecordedCluster implements Observed {
  scenario: Observed["scenario"];
  readonly network: RecordedNetwork;
  readonly late: number;
  readonly faultLog: LoggedFault[] = [];
  healedAt = -Infinity;
  ipHealedAt = -Infinity;
  hasClientCut = false;
  hasIpFault = false;
  readonly hasKeyFault = false;
  readonly hasSpoof = false;
  readonly hasLegacy = false;
  readonly #orders: readonly (readonly number[])[];
  readonly #nodes: readonly NodeState[];
  readonly #groups: readonly Group[];
  /** Nothing has been done yet. */
  #isCalm = true;

  /** Before anything has been recorded. */
  constructor({ nodes, orders, late }: RecordedPlan) {
    this.network = new RecordedNetwork(nodes, 1);
    this.late = late;
    this.scenario = {
      ...{ nodes, groups: orders.length, segments: 1, loss: 0 },
      ...{ isStripped: false, isSnooped: false, hasFailback: true },
      standbys: 2,
    };
    this.#orders = orders;
    this.#nodes = Array.from({ length: nodes }, () => ({
      ...{ isUp: true, isPaused: false, isLeaving: false, readyAt: -Infinity },
    }));
    this.#groups = orders.map(() => ({
      ...{ answering: new Set<number>(), lastAt: new Map<number, number>() },
      ...{ presumed: new Set<number>(), cached: undefined, isExcused: false },
    }));
  }

  /** Somebody begins to answer, or ends. */
  answers(group: number, node: number, isAnswering: boolean): void {
    const state = this.#groups[group];
    if (state === undefined) return;
    if (isAnswering) state.answering.add(node);
    else {
      state.answering.delete(node);
      state.lastAt.set(node, this.network.now);
    }
    // A client that has missed nothing knows who is there.
    if (isAnswering && this.#isCalm) state.cached = node;
  }

  /** Somebody announced an address, and the client heard it. */
  announced(group: number, node: number): void {
    const state = this.#groups[group];
    if (state !== undefined) state.cached = node;
  }

  /** Something was done. */
  happened({ nodes, change }: Happening): void {
    const { now } = this.network;
    this.#isCalm = false;
    this.faultLog.push({ at: now, nodes });
    if (change.kind === "node") this.#nodeChanged(change.node, change.to);
    if (change.kind === "loss") this.#lost(change.share);
    if (change.kind !== "links") return;
    const { links, isHealed, isIpOnly } = change;
    this.network.cut(0, links, isHealed, isIpOnly);
    if (isIpOnly) {
      this.hasIpFault = true;
      if (isHealed) this.ipHealedAt = now;
    }
    if (isHealed) this.healedAt = now;
    for (const [from, to] of links) this.#clientLinkChanged(from, to);
    if (this.#missesTheClient()) this.hasClientCut = true;
  }

  /** What was lost once may explain what comes later. */
  #lost(share: number): void {
    const loss = Math.max(this.scenario.loss, share);
    this.scenario = { ...this.scenario, loss };
    if (share === 0) this.healedAt = this.network.now;
  }

  answering(_slot: number, group: number): number[] {
    const state = this.#groups[group];
    if (state === undefined) return [];
    const presumed = [...state.presumed].filter((node) => this.#runs(node));
    return [...new Set([...state.answering, ...presumed])].sort();
  }

  candidates(_slot: number, group: number): number[] {
    const { network } = this;
    return this.order(group).filter((index) => {
      const node = this.#nodes[index];
      return node !== undefined && this.#runs(index) && !node.isLeaving &&
        network.now >= node.readyAt &&
        network.reachBoth(0, index, network.client);
    });
  }

  order(group: number): readonly number[] {
    return this.#orders[group] ?? [];
  }

  /** The objects of the API stay as they are. */
  viewsAgree(): boolean {
    return true;
  }

  knowsAll(): boolean {
    return true;
  }

  isExperienced(node: number): boolean {
    const readyAt = this.#nodes[node]?.readyAt ?? Infinity;
    return this.network.now > readyAt + EXPERIENCE;
  }

  isSettled(node: number): boolean {
    return this.#runs(node) && this.#nodes[node]?.isLeaving === false &&
      this.isExperienced(node);
  }

  wasLegacy(): boolean {
    return false;
  }

  isReserve(): boolean {
    return false;
  }

  cached(_slot: number, group: number): number | undefined {
    return this.#groups[group]?.cached;
  }

  isExcused(_slot: number, group: number): boolean {
    return this.#groups[group]?.isExcused === true;
  }

  running(): number {
    return this.#nodes.filter(({ isUp }) => isUp).length;
  }

  #runs(index: number): boolean {
    const node = this.#nodes[index];
    return node !== undefined && node.isUp && !node.isPaused;
  }

  #nodeChanged(index: number, to: NodeChange): void {
    const node = this.#nodes[index];
    if (node === undefined) return;
    const { now } = this.network;
    switch (to) {
      case "started":
        node.isUp = true;
        node.readyAt = Infinity;
        this.healedAt = now;
        return;
      case "ready":
        node.readyAt = now;
        return;
      case "ended":
        this.#excuse(index);
        node.isUp = false;
        node.isLeaving = false;
        return this.#forget(index);
      case "leaving":
        this.#excuse(index);
        node.isLeaving = true;
        return;
      case "paused":
        node.isPaused = true;
        return this.#forget(index);
      case "resumed":
        node.isPaused = false;
        return;
    }
  }

  /** Who does not run does not answer behind a cut either. */
  #forget(node: number): void {
    for (const { presumed } of this.#groups) presumed.delete(node);
  }

  /**
   * A node ends while the segment is split: its clients may cross over to
   * another owner that never knew of it, and hear nothing until the refresh.
   */
  #excuse(node: number): void {
    const { network, healedAt } = this;
    if (!network.hasCut() && network.now - healedAt >= JUST_HEALED) return;
    for (const group of this.#groups) {
      if (group.cached === node) group.isExcused = true;
    }
  }

  /** Whether a node that others reach, and believe in, does not reach the client. */
  #missesTheClient(): boolean {
    const { network } = this;
    return this.#nodes.some((_, node) =>
      !network.reachBoth(0, node, network.client) &&
      this.#nodes.some((_, other) =>
        other !== node && network.reachBoth(0, node, other)
      )
    );
  }

  /** What the client does not hear goes on, as far as anybody can tell. */
  #clientLinkChanged(from: number, to: number): void {
    const { client, now } = this.network;
    if (from !== client && to !== client) return;
    const node = from === client ? to : from;
    const isWhole = this.network.reachBoth(0, node, client);
    for (const { answering, lastAt, presumed } of this.#groups) {
      const last = answering.has(node) ? now : lastAt.get(node) ?? -Infinity;
      if (isWhole) presumed.delete(node);
      else if (this.#runs(node) && now - last < RECENT) presumed.add(node);
    }
  }
}
