import {
  bootTimeNow,
  EventFd,
  type NativeLibrary,
  type SchedulingClass,
} from "../../ffi/mod.ts";
import {
  type ClaimSettings,
  DEFAULT_CLAIM_SETTINGS,
} from "../../mod/claims/mod.ts";
import {
  type AddressCounters,
  type BeatCounters,
  type BeatLateness,
  CONTROL,
  type CounterSnapshot,
  DEFAULT_ADDRESS_CAPACITY,
  DEFAULT_PACING,
  type DesiredState,
  DesiredStatePublisher,
  GAUGE,
  type Holding,
  MEMBER_PHASES,
  type MemberPhase,
  type Pacing,
  type PacketEvent,
  type Publication,
  readAddressCounters,
  readBeatCounters,
  readCounters,
  readLateness,
  SharedMemory,
  WORKER_STATES,
  type WorkerState,
} from "../../mod/layer2/mod.ts";
import type { Ip } from "../../mod/net/mod.ts";
import { type ClaimCount, readClaimEvents } from "./claim_events.ts";
import { SCHEDULING_CLASSES, type WorkerStart } from "./worker_start.ts";

/** Settings of {@linkcode PacketWorker.start}. */
export interface PacketWorkerOptions {
  /** The main thread's handle of libpcap; the worker opens the same path. */
  readonly library: NativeLibrary;
  /** Called on the main thread for everything that the worker tells. */
  readonly onEvent?: (event: PacketEvent) => void;
  /** Most addresses, a power of two. Default 16384. */
  readonly addressCapacity?: number;
  /** How fast announcements may leave. */
  readonly pacing?: Pacing;
  /** How this node deals with the other members. */
  readonly claims?: ClaimSettings;
  /** Ask for SCHED_RR, else a better nice value. Default `true`. */
  readonly raiseSchedulingClass?: boolean;
  /** Bytes of the kernel's ring on each interface. Default 512 KiB. */
  readonly ringBytes?: number;
}

/** How the worker is doing. */
export interface PacketWorkerHealth {
  /** Where it is in its life. */
  readonly state: WorkerState;
  /** Rounds of its loop so far; stands still when it hangs. */
  readonly rounds: number;
  /** Milliseconds since its last round began; at most about 200 when it is well. */
  readonly silentFor: number;
  /** Longest it was late for a deadline, in ms. */
  readonly lateness: number;
  /** Scheduling class that it got. */
  readonly schedulingClass: SchedulingClass;
  /** Solicited-node groups joined. */
  readonly groups: number;
  /** Bursts of announcements under way. */
  readonly announcements: number;
  /** Events lost because nobody took them in time. */
  readonly lostEvents: number;
  /** Milliseconds after which a silent peer counts as lost at present; 0 = there are no heartbeats. */
  readonly detectionTime: number;
  /** Milliseconds that the other nodes wait for this one at present: longer while it is late again and again; 0 = there are no heartbeats. */
  readonly patience: number;
  /** Milliseconds between heartbeats at present; 0 = there are none. */
  readonly beatInterval: number;
  /** Peers that get heartbeats, counted on each interface. */
  readonly partners: number;
  /** Groups that this node answers for as their owner, counted on each interface. */
  readonly owned: number;
}

/** The packet worker cannot be started, or did not stop. */
export class PacketWorkerError extends Error {
  /** Always `"PacketWorkerError"`. */
  override readonly name = "PacketWorkerError";
}

/** Only a worker that hangs takes so long to start, in ms; a busy machine takes seconds, more where types are checked first. */
const START_TIMEOUT = 60_000;
const STOP_TIMEOUT = 2_000;

/** The worker's own file: beside this one, or where the bundle has it. */
const ENTRY = import.meta.resolve(
  import.meta.url.endsWith(".ts")
    ? "./worker.ts"
    : "./speaker/packet/worker.js",
);

/** The worker may open libpcap and nothing else. */
const NO_PERMISSION = {
  env: false,
  net: false,
  read: false,
  run: false,
  sys: false,
  write: false,
} as const;

/**
 * The main thread's end of the packet worker: it says what is to be answered and
 * announced, and reads what happened. Nothing here waits for the worker, which
 * is served through shared memory.
 */
export class PacketWorker implements AsyncDisposable {
  readonly #library: NativeLibrary;
  /** Made and closed here, so that its number cannot come to mean another file while it is rung. */
  readonly #doorbell: EventFd;
  readonly #memory: SharedMemory;
  readonly #publisher: DesiredStatePublisher;
  readonly #worker: Worker;
  readonly #onEvent: (event: PacketEvent) => void;
  readonly #watching: Promise<void>;
  #interfaces: DesiredState["interfaces"] = [];
  #failure: string | undefined;
  #claimsVersion = 0;
  #linksVersion = 0;
  #hearsAll = false;
  /** Called when {@linkcode holding} may say something else. */
  onClaims: () => void = () => {};
  /** Called when {@linkcode hearsAll} has changed. */
  onHearing: () => void = () => {};
  /** Called when the kernel told that interfaces have changed. */
  onLinks: () => void = () => {};

