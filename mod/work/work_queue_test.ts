import { assertEquals } from "@std/assert";
import { ManualClock, settle } from "../../tests/manual_clock.ts";
import { WorkQueue } from "./work_queue.ts";

/** A queue whose works end when the test says so. */
class Bench {
  readonly clock = new ManualClock();
  readonly started: string[] = [];
  readonly failures: number[] = [];
  idle = 0;
  readonly #open = new Map<string, PromiseWithResolvers<void>>();
  readonly queue = new WorkQueue({
    work: (key, signal) => {
      this.started.push(key);
      const work = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => work.resolve());
      this.#open.set(key, work);
      return work.promise;
    },
    concurrency: 2,
    clock: this.clock,
    random: () => 1,
    baseDelay: 100,
    maxDelay: 300,
    onFailure: (_key, _error, delay) => this.failures.push(delay),
    onIdle: () => this.idle++,
  });

  async end(key: string): Promise<void> {
    this.#open.get(key)?.resolve();
    await settle();
  }

  async fail(key: string): Promise<void> {
    this.#open.get(key)?.reject(new Error("refused"));
    await settle();
  }
}

function scenario(name: string, play: (bench: Bench) => Promise<void>): void {
  Deno.test(`WorkQueue ${name}`, { permissions: "none" }, async () => {
    await play(new Bench());
  });
}

scenario("works in order on so many keys at once", async (bench) => {
  for (const key of ["a", "b", "c", "c"]) bench.queue.add(key);
  await settle();
  assertEquals(bench.started, ["a", "b"]);
  assertEquals(bench.queue.depth, 3);
  await bench.end("b");
  assertEquals(bench.started, ["a", "b", "c"]);
  await bench.end("a");
  await bench.end("c");
  assertEquals(bench.queue.isIdle, true);
  assertEquals(bench.idle, 1);
});

scenario("does a key again that comes while it is in work", async (bench) => {
  bench.queue.add("a");
  await settle();
  bench.queue.add("a");
  bench.queue.add("a");
  assertEquals(bench.queue.willRepeat("a"), true);
  await settle();
  assertEquals(bench.started, ["a"]);
  await bench.end("a");
  assertEquals(bench.started, ["a", "a"]);
  await bench.end("a");
  assertEquals(bench.started, ["a", "a"]);
});

scenario("waits longer after each failure, up to a limit", async (bench) => {
  bench.queue.add("a");
  await settle();
  for (let failure = 0; failure < 4; failure++) {
    await bench.fail("a");
    await bench.clock.advance(300);
  }
  assertEquals(bench.failures, [100, 200, 300, 300]);
  await bench.end("a");
  bench.queue.add("a");
  await settle();
  await bench.fail("a");
  assertEquals(bench.failures.at(-1), 100);
  await bench.queue.stop(0);
});

scenario("lets work end at a stop, then aborts it", async (bench) => {
  for (const key of ["a", "b", "c"]) bench.queue.add(key);
  await settle();
  let stopped = false;
  const stopping = bench.queue.stop(1000).then(() => {
    stopped = true;
  });
  await bench.end("a");
  bench.queue.add("d");
  await bench.clock.advance(999);
  assertEquals([stopped, bench.started], [false, ["a", "b"]]);
  await bench.clock.advance(1);
  await stopping;
  assertEquals(bench.started, ["a", "b"]);
});
