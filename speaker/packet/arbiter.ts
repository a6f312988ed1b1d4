import { ClaimEngine, type ClaimSettings } from "../../mod/claims/mod.ts";
import {
  CLAIM_STATE,
  CONTROL,
  GAUGE,
  type Generation,
  MEMBER_PHASES,
  type MemberPhase,
  SIGHTING,
  type Sighting,
} from "../../mod/layer2/mod.ts";
import { type Beat, type Claim, NO_CLAIM } from "../../mod/ownership/mod.ts";
import { ClaimDeeds, type ClaimDeedsContext } from "./claim_deeds.ts";
import type { LoopClock, LoopTask } from "./loop_task.ts";
import type { Port } from "./port.ts";
import { SegmentBook } from "./segments.ts";

/**
 * Rounds in which frames and beats may go on coming before it is decided all the
 * same. Together they take more than a receive buffer of the usual size holds:
 * what goes on beyond is a flood, and none of it waited at the start.
 */
const ROUNDS_BEHIND = 5;
/** Milliseconds between two looks at who owns what others own. */
const LOOK_INTERVAL = 1000;

/** What the {@linkcode Arbiter} works with. */
export interface ArbiterContext extends ClaimDeedsContext {
  readonly clock: LoopClock;
  readonly settings: ClaimSettings;
}

/**
 * Drives the claim engine: hands in what is heard, and does what it decides.
 * Without a membership there is no engine, and this does nothing.
 */
export class Arbiter implements LoopTask {
  readonly #context: ArbiterContext;
  readonly #deeds: ClaimDeeds;
  readonly #book = new SegmentBook();
  #engine: ClaimEngine | undefined;
  #openPorts: readonly Port[] = [];
  #phase: MemberPhase = "starting";
  #mainAlive = 0;
  #isBacklog = false;
  #roundsBehind = 0;
  #lookAt = 0;

  /**
   * Begins without an engine.
   *
   * @param context What it works with.
   */
  constructor(context: ArbiterContext) {
    this.#context = context;
    this.#deeds = new ClaimDeeds(context);
  }

  /** Begins a round, before anything that was received is looked at. */
  wake(): void {
    const engine = this.#engine;
    if (engine?.wake(this.#context.clock.now) === true) this.#isBacklog = true;
  }

  /** Takes in what a frame of somebody else says. */
  sighted(port: Port, sighting: Sighting): void {
    const engine = this.#engine;
    if (engine === undefined) return;
    const { clock, groups } = this.#context;
    const { slot } = port.link;
    if (sighting.kind === SIGHTING.otherAnswer) {
      engine.receiveWitness(slot, clock.now);
      return;
    }
    const claim = claimIn(sighting);
    // Of a member that the table does not know yet, only that it lives is known.
    if (sighting.node === 0 && sighting.isMember) {
      engine.heard(slot, clock.now);
      return;
    }
    const group = groups.idOf(sighting.group);
    const { node } = sighting;
    if (sighting.kind === SIGHTING.announcement) {
      engine.receiveAnnouncement(slot, group, node, claim, clock.now);
    } else if (sighting.kind === SIGHTING.answer) {
      engine.receiveAnswer(slot, group, node, claim, clock.now);
    } else engine.receiveQuestion(slot, group, node, claim, clock.now);
  }

  /** Takes in a beat of a peer. */
  beaten(slot: number, beat: Beat, now: number): void {
    this.#engine?.receiveBeat(slot, beat, now);
  }

  /** Takes in that a state is in force, or that ports were opened or closed. */
  follow(generation: Generation): void {
    const { clock, ports } = this.#context;
    const { self } = generation.membership;
    if (self === 0 && this.#engine === undefined) return;
    const engine = this.#engine ??= this.#begin(self);
    const before = this.#openPorts;
    this.#openPorts = ports.open;
    // An interface that was closed and opened again holds no claims any more.
    const kept = ports.open.filter((port) => before.includes(port));
    if (kept.length < before.length) this.#apply(engine, kept, generation);
    this.#apply(engine, ports.open, generation);
    clock.wakeBy(engine.nextDeadline);
  }

  /** Takes in that an address of a group is new on an interface, or that the interface has another MAC address or its carrier back. */
  announceAnew(index: number, slot: number, isNew: boolean): void {
    const engine = this.#engine;
    if (engine === undefined) return;
    const { clock, groups } = this.#context;
    const group = groups.idOf(index);
    if (isNew) engine.addressAdded(slot, group, clock.now);
    else engine.linkRenewed(slot, group, clock.now);
  }

  /** Decides what is due, once everything that was received has been handed in. */
  run(): void {
    const engine = this.#engine;
    if (engine === undefined) return;
    const { clock } = this.#context;
    this.#obey(engine);
    if (clock.now >= engine.nextDeadline) this.#decide(engine);
    if (clock.now >= this.#lookAt) this.#look(engine);
    clock.wakeBy(engine.nextDeadline);
  }

  /** Nothing to free. */
  close(): void {}

  #begin(node: number): ClaimEngine {
    return new ClaimEngine({
      node,
      incarnation: Date.now(),
      sink: this.#deeds,
      settings: this.#context.settings,
    });
  }

  #apply(
    engine: ClaimEngine,
    open: readonly Port[],
    generation: Generation,
  ): void {
    const { clock, groups, state } = this.#context;
    const segments = this.#book.segments({
      generation,
      groups,
      links: open.map(({ link }) => link),
      isIpv4: (id) => state.isIpv4(id),
      isOn: (id, slot) => state.isOn(id, slot),
    });
    engine.apply(segments, clock.now);
  }

