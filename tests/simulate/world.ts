import { RULES, type Rules } from "../../mod/claims/mod.ts";
import { type Beat, higherClaim, NO_CLAIM } from "../../mod/ownership/mod.ts";
import { Chance } from "./chance.ts";
import { Checker } from "./checker.ts";
import { Client } from "./client.ts";
import { type Cluster, type HistoryLine, nodeIdOf } from "./cluster.ts";
import { inject } from "./faults.ts";
import { Membership } from "./membership.ts";
import { ForeignHost } from "./foreign_host.ts";
import { mixNamed } from "./mixes.ts";
import { LATE, Network, type SimulatedEvent } from "./network.ts";
import type { LoggedFault, Observed } from "./observed.ts";
import type { Scenario } from "./scenario.ts";
import { SimulatedNode } from "./simulated_node.ts";
import { judgeEnd } from "./verdict.ts";
import { type Seen, type Update, type ViewChange, Views } from "./views.ts";
import { Watches } from "./watches.ts";

/** How a run may be made. */
export interface RunOptions {
  /** Rules of every node. */
  readonly rules?: Rules;
  /** Keep what happened, to print it. */
  readonly keepsHistory?: boolean;
}

/** A run is judged so long after the last fault, in ms. */
const SETTLE = 9000;
/** A group that was just handed over does not move by a change of the API for so much longer, in ms. */
const OVERRIDE = 2500;
/** So much longer a run takes in which a foreign host goes and comes back, in ms. */
const FOREIGN_STAY = 7000;
/** What happens before is the start of the cluster, in ms. */
const STARTED = 3400;
/** No run is longer, in ms. */
const LONGEST = 45_000;

/** One run: nodes, LAN, API and client, and the faults that happen to them. */
export class World implements Cluster, Observed {
  readonly scenario: Scenario;
  readonly rules: Rules;
  readonly chance: Chance;
  readonly network: Network;
  readonly views: Views;
  readonly history: HistoryLine[] | undefined;
  isChanged = false;
  /** See {@linkcode Observed}. */
  readonly late: number;
  /** What happened, to whom. */
  readonly faultLog: LoggedFault[] = [];
  /** When something last healed. */
  healedAt = -Infinity;
  /** When IP between nodes last healed. */
  ipHealedAt = -Infinity;
  /** A link of the client was cut. */
  hasClientCut = false;
  /** IP was cut while ARP passed. */
  hasIpFault = false;
  /** Somebody announced what is not his. */
  hasSpoof = false;
  /** One node is a speaker of MetalLB's. */
  hasLegacy = false;
  /** Who cannot read what the others seal, nor is read by them: their keys differ. */
  readonly otherKeys = new Set<number>();
  /** Some could not read each other's claims. */
  hasKeyFault = false;
  readonly checker: Checker;
  readonly #nodes: readonly SimulatedNode[];
  readonly #membership: Membership;
  /** The client. */
  readonly client: Client;
  /** A host that uses an address of ours. */
  readonly foreignHost: ForeignHost;
  readonly #watches: Watches;
  /** What the API has. */
  #newest: Seen;
  #lastFault = 0;

