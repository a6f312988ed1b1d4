/**
 * The packet loop without its thread: a test runs it round by round, at times
 * of its choice.
 *
 * @module
 */
import type { NativeLibrary, PollSet } from "../../ffi/mod.ts";
import { DEFAULT_CLAIM_SETTINGS } from "../../mod/claims/mod.ts";
import {
  DEFAULT_PACING,
  type DesiredState,
  DesiredStatePublisher,
  SharedMemory,
} from "../../mod/layer2/mod.ts";
import type { Announcer } from "../../speaker/packet/announcer.ts";
import type { Heartbeats } from "../../speaker/packet/heartbeats.ts";
import type { Joiner } from "../../speaker/packet/joiner.ts";
import { LoopClock, type LoopTask } from "../../speaker/packet/loop_task.ts";
import {
  assembleParts,
  type PartsListeners,
} from "../../speaker/packet/parts.ts";
import type { Ports } from "../../speaker/packet/ports.ts";

/** How the loop of a test behaves. */
const OPTIONS = {
  ringBytes: 128 * 1024,
  pacing: DEFAULT_PACING,
  claims: DEFAULT_CLAIM_SETTINGS,
} as const;

/** See the module. */
export class Rounds implements Disposable {
  /** Shared with nobody. */
  readonly memory = new SharedMemory({ addressCapacity: 16 });
  /** The main thread's end. */
  readonly publisher = new DesiredStatePublisher(this.memory);
  /** The interfaces. */
  readonly ports: Ports;
  /** The groups. */
  readonly joiner: Joiner;
  /** The announcements. */
  readonly announcer: Announcer;
  /** The heartbeats. */
  readonly heartbeats: Heartbeats;
  readonly #poll: PollSet;
  readonly #clock = new LoopClock();
  readonly #tasks: readonly LoopTask[];

  /**
   * Begins with nothing published.
   *
   * @param listeners Told what is seen and received; left out, nobody is.
   */
  constructor(library: NativeLibrary, listeners: PartsListeners = {}) {
    const context = { library, memory: this.memory, clock: this.#clock };
    const parts = assembleParts(context, OPTIONS, listeners);
    this.heartbeats = parts.heartbeats;
    this.ports = parts.ports;
    this.joiner = parts.joiner;
    this.announcer = parts.announcer;
    this.#poll = parts.poll;
    this.#tasks = parts.tasks;
  }

  /** Runs one round at a time, in ms, and returns what the loop told. */
  run(now: number): string[] {
    this.#poll.wait(0);
    this.#clock.begin(now);
    for (const task of this.#tasks) task.run();
    return this.memory.events.drain().map((event) =>
      "name" in event ? `${event.kind} ${event.name}` : event.kind
    );
  }

  /** Publishes, and runs one round. */
  publish(desired: DesiredState, now: number): string[] {
    this.publisher.publish(desired);
    return this.run(now);
  }

  /** Closes everything that is open. */
  [Symbol.dispose](): void {
    for (const task of this.#tasks.toReversed()) task.close();
  }
}
