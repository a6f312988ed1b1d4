import { assertEquals } from "@std/assert";
import { BroadcastQueue, MAX_USER_BROADCASTS } from "./broadcast_queue.ts";

const pure = { permissions: "none" } as const;

/** A message of so many bytes, all of them `mark`. */
function message(mark: number, length = 10): Uint8Array {
  return new Uint8Array(length).fill(mark);
}

/** The marks of what is taken for one packet. */
function take(queue: BroadcastQueue, room = 1000, members = 5): number[] {
  return queue.take(room, 2, members).map(([mark = -1]) => mark);
}

Deno.test("a message is sent as often as the limit says", pure, () => {
  const queue = new BroadcastQueue(3);
  const broadcast = { about: "a", message: message(1) };
  queue.add(broadcast);
  assertEquals([take(queue), take(queue)], [[1], [1]]);
  assertEquals(queue.holds(broadcast), true);
  assertEquals(take(queue), [1]);
  assertEquals(queue.holds(broadcast), false);
  assertEquals(take(queue), []);
  assertEquals(queue.size, 0);
});

Deno.test(
  "a newer message about the same member replaces the older",
  pure,
  () => {
    const queue = new BroadcastQueue(4);
    const older = { about: "a", message: message(1) };
    queue.add(older);
    queue.add({ about: "b", message: message(2) });
    take(queue);
    queue.add({ about: "a", message: message(3) });
    assertEquals(queue.holds(older), false);
    assertEquals(queue.size, 2);
    assertEquals(take(queue), [3, 2]);
  },
);

Deno.test(
  "those that were sent least come first, of them the longest, then the newest",
  pure,
  () => {
    const queue = new BroadcastQueue(4);
    queue.add({ about: "sent", message: message(1, 30) });
    take(queue);
    queue.add({ about: "short", message: message(2, 10) });
    queue.add({ about: "long", message: message(3, 20) });
    queue.add({ about: "newer", message: message(4, 10) });
    assertEquals(take(queue), [3, 4, 2, 1]);
  },
);

Deno.test("shorter messages fill what longer ones leave", pure, () => {
  const queue = new BroadcastQueue(4);
  queue.add({ about: "a", message: message(1, 60) });
  queue.add({ about: "b", message: message(2, 50) });
  queue.add({ about: "c", message: message(3, 8) });
  assertEquals(take(queue, 72), [1, 3]);
  assertEquals(take(queue, 71), [2, 3]);
  assertEquals(take(queue, 9), []);
});

Deno.test("user messages replace nothing, up to a limit", pure, () => {
  const queue = new BroadcastQueue(4);
  for (let mark = 0; mark <= MAX_USER_BROADCASTS; mark++) {
    queue.add({ message: message(mark) });
  }
  assertEquals(queue.size, MAX_USER_BROADCASTS);
  assertEquals(take(queue, 10_000).includes(0), false);
});

Deno.test("a packet takes no more messages than a compound holds", pure, () => {
  const queue = new BroadcastQueue(4);
  for (let mark = 0; mark < 300; mark++) {
    queue.add({ about: `${mark}`, message: message(1) });
  }
  assertEquals(take(queue, 65_000).length, 253);
});
