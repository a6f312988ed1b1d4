import type { Broadcast } from "./broadcast_queue.ts";
import { COMPOUND_PART_OVERHEAD } from "./compound.ts";
import { type Core, makeCore } from "./core.ts";
import { Exchanges } from "./exchanges.ts";
import { Gossiper } from "./gossiper.ts";
import type { Keyring } from "./keyring.ts";
import { type Label, NO_LABEL } from "./label.ts";
import { type Endpoint, isLiving, type Member } from "./member.ts";
import { encodeMessage, type Message } from "./messages.ts";
import { Outbox } from "./outbox.ts";
import { openPacket, packetCapacity } from "./packet.ts";
import { Prober } from "./prober.ts";
import type { DropReason, SwimEffect, SwimEvent } from "./protocol.ts";
import type { RandomSource } from "./random.ts";
import { answerEndpoint, Relays } from "./relays.ts";
import { Rumours } from "./rumours.ts";
import { makeSelf } from "./self.ts";
import { settingsProblems, type SwimSettings } from "./settings.ts";
import { StallGuard } from "./stall_guard.ts";
import { pushPullInterval } from "./timing.ts";
import { ownVersions } from "./versions.ts";

/** What a member is made of. */
export interface SwimOptions {
  /** Unique in the cluster; the node's name. */
  readonly name: string;
  /** Where others reach it. */
  readonly endpoint: Endpoint;
  /** What it tells of itself, at most 512 bytes. */
  readonly meta: Uint8Array;
  /** How it behaves. */
  readonly settings: SwimSettings;
  /** With which keys it protects its messages; absent: with none. */
  readonly keyring?: Keyring;
  /** Which cluster it is of. */
  readonly label?: Label;
  /** Where it takes chance from. */
  readonly random: RandomSource;
}

/** Goodbye that is being spread. */
interface Goodbye {
  readonly broadcast: Broadcast;
  readonly deadline: number;
}

/**
 * One member of a cluster, without sockets, clock and chance of its own: events
 * go in, effects come out. Whoever drives it performs the effects in their
 * order, and gives it a `timer` event at {@linkcode nextDeadline}. When that
 * comes late, packets may wait that should have come before it: it then wants
 * more `timer` events, and concludes nothing before it has taken those in.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LAN, SwimMachine } from "./mod.ts";
 *
 * const machine = new SwimMachine({
 *   name: "node-a",
 *   endpoint: { ip: "192.0.2.1", port: 7946 },
 *   meta: new Uint8Array(),
 *   settings: LAN,
 *   random: { next: () => 0.5, fill: (bytes) => bytes.fill(1) },
 * }, 0);
 * const to = { ip: "192.0.2.2", port: 7946 };
 * const [effect] = machine.step({ kind: "join", to: [to] }, 0);
 * assertEquals(effect?.kind, "openStream");
 * ```
 */
export class SwimMachine {
  readonly #core: Core;
  readonly #outbox: Outbox;
  readonly #rumours: Rumours;
  readonly #relays: Relays;
  readonly #exchanges: Exchanges;
  readonly #prober: Prober;
  readonly #gossiper: Gossiper;
  readonly #stall = new StallGuard();
  #effects: SwimEffect[] = [];
  #nextExchange: number;
  #goodbye: Goodbye | undefined;

