import { monotonicMilliseconds } from "./clock.ts";
import { Descriptor } from "./descriptor.ts";
import { type NativeLibrary, symbolsOf } from "./library.ts";
import {
  checked,
  cString,
  lastErrno,
  nativeBuffer,
  SMALLEST_BUFFER,
} from "./memory.ts";
import { ERRNO, errnoName, NativeError } from "./native_error.ts";
import { PollSet } from "./poll_set.ts";

const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC_NONBLOCK = 3 | 0o2000000 | 0o4000;
const NETLINK_ROUTE = 0;
const MSG_TRUNC = 0x20;

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const RTM_GETLINK = 18;
const RTM_GETADDR = 22;
const RTM_GETNEIGH = 30;
const NLM_F_REQUEST_DUMP = 0x01 | 0x300;
const NLM_F_DUMP_INTR = 0x10;

const RTMGRP_LINK = 0x01;
const RTMGRP_IPV4_IFADDR = 0x10;
const RTMGRP_IPV6_IFADDR = 0x100;

/** struct nlmsghdr { u32 len; u16 type; u16 flags; u32 seq; u32 pid } */
const HEADER_BYTES = 16;
/** struct sockaddr_nl { u16 family; u16 pad; u32 pid; u32 groups } */
const ADDRESS_BYTES = 12;
/** The kernel never puts more than this into one datagram of a dump. */
const DATAGRAM_BYTES = 32768;
const DATAGRAM_SIZE = 32768n;
const NOTICE_SIZE = BigInt(SMALLEST_BUFFER);
/** A dump that takes longer than this, in ms, is given up. */
const DUMP_LIMIT = 2000;
/** Interfaces come and go while a dump is made; then it is asked for again. */
const DUMP_ATTEMPTS = 4;

/**
 * The kernel's answer to RTM_GETLINK: all interfaces of the network namespace,
 * as raw rtnetlink messages one after the other (host byte order).
 *
 * @throws {NativeError} `netlinkRefused`, `systemCall`.
 */
export function dumpLinks(library: NativeLibrary): Uint8Array<ArrayBuffer> {
  // struct ifinfomsg, all zero: no selection
  return dump(library, RTM_GETLINK, 16);
}

/**
 * The kernel's answer to RTM_GETADDR: all addresses of all interfaces, as raw
 * rtnetlink messages one after the other (host byte order).
 *
 * @throws {NativeError} `netlinkRefused`, `systemCall`.
 */
export function dumpAddresses(library: NativeLibrary): Uint8Array<ArrayBuffer> {
  // struct ifaddrmsg, all zero: both families
  return dump(library, RTM_GETADDR, 8);
}

/**
 * The kernel's answer to RTM_GETNEIGH: the neighbour tables of both families,
 * on all interfaces, as raw rtnetlink messages one after the other (host byte
 * order).
 *
 * @throws {NativeError} `netlinkRefused`, `systemCall`.
 */
export function dumpNeighbours(
  library: NativeLibrary,
): Uint8Array<ArrayBuffer> {
  // struct ndmsg, all zero: no selection
  return dump(library, RTM_GETNEIGH, 12);
}

/**
 * Index of the interface with this name.
 *
 * @throws {NativeError} `interfaceMissing`.
 */
export function interfaceIndex(library: NativeLibrary, name: string): number {
  const symbols = symbolsOf(library);
  const index = symbols.if_nametoindex(cString(name));
  if (index !== 0) return index;
  throw new NativeError(`Cannot find interface "${name}"`, {
    operation: "if_nametoindex",
    errno: lastErrno(symbols),
    reason: "interfaceMissing",
  });
}

/** Notices taken at once; the kernel keeps fewer for who does not take them. */
const MOST_NOTICES = 1024;

/**
 * Says that interfaces or their addresses have changed, as soon as they do.
 *
 * Put {@link fd} into a {@link PollSet}; when it is readable, {@link drain} and
 * scan anew.
 */
export class LinkMonitor implements Disposable {
  readonly #descriptor: Descriptor;
  /** What a notice says does not matter: the kernel cuts it off. */
  readonly #datagram = nativeBuffer(SMALLEST_BUFFER);

