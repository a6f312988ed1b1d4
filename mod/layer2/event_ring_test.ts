import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { EVENT_RING_BYTES, EventRing, type PacketEvent } from "./event_ring.ts";

const options = { permissions: "none" } as const;

function opened(name: string): PacketEvent {
  return { kind: "interfaceOpened", name };
}

Deno.test("EventRing gives events back in order", options, () => {
  const buffer = new SharedArrayBuffer(EVENT_RING_BYTES + 64);
  const writer = new EventRing(buffer, 64);
  const reader = new EventRing(buffer, 64);
  for (let round = 0; round < 300; round++) {
    const events = Array.from(
      { length: round % 7 },
      (_, i) => opened(`eth${round}.${i}`),
    );
    for (const event of events) assertEquals(writer.push(event), true);
    assertEquals(reader.drain(), events);
  }
  assertEquals(reader.lost, 0);
});

Deno.test(
  "EventRing loses new events, not old ones, and counts them",
  options,
  () => {
    const ring = new EventRing(new SharedArrayBuffer(EVENT_RING_BYTES), 0);
    let taken = 0;
    while (ring.push(opened(`eth${taken}`))) taken++;
    assertEquals(ring.push(opened("late")), false);
    assertEquals(ring.lost, 2);
    const events = ring.drain();
    assertEquals([events.length, events[0]], [taken, opened("eth0")]);
    assertEquals(ring.push(opened("again")), true);
  },
);

Deno.test("EventRing cuts messages to its records", options, () => {
  const ring = new EventRing(new SharedArrayBuffer(EVENT_RING_BYTES), 0);
  fc.assert(fc.property(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("ß\0".repeat(5000), '"'.repeat(505), "x".repeat(999)),
    ),
    (message) => {
      const event = { kind: "workerFailed", message } as const;
      assertEquals(ring.push(event), true);
      assertEquals(ring.push(opened("eth0")), true);
      const [read, next] = ring.drain();
      assertEquals(read?.kind, "workerFailed");
      assertEquals(next, opened("eth0"));
    },
  ));
  const plain = { kind: "workerFailed", message: "It broke" } as const;
  ring.push(plain);
  assertEquals(ring.drain(), [plain]);
});