  /**
   * A cluster of one.
   *
   * @param now The time, in ms of a clock that never goes back.
   * @throws {RangeError} For a name, an address, metadata or settings that cannot be used.
   */
  constructor(options: SwimOptions, now: number) {
    const { settings, random } = options;
    requireUsable(settings);
    const versions = ownVersions(settings.protocolVersion);
    this.#core = makeCore({
      self: makeSelf(options.name, options.endpoint, versions),
      settings,
      random,
      emit: (effect) => this.#effects.push(effect),
    });
    this.#outbox = new Outbox(this.#core, {
      label: options.label ?? NO_LABEL,
      ...(options.keyring === undefined ? {} : { keyring: options.keyring }),
      encryptionVersion: settings.protocolVersion === 1 ? 0 : 1,
      verifyIncoming: settings.verifyIncoming,
      verifyOutgoing: settings.verifyOutgoing,
      fillRandom: (bytes) => random.fill(bytes),
    });
    this.#rumours = new Rumours(this.#core);
    this.#relays = new Relays(this.#core, this.#outbox);
    this.#exchanges = new Exchanges(this.#core, this.#outbox, this.#rumours);
    this.#prober = this.#makeProber(now);
    this.#gossiper = new Gossiper(this.#core, this.#outbox, now);
    this.#nextExchange = this.#exchangeAfter(now, random.next());
    this.#rumours.announce(options.meta, now);
    this.#stall.expect(this.#due, now);
  }

  #makeProber(now: number): Prober {
    const [outbox, rumours] = [this.#outbox, this.#rumours];
    return new Prober(this.#core, {
      outbox,
      rumours,
      askOverStream: (target, question, deadline) =>
        this.#exchanges.ask(target, question, {
          deadline,
          onAck: (sequence) => this.#prober.ackOverStream(sequence),
        }),
    }, now);
  }

  /** All members that it knows, itself and the recently dead included. */
  get members(): readonly Member[] {
    return [...this.#core.members.values()];
  }

  /** 0 while it is healthy; higher when it cannot rely on itself. */
  get healthScore(): number {
    return this.#core.awareness.score;
  }

  /** How many messages wait to be gossiped. */
  get queued(): number {
    return this.#core.broadcasts.size;
  }

  /** When it wants a `timer` event, in ms; `Infinity` for not before the next event. */
  nextDeadline(): number {
    return this.#stall.next(this.#due);
  }

  get #due(): number {
    return Math.min(
      this.#prober.deadline,
      this.#relays.deadline,
      this.#rumours.deadline,
      this.#gossiper.deadline,
      this.#nextExchange,
      this.#goodbye?.deadline ?? Infinity,
    );
  }

  /**
   * Takes in what happened, and gives what is to be done.
   *
   * @param now The time, in ms of the clock that the constructor was given.
   * @throws {RangeError} For metadata or a message that is too long, and for
   * settings that cannot be used.
   */
  step(event: SwimEvent, now: number): readonly SwimEffect[] {
    this.#stall.wake(now);
    this.#handle(event, now);
    this.#checkGoodbye(now);
    this.#stall.expect(this.#due, now);
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  #handle(event: SwimEvent, now: number): void {
    switch (event.kind) {
      case "packet":
        return this.#packet(event.bytes, event.from, now);
      case "request":
        return this.#exchanges.request(event.stream, event, now);
      case "reply":
        return this.#exchanges.reply(event.stream, event.bytes, now);
      case "streamFailed":
        return this.#exchanges.failed(event.stream, event.reason);
      case "timer":
        return this.#timer(now);
      case "join":
        for (const to of event.to) this.#exchanges.join(to, now);
        return;
      case "leave":
        return this.#leave(event.timeout, now);
      case "meta":
        return this.#rumours.announce(event.meta, now);
      case "broadcast":
        return this.#broadcast(event.payload);
      case "keyring":
        return this.#outbox.setKeyring(event.keyring);
      case "settings":
        return this.#behave(event.settings, now);
      case "heard":
        return this.#prober.heard(event.all, now);
    }
  }

  #behave(settings: SwimSettings, now: number): void {
    requireUsable(settings);
    const core = this.#core;
    // The version was told to the others; it changes with the process only.
    const { protocolVersion } = core.settings;
    core.settings = { ...settings, protocolVersion };
    core.broadcasts.retransmitMult = settings.retransmitMult;
    core.awareness.limit(settings.awarenessMaxMultiplier);
    this.#outbox.followSettings();
    this.#prober.begin(now);
    this.#gossiper.begin(now);
    this.#nextExchange = this.#exchangeAfter(now, core.random.next());
  }

  #packet(bytes: Uint8Array, from: Endpoint, now: number): void {
    this.#stall.heard();
    const { messages, drops } = openPacket(bytes, this.#outbox.security);
    for (const reason of drops) this.#drop(reason, from);
    for (const message of messages) this.#message(message, from, now);
  }

  #message(message: Message, from: Endpoint, now: number): void {
    switch (message.kind) {
      case "ping":
        return this.#ping(message, from);
      case "indirectPing": {
        const refusal = this.#relays.start(message, from, now);
        if (refusal !== undefined) this.#drop(refusal, from);
        return;
      }
      case "ack":
        return this.#ack(message.sequence, from);
      case "nack":
        this.#prober.nack(message.sequence);
        return;
      case "suspect": {
        const because = { reason: "accused", by: message.from } as const;
        return this.#rumours.suspect(message, because, now);
      }
      case "alive":
        return this.#rumours.alive(message, from, now);
      case "dead":
        return this.#rumours.dead(message, now);
      case "user":
        return this.#core.emit({ kind: "deliver", payload: message.payload });
      case "error":
        return this.#drop("unexpectedMessage", from);
    }
  }

  #ping(message: Message & { kind: "ping" }, from: Endpoint): void {
    const { node, sequence } = message;
    if (node !== "" && node !== this.#core.self.name) {
      return this.#drop("notForUs", from);
    }
    const to = answerEndpoint(message, from);
    if (to === undefined) return this.#drop("badAddress", from);
    this.#outbox.send(to, [{ kind: "ack", sequence, payload: null }]);
  }

  #ack(sequence: number, from: Endpoint): void {
    const isExpected = this.#prober.ack(sequence) || this.#relays.ack(sequence);
    if (!isExpected) this.#drop("unexpectedAck", from);
  }

  #timer(now: number): void {
    if (this.#stall.holdsBack(now)) return;
    this.#relays.tick(now);
    this.#prober.tick(now);
    this.#rumours.expire(now);
    this.#gossiper.tick(now);
    if (this.#nextExchange > now) return;
    this.#nextExchange = this.#exchangeAfter(now, 1);
    if (!this.#rumours.hasLeft) this.#exchanges.exchange(now);
  }

  /** The time of the next exchange of states: a part of the interval from now. */
  #exchangeAfter(now: number, part: number): number {
    const { settings, members } = this.#core;
    const interval = pushPullInterval(settings.pushPullInterval, members.size);
    return interval === 0 ? Infinity : now + part * interval;
  }

  #leave(timeout: number, now: number): void {
    const broadcast = this.#rumours.leave(now);
    if (broadcast === undefined) return;
    this.#goodbye = { broadcast, deadline: now + timeout };
  }

  /** Whether goodbye has been said often enough, cannot be heard, or has taken too long. */
  #checkGoodbye(now: number): void {
    if (this.#goodbye === undefined) return;
    const { broadcast, deadline } = this.#goodbye;
    const isHeard = this.members.some(isLiving);
    const isSpread = !this.#core.broadcasts.holds(broadcast);
    if (isHeard && !isSpread && now < deadline) return;
    this.#goodbye = undefined;
    const reason = !isHeard ? "alone" : isSpread ? "spread" : "timedOut";
    this.#core.emit({ kind: "goodbyeEnded", reason });
  }

  #broadcast(payload: Uint8Array): void {
    const message = encodeMessage({ kind: "user", payload });
    const { packetSize } = this.#core.settings;
    const room = packetCapacity(packetSize, this.#outbox.security) -
      COMPOUND_PART_OVERHEAD;
    if (message.length > room) {
      throw new RangeError(
        `Cannot gossip ${payload.length} bytes: a packet has room for ${
          room - 1
        }`,
      );
    }
    this.#core.broadcasts.add({ message });
  }

  #drop(reason: DropReason, from: Endpoint): void {
    this.#core.emit({ kind: "dropped", reason, from });
  }
}

function requireUsable(settings: SwimSettings): void {
  const [problem] = settingsProblems(settings);
  if (problem === undefined) return;
  throw new RangeError(`Cannot use these settings: ${problem}`);
}
