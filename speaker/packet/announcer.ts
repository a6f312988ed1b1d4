import {
  type Announcement,
  AnnouncementSchedule,
  type AppliedState,
  framesPerAnnouncement,
  type Pacing,
} from "../../mod/layer2/mod.ts";
import type { AddressFrames } from "./address_frames.ts";
import type { LoopClock, LoopTask } from "./loop_task.ts";
import type { Ports } from "./ports.ts";

/** What announcing takes. */
export interface AnnouncerContext {
  /** Send the frames. */
  readonly ports: Ports;
  /** Knows the addresses. */
  readonly state: AppliedState;
  /** Makes the frames and sends them. */
  readonly frames: AddressFrames;
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
    const { ports, clock, frames } = this.#context;
    for (;;) {
      const announcement = this.#schedule.take(clock.now);
      if (announcement === undefined) break;
      const port = ports.get(announcement.slot);
      if (port !== undefined) frames.announce(port, announcement.id);
    }
    clock.wakeBy(this.#schedule.deadline(clock.now));
  }
}