  /** Follows what the main thread wants of this node as a whole. */
  #obey(engine: ClaimEngine): void {
    const { memory: { control }, clock } = this.#context;
    const alive = Atomics.load(control, CONTROL.mainAlive);
    if (alive !== this.#mainAlive) {
      this.#mainAlive = alive;
      engine.mainSpoke(clock.now);
    }
    const phase = MEMBER_PHASES[Atomics.load(control, CONTROL.phase)] ??
      "starting";
    if (phase === this.#phase) return;
    if (this.#phase === "starting") engine.join(clock.now);
    this.#phase = phase;
    if (phase === "exiting") engine.exit(clock.now);
    else if (phase !== "starting") engine.become(phase, clock.now);
  }

  #decide(engine: ClaimEngine): void {
    const { clock, ports } = this.#context;
    for (const port of ports.open) {
      if (port.takeHeard()) engine.heard(port.link.slot, clock.now);
    }
    if (this.#isBacklog || clock.now >= engine.judgesAt) {
      if (!this.#hasCaughtUp()) return clock.wakeBy(clock.now);
      if (this.#isBacklog) engine.caughtUp();
      this.#isBacklog = false;
    }
    engine.run(clock.now);
  }

  /** Nobody is called dead while something of his may be waiting; but not for longer than a few rounds. */
  #hasCaughtUp(): boolean {
    const { ports, heartbeats } = this.#context;
    const hasMoreFrames = ports.catchUp();
    const hasMoreBeats = heartbeats.catchUp();
    const isBehind = hasMoreFrames || hasMoreBeats;
    this.#roundsBehind = isBehind ? this.#roundsBehind + 1 : 0;
    return !isBehind || this.#roundsBehind >= ROUNDS_BEHIND;
  }

  /** Tells now and then what others own, and how this node fares. */
  #look(engine: ClaimEngine): void {
    const { clock, memory: { gauges } } = this.#context;
    this.#lookAt = clock.now + LOOK_INTERVAL;
    gauges[GAUGE.detectionTime] = engine.detectionTime;
    gauges[GAUGE.beatInterval] = engine.beatInterval;
    gauges[GAUGE.patience] = engine.patience;
    gauges[GAUGE.partners] = engine.partners;
    gauges[GAUGE.owned] = this.#deeds.owned;
    this.#tellHearing(engine.hearsAll(clock.now) ? 1 : 0);
    engine.tellOwners((_slot, group, claim) => this.#deeds.tell(group, claim));
  }

  #tellHearing(hearsAll: number): void {
    const { memory: { gauges }, news } = this.#context;
    if (gauges[GAUGE.hearsAll] === hearsAll) return;
    gauges[GAUGE.hearsAll] = hearsAll;
    news.hearingChanged();
  }
}

/** Begins a round for an {@linkcode Arbiter}. */
export class RoundStart implements LoopTask {
  readonly #arbiter: Arbiter;

  /**
   * Comes before everything that receives.
   *
   * @param arbiter Is told.
   */
  constructor(arbiter: Arbiter) {
    this.#arbiter = arbiter;
  }

  /** Tells it. */
  run(): void {
    this.#arbiter.wake();
  }

  /** Nothing to free. */
  close(): void {}
}

/** The claim that a frame carried, if it was a right one. */
function claimIn(sighting: Sighting): Claim {
  if (sighting.claim !== CLAIM_STATE.right || sighting.term === 0) {
    return NO_CLAIM;
  }
  const { term, isFull: full, hash, node } = sighting;
  return { term, full, hash, node };
}
