import { assertEquals } from "@std/assert";
import { EVENTS } from "../mod/kube/mod.ts";
import { EmbeddedCluster } from "../tests/embedded_cluster.ts";
import { ManualClock, settle } from "../tests/manual_clock.ts";
import { service } from "../tests/controller_rig.ts";
import type { ServiceEvent } from "./converge.ts";
import { EventRecorder } from "./event_recorder.ts";

const FULL: ServiceEvent = {
  type: "Warning",
  reason: "AllocationFailed",
  message: "no address",
};
const GIVEN: ServiceEvent = {
  type: "Normal",
  reason: "IPAllocated",
  message: "Assigned IP",
};

async function messages(cluster: EmbeddedCluster): Promise<string[]> {
  await settle();
  const { items } = await cluster.client.list(EVENTS);
  return items.map(({ reason }) => reason).sort();
}

Deno.test("EventRecorder says what is new, and nothing twice", {
  permissions: "none",
}, async () => {
  using cluster = new EmbeddedCluster();
  const clock = new ManualClock();
  const recorder = new EventRecorder({
    client: cluster.client,
    clock,
    mayWrite: () => true,
    onDropped: (error) => {
      throw error;
    },
  });
  const s1 = service("s1");
  for (let time = 0; time < 3; time++) recorder.record(s1, FULL);
  assertEquals(await messages(cluster), ["AllocationFailed"]);
  recorder.record(s1, { ...FULL, message: "another reason" });
  recorder.record(s1, GIVEN);
  recorder.record(s1, FULL);
  assertEquals((await messages(cluster)).length, 4);
  await clock.advance(30 * 60_000);
  recorder.record(s1, FULL);
  assertEquals((await messages(cluster)).length, 5);
  await recorder.stop();
});

Deno.test("EventRecorder waits while something more urgent is to be written", {
  permissions: "none",
}, async () => {
  using cluster = new EmbeddedCluster();
  let mayWrite = false;
  const recorder = new EventRecorder({
    client: cluster.client,
    clock: new ManualClock(),
    mayWrite: () => mayWrite,
    onDropped: (error) => {
      throw error;
    },
  });
  recorder.record(service("s1"), FULL);
  recorder.record(service("s2"), FULL);
  assertEquals(await messages(cluster), []);
  mayWrite = true;
  recorder.pump();
  assertEquals((await messages(cluster)).length, 2);
  await recorder.stop();
});

Deno.test("EventRecorder reports an Event that it cannot record", {
  permissions: "none",
}, async () => {
  using cluster = new EmbeddedCluster();
  const code = 403;
  cluster.server.faults.refuse({ method: "POST", code, reason: "Forbidden" });
  const dropped: unknown[] = [];
  const recorder = new EventRecorder({
    client: cluster.client,
    clock: new ManualClock(),
    mayWrite: () => true,
    onDropped: (error) => dropped.push(error),
  });
  recorder.record(service("s1"), FULL);
  assertEquals(await messages(cluster), []);
  assertEquals(dropped.length, 1);
  await recorder.stop();
});
