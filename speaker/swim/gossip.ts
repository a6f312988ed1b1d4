/** A member of the gossip cluster: drives the machine with sockets and time. */
import {
  type DropReason,
  type Endpoint,
  type JoinOutcome,
  type Keyring,
  type Label,
  type Member,
  type MemberChange,
  type StreamFailure,
  type SwimEffect,
  type SwimEvent,
  SwimMachine,
  type SwimSettings,
} from "../../mod/swim/mod.ts";
import { Alarm, type Clock } from "../../mod/time/mod.ts";
import { Tasks } from "../../mod/work/mod.ts";
import { PacketSocket } from "./packet_socket.ts";
import { exchange, type StreamOptions, StreamServer } from "./streams.ts";

/** Why something that came was not taken. */
export type GossipDrop = DropReason | StreamFailure;

/** Called with what happens. */
export interface GossipHandlers {
  /** Something became of a member. */
  readonly onChange: (change: MemberChange, member: Member) => void;
  /** A message of the application's own came. */
  readonly onMessage?: (payload: Uint8Array) => void;
  /** Something was not taken. */
  readonly onDrop?: (reason: GossipDrop, from: Endpoint) => void;
  /** A member answers over streams, but not to packets. */
  readonly onPacketsLost?: (member: Member) => void;
  /** A socket has a problem; it goes on. */
  readonly onError?: (error: Error) => void;
}

/** What a member is made of. */
export interface GossipOptions {
  /** Unique in the cluster; the node's name. */
  readonly name: string;
  /** Where it listens, for UDP and TCP. */
  readonly bind: Endpoint;
  /** Where others reach it, if elsewhere. */
  readonly advertise?: Endpoint;
  /** What it tells of itself, at most 512 bytes. */
  readonly meta: Uint8Array;
  /** How it behaves. */
  readonly settings: SwimSettings;
  /** With which keys it protects its messages; absent: with none. */
  readonly keyring?: Keyring;
  /** Which cluster it is of. */
  readonly label?: Label;
  readonly clock: Clock;
}

/** Whether an endpoint was joined. */
export type JoinResult = { readonly to: Endpoint } & JoinOutcome;

/** How a goodbye ended. */
export type GoodbyeReason =
  | Extract<SwimEffect, { kind: "goodbyeEnded" }>["reason"]
  /** The member was closed. */
  | "closed";

/** A join that waits for its end. */
interface PendingJoin {
  readonly to: Endpoint;
  readonly resolve: (result: JoinResult) => void;
}

/** Endpoints that are joined at once: each takes a connection. */
const JOINS_AT_ONCE = 8;

