import type { Core } from "./core.ts";
import type { Member } from "./member.ts";
import type { Accusation, AnswerTo, Message } from "./messages.ts";
import type { Outbox } from "./outbox.ts";
import type { Rumours } from "./rumours.ts";
import { NACK_VERSION, STREAM_PING_VERSION } from "./versions.ts";

/** Opens a stream, asks for an answer on it, and tells the prober when it comes. */
export type AskOverStream = (
  target: Member,
  question: Message,
  deadline: number,
) => void;

/** Between two probes at least while something else tells that all live, in ms. */
const CALM_INTERVAL = 5000;

/** One member being probed. */
interface Probe {
  readonly sequence: number;
  /** As it was when the probe began. */
  readonly target: Member;
  /** When others are asked, in ms; `Infinity` once they have been. */
  indirectAt: number;
  /** When the probe has failed, in ms. */
  readonly deadline: number;
  /** Nacks that are owed, and those that came. */
  expectedNacks: number;
  nacks: number;
  /** Whether it answered over a stream. */
  answeredOverStream: boolean;
}

/**
 * Finds out who does not answer: one member after another, directly, through
 * others, and over a stream.
 */
export class Prober {
  readonly #core: Core;
  readonly #outbox: Outbox;
  readonly #rumours: Rumours;
  readonly #askOverStream: AskOverStream;
  #areAllHeard = false;
  #probe: Probe | undefined;
  #nextAt = Infinity;

  /** Begins. */
  constructor(
    core: Core,
    parts: {
      readonly outbox: Outbox;
      readonly rumours: Rumours;
      readonly askOverStream: AskOverStream;
    },
    now: number,
  ) {
    this.#core = core;
    this.#outbox = parts.outbox;
    this.#rumours = parts.rumours;
    this.#askOverStream = parts.askOverStream;
    this.begin(now);
  }

  /**
   * Begins anew, at a random point of the first interval, so that members do
   * not keep step. A probe under way goes on.
   */
  begin(now: number): void {
    const { settings: { probeInterval }, random } = this.#core;
    this.#nextAt = probeInterval === 0
      ? Infinity
      : now + random.next() * probeInterval;
  }

  /** Takes in whether something else tells that all live; when it does not any more, probes soon. */
  heard(all: boolean, now: number): void {
    this.#areAllHeard = all;
    const { settings: { probeInterval } } = this.#core;
    if (!all && this.#nextAt > now + probeInterval) this.begin(now);
  }

  /** When it has something to do, in ms. */
  get deadline(): number {
    const probe = this.#probe;
    if (probe === undefined) return this.#nextAt;
    return Math.min(probe.indirectAt, probe.deadline);
  }

  /** Does what is due. */
  tick(now: number): void {
    const probe = this.#probe;
    if (probe !== undefined) {
      if (probe.deadline <= now) this.#conclude(probe, now);
      else if (probe.indirectAt <= now) this.#askOthers(probe);
    }
    if (this.#probe === undefined && this.#nextAt <= now) this.#start(now);
  }

  /** Takes in an answer; `false` when it is to none of our questions. */
  ack(sequence: number): boolean {
    if (this.#probe?.sequence !== sequence) return false;
    this.#probe = undefined;
    this.#core.awareness.apply(-1);
    return true;
  }

  /** Takes in that somebody could not get an answer for us. */
  nack(sequence: number): boolean {
    if (this.#probe?.sequence !== sequence) return false;
    this.#probe.nacks++;
    return true;
  }

  /** Takes in an answer over a stream. It counts at the end: the others are better news. */
  ackOverStream(sequence: number): void {
    if (this.#probe?.sequence === sequence) {
      this.#probe.answeredOverStream = true;
    }
  }

  #start(now: number): void {
    const { settings, members, self, awareness, sequence, emit } = this.#core;
    // Intervals that were missed are not made up for.
    this.#nextAt = Math.max(this.#nextAt, now) + this.#interval();
    if (this.#rumours.hasLeft) return;
    const { target, forgotten } = members.nextToProbe(
      self.name,
      now - settings.gossipToTheDead,
    );
    const change = { kind: "forgotten", reason: "longGone" } as const;
    for (const member of forgotten) emit({ kind: "member", change, member });
    if (target === undefined) return;
    const deadline = now + awareness.scale(settings.probeInterval);
    this.#probe = {
      sequence: sequence.next(),
      target,
      indirectAt: Math.min(now + settings.probeTimeout, deadline),
      deadline,
      expectedNacks: 0,
      nacks: 0,
      answeredOverStream: false,
    };
    this.#ask(this.#probe);
  }

  #interval(): number {
    const { probeInterval } = this.#core.settings;
    return this.#isCalm()
      ? Math.max(probeInterval, CALM_INTERVAL)
      : probeInterval;
  }

  /** Whether nobody is in doubt, neither the others nor this member itself. */
  #isCalm(): boolean {
    const { members, awareness } = this.#core;
    if (awareness.score > 0 || !this.#areAllHeard) return false;
    for (const { state } of members.values()) {
      if (state === "suspect") return false;
    }
    return true;
  }

  #ask({ sequence, target }: Probe): void {
    const question = this.#question(sequence, target.name);
    // A suspect is told, so that it can object at once.
    const parts: readonly Message[] = target.state === "suspect"
      ? [question, { kind: "suspect", ...this.#accusation(target) }]
      : [question];
    this.#outbox.send(target.endpoint, parts, target);
  }

  #question(sequence: number, node: string): Message & { kind: "ping" } {
    return { kind: "ping", sequence, node, ...this.#answerTo() };
  }

  #answerTo(): AnswerTo {
    const { name, address, endpoint } = this.#core.self;
    return {
      sourceAddress: address,
      sourcePort: endpoint.port,
      sourceNode: name,
    };
  }

  #accusation({ name, incarnation }: Member): Accusation {
    return { incarnation, node: name, from: this.#core.self.name };
  }

  /** The direct question has found no answer in time. */
  #askOthers(probe: Probe): void {
    probe.indirectAt = Infinity;
    const { settings, members, self } = this.#core;
    const { target, sequence } = probe;
    const helpers = members.pick(
      settings.indirectChecks,
      ({ name, state }) =>
        name !== self.name && name !== target.name && state === "alive",
    );
    for (const helper of helpers) {
      const nack = helper.versions.protocolMax >= NACK_VERSION;
      if (nack) probe.expectedNacks++;
      this.#outbox.send(helper.endpoint, [{
        kind: "indirectPing",
        sequence,
        target: target.address,
        port: target.endpoint.port,
        node: target.name,
        nack,
        ...this.#answerTo(),
      }], helper);
    }
    const understands = target.versions.protocolMax >= STREAM_PING_VERSION;
    if (!settings.streamPings || !understands) return;
    const question = this.#question(sequence, target.name);
    this.#askOverStream(target, question, probe.deadline);
  }

  #conclude(probe: Probe, now: number): void {
    this.#probe = undefined;
    const { awareness, emit, self } = this.#core;
    const { target } = probe;
    if (probe.answeredOverStream) {
      awareness.apply(-1);
      emit({ kind: "packetsLost", member: target });
      return;
    }
    // Whoever was asked and kept silent makes our own connection suspect. With
    // nobody to ask, every failure may be our own.
    const missing = probe.expectedNacks - probe.nacks;
    awareness.apply(probe.expectedNacks > 0 ? Math.max(0, missing) : 1);
    const because = { reason: "unanswered", by: self.name } as const;
    this.#rumours.suspect(this.#accusation(target), because, now);
  }
}