  /** A world before its beginning. */
  constructor(scenario: Scenario, options: RunOptions = {}) {
    this.scenario = scenario;
    this.rules = options.rules ?? RULES;
    this.history = options.keepsHistory === true ? [] : undefined;
    this.chance = new Chance(scenario.seed, 1);
    this.network = new Network(scenario, new Chance(scenario.seed, 2));
    this.views = new Views(scenario, new Chance(scenario.seed, 3));
    this.#newest = this.views.newest;
    for (const node of this.views.first(0).slice(0, scenario.absent)) {
      this.network.leave(1, node);
    }
    this.#watches = new Watches(scenario.nodes, scenario.stale);
    this.foreignHost = new ForeignHost(this);
    this.#nodes = Array.from(
      { length: scenario.nodes },
      (_, index) => new SimulatedNode(this, index),
    );
    for (const node of this.#nodes) {
      node.isLegacyPeer = (index): boolean =>
        this.#nodes[index]?.isLegacy === true;
    }
    this.#membership = new Membership(
      this,
      this.#nodes,
      new Chance(scenario.seed, 4),
    );
    this.late = scenario.isSlow ? LATE : 0;
    this.checker = new Checker(this, mixNamed(scenario.mix));
    this.client = new Client(this, this.checker);
  }

  /** Runs to the end. */
  run(): this {
    const { network, scenario, chance } = this;
    for (const node of this.#nodes) {
      network.at(
        scenario.starts * chance.unit(),
        () => this.start(node.index),
      );
    }
    this.client.begin();
    for (const planned of scenario.faults) {
      network.at(planned.at, () => inject(this, planned));
    }
    let end = SETTLE + 3500;
    for (const { at } of scenario.faults) end = Math.max(end, at + SETTLE);
    if (scenario.hasForeign) end += FOREIGN_STAY;
    for (;;) {
      const event = network.next();
      if (event === undefined) break;
      const last = Math.max(end, this.#lastFault + SETTLE);
      if (event.time > Math.min(last, LONGEST)) break;
      this.#happen(event);
      if (!this.isChanged) continue;
      this.isChanged = false;
      this.checker.observe();
      if (this.foreignHost.isThere && this.answering(0, 0).length > 0) {
        this.checker.violate(
          "address in use",
          { slot: 0, group: 0 },
          this.now,
          0,
        );
      }
    }
    judgeEnd(this, this.checker);
    return this;
  }

  /** When the run stands. */
  get now(): number {
    return this.network.now;
  }

  /** Does something later. */
  later(delay: number, action: () => void): void {
    this.network.at(this.network.now + delay, action);
  }

  /** Writes a line of history. */
  say(text: string): void {
    this.history?.push({ at: this.network.now, text: `-- ${text}` });
  }

  /** The running nodes that answer for a group. */
  answering(slot: number, group: number): number[] {
    const found: number[] = [];
    for (const node of this.#nodes) {
      if (node.isUp && !node.isPaused && node.answers(slot, group)) {
        found.push(node.index);
      }
    }
    return found;
  }

  /** The nodes that could answer for a group to the client. */
  candidates(slot: number, group: number): number[] {
    const { network } = this;
    if (group === 0 && this.foreignHost.isBelieved) return [];
    return this.order(group).filter((index) => {
      const node = this.#nodes[index];
      return node !== undefined && node.isUp && !node.isPaused &&
        !node.isLegacy &&
        !node.isDraining && node.exitAt === Infinity &&
        network.now >= node.readyAt &&
        network.reachBoth(slot, index, network.client);
    });
  }

  /** The newest order of a group. */
  order(group: number): readonly number[] {
    const owning = this.views.groupOf(group, this.#newest);
    return this.views.order(owning, this.#newest) ?? [];
  }

  /** Whether all have seen the same of the API. */
  viewsAgree(): boolean {
    return this.#nodes.every(({ isUp, seen }) =>
      !isUp || this.views.isNewest(seen)
    );
  }

  /** Whether a node has seen everything that the API has. */
  knowsAll(index: number): boolean {
    const node = this.#nodes[index];
    return node !== undefined && this.views.isNewest(node.seen);
  }

  /** Whether a node has run for a second. */
  isExperienced(index: number): boolean {
    const node = this.#nodes[index];
    return node !== undefined && this.network.now > node.readyAt + 650;
  }

  /** Whether a node may not forward yet. */
  isReserve(index: number): boolean {
    return this.#nodes[index]?.isReserve === true;
  }

  /** Whose address the client has for a group. */
  cached(slot: number, group: number): number | undefined {
    return this.client.cached(slot, group);
  }

  /** Whether the client cannot know better than it does. */
  isExcused(slot: number, group: number): boolean {
    return this.client.isExcused(slot, group);
  }

  /** The highest owner of a group. */
  ownerOf(slot: number, group: number): number | undefined {
    let best = NO_CLAIM;
    for (const node of this.#nodes) {
      if (node.isUp) best = higherClaim(best, node.claim(slot, group));
    }
    return best === NO_CLAIM ? undefined : best.node - nodeIdOf(0);
  }

  /** Silence after which a node takes a peer for lost, in ms. */
  detectionTime(index: number): number {
    return this.#nodes[index]?.detectionTime ?? 0;
  }

  /** How many nodes run. */
  running(): number {
    return this.#nodes.filter(({ isUp }) => isUp).length;
  }

  /** Whether a node runs and is not the last. */
  mayStop(index: number): boolean {
    const running = this.#nodes.filter(({ isUp, isLegacy }) =>
      isUp && !isLegacy
    );
    return running.length > 1 && running.some((node) => node.index === index);
  }

  /** Whether a node has run for a while and stands still for nobody. */
  isSettled(index: number): boolean {
    const node = this.#nodes[index];
    return node !== undefined && node.isUp && !node.isLegacy &&
      !node.isPaused &&
      !node.isDraining && node.exitAt === Infinity &&
      this.network.now > node.readyAt + 650;
  }

  /** Whether a node is, or was, a speaker of MetalLB's. */
  wasLegacy(index: number): boolean {
    return this.hasLegacy && index === this.scenario.nodes - 1;
  }

  /**
   * Starts a process.
   *
   * @param reserveFor How long its node may not forward, in ms.
   */
  start(index: number, reserveFor = 0): void {
    const node = this.#nodes[index];
    if (node === undefined || node.isUp) return;
    node.start(reserveFor > 0);
    this.#membership.started(node);
    this.#happened(`start node ${index}`, [index], true);
    if (reserveFor === 0) return;
    this.later(reserveFor, () => {
      if (!node.isUp || !node.isReserve) return;
      node.forward();
      this.say(`node ${index} forwards`);
    });
  }

  /** A process ends at once. */
  crash(index: number): void {
    const node = this.#nodes[index];
    if (node === undefined || !node.isUp) return;
    if (this.#isSplitOrJustHealed()) this.client.excuse(index);
    node.stop();
    this.#membership.stopped(index);
    this.#happened(`crash node ${index}`, [index]);
  }

  #isSplitOrJustHealed(): boolean {
    const { network, healedAt } = this;
    return network.hasCut() || network.now - healedAt < 350;
  }

  /** A process is told to end. */
  exit(index: number): void {
    if (this.#isSplitOrJustHealed()) this.client.excuse(index);
    this.#happened(`end node ${index}`, [index]);
    this.#nodes[index]?.exit();
  }

  /** See {@linkcode Cluster}. */
  leaves(index: number): void {
    const node = this.#nodes[index];
    if (node === undefined || !node.isUp) return;
    this.#membership.leave(index, () => {
      node.stop();
      this.#membership.stopped(index);
      this.#happened(`node ${index} has ended`, [index]);
    });
  }

  /** A node drains, or takes part again. */
  drain(index: number, isDraining: boolean): void {
    const node = this.#nodes[index];
    if (node === undefined || !node.isUp) return;
    this.#happened(`${isDraining ? "drain" : "undrain"} node ${index}`, [
      index,
    ]);
    node.drain(isDraining);
  }

  /**
   * A process stands still.
   *
   * @param isFrozen The whole machine does: what is sent to it is lost.
   */
  pause(index: number, duration: number, isFrozen: boolean): void {
    const node = this.#nodes[index];
    if (node === undefined || !node.isUp || node.isPaused || node.isLegacy) {
      return;
    }
    node.pause(isFrozen);
    this.#happened(
      `${isFrozen ? "freeze" : "pause"} node ${index} for ${
        Math.round(duration)
      } ms`,
      [index],
    );
    this.later(duration, () => {
      if (!node.isUp || !node.isPaused) return;
      this.say(`resume node ${index}`);
      node.resume();
      this.#membership.resumed(index);
      this.#happened(`node ${index} runs again`, [index]);
    });
  }

  /** Links are cut. */
  cut(
    slot: number,
    links: readonly (readonly [number, number])[],
    isIpOnly: boolean,
    what: string,
    nodes?: readonly number[],
  ): void {
    this.network.cut(slot, links, false, isIpOnly);
    this.#happened(what, nodes);
  }

  /** Links are healed. */
  heal(
    slot: number,
    links: readonly (readonly [number, number])[],
    isIpOnly: boolean,
    what: string,
    nodes?: readonly number[],
  ): void {
    this.network.cut(slot, links, true, isIpOnly);
    if (isIpOnly) this.ipHealedAt = this.network.now;
    this.#happened(what, nodes, true);
  }

  /** The API excludes a node; everybody sees it at once. */
  exclude(index: number): void {
    this.#seeAtOnce([this.views.exclude(index)], `exclude node ${index}`);
  }

  /** All groups but the first lose their addresses; everybody sees it at once. */
  clear(): void {
    this.#seeAtOnce(this.views.clear(), "clear");
  }

  #seeAtOnce(updates: readonly Update[], what: string): void {
    this.#newest = this.views.newest;
    this.#happened(`API: ${what}`, undefined);
    for (const node of this.#nodes) {
      if (!node.isUp) continue;
      for (const update of updates) node.see(update);
    }
  }

  /** The API changes; everybody sees it at another time, some of them very late. */
  changeView(change: ViewChange, chance: Chance): void {
    const updates = this.views.change(change, chance);
    this.#newest = this.views.newest;
    this.#happened(`API: ${change}: ${this.#orders()}`, undefined);
    this.#watches.stall(chance, this.now);
    for (const update of updates) {
      for (const node of this.#nodes) this.#tell(node, update, chance);
    }
  }

  #tell(node: SimulatedNode, update: Update, chance: Chance): void {
    const { now } = this.network;
    const at = this.#watches.seenAt(node.index, update, now, chance);
    this.network.at(at, () => {
      if (
        !node.isUp ||
        update.version <= (node.seen[update.kind][update.index] ?? 0)
      ) return;
      this.faultLog.push({ at, nodes: undefined });
      this.#lastFault = at + OVERRIDE;
      this.isChanged = true;
      this.say(
        `node ${node.index} sees ${update.kind} ${update.index} version ${update.version}`,
      );
      node.see(update);
    });
  }

  #orders(): string {
    return this.views.hashes.map((_, group) => this.order(group).join(" "))
      .join(" | ");
  }

  /** The last node becomes a speaker of MetalLB's. */
  makeLegacy(): void {
    const node = this.#nodes.at(-1);
    if (node === undefined || this.hasLegacy) return;
    this.crash(node.index);
    this.hasLegacy = true;
    this.later(500, () => {
      if (node.isUp) return;
      node.startLegacy();
      this.#membership.started(node);
      this.#happened(
        `node ${node.index} starts as a speaker of MetalLB's`,
        undefined,
      );
      for (const other of this.#nodes) if (other.isUp) other.refresh();
    });
  }

  /** A node's wall clock jumps. */
  jumpClock(index: number, by: number): void {
    const node = this.#nodes[index];
    if (node === undefined) return;
    node.clockOffset += by;
    this.#happened(`clock of node ${index} jumps by ${by / 1000} s`, []);
  }

  /** See {@linkcode Cluster}. */
  joined(index: number): void {
    if (this.now <= STARTED) return;
    // It may have waited for long, and groups for it.
    this.#lastFault = this.now;
    this.isChanged = true;
    this.say(`node ${index} takes part`);
  }

  /** See {@linkcode Cluster}. */
  announced(slot: number, group: number): void {
    this.checker.announced(slot, group);
  }

  /** See {@linkcode Cluster}. */
  sent(_beat: Beat): void {}

  /** See {@linkcode Cluster}. */
  asked(node: number, slot: number, group: number): void {
    this.checker.asked(node);
    this.foreignHost.answer(node, slot, group);
  }

  #happened(
    what: string,
    nodes: readonly number[] | undefined,
    isHeal = false,
  ): void {
    const { now } = this.network;
    this.faultLog.push({ at: now, nodes });
    this.isChanged = true;
    if (now > STARTED) this.#lastFault = now;
    if (isHeal) this.healedAt = now;
    this.say(what);
  }

  #happen(event: SimulatedEvent): void {
    if (event.kind === "action") {
      const { action } = event;
      this.network.recycle(event);
      action?.();
      return;
    }
    if (event.to === this.network.client) this.client.hears(event);
    else if (this.#nodeHears(event)) return;
    this.network.recycle(event);
  }

  /** A message arrives at a node; returns whether it is kept there. */
  #nodeHears(event: SimulatedEvent): boolean {
    const node = this.#nodes[event.to];
    if (node === undefined) return false;
    if (event.gossip !== undefined) {
      this.#membership.receive(event.to, event.gossip);
      return false;
    }
    if (event.kind === "question" && this.#isSnooped(event)) return false;
    // Who does not announce an IPv6 address has not joined the group to which it is asked for.
    if (
      event.kind === "question" && event.from !== this.network.client &&
      this.scenario.isIpv6[event.group] === true &&
      !node.answers(event.slot, event.group)
    ) return false;
    if (this.#isSealed(event)) event.claim = NO_CLAIM;
    return node.receive(event);
  }

  /** Whether a node cannot read what a member claims. */
  #isSealed({ from, to }: SimulatedEvent): boolean {
    return this.otherKeys.has(from) !== this.otherKeys.has(to);
  }

  #isSnooped({ from, group }: SimulatedEvent): boolean {
    const { isSnooped, isIpv6 } = this.scenario;
    return isSnooped && isIpv6[group] === true && from !== this.network.client;
  }
}
