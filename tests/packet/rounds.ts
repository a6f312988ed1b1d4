/**
 * The packet loop without its thread: a test runs it round by round, at times
 * of its choice.
 *
 * @module
 */
import { type NativeLibrary, PollSet } from "../../ffi/mod.ts";
import {
  AppliedState,
  Arbitration,
  DEFAULT_PACING,
  type DesiredState,
  DesiredStatePublisher,
  GroupDirectory,
  MAX_INTERFACES,
  SharedMemory,
} from "../../mod/layer2/mod.ts";
import { Announcer } from "../../speaker/packet/announcer.ts";
import { Applier } from "../../speaker/packet/applier.ts";
import {
  type BeatListener,
  Heartbeats,
} from "../../speaker/packet/heartbeats.ts";
import { Joiner } from "../../speaker/packet/joiner.ts";
import { LoopClock, type LoopTask } from "../../speaker/packet/loop_task.ts";
import { News } from "../../speaker/packet/news.ts";
import type { SightingListener } from "../../speaker/packet/port.ts";
import { Ports } from "../../speaker/packet/ports.ts";

/** Who is told what the loop sees and receives. */
export interface RoundsListeners {
  /** See `Ports`. */
  readonly onSighting?: SightingListener;
  /** See `Heartbeats`. */
  readonly onBeat?: BeatListener;
}

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
  constructor(library: NativeLibrary, listeners: RoundsListeners = {}) {
    const { memory } = this;
    const poll = new PollSet(library, 3 * MAX_INTERFACES);
    const clock = this.#clock;
    const news = new News(memory);
    const joiner = new Joiner(library, news, clock);
    const arbitration = new Arbitration();
    const heartbeats = new Heartbeats({
      library,
      memory,
      poll,
      clock,
      news,
      onBeat: listeners.onBeat ?? (() => {}),
    });
    const ports = new Ports({
      library,
      memory,
      poll,
      clock,
      news,
      options: { ringBytes: 128 * 1024 },
      arbitration,
      onSighting: listeners.onSighting ?? (() => {}),
      onClose: (slot) => joiner.drop(slot),
    });
    const state = new AppliedState(memory.shape.addressCapacity);
    const announcer = new Announcer(
      { ports, state, memory, clock },
      DEFAULT_PACING,
    );
    const applier = new Applier({
      memory,
      state,
      ports,
      announcer,
      joiner,
      news,
      arbitration,
      groups: new GroupDirectory(),
      heartbeats,
    });
    this.heartbeats = heartbeats;
    this.ports = ports;
    this.joiner = joiner;
    this.announcer = announcer;
    this.#poll = poll;
    this.#tasks = [ports, heartbeats, applier, announcer, joiner];
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
