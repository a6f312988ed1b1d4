import {
  LinkMonitor,
  type NativeLibrary,
  type PollSet,
} from "../../ffi/mod.ts";
import type { LoopTask } from "./loop_task.ts";
import type { News } from "./news.ts";

/**
 * Waits for the kernel's notices of changed interfaces along with everything
 * else, so that the main thread need not look for them.
 */
export class LinkWatch implements LoopTask {
  readonly #monitor: LinkMonitor;
  readonly #poll: PollSet;
  readonly #news: News;
  readonly #pollSlot: number;

  /**
   * Subscribes.
   *
   * @param library Opens the subscription.
   * @param poll Waits for notices.
   * @param news Is told that there were some.
   * @throws {NativeError} When the kernel refuses.
   */
  constructor(library: NativeLibrary, poll: PollSet, news: News) {
    this.#monitor = new LinkMonitor(library);
    this.#poll = poll;
    this.#news = news;
    this.#pollSlot = poll.add(this.#monitor.fd);
  }

  /** Takes the notices that the last wait found. */
  run(): void {
    if (this.#poll.revents(this.#pollSlot) === 0) return;
    if (this.#monitor.drain()) this.#news.linksChanged();
  }

  /** Ends the subscription. */
  close(): void {
    this.#poll.remove(this.#pollSlot);
    this.#monitor.close();
  }
}
