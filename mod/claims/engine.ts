import type { Beat, Claim } from "../ownership/mod.ts";
import { announceDue } from "./announcer.ts";
import { type BeatOutcome, readBeat } from "./beat_reader.ts";
import { Beating } from "./beating.ts";
import { hearAnnouncement, hearAnswer, hearQuestion } from "./frames.ts";
import type { Role } from "./group.ts";
import {
  askAndAnnounce,
  noteHeard,
  watchIsolation,
  witnessDueAt,
} from "./isolation.ts";
import { hearsAll } from "./liveness.ts";
import { RULES, type Rules } from "./rules.ts";
import { Segments } from "./segments.ts";
import { type Part, Self } from "./self.ts";
import { type ClaimSettings, DEFAULT_CLAIM_SETTINGS } from "./settings.ts";
import type { ClaimSink } from "./sink.ts";
import { excuseOthers, recover } from "./stall.ts";
import { stepGroups } from "./steps.ts";
import type { SegmentRecord } from "./table.ts";
import { TokenBucket } from "./token_bucket.ts";
import { announceAt } from "./transitions.ts";
import {
  noteProof,
  touchGroupsOf,
  unheardAt,
  watchPeers,
  watchTwoWay,
} from "./watching.ts";

/** What a {@linkcode ClaimEngine} needs. */
export interface ClaimEngineOptions {
  /** Id of this node. */
  readonly node: number;
  /** Date of this start in ms. */
  readonly incarnation: number;
  /** Performs what is decided. */
  readonly sink: ClaimSink;
  /** Default {@linkcode DEFAULT_CLAIM_SETTINGS}. */
  readonly settings?: ClaimSettings;
  /** A number from 0 to 1, 1 excluded. Default `Math.random`. */
  readonly random?: () => number;
  /** Default {@linkcode RULES}; others are for tests. */
  readonly rules?: Rules;
}

/** What a node is for a group at present. */
export interface GroupState {
  /** What it is. */
  readonly role: Role;
  /** Its own claim, or the one that it believes in. */
  readonly claim: Claim;
}

/**
 * Who answers for which group, decided on this node: the protocol of
 * PROTOCOL.md beside it, without clock, sockets or threads of its own. Times
 * are milliseconds of a monotonic clock.
 *
 * Its driver, round after round: waits until a frame comes or until
 * {@linkcode nextDeadline}; calls {@linkcode wake}; hands in everything that has
 * been received; and calls {@linkcode run}, which decides and tells the sink.
 * Nobody is declared dead while frames wait that were not handed in.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ClaimEngine, type ClaimSink } from "./mod.ts";
 *
 * const done: string[] = [];
 * const sink: ClaimSink = {
 *   answer: (_slot, group, claim) => done.push(`answer ${group} ${claim.term}`),
 *   silence: (_slot, group) => done.push(`silence ${group}`),
 *   announce: (_slot, group) => done.push(`announce ${group}`),
 *   announceAgain: () => {},
 *   ask: (_slot, group) => done.push(`ask ${group}`),
 *   askWitness: () => {},
 *   beat: () => {},
 *   report: ({ kind, reason }) => done.push(`${kind} ${reason}`),
 *   notice: () => {},
 *   beatCame: () => {},
 * };
 * const engine = new ClaimEngine({ node: 1, incarnation: 1, sink });
 * const group = {
 *   id: 7,
 *   hash: 100,
 *   candidates: [{ node: 1, hash: 100 }],
 *   failback: { kind: "never" },
 *   frames: 2,
 *   isNew: false,
 * } as const;
 * engine.apply([{ slot: 0, link: 3, members: [], groups: [group] }], 0);
 * engine.join(0);
 * for (let now = 0; now <= 400; now = engine.nextDeadline) {
 *   engine.wake(now);
 *   engine.run(now);
 * }
 * assertEquals(done.filter((each) => !each.startsWith("ask")), [
 *   "answer 7 1",
 *   "takeOver ownerUnknown",
 *   "announce 7",
 * ]);
 * ```
 */
export class ClaimEngine {
  readonly #self: Self;
  readonly #rules: Rules;
  readonly #settings: ClaimSettings;
  readonly #beating: Beating;
  readonly #segments: Segments;
  #touchedAt = Infinity;
  #isBacklog = false;
  #mainSpokeAt = -Infinity;

  /** A speaker that knows nothing and does nothing yet. */
  constructor(options: ClaimEngineOptions) {
    this.#settings = options.settings ?? DEFAULT_CLAIM_SETTINGS;
    this.#self = new Self(
      options.node,
      options.incarnation,
      this.#settings.heartbeats,
    );
    this.#rules = options.rules ?? RULES;
    this.#beating = new Beating(this.#self);
    this.#segments = new Segments({
      rules: this.#rules,
      self: this.#self,
      settings: this.#settings,
      paces: {
        announcements: new TokenBucket(this.#settings.announcements),
        refreshes: new TokenBucket(this.#settings.refreshes),
        questions: new TokenBucket(this.#settings.questions),
      },
      sink: options.sink,
      random: options.random ?? Math.random,
    });
  }

