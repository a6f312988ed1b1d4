import {
  type NativeLibrary,
  PollSet,
  raiseSchedulingClass,
} from "../../ffi/mod.ts";
import {
  AppliedState,
  Arbitration,
  CONTROL,
  GroupDirectory,
  MAX_INTERFACES,
  type SharedMemory,
} from "../../mod/layer2/mod.ts";
import { Announcer } from "./announcer.ts";
import { Applier } from "./applier.ts";
import { Heartbeats } from "./heartbeats.ts";
import { Joiner } from "./joiner.ts";
import { LoopClock, type LoopTask } from "./loop_task.ts";
import { News } from "./news.ts";
import { Ports } from "./ports.ts";
import { Statistician } from "./statistician.ts";
import { Waiter } from "./waiter.ts";
import { SCHEDULING_CLASSES, type WorkerStart } from "./worker_start.ts";

/** A capture handle, and sockets for heartbeats over IPv6 and IPv4. */
const POLLED_PER_INTERFACE = 3;

/**
 * The tasks of a round, in order: wait; answer frames; receive heartbeats; follow
 * what was published; announce; join groups; count.
 *
 * @param library The worker's own handle of libpcap.
 * @param memory Shared with the main thread.
 * @param start What the main thread asked for.
 */
export function packetTasks(
  library: NativeLibrary,
  memory: SharedMemory,
  start: WorkerStart,
): readonly LoopTask[] {
  const clock = new LoopClock();
  const poll = new PollSet(library, MAX_INTERFACES * POLLED_PER_INTERFACE + 1);
  const news = new News(memory);
  const state = new AppliedState(memory.shape.addressCapacity);
  const joiner = new Joiner(library, news, clock);
  const arbitration = new Arbitration();
  const groups = new GroupDirectory();
  const heartbeats = new Heartbeats({
    library,
    memory,
    poll,
    clock,
    news,
    onBeat: () => {},
  });
  const ports = new Ports({
    library,
    memory,
    poll,
    clock,
    news,
    options: { ringBytes: start.ringBytes },
    arbitration,
    onSighting: () => {},
    onClose: (slot) => joiner.drop(slot),
  });
  const announcer = new Announcer(
    { ports, state, memory, clock },
    start.pacing,
  );
  return [
    new Waiter(library, memory, poll, clock, start.doorbell),
    ports,
    heartbeats,
    new Applier({
      memory,
      state,
      ports,
      announcer,
      joiner,
      news,
      arbitration,
      groups,
      heartbeats,
    }),
    announcer,
    joiner,
    new Statistician(memory, clock, { ports, joiner, announcer }),
  ];
}

/** Runs tasks round after round until the main thread asks to stop. */
export function runTasks(
  tasks: readonly LoopTask[],
  memory: SharedMemory,
): void {
  const { control } = memory;
  while (Atomics.load(control, CONTROL.stop) === 0) {
    for (let i = 0; i < tasks.length; i++) tasks[i]?.run();
  }
  for (const task of tasks.toReversed()) task.close();
}

/** Raises the thread's scheduling class as far as it may, and tells which it got. */
export function raiseClass(library: NativeLibrary, memory: SharedMemory): void {
  const index = SCHEDULING_CLASSES.indexOf(raiseSchedulingClass(library));
  Atomics.store(memory.control, CONTROL.scheduling, index);
}