  /**
   * Subscribes to links and to IPv4 and IPv6 addresses.
   *
   * @throws {NativeError} `systemCall`.
   */
  constructor(library: NativeLibrary) {
    this.#descriptor = openNetlink(
      library,
      RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
    );
  }

  /** Readable when something has changed; -1 once closed. */
  get fd(): number {
    return this.#descriptor.fd;
  }

  /**
   * Takes the waiting notices, which say no more than that a scan is due.
   *
   * @returns whether anything has changed since the last call; also when the
   * kernel had to drop notices because nobody took them.
   * @throws {NativeError} `closed`.
   */
  drain(): boolean {
    const { symbols, openFd } = this.#descriptor;
    let changed = false;
    for (let i = 0; i < MOST_NOTICES; i++) {
      const length = symbols.recv(openFd, this.#datagram, NOTICE_SIZE, 0);
      if (length < 0 && lastErrno(symbols) !== ERRNO.ENOBUFS) return changed;
      changed = true;
    }
    return changed;
  }

  /** Ends the subscription; a second call does nothing. */
  close(): void {
    this.#descriptor.close();
  }

  /** Same as {@link close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}

function openNetlink(library: NativeLibrary, groups: number): Descriptor {
  const symbols = symbolsOf(library);
  const fd = symbols.socket(
    AF_NETLINK,
    SOCK_RAW_CLOEXEC_NONBLOCK,
    NETLINK_ROUTE,
  );
  checked(symbols, "socket", fd);
  const descriptor = new Descriptor(library, fd, "netlink socket");
  const address = nativeBuffer(ADDRESS_BYTES);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_NETLINK, true);
  view.setUint32(8, groups, true);
  const result = symbols.bind(fd, address, ADDRESS_BYTES);
  if (result === 0) return descriptor;
  const errno = lastErrno(symbols);
  descriptor.close();
  throw new NativeError(
    `Cannot bind the netlink socket: ${errnoName(errno)}`,
    { operation: "bind", errno, reason: "systemCall" },
  );
}

function dump(
  library: NativeLibrary,
  type: number,
  bodyBytes: number,
): Uint8Array<ArrayBuffer> {
  using socket = openNetlink(library, 0);
  const poll = new PollSet(library, 1);
  poll.add(socket.fd);
  const deadline = monotonicMilliseconds(socket.symbols) + DUMP_LIMIT;
  for (let attempt = 1; attempt <= DUMP_ATTEMPTS; attempt++) {
    request(socket, type, bodyBytes, attempt);
    const answer = collect(socket, poll, attempt, deadline);
    if (answer.consistent) return answer.messages;
  }
  throw refused("it keeps changing while it is listed", 0);
}

function request(
  socket: Descriptor,
  type: number,
  bodyBytes: number,
  sequence: number,
): void {
  const length = HEADER_BYTES + bodyBytes;
  const bytes = nativeBuffer(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, NLM_F_REQUEST_DUMP, true);
  view.setUint32(8, sequence, true);
  const { symbols, openFd } = socket;
  checked(symbols, "send", symbols.send(openFd, bytes, BigInt(length), 0));
}

interface Answer {
  readonly messages: Uint8Array<ArrayBuffer>;
  readonly consistent: boolean;
}

/** Reads datagrams up to the end of the dump. */
function collect(
  socket: Descriptor,
  poll: PollSet,
  sequence: number,
  deadline: number,
): Answer {
  const { symbols, openFd } = socket;
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const datagram = nativeBuffer(DATAGRAM_BYTES);
  let consistent = true;
  for (;;) {
    if (poll.wait(deadline - monotonicMilliseconds(symbols)) === 0) {
      throw refused(`no complete answer within ${DUMP_LIMIT} ms`, 0);
    }
    const length = symbols.recv(openFd, datagram, DATAGRAM_SIZE, MSG_TRUNC);
    checked(symbols, "recv", length);
    if (length > DATAGRAM_BYTES) {
      throw refused(`a datagram of ${length} bytes is too long`, 0);
    }
    const bytes = datagram.slice(0, length);
    const { done, interrupted } = inspect(bytes, sequence);
    parts.push(bytes);
    if (interrupted) consistent = false;
    if (done) return { messages: concat(parts), consistent };
  }
}

/** Looks at the message headers of one datagram, for the dump's end. */
function inspect(
  bytes: Uint8Array<ArrayBuffer>,
  sequence: number,
): { done: boolean; interrupted: boolean } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let interrupted = false;
  for (let at = 0; at + HEADER_BYTES <= bytes.byteLength;) {
    const length = view.getUint32(at, true);
    if (length < HEADER_BYTES || at + length > bytes.byteLength) {
      throw refused(`message length ${length} at byte ${at}`, 0);
    }
    const type = view.getUint16(at + 4, true);
    if ((view.getUint16(at + 6, true) & NLM_F_DUMP_INTR) !== 0) {
      interrupted = true;
    }
    // A second request's answer must not end with what is left of the first.
    const ours = view.getUint32(at + 8, true) === sequence;
    if (ours && type === NLMSG_ERROR) {
      throw refused("the kernel refused it", -view.getInt32(at + 16, true));
    }
    if (ours && type === NLMSG_DONE) return { done: true, interrupted };
    at += (length + 3) & ~3;
  }
  return { done: false, interrupted };
}

function concat(
  parts: readonly Uint8Array<ArrayBuffer>[],
): Uint8Array<ArrayBuffer> {
  const total = parts.reduce((sum, part) => sum + part.byteLength, 0);
  const all = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}

function refused(detail: string, errno: number): NativeError {
  const code = errno === 0 ? "" : ` (${errnoName(errno)})`;
  return new NativeError(
    `Cannot list what the kernel knows: ${detail}${code}`,
    {
      operation: "rtnetlink",
      errno,
      reason: "netlinkRefused",
    },
  );
}
