import { assert, assertEquals, assertThrows } from "@std/assert";
import { runProbe, scopedPermission } from "../tests/ffi/run_probe.ts";
import { monotonicNow } from "./clock.ts";
import { EventFd } from "./event_fd.ts";
import { openLibrary } from "./library.ts";
import { POLLIN, POLLNVAL, PollSet } from "./poll_set.ts";

Deno.test("PollSet.wait() reports the slots that are ready", () => {
  using library = openLibrary();
  using first = new EventFd(library);
  using second = new EventFd(library);
  const poll = new PollSet(library, 3);
  const slots = [poll.add(first.fd), poll.add(second.fd)];
  assertEquals(slots, [0, 1]);
  second.notify();
  assertEquals(poll.wait(1000), 1);
  assertEquals(slots.map((slot) => poll.revents(slot)), [0, POLLIN]);
  first.notify();
  assertEquals(poll.wait(1000), 2);
  assertEquals(slots.map((slot) => poll.revents(slot)), [POLLIN, POLLIN]);
});

Deno.test("PollSet.wait() waits for fractions of a millisecond", () => {
  using library = openLibrary();
  const poll = new PollSet(library, 1);
  for (const timeout of [0.25, 1.5, 12.75]) {
    const start = monotonicNow(library);
    assertEquals(poll.wait(timeout), 0);
    assert(monotonicNow(library) - start >= timeout);
  }
});

Deno.test("PollSet.wait() only looks when the timeout is 0, negative or NaN", () => {
  using library = openLibrary();
  const poll = new PollSet(library, 1);
  const start = monotonicNow(library);
  for (const timeout of [0, -0, -5, NaN]) assertEquals(poll.wait(timeout), 0);
  assert(monotonicNow(library) - start < 1000);
});

Deno.test("PollSet.wait() accepts timeouts without end", () => {
  using library = openLibrary();
  using event = new EventFd(library);
  const poll = new PollSet(library, 1);
  poll.add(event.fd);
  event.notify();
  for (const timeout of [Infinity, Number.MAX_SAFE_INTEGER, 999.9999999]) {
    assertEquals(poll.wait(timeout), 1);
  }
});

Deno.test("PollSet.wait() waits on when a signal interrupts it", () => {
  const { ready, waited, signals } = runProbe(["interrupted"], {
    permissions: [scopedPermission(), "--allow-run=sh"],
  });
  assertEquals([ready, signals], [0, 1]);
  assert(typeof waited === "number" && waited >= 250, `${waited} ms`);
});

Deno.test("PollSet.remove() frees a slot for the next add()", () => {
  using library = openLibrary();
  using event = new EventFd(library);
  const poll = new PollSet(library, 3);
  event.notify();
  const slots = [event.fd, event.fd, event.fd].map((fd) => poll.add(fd));
  assertEquals([slots, poll.size, poll.wait(0)], [[0, 1, 2], 3, 3]);
  poll.remove(1);
  assertEquals([poll.size, poll.wait(0), poll.revents(1)], [3, 2, 0]);
  assertEquals(poll.add(event.fd), 1);
  poll.remove(1);
  poll.remove(2);
  poll.remove(2);
  poll.remove(99);
  poll.remove(-1);
  assertEquals([poll.size, poll.wait(0)], [1, 1]);
  poll.remove(0);
  assertEquals([poll.size, poll.wait(0)], [0, 0]);
});

Deno.test("PollSet.add() refuses more descriptors than slots, and closed ones", () => {
  using library = openLibrary();
  using event = new EventFd(library);
  const poll = new PollSet(library, 1);
  poll.add(event.fd);
  assertThrows(() => poll.add(event.fd), RangeError, "all 1 slots are used");
  assertThrows(() => poll.add(-1), RangeError, "not open");
});

Deno.test("PollSet.revents() tells a descriptor closed behind its back", () => {
  using library = openLibrary();
  const event = new EventFd(library);
  const poll = new PollSet(library, 1);
  const slot = poll.add(event.fd);
  event.close();
  assertEquals([poll.wait(1000), poll.revents(slot)], [1, POLLNVAL]);
});

Deno.test("PollSet holds as many descriptors as it was made for", () => {
  using library = openLibrary();
  using event = new EventFd(library);
  event.notify();
  const poll = new PollSet(library, 100);
  for (let i = 0; i < 100; i++) assertEquals(poll.add(event.fd), i);
  assertEquals([poll.wait(0), poll.revents(99)], [100, POLLIN]);
});
