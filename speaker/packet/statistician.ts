import { GAUGE, type SharedMemory } from "../../mod/layer2/mod.ts";
import type { Announcer } from "./announcer.ts";
import type { Joiner } from "./joiner.ts";
import type { LoopClock, LoopTask } from "./loop_task.ts";
import type { Ports } from "./ports.ts";

/** Milliseconds between two copies. */
const INTERVAL = 1000;

/** Copies into shared memory, once a second, what is not counted there itself. */
export class Statistician implements LoopTask {
  readonly #memory: SharedMemory;
  readonly #clock: LoopClock;
  readonly #ports: Ports;
  readonly #joiner: Joiner;
  readonly #announcer: Announcer;
  #dueAt = 0;

  /**
   * Counts for the first time in the first round.
   *
   * @param memory Is copied into.
   * @param clock Says when.
   * @param counted What is counted.
   */
  constructor(
    memory: SharedMemory,
    clock: LoopClock,
    counted: { ports: Ports; joiner: Joiner; announcer: Announcer },
  ) {
    this.#memory = memory;
    this.#clock = clock;
    this.#ports = counted.ports;
    this.#joiner = counted.joiner;
    this.#announcer = counted.announcer;
  }

  /** Copies, when a second has passed. */
  run(): void {
    if (this.#clock.now < this.#dueAt) return;
    this.#dueAt = this.#clock.now + INTERVAL;
    this.#ports.countStatistics();
    this.#memory.gauges[GAUGE.groups] = this.#joiner.joined;
    this.#memory.gauges[GAUGE.announcements] = this.#announcer.size;
  }

  /** Nothing to free. */
  close(): void {}
}
