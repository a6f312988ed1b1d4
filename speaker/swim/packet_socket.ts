/** UDP for gossip. */
import { createSocket, type Socket } from "node:dgram";
import type { Endpoint } from "../../mod/swim/mod.ts";

/** What a socket does with what comes. */
export interface PacketHandlers {
  /** A packet came. */
  readonly onPacket: (bytes: Uint8Array, from: Endpoint) => void;
  /** A packet could not be sent, or the socket has a problem; it goes on. */
  readonly onError: (error: Error) => void;
}

/**
 * Copies a packet out of the buffer that the runtime made for it, of 64 KB, and
 * frees that at once: left to the collector, a hundred of them wait for it.
 */
function ownBytes(received: Uint8Array): Uint8Array {
  const own = new Uint8Array(received);
  const { buffer } = received;
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
  return own;
}

/** A bound UDP socket. */
export class PacketSocket {
  readonly #socket: Socket;
  readonly #onError: (error: Error) => void;

  private constructor(socket: Socket, { onPacket, onError }: PacketHandlers) {
    this.#socket = socket;
    this.#onError = onError;
    socket.on("message", (bytes, { address, port }) => {
      onPacket(ownBytes(bytes), { ip: address, port });
    });
    socket.on("error", onError);
  }

  /**
   * Binds a socket.
   *
   * @throws {Error} When the address is not ours, or the port is taken.
   */
  static async bind(
    { ip, port }: Endpoint,
    handlers: PacketHandlers,
  ): Promise<PacketSocket> {
    const socket = createSocket(ip.includes(":") ? "udp6" : "udp4");
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.once("error", reject);
    socket.bind({ address: ip, port, exclusive: true }, resolve);
    try {
      await promise;
    } catch (error) {
      socket.close();
      throw error;
    } finally {
      socket.removeListener("error", reject);
    }
    return new PacketSocket(socket, handlers);
  }

  /** Sends a packet; it may get lost. */
  send(bytes: Uint8Array, { ip, port }: Endpoint): void {
    this.#socket.send(bytes, port, ip, (error) => {
      if (error !== null) this.#onError(error);
    });
  }

  /** Closes it. */
  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket.close(() => resolve());
    await promise;
  }
}