  /** Milliseconds after which a silent peer is taken for lost at present. */
  get detectionTime(): number {
    return this.#self.timing.detect;
  }

  /** Milliseconds that others wait for this node at present: longer than that while it is late again and again. */
  get patience(): number {
    return this.#self.patience;
  }

  /** Milliseconds between beats at present: longer than what is set when there are too many partners. */
  get beatInterval(): number {
    return this.#self.timing.beat;
  }

  /** Peers that get beats, counted on each segment. */
  get partners(): number {
    return this.#beating.partners;
  }

  /** Whether beats of every living member are heard at present. */
  hearsAll(now: number): boolean {
    return hearsAll(this.#segments.list, this.#self, now);
  }

  /** When {@linkcode run} must be called again; what is received may move it either way. */
  get nextDeadline(): number {
    let next = Math.min(this.judgesAt, this.#beating.dueAt);
    for (const { segment } of this.#segments.list) {
      if (segment.hasNews) return -Infinity;
      next = Math.min(next, segment.announcements.dueAt);
    }
    return next;
  }

  /**
   * When {@linkcode run} is to conclude something, from silence or from what
   * was heard. Before, it only says again what it said: no frame that waits
   * could change that.
   */
  get judgesAt(): number {
    let next = Math.min(this.#touchedAt, this.#mainEnd);
    for (const ctx of this.#segments.list) {
      next = Math.min(
        next,
        ctx.segment.lookAt,
        unheardAt(ctx),
        witnessDueAt(ctx),
      );
    }
    return next;
  }

  /** What this node is for a group on a segment. */
  state(slot: number, group: number): GroupState | undefined {
    const known = this.#segments.at(slot)?.segment.groups.get(group);
    if (known === undefined) return undefined;
    const { role, isOurs, claim, owner } = known;
    return { role, claim: isOurs ? claim : owner };
  }

  /**
   * Tells of every group whose owner changed since the last time.
   *
   * @param tell Gets the owner's claim, this node's or the one that is believed in.
   */
  tellOwners(tell: (slot: number, group: number, claim: Claim) => void): void {
    for (const { segment } of this.#segments.list) {
      for (const group of segment.desk.news) {
        const { id, isOurs, claim, owner } = group;
        group.isNews = false;
        tell(segment.slot, id, isOurs ? claim : owner);
      }
      segment.desk.news.length = 0;
    }
  }

  /** Whether it answers for anything. */
  get ownsAny(): boolean {
    return this.#segments.list.some(({ segment }) => segment.ours.size > 0);
  }

  /**
   * Takes what the main thread wants: all segments, complete. The same again
   * changes nothing, but tells that the main thread is alive.
   */
  apply(segments: readonly SegmentRecord[], now: number): void {
    this.mainSpoke(now);
    this.#segments.apply(segments, now);
    this.#touchedAt = now;
  }

  /** Takes in that membership calls a node alive or dead. */
  setAlive(node: number, isAlive: boolean, now: number): void {
    for (const ctx of this.#segments.list) {
      const peer = ctx.segment.peers.get(node);
      if (peer === undefined || peer.isAlive === isAlive) continue;
      peer.setAlive(isAlive, now);
      touchGroupsOf(peer, now);
      ctx.segment.touchPeer(peer, now);
    }
  }

  /** Takes in that the main thread is alive. */
  mainSpoke(now: number): void {
    this.#mainSpokeAt = now;
    if (!this.#self.isMainSilent) return;
    this.#self.isMainSilent = false;
    this.#touch(now);
  }

  /** Takes in that a group has another address here: an owner announces it. */
  addressAdded(slot: number, id: number, now: number): void {
    this.#announceAnew(announceAt, slot, id, now);
  }

  /**
   * Takes in that an interface has another MAC address, or its carrier back: an
   * owner asks for a group, for it may have been replaced, and announces it then.
   */
  linkRenewed(slot: number, id: number, now: number): void {
    this.#announceAnew(askAndAnnounce, slot, id, now);
  }

  /** This node has become a member: from now on it asks and, unanswered, claims. */
  join(now: number): void {
    this.#self.lifecycle = "member";
    this.#self.joinedAt = now;
    this.#touch(now);
  }

  /** What this node is as a member, from now on; nothing before it has joined, and after it was told to end. */
  become(part: Part, now: number): void {
    const { lifecycle } = this.#self;
    if (lifecycle === "starting" || lifecycle === "exiting") return;
    this.#self.lifecycle = part;
    this.#touch(now);
  }

  /** Gives away all that it owns, and is silent two seconds later at the latest, four where too many partners stretch the interval. */
  exit(now: number): void {
    if (this.#self.lifecycle === "exiting") return;
    this.#self.lifecycle = "exiting";
    for (const { segment } of this.#segments.list) {
      for (const { handover } of segment.offered) handover.since = now;
    }
    this.#touch(now);
  }

  /**
   * Begins a round. After a stall all that was owned is given up, unless others
   * were asked to wait for longer; in any case frames count as buffered meanwhile
   * until {@linkcode caughtUp}.
   *
   * @returns Whether nothing was done for the detection time.
   */
  wake(now: number): boolean {
    const silence = now - this.#beating.turnAt;
    const standstill = this.#rules.standstill(this.#self, silence);
    if (standstill === "none") return false;
    this.#isBacklog = true;
    for (const ctx of this.#segments.list) {
      excuseOthers(ctx, now);
      if (standstill === "replaced") recover(ctx, now);
    }
    return true;
  }

  /** All frames that were buffered during a stall have been handed in. */
  caughtUp(): void {
    this.#isBacklog = false;
  }

  /** Takes in that a frame of another was received on an interface, whatever it said. */
  heard(slot: number, now: number): void {
    const ctx = this.#segments.at(slot);
    if (ctx !== undefined && this.#isEvidence) noteHeard(ctx, now);
  }

  /** Takes in a beat that was received on an interface and authenticated. */
  receiveBeat(slot: number, beat: Beat, now: number): BeatOutcome {
    const ctx = this.#segments.at(slot);
    if (ctx === undefined) return "unknownInterface";
    const outcome = readBeat(ctx, beat, now, this.#isBacklog);
    if (outcome === "taken") this.#beating.keepStep(ctx, beat, now);
    return outcome;
  }

  /**
   * Takes in a gratuitous ARP frame or an unsolicited Neighbor Advertisement
   * for an address of a group.
   *
   * @param from The member that the sender's MAC belongs to; `NO_NODE` = a foreign host.
   * @param claim The authenticated claim that it carried; `NO_CLAIM` = none.
   */
  receiveAnnouncement(
    slot: number,
    group: number,
    from: number,
    claim: Claim,
    now: number,
  ): void {
    this.#receive(hearAnnouncement, slot, group, from, claim, now);
  }

  /** Takes in an answer to a question of ours; parameters as for announcements. */
  receiveAnswer(
    slot: number,
    group: number,
    from: number,
    claim: Claim,
    now: number,
  ): void {
    this.#receive(hearAnswer, slot, group, from, claim, now);
  }

  /** Takes in a member's question about a group; parameters as for announcements. */
  receiveQuestion(
    slot: number,
    group: number,
    from: number,
    claim: Claim,
    now: number,
  ): void {
    this.#receive(hearQuestion, slot, group, from, claim, now);
  }

  /** Takes in that a witness answered our question. */
  receiveWitness(slot: number, now: number): void {
    const ctx = this.#segments.at(slot);
    if (ctx === undefined || !this.#isEvidence) return;
    noteProof(ctx, now, now);
    noteHeard(ctx, now);
  }

  /** Decides what is due and tells the sink. */
  run(now: number): void {
    if (now < this.nextDeadline) return;
    this.#touchedAt = Infinity;
    this.#watchMain(now);
    for (const ctx of this.#segments.list) {
      watchPeers(ctx, now);
      watchTwoWay(ctx, now);
      stepGroups(ctx, now);
    }
    // To beat may show that somebody's beats are missed, or needed no more.
    this.#beating.run(this.#segments.list, now);
    const isTurn = this.#beating.turnAt === now;
    for (const ctx of this.#segments.list) {
      watchIsolation(ctx, now);
      announceDue(ctx, isTurn, now);
    }
  }

  get #isEvidence(): boolean {
    return !this.#isBacklog || this.#rules.backlogIsEvidence();
  }

  #announceAnew(
    announce: typeof askAndAnnounce,
    slot: number,
    id: number,
    now: number,
  ): void {
    const ctx = this.#segments.at(slot);
    const group = ctx?.segment.groups.get(id);
    if (ctx === undefined || group?.isOurs !== true) return;
    group.announcing.sent = 0;
    announce(ctx, group, now);
  }

  #receive(
    hear: typeof hearAnswer,
    slot: number,
    id: number,
    from: number,
    claim: Claim,
    now: number,
  ): void {
    const ctx = this.#segments.at(slot);
    if (ctx === undefined || from === this.#self.node) return;
    const group = ctx.segment.groups.get(id);
    if (group === undefined) return;
    // What was buffered is remembered, but proves nothing.
    if (!this.#isEvidence) return group.see(claim);
    noteHeard(ctx, now);
    hear(ctx, group, from, claim, now);
  }

  /** Rule 9. When a main thread that says nothing can be relied on no longer. */
  get #mainEnd(): number {
    return this.#self.isMainSilent
      ? Infinity
      : this.#mainSpokeAt + this.#settings.mainSilence;
  }

  /** Rule 9. Without the main thread all is given away. */
  #watchMain(now: number): void {
    if (now < this.#mainEnd) return;
    this.#self.isMainSilent = true;
    this.#touch(now);
  }

  #touch(now: number): void {
    this.#segments.touch(now);
    this.#touchedAt = now;
  }
}
