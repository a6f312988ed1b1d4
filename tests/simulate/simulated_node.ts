import {
  ClaimEngine,
  type ClaimEvent,
  type ClaimNotice,
  type ClaimSettings,
  type ClaimSink,
  DEFAULT_CLAIM_SETTINGS,
  type Part,
  type SegmentRecord,
} from "../../mod/claims/mod.ts";
import {
  type Beat,
  type Claim,
  NO_CLAIM,
  NO_NODE,
} from "../../mod/ownership/mod.ts";
import type { MemberState } from "../../mod/swim/mod.ts";
import { type Cluster, groupIdOf, nodeIdOf } from "./cluster.ts";
import { LegacySpeaker } from "./legacy_speaker.ts";
import type { Scenario } from "./scenario.ts";
import type { Seen, Update } from "./views.ts";
import { copyBeat, FOREIGN, type SimulatedEvent } from "./network.ts";

/** The product's settings, with a shorter hold time so that runs stay short. */
function settingsOf(
  { refresh, beat, beatsPerSecond, standbys }: Scenario,
): ClaimSettings {
  const { heartbeats } = DEFAULT_CLAIM_SETTINGS;
  return {
    ...DEFAULT_CLAIM_SETTINGS,
    heartbeats: { ...heartbeats, beat, beatsPerSecond, standbys },
    failbackHold: 2000,
    refresh,
  };
}

/** The main thread is heard of so often, in ms. */
const MAIN_PERIOD = 5000;

/** What a paused process keeps in its buffers at most. */
const BUFFERED = 2000;

/** A node: the process of a speaker with its engine, that may be paused, end and start. */
export class SimulatedNode implements ClaimSink {
  /** Its index. */
  readonly index: number;
  /** Whether its process runs. */
  isUp = false;
  /** Whether its process stands still. */
  isPaused = false;
  /** Whether its whole machine does: what is sent to it is lost. */
  isFrozen = false;
  /** What it has seen of the API. */
  seen: Seen;
  /** How far its wall clock is off, in ms. */
  clockOffset = 0;
  /** When it has become a member. */
  readyAt = Infinity;
  /** When its process was told to end. */
  exitAt = Infinity;
  /** Whether it drains. */
  isDraining = false;
  /** Whether it may not forward yet. */
  isReserve = false;
  /** What membership says of each node, by index; `undefined` = nothing. */
  #members: readonly (MemberState | undefined)[];
  readonly #cluster: Cluster;
  readonly #answers: Claim[];
  #engine: ClaimEngine | undefined;
  #legacy: LegacySpeaker | undefined;
  #wakeAt = Infinity;
  /** It says goodbye to the other members. */
  #isLeaving = false;
  #life = 0;
  #buffer: SimulatedEvent[] = [];

  /** A node whose process does not run. */
  constructor(cluster: Cluster, index: number) {
    this.#cluster = cluster;
    this.index = index;
    const { nodes, groups, segments } = cluster.scenario;
    this.seen = cluster.views.newest;
    this.#members = Array.from({ length: nodes }, () => undefined);
    this.#answers = Array.from({ length: groups * segments }, () => NO_CLAIM);
  }

  /** Whether it answers for a group. */
  answers(slot: number, group: number): boolean {
    if (this.#legacy !== undefined) return this.#legacy.owns(group);
    return this.claim(slot, group) !== NO_CLAIM;
  }

  /** The claim with which it answers for an address. */
  claim(slot: number, address: number): Claim {
    const group = this.#groupOf(address);
    return this.#answers[this.#cell(slot, group)] ?? NO_CLAIM;
  }

  /** The group to which an address belongs, as far as it has seen; most groups have one. */
  #groupOf(address: number): number {
    return this.#cluster.views.groupOf(address, this.seen);
  }

  /** The addresses of a group. */
  *#addressesOf(group: number): Iterable<number> {
    yield group;
    if (group === 0 && this.#groupOf(1) === 0) yield 1;
  }

  /** Silence after which it takes a peer for lost, in ms; 0 = its process does not run. */
  get detectionTime(): number {
    return this.#engine?.detectionTime ?? 0;
  }

  /** Whether its engine hears beats of every living member. */
  get hearsAll(): boolean {
    return this.#engine?.hearsAll(this.#cluster.network.now) ?? false;
  }

