import { assertEquals } from "@std/assert";
import { IP_ADDRESS_POOLS } from "../mod/config/mod.ts";
import type { PoolCounters } from "../mod/ipam/mod.ts";
import { NAMESPACES } from "../mod/kube/mod.ts";
import { NAMESPACE, pool } from "../tests/controller_rig.ts";
import { EmbeddedCluster } from "../tests/embedded_cluster.ts";
import { ManualClock } from "../tests/manual_clock.ts";
import { PoolStatusWriter } from "./pool_status.ts";

function counters(assignedIPv4: bigint): PoolCounters {
  return {
    assignedIPv4,
    availableIPv4: 256n - assignedIPv4,
    assignedIPv6: 0n,
    availableIPv6: 2n ** 63n - 1n,
  };
}

/** A writer for one pool, in a cluster that has it. */
class Bench implements AsyncDisposable {
  readonly cluster = new EmbeddedCluster();
  readonly clock = new ManualClock();
  readonly failures: string[] = [];
  assigned = 0n;
  mayWrite = true;
  #stored = pool("a", "192.0.2.0/24");
  readonly writer = new PoolStatusWriter({
    client: this.cluster.client,
    clock: this.clock,
    pools: () => [this.#stored],
    counters: () => new Map([["a", counters(this.assigned)]]),
    mayWrite: () => this.mayWrite,
    onFailure: (name) => this.failures.push(name),
  });

  async create(): Promise<void> {
    const { client } = this.cluster;
    await client.create(NAMESPACES, { metadata: { name: NAMESPACE } });
    this.#stored = await client.create(IP_ADDRESS_POOLS, this.#stored);
  }

  /** What the cache would show by now. */
  async refresh(): Promise<unknown> {
    const key = { name: "a", namespace: NAMESPACE };
    this.#stored = await this.cluster.client.get(IP_ADDRESS_POOLS, key);
    return this.#stored.status;
  }

  get writes(): number {
    return this.cluster.requests.filter((one) => one.startsWith("PATCH"))
      .length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.writer.stop();
    this.cluster[Symbol.dispose]();
  }
}

function scenario(name: string, play: (bench: Bench) => Promise<void>): void {
  Deno.test(`PoolStatusWriter ${name}`, { permissions: "none" }, async () => {
    await using bench = new Bench();
    await bench.create();
    await play(bench);
  });
}

scenario("makes one write of a storm", async (bench) => {
  for (bench.assigned = 0n; bench.assigned < 100n; bench.assigned++) {
    bench.writer.changed();
  }
  await bench.clock.advance(999);
  assertEquals(bench.writes, 0);
  await bench.clock.advance(1);
  assertEquals(bench.writes, 1);
  assertEquals(await bench.refresh(), {
    assignedIPv4: 100,
    availableIPv4: 156,
    assignedIPv6: 0,
    // The largest number below 2⁶³ that JSON can say exactly enough.
    availableIPv6: 2 ** 63 - 1024,
  });
});

scenario("writes nothing that stands there already", async (bench) => {
  bench.writer.changed();
  await bench.clock.advance(1000);
  bench.writer.changed();
  await bench.clock.advance(1000);
  assertEquals(bench.writes, 1, "while the cache is behind");
  await bench.refresh();
  bench.writer.changed();
  await bench.clock.advance(1000);
  assertEquals(bench.writes, 1, "when the cache has caught up");
});

scenario("waits while something more urgent is written", async (bench) => {
  bench.mayWrite = false;
  bench.writer.changed();
  await bench.clock.advance(5000);
  assertEquals(bench.writes, 0);
  bench.mayWrite = true;
  await bench.clock.advance(1000);
  assertEquals(bench.writes, 1);
});

scenario("tries a refused write again", async (bench) => {
  bench.cluster.server.faults.refuse({
    method: "PATCH",
    path: "/ipaddresspools/",
    code: 500,
    reason: "InternalError",
  });
  bench.writer.changed();
  await bench.clock.advance(1000);
  assertEquals(bench.failures, ["a"]);
  await bench.clock.advance(1000);
  assertEquals([bench.writes, bench.failures.length], [2, 1]);
});
