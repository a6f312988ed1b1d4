/**
 * The only code that calls C: libpcap, and through the same library handle the
 * few libc calls that Deno has no API for.
 *
 * Everything runs under `--allow-ffi=<path of libpcap>`: no pointer tools, no
 * callbacks, no nonblocking calls. A library and all that was opened on it
 * belong to one thread; descriptors' numbers may be shared between threads.
 *
 * @module
 */
export {
  CaptureHandle,
  type CaptureOptions,
  type CaptureStatistics,
  GONE,
} from "./capture.ts";
export { bootTimeNow, monotonicNow } from "./clock.ts";
export {
  DatagramSocket,
  type DatagramSocketOptions,
  LINK_HOP_LIMIT,
  NONE_WAITING,
  RECEIVE_FAILED,
} from "./datagram_socket.ts";
export { drainEventFd, EventFd, notifyEventFd } from "./event_fd.ts";
export { GroupSocket, type JoinResult } from "./group_socket.ts";
export {
  LIBRARY_PATHS,
  NativeLibrary,
  openLibrary,
  type OpenLibraryOptions,
} from "./library.ts";
export { trimMemory } from "./memory.ts";
export {
  NativeError,
  type NativeErrorInit,
  type NativeReason,
} from "./native_error.ts";
export {
  dumpAddresses,
  dumpLinks,
  dumpNeighbours,
  interfaceIndex,
  LinkMonitor,
} from "./netlink.ts";
export { POLLERR, POLLHUP, POLLIN, POLLNVAL, PollSet } from "./poll_set.ts";
export { requireRawFrames } from "./raw_frames.ts";
export {
  pinToCpu,
  raiseSchedulingClass,
  type SchedulingClass,
} from "./scheduling.ts";
export { SocketAddress, type SocketFamily } from "./socket_address.ts";
