import { type NativeLibrary, raiseSchedulingClass } from "../../ffi/mod.ts";
import { CONTROL, type SharedMemory } from "../../mod/layer2/mod.ts";
import { LinkWatch } from "./link_watch.ts";
import { LoopClock, type LoopTask } from "./loop_task.ts";
import { News } from "./news.ts";
import { assembleParts } from "./parts.ts";
import { Statistician } from "./statistician.ts";
import { Waiter } from "./waiter.ts";
import { SCHEDULING_CLASSES, type WorkerStart } from "./worker_start.ts";

/**
 * The tasks of a round, in order: wait; answer frames; receive heartbeats; follow
 * what was published; decide who owns what; announce; join groups; look at
 * interfaces; count.
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
  const parts = assembleParts({ library, memory, clock }, start);
  return [
    new Waiter(library, memory, parts.poll, clock, start.doorbell),
    ...parts.tasks,
    new LinkWatch(library, parts.poll, new News(memory)),
    new Statistician(memory, clock, parts),
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
