import { assertEquals } from "@std/assert";
import { EVENTS } from "../kube/mod.ts";
import { EmbeddedCluster } from "../../tests/embedded_cluster.ts";
import { ManualClock, settle } from "../../tests/manual_clock.ts";
import { service } from "../../tests/controller_rig.ts";
import {
  EventRecorder,
  type EventRecorderOptions,
  type ServiceReport,
} from "./event_recorder.ts";

const FULL: ServiceReport = {
  type: "Warning",
  reason: "AllocationFailed",
  message: "no address",
};
const GIVEN: ServiceReport = {
  type: "Normal",
  reason: "IPAllocated",
  message: "Assigned IP",
};

function recorderOf(
  cluster: EmbeddedCluster,
  more: Partial<EventRecorderOptions> = {},
): EventRecorder {
  return new EventRecorder({
    client: cluster.client,
    clock: new ManualClock(),
    component: "metallb-test",
    success: "IPAllocated",
    mayWrite: () => true,
    onDropped: (error) => {
      throw error;
    },
    ...more,
  });
}

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
  const recorder = recorderOf(cluster, { clock });
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
  const recorder = recorderOf(cluster, { mayWrite: () => mayWrite });
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
  const recorder = recorderOf(cluster, {
    onDropped: (error) => dropped.push(error),
  });
  recorder.record(service("s1"), FULL);
  assertEquals(await messages(cluster), []);
  assertEquals(dropped.length, 1);
  await recorder.stop();
});

Deno.test("EventRecorder sends an Event when it is its turn", {
  permissions: "none",
}, async () => {
  using cluster = new EmbeddedCluster();
  const turn = Promise.withResolvers<void>();
  const recorder = recorderOf(cluster, { turn: () => turn.promise });
  recorder.record(service("s1"), FULL);
  assertEquals(await messages(cluster), []);
  turn.resolve();
  assertEquals(await messages(cluster), ["AllocationFailed"]);
  const { items: [event] } = await cluster.client.list(EVENTS);
  assertEquals(event?.source, { component: "metallb-test" });
  await recorder.stop();
});
