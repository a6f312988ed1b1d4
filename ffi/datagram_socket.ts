import { failureReason } from "./capture_open.ts";
import { Descriptor } from "./descriptor.ts";
import { type NativeLibrary, symbolsOf } from "./library.ts";
import {
  checked,
  cString,
  lastErrno,
  nativeBuffer,
  wideCells,
} from "./memory.ts";
import { MessageHeader } from "./message_header.ts";
import {
  ERRNO,
  errnoName,
  NativeError,
  type NativeReason,
} from "./native_error.ts";
import {
  FAMILY_NUMBER,
  SocketAddress,
  type SocketFamily,
} from "./socket_address.ts";

const SOCK_DGRAM_CLOEXEC_NONBLOCK = 2 | 0o2000000 | 0o4000;
const SOL_SOCKET = 1;
const SO_PRIORITY = 12;
const SO_BINDTODEVICE = 25;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const MSG_TRUNC = 0x20;

/** Option numbers that differ by family. */
const OPTIONS = {
  IPv4: { level: 0, trafficClass: 1, hopLimit: 2, tellHopLimit: 12, told: 2 },
  IPv6: {
    level: IPPROTO_IPV6,
    trafficClass: 67,
    hopLimit: 16,
    tellHopLimit: 51,
    told: 52,
  },
} as const;

/** Sent, and to be required of what is received: no router has passed it on (RFC 5082 §3). */
export const LINK_HOP_LIMIT = 255;
/** Class selector 6: network control (RFC 2474 §4.2.2, RFC 4594 §3.1). */
const TRAFFIC_CLASS = 0xc0;
/** The highest priority in the interface's queue that takes no CAP_NET_ADMIN. */
const PRIORITY = 6;
/** IFNAMSIZ: bytes of a name with its NUL. */
const NAME_BYTES = 16;
/** More than any datagram that an Ethernet frame holds. */
const DATAGRAM_BYTES = 2048;

/** What a {@link DatagramSocket} is bound to. */
export interface DatagramSocketOptions {
  /** IPv4 or IPv6; an IPv6 socket takes no IPv4. */
  readonly family: SocketFamily;
  /** Name of the interface. */
  readonly interfaceName: string;
  /** The index that the name must stand for. */
  readonly interfaceIndex: number;
  /** UDP port, on every address of the interface. */
  readonly port: number;
}

/** {@link DatagramSocket.receive}: no datagram is waiting. */
export const NONE_WAITING: number = -1;
/** {@link DatagramSocket.receive}: the call failed, see {@link DatagramSocket.failure}. */
export const RECEIVE_FAILED: number = -2;

/**
 * UDP on one link: bound to an interface, sends with hop limit 255 and tells
 * the hop limit of what it receives, so that what came from beyond the link can
 * be refused (RFC 5082). Never blocks; {@link send} and {@link receive}
 * allocate nothing.
 */
export class DatagramSocket implements Disposable {
  /** IPv4 or IPv6. */
  readonly family: SocketFamily;
  /** The last received datagram. */
  readonly datagram: Uint8Array<ArrayBuffer> = nativeBuffer(DATAGRAM_BYTES);
  /** Who sent it. */
  readonly source: SocketAddress;
  readonly #descriptor: Descriptor;
  readonly #interfaceName: string;
  readonly #header: MessageHeader;
  readonly #length = wideCells();
  readonly #lengthLow = new Uint32Array(this.#length.buffer);
  #failedOperation = "";
  #errno = 0;