/** A running member. */
export class Gossip implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #handlers: GossipHandlers;
  readonly #machine: SwimMachine;
  readonly #hasKeys: boolean;
  readonly #closing = new AbortController();
  readonly #tasks = new Tasks();
  readonly #joins: PendingJoin[] = [];
  readonly #alarm: Alarm;
  readonly #goodbye = Promise.withResolvers<GoodbyeReason>();
  #settings: SwimSettings;
  #socket: PacketSocket | undefined;
  #server: StreamServer | undefined;
  /** What the machine answers to the request that it is given. */
  #answer: Uint8Array | undefined;

  private constructor(options: GossipOptions, handlers: GossipHandlers) {
    const { clock, bind, advertise = bind, settings, keyring } = options;
    this.#clock = clock;
    this.#handlers = handlers;
    this.#hasKeys = keyring !== undefined;
    this.#settings = settings;
    this.#alarm = new Alarm(clock, () => this.#step({ kind: "timer" }));
    this.#machine = new SwimMachine({
      ...options,
      endpoint: advertise,
      random: {
        next: Math.random,
        fill: (bytes) => crypto.getRandomValues(bytes),
      },
    }, clock.now());
  }

  /**
   * Starts a member: a cluster of one, until it joins others or others join it.
   *
   * @throws {RangeError} For a name, an address, metadata or settings that cannot be used.
   * @throws {Error} When the address is not ours, or the port is taken.
   */
  static async start(
    options: GossipOptions,
    handlers: GossipHandlers,
  ): Promise<Gossip> {
    const gossip = new Gossip(options, handlers);
    await gossip.#open(options);
    gossip.#arm();
    return gossip;
  }

  async #open({ bind }: GossipOptions): Promise<void> {
    const onError = (error: Error): void => this.#handlers.onError?.(error);
    const socket = new PacketSocket(bind, this.#clock, {
      onPacket: (bytes, from) => this.#step({ kind: "packet", from, bytes }),
      onError,
    });
    try {
      this.#server = new StreamServer(bind, {
        signal: this.#closing.signal,
        options: () => this.#streamOptions(this.#settings.streamTimeout),
      }, {
        onRequest: (bytes, from) => this.#request(bytes, from),
        onRefused: (reason, from) => this.#handlers.onDrop?.(reason, from),
        onError,
      });
    } catch (error) {
      await socket.close();
      throw error;
    }
    this.#socket = socket;
  }

  /** All members that it knows, itself and the recently dead included. */
  get members(): readonly Member[] {
    return this.#machine.members;
  }

  /** 0 while it is healthy; higher when it cannot rely on itself. */
  get healthScore(): number {
    return this.#machine.healthScore;
  }

  /** Meets the members at these endpoints; tells for each whether it could. */
  async join(to: readonly Endpoint[]): Promise<readonly JoinResult[]> {
    const results: JoinResult[] = [];
    for (let at = 0; at < to.length; at += JOINS_AT_ONCE) {
      const batch = to.slice(at, at + JOINS_AT_ONCE);
      results.push(...await this.#joinAll(batch));
    }
    return results;
  }

  async #joinAll(to: readonly Endpoint[]): Promise<readonly JoinResult[]> {
    if (this.#closing.signal.aborted) return to.map(closedJoin);
    const ended = to.map((to) =>
      new Promise<JoinResult>((resolve) => this.#joins.push({ to, resolve }))
    );
    this.#step({ kind: "join", to });
    return await Promise.all(ended);
  }

  /** Says goodbye; resolves when it has spread, or after so many ms. */
  async leave(timeout: number): Promise<GoodbyeReason> {
    this.#step({ kind: "leave", timeout });
    return await this.#goodbye.promise;
  }

  /**
   * Tells other metadata.
   *
   * @throws {RangeError} For more than 512 bytes.
   */
  updateMeta(meta: Uint8Array): void {
    this.#step({ kind: "meta", meta });
  }

  /**
   * Gossips a message of the application's own: to random members, as often as
   * any message; passing it on is theirs.
   *
   * @throws {RangeError} When a packet has no room for it.
   */
  broadcast(payload: Uint8Array): void {
    this.#step({ kind: "broadcast", payload });
  }

  /** Uses other keys from now on. */
  setKeyring(keyring: Keyring): void {
    this.#step({ kind: "keyring", keyring });
  }

  /**
   * Behaves differently from now on.
   *
   * @throws {RangeError} For settings that cannot be used.
   */
  setSettings(settings: SwimSettings): void {
    this.#step({ kind: "settings", settings });
    this.#settings = settings;
  }

  /** Takes in whether something else tells from now on that all living members live: then they are probed more rarely. */
  heard(all: boolean): void {
    this.#step({ kind: "heard", all });
  }

  /** Stops without goodbye: the others find out. A second call does nothing. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#alarm.close();
    this.#goodbye.resolve("closed");
    for (const { to, resolve } of this.#joins.splice(0)) {
      resolve(closedJoin(to));
    }
    await Promise.all([this.#server?.ended(), this.#tasks.ended()]);
    await this.#socket?.close();
  }

  /** Same as {@linkcode close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #step(event: SwimEvent): void {
    if (this.#closing.signal.aborted) return;
    const now = this.#clock.now();
    for (const effect of this.#machine.step(event, now)) this.#perform(effect);
    this.#arm();
  }

  #perform(effect: SwimEffect): void {
    switch (effect.kind) {
      case "send":
        return this.#socket?.send(effect.bytes, effect.to);
      case "openStream":
        return this.#tasks.add(this.#exchange(effect));
      case "reply":
        this.#answer = effect.bytes;
        return;
      case "closeStream":
        return;
      case "deliver":
        return this.#handlers.onMessage?.(effect.payload);
      case "member":
        return this.#handlers.onChange(effect.change, effect.member);
      case "joinEnded":
        return this.#endJoin(effect);
      case "goodbyeEnded":
        return this.#goodbye.resolve(effect.reason);
      case "packetsLost":
        return this.#handlers.onPacketsLost?.(effect.member);
      case "dropped":
        return this.#handlers.onDrop?.(effect.reason, effect.from);
    }
  }

  #endJoin({ kind: _, ...result }: JoinResult & { kind: "joinEnded" }): void {
    const { ip, port } = result.to;
    const at = this.#joins.findIndex(({ to }) =>
      to.ip === ip && to.port === port
    );
    const [join] = at < 0 ? [] : this.#joins.splice(at, 1);
    join?.resolve(result);
  }

  #request(bytes: Uint8Array, from: Endpoint): Uint8Array | undefined {
    this.#answer = undefined;
    this.#step({ kind: "request", stream: 0, from, bytes });
    return this.#answer;
  }

  async #exchange(
    { stream, to, bytes, deadline }: SwimEffect & { kind: "openStream" },
  ): Promise<void> {
    const received = await exchange(
      to,
      bytes,
      this.#streamOptions(deadline - this.#clock.now()),
    );
    this.#step(
      received.kind === "message"
        ? { kind: "reply", stream, bytes: received.bytes }
        : { kind: "streamFailed", stream, reason: received.reason },
    );
  }

  #streamOptions(timeout: number): StreamOptions {
    return {
      clock: this.#clock,
      timeout,
      signal: this.#closing.signal,
      isEncrypted: this.#hasKeys && this.#settings.verifyIncoming,
    };
  }

  #arm(): void {
    this.#alarm.set(this.#machine.nextDeadline());
  }
}

function closedJoin(to: Endpoint): JoinResult {
  return { to, outcome: "failed", reason: "closed", detail: "" };
}