  /**
   * Starts the process.
   *
   * @param isReserve Whether the node may not forward yet.
   */
  start(isReserve: boolean): void {
    const { network: { now }, chance, views, scenario } = this.#cluster;
    this.#life++;
    this.isUp = true;
    this.isPaused = false;
    this.isDraining = false;
    this.isReserve = isReserve;
    this.exitAt = Infinity;
    this.#isLeaving = false;
    this.#buffer = [];
    this.#answers.fill(NO_CLAIM);
    this.#wakeAt = Infinity;
    this.#members = this.#members.map(() => undefined);
    this.seen = views.newest;
    const engine = new ClaimEngine({
      node: nodeIdOf(this.index),
      incarnation: Math.round(1e12 + now + this.clockOffset),
      sink: this,
      settings: settingsOf(scenario),
      random: () => chance.unit(),
      rules: this.#cluster.rules,
    });
    this.#engine = engine;
    engine.apply(this.#table(), now);
    this.readyAt = Infinity;
    this.#speak();
    this.#run();
  }

  /** Starts a speaker of MetalLB's instead. */
  startLegacy(): void {
    this.#life++;
    this.isUp = true;
    this.isPaused = false;
    this.exitAt = Infinity;
    this.#members = this.#members.map(() => undefined);
    this.seen = this.#cluster.views.newest;
    this.#legacy = new LegacySpeaker(
      this.#cluster,
      this.index,
      (node) => this.#isAlive(node),
    );
    this.#legacy.elect();
  }

  /** Whether it is a speaker of MetalLB's. */
  get isLegacy(): boolean {
    return this.#legacy !== undefined;
  }

  /** Ends the process at once. */
  stop(): void {
    this.isUp = false;
    this.#legacy = undefined;
    this.#life++;
    this.#engine = undefined;
    this.#answers.fill(NO_CLAIM);
    this.#cluster.isChanged = true;
  }

  /** The process is told to end. */
  exit(): void {
    this.exitAt = this.#cluster.network.now;
    this.#do((engine, now) => engine.exit(now));
  }

  /** The node drains, or takes part again. */
  drain(isDraining: boolean): void {
    this.isDraining = isDraining;
    this.#do((engine, now) => engine.become(this.#part, now));
  }