  private constructor(options: PacketWorkerOptions) {
    this.#library = options.library;
    this.#doorbell = new EventFd(options.library);
    this.#onEvent = options.onEvent ?? ((): void => {});
    this.#memory = new SharedMemory({
      addressCapacity: options.addressCapacity ?? DEFAULT_ADDRESS_CAPACITY,
    });
    this.#publisher = new DesiredStatePublisher(this.#memory);
    this.#worker = new Worker(ENTRY, {
      type: "module",
      name: "packet",
      deno: {
        permissions: { ...NO_PERMISSION, ffi: [this.#library.path] },
      },
    });
    this.#worker.onerror = (event): void => {
      event.preventDefault();
      this.#failed(event.message);
    };
    this.#worker.postMessage(
      startMessage(this.#memory, this.#doorbell.fd, options),
    );
    this.#watching = this.#watch();
  }

  /**
   * Starts the worker; it answers nothing until something is published.
   *
   * @throws {PacketWorkerError} When it cannot run.
   */
  static async start(options: PacketWorkerOptions): Promise<PacketWorker> {
    const worker = new PacketWorker(options);
    // Waiting for shared memory does not keep the event loop alive, and a
    // worker that could not be loaded does not either.
    const alive = setTimeout(() => {}, START_TIMEOUT);
    await worker.#until((state) => state !== "starting", START_TIMEOUT);
    clearTimeout(alive);
    if (worker.state === "running") return worker;
    const detail = worker.#failure ?? `it did not start in ${START_TIMEOUT} ms`;
    await worker.stop();
    throw new PacketWorkerError(`Cannot start the packet worker: ${detail}`);
  }

  /** Where the worker is in its life. */
  get state(): WorkerState {
    const index = Atomics.load(this.#memory.control, CONTROL.state);
    return WORKER_STATES[index] ?? "failed";
  }

  /** Resolves when the worker has failed or stopped. */
  get ended(): Promise<void> {
    return this.#watching;
  }

  /** Number of the newest generation in force. */
  get applied(): number {
    return this.#publisher.applied;
  }

  /** Makes the worker do this and nothing else; the same again changes nothing. */
  publish(desired: DesiredState): Publication {
    this.#interfaces = desired.interfaces;
    const publication = this.#publisher.publish(desired);
    if (publication.written) this.#ring();
    return publication;
  }

  /** Resolves when a generation, or a newer one, is in force; rejects when the worker ends first. */
  async whenApplied(generation: number): Promise<void> {
    await this.#until(
      (state) => this.applied >= generation || state !== "running",
    );
    if (this.applied >= generation) return;
    throw new PacketWorkerError(
      `Cannot apply generation ${generation}: the packet worker is ${this.state}`,
    );
  }

  /** Says what this node is to be for the other members; it begins as `starting`. */
  enter(phase: MemberPhase): void {
    const { control } = this.#memory;
    Atomics.store(control, CONTROL.phase, MEMBER_PHASES.indexOf(phase));
    this.#ring();
  }

  /** Shows that the main thread is alive; to be called every few seconds. */
  showLife(): void {
    Atomics.add(this.#memory.control, CONTROL.mainAlive, 1);
  }

  /** Changes whenever {@linkcode holding} may say something else. */
  get claimsVersion(): number {
    return Atomics.load(this.#memory.control, CONTROL.claims);
  }

  /** Who owns the group with an id; `undefined` for one that is not in force. */
  holding(group: number): Holding | undefined {
    const index = this.#publisher.indexOfGroup(group);
    return index === undefined ? undefined : this.#memory.board.get(index);
  }

  /** Rounds of the loop so far. */
  rounds(): number {
    return this.#memory.gauges[GAUGE.rounds] ?? 0;
  }

  /** Whether beats of every living member come, as of a second ago. */
  get hearsAll(): boolean {
    return this.#memory.gauges[GAUGE.hearsAll] === 1;
  }

  /** How the worker is doing. */
  health(): PacketWorkerHealth {
    const { control, gauges, events } = this.#memory;
    const heartbeat = gauges[GAUGE.heartbeat] ?? 0;
    const now = bootTimeNow(this.#library);
    const scheduling = Atomics.load(control, CONTROL.scheduling);
    return {
      state: this.state,
      rounds: this.rounds(),
      silentFor: heartbeat === 0 ? 0 : Math.max(0, now - heartbeat),
      lateness: gauges[GAUGE.lateness] ?? 0,
      schedulingClass: SCHEDULING_CLASSES[scheduling] ?? "none",
      groups: gauges[GAUGE.groups] ?? 0,
      announcements: gauges[GAUGE.announcements] ?? 0,
      lostEvents: events.lost,
      detectionTime: gauges[GAUGE.detectionTime] ?? 0,
      patience: gauges[GAUGE.patience] ?? 0,
      beatInterval: gauges[GAUGE.beatInterval] ?? 0,
      partners: gauges[GAUGE.partners] ?? 0,
      owned: gauges[GAUGE.owned] ?? 0,
    };
  }

  /** Counters of the published interfaces that are in force. */
  counters(): CounterSnapshot {
    return readCounters(this.#memory, this.#slotted());
  }

  /** What became of heartbeats on the published interfaces, by name. */
  beatCounters(): ReadonlyMap<string, BeatCounters> {
    return new Map(
      this.#slotted().map((
        { slot, name },
      ) => [name, readBeatCounters(this.#memory, slot)]),
    );
  }

  /** How late heartbeats of others came, by name of the interface. */
  beatLateness(): ReadonlyMap<string, BeatLateness> {
    return new Map(
      this.#slotted().map((
        { slot, name },
      ) => [name, readLateness(this.#memory, slot)]),
    );
  }

  /** What became of claims so far. */
  claimCounts(): readonly ClaimCount[] {
    return readClaimEvents(this.#memory.claimEvents);
  }

  /** Counters of a published address that is in force; `undefined` for any other. */
  addressCounters(ip: Ip): AddressCounters | undefined {
    const id = this.#publisher.idOf(ip);
    return id === undefined ? undefined : readAddressCounters(this.#memory, id);
  }

  /** Ends the worker; it stops answering at once. A second call does nothing. */
  async stop(): Promise<void> {
    Atomics.store(this.#memory.control, CONTROL.stop, 1);
    this.#ring();
    await this.#until(
      (state) => state === "stopped" || state === "failed",
      STOP_TIMEOUT,
    );
    // A worker that hangs may still look at it; then the library closes it.
    const hasEnded = this.state === "stopped" || this.state === "failed";
    this.#setState("stopped");
    await this.#watching;
    this.#worker.terminate();
    if (hasEnded) this.#doorbell.close();
  }

  /** Same as {@linkcode stop}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** The published interfaces that are in force. */
  #slotted(): { readonly slot: number; readonly name: string }[] {
    return this.#interfaces.flatMap(({ index, name }) => {
      const slot = this.#publisher.slotOf(index);
      return slot === undefined ? [] : [{ slot, name }];
    });
  }

  #ring(): void {
    if (this.#doorbell.fd >= 0) this.#doorbell.notify();
  }

  /** Takes what the worker tells until it has ended. */
  async #watch(): Promise<void> {
    await this.#until((state) => {
      for (const event of this.#memory.events.drain()) {
        if (event.kind === "workerFailed") this.#failure = event.message;
        this.#onEvent(event);
      }
      if (this.#publisher.advance()) this.#ring();
      this.#tellVersions();
      return state === "stopped" || state === "failed";
    });
  }

  #tellVersions(): void {
    const claims = this.claimsVersion;
    if (claims !== this.#claimsVersion) {
      this.#claimsVersion = claims;
      this.onClaims();
    }
    if (this.hearsAll !== this.#hearsAll) {
      this.#hearsAll = this.hearsAll;
      this.onHearing();
    }
    const links = Atomics.load(this.#memory.control, CONTROL.links);
    if (links === this.#linksVersion) return;
    this.#linksVersion = links;
    this.onLinks();
  }

  /** Waits until the worker's news make a condition true, or for a time. */
  async #until(
    isDone: (state: WorkerState) => boolean,
    timeout: number = Infinity,
  ): Promise<void> {
    const { control } = this.#memory;
    const end = performance.now() + timeout;
    for (;;) {
      const seen = Atomics.load(control, CONTROL.news);
      if (isDone(this.state)) return;
      const left = end - performance.now();
      if (left <= 0) return;
      await Atomics.waitAsync(control, CONTROL.news, seen, left).value;
    }
  }

  #failed(message: string): void {
    this.#failure = message;
    this.#onEvent({ kind: "workerFailed", message });
    this.#setState("failed");
  }

  #setState(state: WorkerState): void {
    const { control } = this.#memory;
    Atomics.store(control, CONTROL.state, WORKER_STATES.indexOf(state));
    Atomics.add(control, CONTROL.news, 1);
    Atomics.notify(control, CONTROL.news);
  }
}

function startMessage(
  { buffer, shape }: SharedMemory,
  doorbell: number,
  options: PacketWorkerOptions,
): WorkerStart {
  return {
    libraryPath: options.library.path,
    buffer,
    shape,
    doorbell,
    pacing: options.pacing ?? DEFAULT_PACING,
    claims: options.claims ?? DEFAULT_CLAIM_SETTINGS,
    raiseSchedulingClass: options.raiseSchedulingClass ?? true,
    ringBytes: options.ringBytes ?? 512 * 1024,
  };
}
