import { Descriptor } from "./descriptor.ts";
import { type NativeLibrary, symbolsOf } from "./library.ts";
import { checked, lastErrno, nativeBuffer } from "./memory.ts";
import { ERRNO, errnoName, NativeError } from "./native_error.ts";
import { failureReason } from "./capture_open.ts";

/** `"full"`: this socket holds no more groups, try another one. */
export type JoinResult = "joined" | "full";

const AF_INET6 = 10;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const IPPROTO_IPV6 = 41;
const IPV6_JOIN_GROUP = 20;
const IPV6_LEAVE_GROUP = 21;

/** struct ipv6_mreq { struct in6_addr; int ifindex } */
const REQUEST_BYTES = 20;

/**
 * An IPv6 socket that only holds multicast group memberships, so that the
 * kernel reports them (MLD) and the interface accepts the groups' frames.
 *
 * The kernel bounds the memberships of one socket by memory
 * (`net.core.optmem_max`): a few hundred on older kernels. They end with it.
 */
export class GroupSocket implements Disposable {
  readonly #descriptor: Descriptor;
  readonly #request = nativeBuffer(REQUEST_BYTES);
  readonly #view = new DataView(this.#request.buffer);

  /**
   * Opens a socket without memberships.
   *
   * @throws {NativeError} `systemCall`.
   */
  constructor(library: NativeLibrary) {
    const symbols = symbolsOf(library);
    const fd = symbols.socket(AF_INET6, SOCK_DGRAM_CLOEXEC, 0);
    checked(symbols, "socket", fd);
    this.#descriptor = new Descriptor(library, fd, "group socket");
  }

  /**
   * Joins a group on an interface; joining it twice is joining it once.
   *
   * @param group the group's IPv6 address, 16 bytes.
   * @throws {NativeError} `interfaceMissing`, `closed`, `systemCall`.
   * @throws {RangeError} when `group` is not 16 bytes long.
   */
  join(interfaceIndex: number, group: Uint8Array): JoinResult {
    const errno = this.#set(IPV6_JOIN_GROUP, interfaceIndex, group);
    if (errno === 0 || errno === ERRNO.EADDRINUSE) return "joined";
    if (errno === ERRNO.ENOMEM || errno === ERRNO.ENOBUFS) return "full";
    throw groupError("join", errno, interfaceIndex);
  }

  /**
   * Leaves a group on an interface.
   *
   * @param group the group's IPv6 address, 16 bytes.
   * @returns `false` when this socket was not a member, for example because the
   * interface has vanished.
   * @throws {NativeError} `closed`, `systemCall`.
   * @throws {RangeError} when `group` is not 16 bytes long.
   */
  leave(interfaceIndex: number, group: Uint8Array): boolean {
    const errno = this.#set(IPV6_LEAVE_GROUP, interfaceIndex, group);
    if (errno === 0) return true;
    if (errno === ERRNO.EADDRNOTAVAIL || errno === ERRNO.ENODEV) return false;
    throw groupError("leave", errno, interfaceIndex);
  }

  /** Ends all memberships; a second call does nothing. */
  close(): void {
    this.#descriptor.close();
  }

  /** Same as {@link close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #set(option: number, interfaceIndex: number, group: Uint8Array): number {
    if (group.byteLength !== 16) {
      throw new RangeError(
        `Cannot use a group of ${group.byteLength} bytes: must be 16`,
      );
    }
    const { symbols, openFd } = this.#descriptor;
    this.#request.set(group);
    this.#view.setInt32(16, interfaceIndex, true);
    const result = symbols.setsockopt(
      openFd,
      IPPROTO_IPV6,
      option,
      this.#request,
      REQUEST_BYTES,
    );
    return result === 0 ? 0 : lastErrno(symbols);
  }
}

function groupError(
  verb: "join" | "leave",
  errno: number,
  interfaceIndex: number,
): NativeError {
  return new NativeError(
    `Cannot ${verb} the group on interface ${interfaceIndex}: ${
      errnoName(errno)
    }`,
    { operation: "setsockopt", errno, reason: failureReason(errno) },
  );
}
