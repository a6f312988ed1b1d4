/** UDP for gossip. */
import type { Endpoint } from "../../mod/swim/mod.ts";
import type { Clock } from "../../mod/time/mod.ts";

/** What a socket does with what comes. */
export interface PacketHandlers {
  /** A packet came. */
  readonly onPacket: (bytes: Uint8Array, from: Endpoint) => void;
  /** A packet could not be sent or received; the socket goes on. */
  readonly onError: (error: Error) => void;
}

/** More than any datagram holds. */
const BUFFER_BYTES = 65_536;
/** After a failure to receive, in ms: it may be there to stay. */
const RECEIVE_RETRY = 100;

/** A bound UDP socket. */
export class PacketSocket {
  readonly #connection: Deno.DatagramConn;
  readonly #clock: Pick<Clock, "sleep">;
  readonly #handlers: PacketHandlers;
  readonly #receiving: Promise<void>;
  #isClosed = false;

  /**
   * Binds it; what comes is handed on from now on.
   *
   * @param clock Paces what fails again and again.
   * @throws {Error} When the address is not ours, or the port is taken.
   */
  constructor(
    { ip: hostname, port }: Endpoint,
    clock: Pick<Clock, "sleep">,
    handlers: PacketHandlers,
  ) {
    this.#connection = Deno.listenDatagram({
      transport: "udp",
      hostname,
      port,
    });
    this.#clock = clock;
    this.#handlers = handlers;
    this.#receiving = this.#receive();
  }

  /** Sends a packet; it may get lost. */
  send(bytes: Uint8Array, { ip: hostname, port }: Endpoint): void {
    this.#connection.send(bytes, { transport: "udp", hostname, port })
      .catch((error) => this.#failed(error));
  }

  /** Closes it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#connection.close();
    await this.#receiving;
  }

  async #receive(): Promise<void> {
    const buffer = new Uint8Array(BUFFER_BYTES);
    while (!this.#isClosed) {
      const received = await this.#connection.receive(buffer)
        .catch((error) => this.#failed(error));
      if (received !== undefined) this.#take(...received);
      else if (!this.#isClosed) await this.#clock.sleep(RECEIVE_RETRY);
    }
  }

  /** The buffer is filled anew: what is kept is a copy. */
  #take(bytes: Uint8Array, from: Deno.Addr): void {
    if (this.#isClosed || from.transport !== "udp") return;
    const { hostname: ip, port } = from;
    this.#handlers.onPacket(bytes.slice(), { ip, port });
  }

  #failed(error: unknown): void {
    if (this.#isClosed) return;
    if (!(error instanceof Error)) throw error;
    this.#handlers.onError(error);
  }
}