  /** It sees a version of an object of the API. */
  see({ kind, index, version }: Update): void {
    const before = this.#groupOf(1);
    this.seen[kind][index] = version;
    const isAdded = before !== this.#groupOf(1) && before !== 0;
    this.#legacy?.elect();
    this.#cluster.isChanged = true;
    this.#do((engine, now) => {
      engine.apply(this.#table(), now);
      if (!isAdded) return;
      for (let slot = 0; slot < this.#cluster.scenario.segments; slot++) {
        engine.addressAdded(slot, groupIdOf(0), now);
      }
    });
  }

  /** Membership says what it knows of each node, by index. */
  meet(members: readonly (MemberState | undefined)[]): void {
    if (members.every((state, node) => state === this.#members[node])) return;
    this.#members = members;
    this.#legacy?.elect();
    this.#do((engine, now) => engine.apply(this.#table(), now));
  }

  /** It takes part from now on. */
  join(): void {
    if (this.readyAt < Infinity || this.exitAt < Infinity) return;
    this.readyAt = this.#cluster.network.now;
    this.#cluster.joined(this.index);
    this.#do((engine, now) => {
      engine.join(now);
      engine.become(this.#part, now);
    });
  }

  /** The node forwards from now on. */
  forward(): void {
    this.isReserve = false;
    this.#do((engine, now) => engine.become(this.#part, now));
  }

  get #part(): Part {
    if (this.isDraining) return "draining";
    return this.isReserve ? "reserve" : "member";
  }

  /** Membership has changed a peer's kind. */
  refresh(): void {
    this.#do((engine, now) => engine.apply(this.#table(), now));
  }

  /** It stands still until {@linkcode resume}; frozen, it buffers nothing meanwhile. */
  pause(isFrozen: boolean): void {
    this.isPaused = true;
    this.isFrozen = isFrozen;
    this.#cluster.isChanged = true;
  }

  /** It goes on, and finds what was buffered. */
  resume(): void {
    const engine = this.#engine;
    if (engine === undefined) return;
    const { now } = this.#cluster.network;
    this.isPaused = false;
    this.#cluster.isChanged = true;
    engine.wake(now);
    const buffer = this.#buffer;
    this.#buffer = [];
    for (const event of buffer) this.#read(engine, event, now);
    engine.caughtUp();
    this.#wakeAt = Infinity;
    this.#run();
  }

  /**
   * A message arrives.
   *
   * @returns Whether it is kept for later.
   */
  receive(event: SimulatedEvent): boolean {
    const engine = this.#engine;
    if (event.kind === "question") {
      this.#legacy?.answer(event.slot, event.group, event.from);
    }
    if (!this.isUp || engine === undefined) return false;
    if (this.isPaused) {
      if (this.isFrozen || this.#buffer.length >= BUFFERED) return false;
      this.#buffer.push(event);
      return true;
    }
    const { now } = this.#cluster.network;
    engine.wake(now);
    this.#read(engine, event, now);
    engine.caughtUp();
    this.#run();
    return false;
  }

  #read(engine: ClaimEngine, event: SimulatedEvent, now: number): void {
    const { slot, from, claim } = event;
    const group = groupIdOf(this.#groupOf(event.group));
    const node = from === FOREIGN ? NO_NODE : nodeIdOf(from);
    switch (event.kind) {
      case "beat":
        engine.receiveBeat(slot, event.beat, now);
        break;
      case "announcement":
        engine.receiveAnnouncement(slot, group, node, claim, now);
        break;
      case "answer":
        engine.receiveAnswer(slot, group, node, claim, now);
        break;
      case "question":
        engine.heard(slot, now);
        if (from !== this.#cluster.network.client) {
          engine.receiveQuestion(slot, group, node, claim, now);
        }
        this.#answer(event);
        break;
      case "witnessAnswer":
        engine.receiveWitness(slot, now);
        break;
      default:
        engine.heard(slot, now);
    }
  }

  /** What the responder does about a question. */
  #answer({ slot, group, from }: SimulatedEvent): void {
    const claim = this.claim(slot, group);
    if (claim === NO_CLAIM || from === this.index) return;
    const { network, scenario } = this.#cluster;
    network.send("answer", slot, this.index, from, (answer) => {
      answer.group = group;
      answer.claim = scenario.isStripped ? NO_CLAIM : claim;
    });
  }

  /** The main thread tells now and then that it is alive. */
  #speak(): void {
    const life = this.#life;
    const { network } = this.#cluster;
    network.at(network.now + MAIN_PERIOD, () => {
      if (this.#life !== life) return;
      if (!this.isPaused) this.#engine?.mainSpoke(network.now);
      this.#speak();
    });
  }

  #do(action: (engine: ClaimEngine, now: number) => void): void {
    const engine = this.#engine;
    if (engine === undefined || !this.isUp) return;
    const { network } = this.#cluster;
    if (!this.isPaused) {
      engine.wake(network.now);
      engine.caughtUp();
    }
    action(engine, network.now);
    if (!this.isPaused) this.#run();
  }

  /** Lets the engine decide, and comes back when it wants. */
  #run(): void {
    const engine = this.#engine;
    if (engine === undefined) return;
    const { network, chance } = this.#cluster;
    engine.run(network.now);
    if (this.exitAt < Infinity && !engine.ownsAny && !this.#isLeaving) {
      this.#isLeaving = true;
      this.#cluster.leaves(this.index);
      if (this.#engine !== engine) return;
    }
    const deadline = engine.nextDeadline;
    if (this.#wakeAt <= deadline && this.#wakeAt > network.now) return;
    // A loop wakes up to a millisecond late, and a little more.
    const wakeAt = Math.max(deadline, network.now) + 1.5 * chance.unit();
    if (wakeAt === Infinity) return;
    this.#wakeAt = wakeAt;
    const life = this.#life;
    network.at(wakeAt, () => {
      if (this.#life !== life || this.isPaused || this.#wakeAt !== wakeAt) {
        return;
      }
      engine.wake(network.now);
      engine.caughtUp();
      this.#run();
    });
  }

  #table(): SegmentRecord[] {
    const { network, scenario, views } = this.#cluster;
    const members = this.#members.flatMap((state, node) =>
      node === this.index || state === undefined ? [] : [{
        node: nodeIdOf(node),
        isAlive: this.#isAlive(node),
        hasLeft: this.#members[node] === "left",
        speaksClaims: !this.isLegacyPeer(node),
      }]
    );
    const groups = views.hashes.flatMap((hashes, group) => {
      const order = views.order(group, this.seen);
      return order === undefined ? [] : [{
        id: groupIdOf(group),
        hash: hashes[this.index] ?? 0,
        candidates: order.filter((node) => this.#isKnown(node)).map((node) => ({
          node: nodeIdOf(node),
          hash: hashes[node] ?? 0,
        })),
        failback: {
          kind: scenario.hasFailback ? "immediate" : "never",
        } as const,
        frames: 1,
        isNew: scenario.hasForeign && group === 0,
      }];
    });
    return Array.from({ length: scenario.segments }, (_, slot) => ({
      slot,
      link: slot + 1,
      members,
      groups,
    })).filter(({ slot }) => network.isThere(slot, this.index));
  }

  /** Which peers are speakers of MetalLB's; set by the cluster. */
  isLegacyPeer: (node: number) => boolean = () => false;

  #cell(slot: number, group: number): number {
    return slot * this.#cluster.scenario.groups + group;
  }

  #isAlive(node: number): boolean {
    const state = this.#members[node];
    return state === "alive" || state === "suspect";
  }

  /** Who said goodbye is no candidate any more. */
  #isKnown(node: number): boolean {
    const state = this.#members[node];
    return node === this.index || state !== undefined && state !== "left";
  }

  #log(text: string): void {
    const { history, network } = this.#cluster;
    history?.push({ at: network.now, text: `node ${this.index} ${text}` });
  }

  /** See {@linkcode ClaimSink}. */
  answer(slot: number, group: number, claim: Claim): void {
    this.#answers[this.#cell(slot, group - groupIdOf(0))] = claim;
    this.#cluster.isChanged = true;
  }

  /** See {@linkcode ClaimSink}. */
  silence(slot: number, group: number): void {
    this.#answers[this.#cell(slot, group - groupIdOf(0))] = NO_CLAIM;
    this.#cluster.isChanged = true;
  }

  /** See {@linkcode ClaimSink}. */
  announce(slot: number, group: number): void {
    const { network, scenario } = this.#cluster;
    for (const address of this.#addressesOf(group - groupIdOf(0))) {
      const claim = this.claim(slot, address);
      this.#cluster.announced(slot, address);
      network.broadcast("announcement", slot, this.index, (event) => {
        event.group = address;
        event.claim = scenario.isStripped ? NO_CLAIM : claim;
      });
    }
  }

  /** See {@linkcode ClaimSink}. */
  announceAgain(slot: number, group: number): void {
    this.announce(slot, group);
  }

  /** See {@linkcode ClaimSink}. */
  ask(slot: number, group: number, claim: Claim): void {
    const { network, scenario } = this.#cluster;
    for (const address of this.#addressesOf(group - groupIdOf(0))) {
      this.#cluster.asked(this.index, slot, address);
      network.broadcast("question", slot, this.index, (event) => {
        event.group = address;
        event.claim = scenario.isStripped ? NO_CLAIM : claim;
      });
    }
  }

  /** See {@linkcode ClaimSink}. */
  askWitness(slot: number): void {
    const { network } = this.#cluster;
    network.send("witnessQuestion", slot, this.index, network.client);
  }

  /** See {@linkcode ClaimSink}. */
  beat(slot: number, node: number, beat: Beat): void {
    const { network } = this.#cluster;
    this.#cluster.sent(beat);
    network.send("beat", slot, this.index, node - nodeIdOf(0), (event) => {
      copyBeat(beat, event.beat);
    });
  }

  /** See {@linkcode ClaimSink}. */
  report({ kind, reason, slot, group, claim, node }: ClaimEvent): void {
    if (this.#cluster.history === undefined) return;
    const full = claim.full ? "" : " alone";
    const other = node === NO_NODE ? "" : `, node ${node - nodeIdOf(0)}`;
    this.#log(
      `group ${
        group - groupIdOf(0)
      } slot ${slot}: ${kind} (${reason}) term ${claim.term}${full}${other}`,
    );
  }

  /** See {@linkcode ClaimSink}. */
  beatCame(): void {}

  /** See {@linkcode ClaimSink}. */
  notice(slot: number, group: number, notice: ClaimNotice): void {
    if (this.#cluster.history === undefined) return;
    this.#log(`group ${group - groupIdOf(0)} slot ${slot}: notice ${notice}`);
  }
}
