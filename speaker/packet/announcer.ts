import {
  ADDRESS_COUNTER,
  addressCell,
  type Announcement,
  AnnouncementSchedule,
  type AppliedState,
  framesPerAnnouncement,
  type Pacing,
  type SharedMemory,
} from "../../mod/layer2/mod.ts";
import type { LoopClock, LoopTask } from "./loop_task.ts";
import type { Port } from "./port.ts";
import type { Ports } from "./ports.ts";

/** What announcing takes. */
export interface AnnouncerContext {
  /** Send the frames. */
  readonly ports: Ports;
  /** Knows the addresses. */
  readonly state: AppliedState;
  /** Counts the frames. */
  readonly memory: SharedMemory;
  /** Says when. */
  readonly clock: LoopClock;
}

/** Sends the announcements that are due. */
export class Announcer implements LoopTask {
  readonly #schedule: AnnouncementSchedule;
  readonly #context: AnnouncerContext;

  /**
   * Begins with nothing to announce.
   *
   * @param context What announcing takes.
   * @param pacing How fast frames may leave.
   */
  constructor(context: AnnouncerContext, pacing: Pacing) {
    this.#context = context;
    this.#schedule = new AnnouncementSchedule(pacing);
  }

  /** Announcements under way. */
  get size(): number {
    return this.#schedule.size;
  }

  /** Begins to announce an address on an interface. */
  start(announcement: Announcement): void {
    const isIpv4 = this.#context.state.isIpv4(announcement.id);
    this.#schedule.start(announcement, framesPerAnnouncement(isIpv4));
  }

  /** Ends the announcements of an address on an interface. */
  stop(announcement: Announcement): void {
    this.#schedule.stop(announcement);
  }

  /** Sends what is due. */
  run(): void {
    if (this.#schedule.size > 0) this.#sendDue();
  }

  /** Nothing to free. */
  close(): void {}

  #sendDue(): void {
    const { ports, clock } = this.#context;
    for (;;) {
      const announcement = this.#schedule.take(clock.now);
      if (announcement === undefined) break;
      const port = ports.get(announcement.slot);
      if (port !== undefined) this.#send(port, announcement.id);
    }
    clock.wakeBy(this.#schedule.deadline(clock.now));
  }

  #send(port: Port, id: number): void {
    const { state } = this.#context;
    const frames = port.announcements;
    if (!state.isIpv4(id)) {
      const frame = frames.advertisement(state, id);
      if (port.send(frame, frames.claim.ndpLength)) this.#count(id);
      return;
    }
    if (port.send(frames.arpRequest(state, id), frames.claim.arpLength)) {
      this.#count(id);
    }
    if (port.send(frames.arpReply(state, id), frames.claim.arpLength)) {
      this.#count(id);
    }
  }

  #count(id: number): void {
    const { addresses } = this.#context.memory;
    const at = addressCell(id) + ADDRESS_COUNTER.gratuitousSent;
    addresses[at] = (addresses[at] ?? 0) + 1;
  }
}
