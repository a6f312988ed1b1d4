import {
  ClaimEngine,
  type ClaimEvent,
  type ClaimNotice,
  type ClaimSettings,
  type ClaimSink,
  DEFAULT_CLAIM_SETTINGS,
  type SegmentRecord,
} from "../../mod/claims/mod.ts";
import {
  type Beat,
  type Claim,
  NO_CLAIM,
  NO_NODE,
} from "../../mod/ownership/mod.ts";
import { type Cluster, groupIdOf, nodeIdOf } from "./cluster.ts";
import { LegacySpeaker } from "./legacy_speaker.ts";
import type { Scenario } from "./scenario.ts";
import { copyBeat, FOREIGN, type SimulatedEvent } from "./network.ts";

/** The product's settings, with a shorter hold time so that runs stay short. */
function settingsOf({ refresh }: Scenario): ClaimSettings {
  return { ...DEFAULT_CLAIM_SETTINGS, failbackHold: 2000, refresh };
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
  /** Version of the API that it has seen. */
  view = 0;
  /** How far its wall clock is off, in ms. */
  clockOffset = 0;
  /** When it has become a member. */
  readyAt = Infinity;
  /** When its process was told to end. */
  exitAt = Infinity;
  /** Whether it drains. */
  isDraining = false;
  /** Whom membership calls alive, by index. */
  readonly alive: boolean[];
  readonly #cluster: Cluster;
  readonly #answers: Claim[];
  #engine: ClaimEngine | undefined;
  #legacy: LegacySpeaker | undefined;
  #wakeAt = Infinity;
  #isFrozen = false;
  #life = 0;
  #buffer: SimulatedEvent[] = [];

  /** A node whose process does not run. */
  constructor(cluster: Cluster, index: number) {
    this.#cluster = cluster;
    this.index = index;
    const { nodes, groups, segments } = cluster.scenario;
    this.alive = Array.from({ length: nodes }, () => false);
    this.#answers = Array.from({ length: groups * segments }, () => NO_CLAIM);
  }

  /** Whether it answers for a group. */
  answers(slot: number, group: number): boolean {
    if (this.#legacy !== undefined) return this.#legacy.owns(group);
    return this.claim(slot, group) !== NO_CLAIM;
  }

  /** The claim with which it answers. */
  claim(slot: number, group: number): Claim {
    return this.#answers[this.#cell(slot, group)] ?? NO_CLAIM;
  }

  /** Starts the process. */
  start(): void {
    const { network, chance, views } = this.#cluster;
    const { now } = network;
    this.#life++;
    this.isUp = true;
    this.isPaused = false;
    this.isDraining = false;
    this.exitAt = Infinity;
    this.#buffer = [];
    this.#answers.fill(NO_CLAIM);
    this.#wakeAt = Infinity;
    this.view = views.newest;
    const engine = new ClaimEngine({
      node: nodeIdOf(this.index),
      incarnation: Math.round(1e12 + now + this.clockOffset),
      sink: this,
      settings: settingsOf(this.#cluster.scenario),
      random: () => chance.unit(),
      rules: this.#cluster.rules,
    });
    this.#engine = engine;
    engine.apply(this.#table(), now);
    const joinsAt = now + 300 + 500 * chance.unit();
    this.readyAt = joinsAt;
    const life = this.#life;
    network.at(joinsAt, () => {
      if (this.#life !== life || !this.isUp) return;
      this.#do((engine, now) => engine.join(now));
    });
    this.#speak();
    this.#run();
  }

  /** Starts a speaker of MetalLB's instead. */
  startLegacy(): void {
    this.#life++;
    this.isUp = true;
    this.isPaused = false;
    this.exitAt = Infinity;
    this.view = this.#cluster.views.newest;
    this.#legacy = new LegacySpeaker(
      this.#cluster,
      this.index,
      (node) => this.alive[node] === true,
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
    this.#do((engine, now) => engine.drain(isDraining, now));
  }

  /** It sees a version of the API. */
  see(version: number): void {
    this.view = version;
    this.#legacy?.elect();
    this.#do((engine, now) => engine.apply(this.#table(), now));
  }

  /** Membership calls a node alive or dead. */
  setAlive(node: number, isAlive: boolean): void {
    if (this.alive[node] === isAlive) return;
    this.alive[node] = isAlive;
    this.#legacy?.elect();
    this.#do((engine, now) => engine.setAlive(nodeIdOf(node), isAlive, now));
  }

  /** Membership has changed a peer's kind. */
  refresh(): void {
    this.#do((engine, now) => engine.apply(this.#table(), now));
  }

  /** It stands still until {@linkcode resume}; frozen, it buffers nothing meanwhile. */
  pause(isFrozen: boolean): void {
    this.isPaused = true;
    this.#isFrozen = isFrozen;
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
      if (this.#isFrozen || this.#buffer.length >= BUFFERED) return false;
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
    const group = groupIdOf(event.group);
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
    if (this.exitAt < Infinity && !engine.ownsAny) {
      return this.#cluster.ended(this.index);
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
    const { scenario, views } = this.#cluster;
    const members = this.alive.flatMap((isAlive, node) =>
      node === this.index ? [] : [{
        node: nodeIdOf(node),
        isAlive,
        speaksClaims: !this.isLegacyPeer(node),
      }]
    );
    const groups = views.at(this.view).map((order, group) => ({
      id: groupIdOf(group),
      hash: views.hashes[group]?.[this.index] ?? 0,
      candidates: order.map((node) => ({
        node: nodeIdOf(node),
        hash: views.hashes[group]?.[node] ?? 0,
      })),
      failback: { kind: scenario.hasFailback ? "immediate" : "never" } as const,
      frames: 1,
      isNew: false,
    }));
    return Array.from({ length: scenario.segments }, (_, slot) => ({
      slot,
      link: slot + 1,
      members,
      groups,
    }));
  }

  /** Which peers are speakers of MetalLB's; set by the cluster. */
  isLegacyPeer: (node: number) => boolean = () => false;

  #cell(slot: number, group: number): number {
    return slot * this.#cluster.scenario.groups + group;
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
    const index = group - groupIdOf(0);
    const claim = this.claim(slot, index);
    const { network, scenario } = this.#cluster;
    this.#cluster.announced(slot, index);
    network.broadcast("announcement", slot, this.index, (event) => {
      event.group = index;
      event.claim = scenario.isStripped ? NO_CLAIM : claim;
    });
  }

  /** See {@linkcode ClaimSink}. */
  ask(slot: number, group: number, claim: Claim): void {
    const index = group - groupIdOf(0);
    const { network, scenario } = this.#cluster;
    this.#cluster.asked(this.index);
    network.broadcast("question", slot, this.index, (event) => {
      event.group = index;
      event.claim = scenario.isStripped ? NO_CLAIM : claim;
    });
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
  notice(slot: number, group: number, notice: ClaimNotice): void {
    if (this.#cluster.history === undefined) return;
    this.#log(`group ${group - groupIdOf(0)} slot ${slot}: notice ${notice}`);
  }
}
