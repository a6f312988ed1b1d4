import { nativeBuffer } from "./memory.ts";

/** Address families of internet sockets. */
export type SocketFamily = "IPv4" | "IPv6";

/** AF_INET and AF_INET6. */
export const FAMILY_NUMBER: Readonly<Record<SocketFamily, number>> = {
  IPv4: 2,
  IPv6: 10,
};

/**
 * Where the fields are in a struct sockaddr_in and a struct sockaddr_in6: the
 * family and the port first in both.
 */
const LAYOUT = {
  IPv4: { address: 4, addressBytes: 4, size: 16 },
  IPv6: { address: 8, addressBytes: 16, size: 28 },
} as const;
const PORT_AT = 2;
const SCOPE_AT = 24;

/**
 * An address and a port as C wants them, in memory of its own. A socket writes
 * the sender of a datagram into one; a destination is made once and used again
 * and again. Reading and copying allocate nothing.
 */
export class SocketAddress {
  /** The family; never changes. */
  readonly family: SocketFamily;
  /** The struct sockaddr; at least {@link size} bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The bytes of the IP address, 4 or 16, in place. */
  readonly address: Uint8Array<ArrayBuffer>;
  /** Bytes of the struct sockaddr. */
  readonly size: number;
  readonly #view: DataView;

  /** Makes an unspecified address with port 0. */
  constructor(family: SocketFamily) {
    const { address, addressBytes, size } = LAYOUT[family];
    this.family = family;
    this.size = size;
    this.bytes = nativeBuffer(size);
    this.address = this.bytes.subarray(address, address + addressBytes);
    this.#view = new DataView(this.bytes.buffer);
    this.#view.setUint16(0, FAMILY_NUMBER[family], true);
  }

  /**
   * Makes an address out of its parts.
   *
   * @param address 4 bytes, or 16 for IPv6.
   * @param port UDP port.
   * @param scope Index of the interface; link-local IPv6 addresses need one.
   * @throws {RangeError} when `address` has another length.
   */
  static of(
    address: Uint8Array,
    port: number,
    scope: number = 0,
  ): SocketAddress {
    if (address.length !== 4 && address.length !== 16) {
      throw new RangeError(
        `Cannot use an address of ${address.length} bytes: must be 4 or 16`,
      );
    }
    const made = new SocketAddress(address.length === 4 ? "IPv4" : "IPv6");
    made.address.set(address);
    made.#view.setUint16(PORT_AT, port);
    if (made.family === "IPv6") made.#view.setUint32(SCOPE_AT, scope, true);
    return made;
  }

  /** The port. */
  get port(): number {
    return this.#view.getUint16(PORT_AT);
  }

  /** Index of the interface that a link-local IPv6 address is of; 0 = none. */
  get scope(): number {
    return this.family === "IPv6" ? this.#view.getUint32(SCOPE_AT, true) : 0;
  }

  /** Takes over another address of the same family. */
  set(other: SocketAddress): void {
    this.bytes.set(other.bytes);
  }

  /** Whether both have the same family, IP address and port. */
  equals(other: SocketAddress): boolean {
    if (this.family !== other.family || this.port !== other.port) return false;
    for (let i = 0; i < this.address.length; i++) {
      if (this.address[i] !== other.address[i]) return false;
    }
    return true;
  }
}
