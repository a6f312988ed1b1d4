import {
  EventFd,
  monotonicNow,
  type NativeLibrary,
  PollSet,
  raiseSchedulingClass,
} from "../../ffi/mod.ts";
import {
  addressCell,
  type AddressTable,
  AppliedState,
  type AppliedStateSink,
  CONTROL,
  GAUGE,
  MAX_INTERFACES,
  type SharedMemory,
} from "../../mod/layer2/mod.ts";
import { Announcer } from "./announcer.ts";
import { Joiner } from "./joiner.ts";
import { News } from "./news.ts";
import { Ports } from "./ports.ts";
import { SCHEDULING_CLASSES, type WorkerStart } from "./worker_start.ts";

/** Longest wait, in ms: the loop shows that it lives at least this often. */
const LONGEST_WAIT = 200;
/** Milliseconds between two copies of the capture statistics. */
const STATISTICS_INTERVAL = 1000;
/** The low 24 bits of an address make its solicited-node group (RFC 4291 §2.7.1). */
const GROUP_BITS = 0xffffff;

/**
 * The packet worker's endless loop: one blocking poll over all interfaces and
 * the doorbell, then whatever is due. Between frames it allocates nothing.
 */
export class PacketLoop implements AppliedStateSink {
  readonly #library: NativeLibrary;
  readonly #memory: SharedMemory;
  readonly #poll: PollSet;
  readonly #doorbell: EventFd;
  readonly #doorbellSlot: number;
  readonly #news: News;
  readonly #state: AppliedState;
  readonly #ports: Ports;
  readonly #joiner: Joiner;
  readonly #announcer: Announcer;
  #table: AddressTable;
  #generation = 0;
  #statisticsAt = 0;
  #deadline = 0;

  /**
   * Opens the doorbell; no interface yet.
   *
   * @param library The worker's own handle of libpcap.
   * @param memory Shared with the main thread.
   * @param start What the main thread asked for.
   */
  constructor(
    library: NativeLibrary,
    memory: SharedMemory,
    start: WorkerStart,
  ) {
    this.#library = library;
    this.#memory = memory;
    this.#news = new News(memory);
    this.#poll = new PollSet(library, MAX_INTERFACES + 1);
    this.#doorbell = new EventFd(library);
    this.#doorbellSlot = this.#poll.add(this.#doorbell.fd);
    this.#table = memory.generations[0].table;
    this.#state = new AppliedState(memory.shape.addressCapacity);
    this.#joiner = new Joiner(library, this.#news);
    this.#ports = new Ports({
      library,
      memory,
      poll: this.#poll,
      news: this.#news,
      options: { ringBytes: start.ringBytes },
      onClose: (slot) => this.#joiner.drop(slot),
    });
    this.#announcer = new Announcer(
      this.#ports,
      this.#state,
      memory,
      start.pacing,
    );
    if (start.raiseSchedulingClass) this.#raiseSchedulingClass();
  }

  /** Runs until the main thread asks it to stop. */
  run(): void {
    const { control } = this.#memory;
    Atomics.store(control, CONTROL.doorbell, this.#doorbell.fd + 1);
    this.#news.state("running");
    while (Atomics.load(control, CONTROL.stop) === 0) this.#round();
    Atomics.store(control, CONTROL.doorbell, 0);
    this.#joiner.close();
    this.#ports.close();
    this.#doorbell.close();
  }

  /** See {@linkcode AppliedStateSink}. */
  begin(id: number, slot: number): void {
    const port = this.#ports.get(slot);
    if (port === undefined) return;
    this.#announcer.start({ id, slot });
    if (!this.#state.isIpv4(id)) {
      this.#joiner.acquire(port.link, this.#state.word(id, 3) & GROUP_BITS);
    }
  }

  /** See {@linkcode AppliedStateSink}. */
  end(id: number, slot: number): void {
    this.#announcer.stop({ id, slot });
    if (!this.#state.isIpv4(id)) {
      this.#joiner.release(slot, this.#state.word(id, 3) & GROUP_BITS);
    }
  }

  /** See {@linkcode AppliedStateSink}. */
  again(id: number, slot: number): void {
    this.#announcer.start({ id, slot });
  }

  /** See {@linkcode AppliedStateSink}. */
  renamed(id: number): void {
    this.#memory.addresses.fill(0, addressCell(id), addressCell(id + 1));
  }

  #round(): void {
    const before = monotonicNow(this.#library);
    this.#deadline = this.#nextDeadline(before);
    const ready = this.#poll.wait(this.#deadline - before);
    const now = monotonicNow(this.#library);
    this.#showLife(now);
    if (ready > 0) {
      if (this.#poll.revents(this.#doorbellSlot) !== 0) this.#doorbell.drain();
      if (this.#ports.drain(this.#table, now)) this.#reconcile();
    }
    const published = Atomics.load(this.#memory.control, CONTROL.published);
    if (published !== this.#generation) this.#apply(published, now);
    if (now >= this.#ports.deadline && this.#ports.openMissing(now)) {
      this.#reconcile();
    }
    this.#announcer.run(now);
    this.#joiner.run(now);
    if (now >= this.#statisticsAt) this.#countStatistics(now);
  }

  #nextDeadline(now: number): number {
    let deadline = now + LONGEST_WAIT;
    const announcement = this.#announcer.deadline(now);
    if (announcement < deadline) deadline = announcement;
    if (this.#joiner.deadline < deadline) deadline = this.#joiner.deadline;
    if (this.#ports.deadline < deadline) deadline = this.#ports.deadline;
    return deadline < now ? now : deadline;
  }

  #showLife(now: number): void {
    const { gauges } = this.#memory;
    gauges[GAUGE.rounds] = (gauges[GAUGE.rounds] ?? 0) + 1;
    gauges[GAUGE.heartbeat] = now;
    const late = now - this.#deadline;
    if (late > (gauges[GAUGE.lateness] ?? 0)) gauges[GAUGE.lateness] = late;
  }

  /** Puts a published generation in force. */
  #apply(published: number, now: number): void {
    const generation = this.#memory.generations[(published & 1) === 0 ? 0 : 1];
    // What is closed and opened again must end in between: groups and
    // announcements belong to the port.
    if (this.#ports.want(generation.interfaces())) this.#reconcile();
    this.#ports.openMissing(now);
    this.#table = generation.table;
    this.#generation = published;
    this.#reconcile();
    this.#news.applied(published);
  }

  #reconcile(): void {
    this.#state.reconcile(this.#table, {
      arp: this.#ports.mask("arp"),
      ndp: this.#ports.mask("ndp"),
      again: this.#ports.takeAgain(),
    }, this);
  }

  #countStatistics(now: number): void {
    this.#statisticsAt = now + STATISTICS_INTERVAL;
    this.#ports.countStatistics();
    this.#memory.gauges[GAUGE.groups] = this.#joiner.joined;
    this.#memory.gauges[GAUGE.announcements] = this.#announcer.size;
  }

  #raiseSchedulingClass(): void {
    const got = raiseSchedulingClass(this.#library);
    const index = SCHEDULING_CLASSES.indexOf(got);
    Atomics.store(this.#memory.control, CONTROL.scheduling, index);
  }
}
