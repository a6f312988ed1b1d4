import { assertEquals } from "@std/assert";
import { CONFIGURATION_STATES } from "../config/mod.ts";
import { NAMESPACES, type OwnerReference } from "../kube/mod.ts";
import { NAMESPACE } from "../../tests/controller_rig.ts";
import { EmbeddedCluster } from "../../tests/embedded_cluster.ts";
import { ManualClock } from "../../tests/manual_clock.ts";
import { ConfigStateWriter } from "./config_state.ts";

const KEY = { name: "controller", namespace: NAMESPACE };
const VALID = { isValid: true, problems: [] };
const INVALID = {
  isValid: false,
  problems: ["IPAddressPool/q is bad", "IPAddressPool/r is bad"],
};

const POD: OwnerReference = {
  apiVersion: "v1",
  kind: "Pod",
  name: "pod-1",
  uid: "1",
};

/** A writer in a cluster that has the kind. */
class Bench implements AsyncDisposable {
  owner: OwnerReference | undefined;
  readonly cluster = new EmbeddedCluster();
  readonly clock = new ManualClock();
  readonly failures: unknown[] = [];
  mayWrite = true;
  readonly writer = new ConfigStateWriter({
    client: this.cluster.client,
    clock: this.clock,
    namespace: NAMESPACE,
    name: KEY.name,
    labels: { "metallb.io/component-type": "controller" },
    condition: "poolReconcilerValid",
    owner: () => Promise.resolve(this.owner),
    mayWrite: () => this.mayWrite,
    onFailure: (error) => this.failures.push(error),
  });

  get writes(): number {
    return this.cluster.requests.filter((one) => /^(PATCH|POST)/.test(one))
      .length - 1;
  }

  async stored(): Promise<unknown> {
    return (await this.cluster.client.get(CONFIGURATION_STATES, KEY)).status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.writer.stop();
    this.cluster[Symbol.dispose]();
  }
}

function scenario(name: string, play: (bench: Bench) => Promise<void>): void {
  Deno.test(`ConfigStateWriter ${name}`, { permissions: "none" }, async () => {
    await using bench = new Bench();
    const metadata = { name: NAMESPACE };
    await bench.cluster.client.create(NAMESPACES, { metadata });
    await play(bench);
  });
}

scenario(
  "says whether the configuration is in force, and why not",
  async (bench) => {
    bench.writer.changed(VALID);
    await bench.clock.advance(500);
    const type = "poolReconcilerValid";
    assertEquals(await bench.stored(), {
      result: "Valid",
      errorSummary: "",
      conditions: [{
        type,
        status: "True",
        reason: "Reconciled",
        message: "",
        lastTransitionTime: "2000-01-01T00:00:00Z",
      }],
    });
    bench.writer.changed(INVALID);
    await bench.clock.advance(500);
    const message = "IPAddressPool/q is bad\nIPAddressPool/r is bad";
    assertEquals(await bench.stored(), {
      result: "Invalid",
      errorSummary: message,
      conditions: [{
        type,
        status: "False",
        reason: "ConfigurationError",
        message,
        lastTransitionTime: "2000-01-01T00:00:01Z",
      }],
    });
    const { metadata } = await bench.cluster.client.get(
      CONFIGURATION_STATES,
      KEY,
    );
    const label = metadata.labels?.["metallb.io/component-type"];
    assertEquals(label, "controller");
    assertEquals(bench.failures, []);
  },
);

scenario(
  "writes nothing that stands there, and what was deleted",
  async (bench) => {
    bench.writer.changed(VALID);
    await bench.clock.advance(500);
    assertEquals(bench.writes, 2);
    bench.writer.changed(VALID);
    bench.writer.check();
    await bench.clock.advance(500);
    assertEquals(bench.writes, 2);
    await bench.cluster.client.delete(CONFIGURATION_STATES, KEY);
    bench.writer.check();
    await bench.clock.advance(500);
    assertEquals(bench.writes, 4);
  },
);

scenario("waits while something more urgent is written", async (bench) => {
  bench.mayWrite = false;
  bench.writer.changed(VALID);
  await bench.clock.advance(5000);
  assertEquals(bench.writes, 0);
  bench.mayWrite = true;
  await bench.clock.advance(250);
  assertEquals(bench.writes, 2);
});

scenario("goes away with its Pod, and moves to the next", async (bench) => {
  const owners = async () => {
    const { metadata } = await bench.cluster.client.get(
      CONFIGURATION_STATES,
      KEY,
    );
    return metadata.ownerReferences?.map(({ name }) => name);
  };
  bench.owner = POD;
  bench.writer.changed(VALID);
  await bench.clock.advance(500);
  assertEquals([await owners(), bench.writes], [["pod-1"], 2]);
  bench.owner = { ...POD, name: "pod-2", uid: "2" };
  bench.writer.check();
  await bench.clock.advance(500);
  assertEquals([await owners(), bench.writes], [["pod-2"], 3]);
  // Who does not know its Pod leaves the object with another's.
  bench.owner = undefined;
  bench.writer.check();
  await bench.clock.advance(500);
  assertEquals([await owners(), bench.writes], [["pod-2"], 3]);
});