  private constructor(descriptor: Descriptor, options: DatagramSocketOptions) {
    this.family = options.family;
    this.source = new SocketAddress(options.family);
    this.#descriptor = descriptor;
    this.#interfaceName = options.interfaceName;
    this.#header = new MessageHeader(
      descriptor.symbols,
      this.datagram,
      this.source,
    );
  }

  /**
   * Opens a socket and binds it.
   *
   * @throws {NativeError} `interfaceMissing`, `portInUse`, `capabilityMissing`
   * (CAP_NET_RAW, on kernels before 5.7), `systemCall`.
   */
  static open(
    library: NativeLibrary,
    options: DatagramSocketOptions,
  ): DatagramSocket {
    const symbols = symbolsOf(library);
    const family = FAMILY_NUMBER[options.family];
    const fd = symbols.socket(family, SOCK_DGRAM_CLOEXEC_NONBLOCK, 0);
    checked(symbols, "socket", fd);
    const descriptor = new Descriptor(library, fd, "datagram socket");
    try {
      configure(descriptor, options);
      bind(descriptor, options);
      return new DatagramSocket(descriptor, options);
    } catch (failure) {
      descriptor.close();
      throw failure;
    }
  }

  /** Descriptor for a {@link PollSet}; -1 once closed. */
  get fd(): number {
    return this.#descriptor.fd;
  }

  /**
   * Sends the first `length` bytes of a packet.
   *
   * @returns whether the kernel took it; if not, {@link failure} says why.
   * @throws {NativeError} `closed`.
   * @throws {RangeError} when the packet is shorter, or `to` is of another family.
   */
  send(
    packet: Uint8Array<ArrayBuffer>,
    length: number,
    to: SocketAddress,
  ): boolean {
    if (length > packet.byteLength || to.family !== this.family) {
      throw new RangeError(
        `Cannot send ${length} of ${packet.byteLength} bytes over ${this.family} to an ${to.family} address`,
      );
    }
    const { symbols, openFd } = this.#descriptor;
    this.#lengthLow[0] = length;
    const sent = symbols.sendto(
      openFd,
      packet,
      this.#length[0],
      0,
      to.bytes,
      to.size,
    );
    if (sent >= 0) return true;
    this.#fail("sendto");
    return false;
  }

  /**
   * Takes the next datagram into {@link datagram}, and its sender into
   * {@link source}.
   *
   * @returns its bytes, which may be more than there is room for;
   * {@link NONE_WAITING} or {@link RECEIVE_FAILED}.
   * @throws {NativeError} `closed`.
   */
  receive(): number {
    const { symbols, openFd } = this.#descriptor;
    this.#header.reset();
    const length = symbols.recvmsg(openFd, this.#header.bytes, MSG_TRUNC);
    if (length >= 0) return length;
    this.#fail("recvmsg");
    return this.#errno === ERRNO.EAGAIN ? NONE_WAITING : RECEIVE_FAILED;
  }

  /** Hop limit, or time to live, of the last received datagram; -1 when unknown. */
  get hopLimit(): number {
    const { level, told } = OPTIONS[this.family];
    return this.#header.number(level, told);
  }

  /** Why the last {@link send} or {@link receive} that failed did. */
  get failure(): NativeError {
    const operation = this.#failedOperation;
    return new NativeError(
      `Cannot complete ${operation} on "${this.#interfaceName}": ${
        errnoName(this.#errno)
      }`,
      { operation, errno: this.#errno, reason: failureReason(this.#errno) },
    );
  }

  /** Closes the socket; a second call does nothing. */
  close(): void {
    this.#descriptor.close();
  }

  /** Same as {@link close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #fail(operation: string): void {
    this.#failedOperation = operation;
    this.#errno = lastErrno(this.#descriptor.symbols);
  }
}

function configure(
  descriptor: Descriptor,
  { family, interfaceName }: DatagramSocketOptions,
): void {
  const name = cString(interfaceName);
  set(descriptor, SOL_SOCKET, SO_BINDTODEVICE, name, NAME_BYTES, interfaceName);
  const { level, trafficClass, hopLimit, tellHopLimit } = OPTIONS[family];
  const numbers = [
    [level, hopLimit, LINK_HOP_LIMIT],
    [level, tellHopLimit, 1],
    [level, trafficClass, TRAFFIC_CLASS],
    // The traffic class changes the priority too: that comes last.
    [SOL_SOCKET, SO_PRIORITY, PRIORITY],
    ...family === "IPv6" ? [[IPPROTO_IPV6, IPV6_V6ONLY, 1] as const] : [],
  ] as const;
  for (const [at, option, value] of numbers) {
    const bytes = nativeBuffer(4);
    bytes[0] = value;
    set(descriptor, at, option, bytes, 4, interfaceName);
  }
}

function set(
  { symbols, openFd }: Descriptor,
  level: number,
  option: number,
  value: Uint8Array<ArrayBuffer>,
  length: number,
  interfaceName: string,
): void {
  if (symbols.setsockopt(openFd, level, option, value, length) === 0) return;
  throw refused("setsockopt", lastErrno(symbols), interfaceName);
}

/** Names change hands: what was bound to must be what was meant. */
function bind(
  { symbols, openFd }: Descriptor,
  { family, interfaceName, interfaceIndex, port }: DatagramSocketOptions,
): void {
  const anywhere = new Uint8Array(family === "IPv4" ? 4 : 16);
  const { bytes, size } = SocketAddress.of(anywhere, port);
  const result = symbols.bind(openFd, bytes, size);
  if (result !== 0) throw refused("bind", lastErrno(symbols), interfaceName);
  const index = symbols.if_nametoindex(cString(interfaceName));
  if (index === interfaceIndex) return;
  throw refused("if_nametoindex", ERRNO.ENODEV, interfaceName);
}

function refused(
  operation: string,
  errno: number,
  interfaceName: string,
): NativeError {
  const reason: NativeReason = errno === ERRNO.EADDRINUSE
    ? "portInUse"
    : failureReason(errno);
  return new NativeError(
    `Cannot open a datagram socket on "${interfaceName}": ${
      errnoName(errno)
    } from ${operation}`,
    { operation, errno, reason },
  );
}
