import { assertEquals, assertThrows } from "@std/assert";
import { drainEventFd, EventFd, notifyEventFd } from "./event_fd.ts";
import { openLibrary } from "./library.ts";
import { NativeError } from "./native_error.ts";
import { PollSet } from "./poll_set.ts";

Deno.test("EventFd.drain() counts the rings and takes them back", () => {
  using library = openLibrary();
  using event = new EventFd(library);
  assertEquals(event.drain(), 0);
  event.notify();
  notifyEventFd(library, event.fd);
  assertEquals(event.drain(), 2);
  assertEquals(event.drain(), 0);
});

Deno.test("drainEventFd() takes the rings of an EventFd by its number", () => {
  using library = openLibrary();
  using event = new EventFd(library);
  event.notify();
  event.notify();
  assertEquals(drainEventFd(library, event.fd), 2);
  assertEquals([drainEventFd(library, event.fd), event.drain()], [0, 0]);
});

Deno.test("notifyEventFd() wakes a thread that waits in a PollSet", async () => {
  using library = openLibrary();
  using event = new EventFd(library);
  const worker = new Worker(
    new URL("../tests/ffi/waiting_worker.ts", import.meta.url),
    { type: "module" },
  );
  const { promise, resolve } = Promise.withResolvers<unknown>();
  worker.onmessage = ({ data }) => {
    if (data !== "waiting") return resolve(data);
    notifyEventFd(library, event.fd);
  };
  worker.postMessage(event.fd);
  assertEquals(await promise, { ready: 1, rang: true });
  worker.terminate();
});

Deno.test("EventFd refuses to be used when closed", () => {
  using library = openLibrary();
  const event = new EventFd(library);
  const { fd } = event;
  event.close();
  event.close();
  assertEquals(event.fd, -1);
  for (const use of [() => event.notify(), () => event.drain()]) {
    assertEquals(assertThrows(use, NativeError).reason, "closed");
  }
  const failure = assertThrows(() => notifyEventFd(library, fd), NativeError);
  assertEquals(failure.code, "EBADF");
});

Deno.test("EventFd is readable in a PollSet until drained", () => {
  using library = openLibrary();
  using event = new EventFd(library);
  const poll = new PollSet(library, 1);
  poll.add(event.fd);
  assertEquals(poll.wait(0), 0);
  event.notify();
  assertEquals([poll.wait(0), poll.wait(0)], [1, 1]);
  event.drain();
  assertEquals(poll.wait(0), 0);
});
