/**
 * Entry of the packet worker. It takes one message and then never yields: no
 * further message can reach it, so everything else goes through shared memory
 * and the doorbell. It imports nothing heavy, because it is to answer before
 * the rest of the speaker has been loaded.
 *
 * @module
 */
import { openLibrary } from "../../ffi/mod.ts";
import { SharedMemory } from "../../mod/layer2/mod.ts";
import { collectGarbage } from "../../mod/memory/mod.ts";
import { packetTasks, raiseClass, runTasks } from "./loop.ts";
import { News } from "./news.ts";
import type { WorkerStart } from "./worker_start.ts";

addEventListener("message", (event) => {
  // The type of a worker's events depends on which libraries are in view.
  run((event as unknown as { readonly data: WorkerStart }).data);
  close();
}, { once: true });

function run(start: WorkerStart): void {
  const memory = new SharedMemory(start.shape, start.buffer);
  const news = new News(memory);
  try {
    const library = openLibrary({ paths: [start.libraryPath] });
    if (start.raiseSchedulingClass) raiseClass(library, memory);
    const tasks = packetTasks(library, memory, start);
    // The engine collects in idle time, and this thread has none for it.
    collectGarbage();
    news.state("running");
    runTasks(tasks, memory);
    library.close();
    news.state("stopped");
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    news.report({ kind: "workerFailed", message });
    news.state("failed");
  }
}
