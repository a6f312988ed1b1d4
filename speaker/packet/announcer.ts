import {
  ADDRESS_COUNTER,
  addressCell,
  type Announcement,
  AnnouncementSchedule,
  type AppliedState,
  framesPerAnnouncement,
  GRATUITOUS_LENGTH,
  type Pacing,
  type SharedMemory,
  UNSOLICITED_LENGTH,
} from "../../mod/layer2/mod.ts";
import type { Port } from "./port.ts";
import type { Ports } from "./ports.ts";

/** Sends the announcements that are due. */
export class Announcer {
  readonly #schedule: AnnouncementSchedule;
  readonly #ports: Ports;
  readonly #state: AppliedState;
  readonly #memory: SharedMemory;

  /**
   * Begins with nothing to announce.
   *
   * @param ports Send the frames.
   * @param state Knows the addresses.
   * @param memory Counts the frames.
   * @param pacing How fast they may leave.
   */
  constructor(
    ports: Ports,
    state: AppliedState,
    memory: SharedMemory,
    pacing: Pacing,
  ) {
    this.#ports = ports;
    this.#state = state;
    this.#memory = memory;
    this.#schedule = new AnnouncementSchedule(pacing);
  }

  /** Announcements under way. */
  get size(): number {
    return this.#schedule.size;
  }

  /** Begins to announce an address on an interface. */
  start(announcement: Announcement): void {
    const frames = framesPerAnnouncement(this.#state.isIpv4(announcement.id));
    this.#schedule.start(announcement, frames);
  }

  /** Ends the announcements of an address on an interface. */
  stop(announcement: Announcement): void {
    this.#schedule.stop(announcement);
  }

  /** When {@linkcode run} is to be called; `Infinity` when nothing waits. */
  deadline(now: number): number {
    return this.#schedule.size === 0 ? Infinity : this.#schedule.deadline(now);
  }

  /** Sends what is due. */
  run(now: number): void {
    if (this.#schedule.size === 0) return;
    for (;;) {
      const announcement = this.#schedule.take(now);
      if (announcement === undefined) return;
      const port = this.#ports.get(announcement.slot);
      if (port !== undefined) this.#send(port, announcement.id);
    }
  }

  #send(port: Port, id: number): void {
    const frames = port.announcements;
    const state = this.#state;
    if (!state.isIpv4(id)) {
      const frame = frames.advertisement(state, id);
      if (port.send(frame, UNSOLICITED_LENGTH)) this.#count(id);
      return;
    }
    if (port.send(frames.arpRequest(state, id), GRATUITOUS_LENGTH)) {
      this.#count(id);
    }
    if (port.send(frames.arpReply(state, id), GRATUITOUS_LENGTH)) {
      this.#count(id);
    }
  }

  #count(id: number): void {
    const at = addressCell(id) + ADDRESS_COUNTER.gratuitousSent;
    this.#memory.addresses[at] = (this.#memory.addresses[at] ?? 0) + 1;
  }
}
