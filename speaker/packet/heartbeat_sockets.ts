import {
  DatagramSocket,
  NativeError,
  type NativeLibrary,
  type PollSet,
  type SocketFamily,
} from "../../ffi/mod.ts";
import type { SlottedInterface } from "../../mod/layer2/mod.ts";
import type { News } from "./news.ts";
import { Retries } from "./retries.ts";

/** A socket for heartbeats on one interface. */
export interface HeartbeatSocket {
  /** The interface that it is bound to. */
  readonly link: SlottedInterface;
  /** The socket. */
  readonly socket: DatagramSocket;
  /** Its slot in the poll set. */
  readonly pollSlot: number;
  /** Whether something waited in the last round. */
  wasReady: boolean;
}

/** What the sockets need. */
export interface HeartbeatSocketsContext {
  readonly library: NativeLibrary;
  readonly poll: PollSet;
  readonly news: News;
}

/**
 * The sockets of one family: one on each interface that has an address of it.
 * What cannot be opened is tried again.
 */
export class HeartbeatSockets {
  /** IPv4 or IPv6. */
  readonly family: SocketFamily;
  readonly #context: HeartbeatSocketsContext;
  readonly #bySlot = new Map<number, HeartbeatSocket>();
  readonly #retries = new Retries();
  #open: readonly HeartbeatSocket[] = [];
  #wanted: readonly SlottedInterface[] = [];
  #port = 0;

  /**
   * Begins with none.
   *
   * @param family Of all of them.
   * @param context Opens and polls them.
   */
  constructor(family: SocketFamily, context: HeartbeatSocketsContext) {
    this.family = family;
    this.#context = context;
  }

  /** All that are open. */
  get open(): readonly HeartbeatSocket[] {
    return this.#open;
  }

  /** When something is to be tried again; `Infinity` when nothing is. */
  get dueAt(): number {
    return this.#retries.dueAt;
  }

  /** The one on the interface in a slot, if it is open. */
  get(slot: number): HeartbeatSocket | undefined {
    return this.#bySlot.get(slot);
  }

  /**
   * Makes exactly these interfaces have one, where they have an address of the
   * family.
   *
   * @param port UDP port; 0 = none is wanted.
   */
  want(links: readonly SlottedInterface[], port: number, now: number): void {
    const wanted = port === 0 ? [] : links.filter((link) => this.#speaks(link));
    this.#wanted = wanted;
    for (const { link } of this.#open) {
      const isKept = port === this.#port &&
        wanted.some(({ slot, index }) =>
          slot === link.slot && index === link.index
        );
      if (!isKept) this.#drop(link.slot);
    }
    this.#port = port;
    this.#retries.keep(wanted);
    this.openMissing(now);
  }

  /** Opens what is wanted and not open, unless it failed a moment ago. */
  openMissing(now: number): void {
    for (const link of this.#wanted) {
      if (this.#bySlot.has(link.slot)) continue;
      if (this.#retries.isDue(link, now)) this.#tryOpen(link, now);
    }
  }

  /** Closes all. */
  close(): void {
    for (const { link } of this.#open) this.#drop(link.slot);
  }

  #drop(slot: number): void {
    const found = this.#bySlot.get(slot);
    if (found === undefined) return;
    this.#bySlot.delete(slot);
    this.#open = [...this.#bySlot.values()];
    this.#context.poll.remove(found.pollSlot);
    found.socket.close();
  }

  #speaks({ ipv4, linkLocal }: SlottedInterface): boolean {
    return (this.family === "IPv4" ? ipv4 : linkLocal) !== undefined;
  }

  #tryOpen(link: SlottedInterface, now: number): void {
    const { library, poll, news } = this.#context;
    const { slot, name } = link;
    const { family } = this;
    try {
      const socket = DatagramSocket.open(library, {
        family,
        interfaceName: name,
        interfaceIndex: link.index,
        port: this.#port,
      });
      const pollSlot = poll.add(socket.fd);
      this.#bySlot.set(slot, { link, socket, pollSlot, wasReady: false });
      this.#open = [...this.#bySlot.values()];
      this.#retries.opened(slot);
    } catch (error) {
      if (!(error instanceof NativeError)) throw error;
      const { message } = error;
      if (this.#retries.refused(link, now, message)) {
        news.report({ kind: "heartbeatsFailed", name, family, message });
      }
    }
  }
}
