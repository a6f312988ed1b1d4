import {
  bootTimeNow,
  drainEventFd,
  type NativeLibrary,
  type PollSet,
} from "../../ffi/mod.ts";
import { GAUGE, type SharedMemory } from "../../mod/layer2/mod.ts";
import type { LoopClock, LoopTask } from "./loop_task.ts";

/** First task of a round: blocks until there is something to do. */
export class Waiter implements LoopTask {
  readonly #library: NativeLibrary;
  readonly #memory: SharedMemory;
  readonly #poll: PollSet;
  readonly #clock: LoopClock;
  readonly #doorbell: number;
  readonly #doorbellSlot: number;

  /**
   * Begins the first round.
   *
   * @param library Waits.
   * @param memory Shows that the loop lives.
   * @param poll What to wait for besides the doorbell.
   * @param clock Is set by every wait.
   * @param doorbell Number of the eventfd that ends a wait.
   */
  constructor(
    library: NativeLibrary,
    memory: SharedMemory,
    poll: PollSet,
    clock: LoopClock,
    doorbell: number,
  ) {
    this.#library = library;
    this.#memory = memory;
    this.#poll = poll;
    this.#clock = clock;
    this.#doorbell = doorbell;
    this.#doorbellSlot = poll.add(doorbell);
    clock.begin(bootTimeNow(library));
  }

  /** Waits, sets the clock and shows life. */
  run(): void {
    const { gauges } = this.#memory;
    const deadline = this.#clock.deadline;
    const before = bootTimeNow(this.#library);
    // A whole number is not boxed on its way into the call.
    const timeout = deadline > before ? Math.ceil(deadline - before) | 0 : 0;
    const ready = this.#poll.wait(timeout);
    const now = bootTimeNow(this.#library);
    this.#clock.begin(now);
    gauges[GAUGE.rounds] = (gauges[GAUGE.rounds] ?? 0) + 1;
    gauges[GAUGE.heartbeat] = now;
    const late = now - deadline;
    if (late > (gauges[GAUGE.lateness] ?? 0)) gauges[GAUGE.lateness] = late;
    if (ready > 0 && this.#poll.revents(this.#doorbellSlot) !== 0) {
      drainEventFd(this.#library, this.#doorbell);
    }
  }

  /** Nothing to free: the main thread may be ringing the doorbell. */
  close(): void {}
}
