/**
 * Worker of the EventFd test: waits for the descriptor whose number it is
 * sent, and says so before and after.
 *
 * @module
 */
import { openLibrary, POLLIN, PollSet } from "../../ffi/mod.ts";

declare const self: {
  onmessage: (event: MessageEvent<number>) => void;
  postMessage(message: unknown): void;
};

self.onmessage = ({ data: fd }) => {
  using library = openLibrary();
  const poll = new PollSet(library, 1);
  const slot = poll.add(fd);
  self.postMessage("waiting");
  const ready = poll.wait(10_000);
  self.postMessage({ ready, rang: (poll.revents(slot) & POLLIN) !== 0 });
};
