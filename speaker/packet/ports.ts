import {
  NativeError,
  type NativeLibrary,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  type PollSet,
} from "../../ffi/mod.ts";
import {
  type AddressTable,
  frameCell,
  MAX_INTERFACES,
  type SharedMemory,
  type SlotMask,
  type SlottedInterface,
  statisticCell,
} from "../../mod/layer2/mod.ts";
import { macEquals } from "../../mod/net/mod.ts";
import type { News } from "./news.ts";
import { Port, type PortOptions } from "./port.ts";

/** Frames answered on one interface before the others have their turn. */
const FRAMES_PER_ROUND = 64;
/** Milliseconds before an interface that could not be opened is tried again. */
const REOPEN_INTERVAL = 1000;

/** What the ports need of the loop. */
export interface PortsContext {
  readonly library: NativeLibrary;
  readonly memory: SharedMemory;
  readonly poll: PollSet;
  readonly news: News;
  readonly options: PortOptions;
  /** Told before an interface's port is closed. */
  readonly onClose: (slot: number) => void;
}

/**
 * The interfaces that are wanted, and an open port for each that can be opened.
 * The others are tried again and again.
 */
export class Ports {
  readonly #context: PortsContext;
  readonly #bySlot: (Port | undefined)[] = new Array(MAX_INTERFACES);
  readonly #names: (string | undefined)[] = new Array(MAX_INTERFACES);
  #open: readonly Port[] = [];
  #wanted: readonly SlottedInterface[] = [];
  readonly #reported = new Map<number, string>();
  #retryAt = Infinity;
  #again: [number, number] = [0, 0];

  /**
   * Begins with no interface wanted.
   *
   * @param context What they work with.
   */
  constructor(context: PortsContext) {
    this.#context = context;
  }

  /** The port in a slot, if it is open. */
  get(slot: number): Port | undefined {
    return this.#bySlot[slot];
  }

  /** When {@linkcode openMissing} is to be called again; `Infinity` when all are open. */
  get deadline(): number {
    return this.#retryAt;
  }

  /**
   * Makes exactly these interfaces the wanted ones and closes the others;
   * {@linkcode openMissing} opens those that are new.
   *
   * @returns Whether any was closed.
   */
  want(wanted: readonly SlottedInterface[]): boolean {
    this.#wanted = wanted;
    let isAnyClosed = false;
    for (const port of this.#open) {
      const link = wanted.find(({ slot }) => slot === port.link.slot);
      if (link?.index === port.link.index) {
        this.#update(port, link);
      } else {
        this.#closeUnwanted(port);
        isAnyClosed = true;
      }
    }
    for (const slot of this.#reported.keys()) {
      if (!wanted.some((link) => link.slot === slot)) {
        this.#reported.delete(slot);
      }
    }
    return isAnyClosed;
  }

  /** Opens what is wanted and not open; whether any was opened. */
  openMissing(now: number): boolean {
    this.#retryAt = Infinity;
    let isAnyOpened = false;
    for (const link of this.#wanted) {
      if (this.#bySlot[link.slot] !== undefined) continue;
      if (this.#tryOpen(link)) isAnyOpened = true;
      else this.#retryAt = now + REOPEN_INTERVAL;
    }
    return isAnyOpened;
  }

  /**
   * Answers what waits on all ports that the last poll found ready; whether
   * any port had to be closed.
   */
  drain(table: AddressTable, now: number): boolean {
    const { poll } = this.#context;
    const ports = this.#open;
    let isAnyGone = false;
    for (let i = 0; i < ports.length; i++) {
      const port = ports[i];
      if (port === undefined) continue;
      const ready = poll.revents(port.pollSlot);
      if (ready === 0) continue;
      if ((ready & POLLIN) !== 0 && !port.drain(FRAMES_PER_ROUND, table)) {
        isAnyGone = this.#lose(port, now);
      } else if ((ready & (POLLERR | POLLHUP | POLLNVAL)) !== 0) {
        isAnyGone = this.#lose(port, now);
      }
    }
    return isAnyGone;
  }

  /** Slots of open ports that answer the protocol. */
  mask(protocol: "arp" | "ndp"): SlotMask {
    return maskOf(this.#open.filter((port) => port.link[protocol]));
  }

  /** Slots to announce everything on anew; forgotten by the call. */
  takeAgain(): SlotMask {
    const again = this.#again;
    this.#again = [0, 0];
    return again;
  }

  /** Copies the statistics of all ports into shared memory. */
  countStatistics(): void {
    for (const port of this.#open) {
      try {
        port.countStatistics();
      } catch (error) {
        // A vanished interface has none; its descriptor tells the rest.
        if (!(error instanceof NativeError)) throw error;
      }
    }
  }

  /** Closes all ports. */
  close(): void {
    for (const port of this.#open) this.#close(port);
  }

  #tryOpen(link: SlottedInterface): boolean {
    const { library, memory, poll, news, options } = this.#context;
    const { slot, name } = link;
    try {
      const port = Port.open(library, memory, link, options);
      port.pollSlot = poll.add(port.fd);
      this.#bySlot[slot] = port;
      this.#open = [...this.#open, port];
    } catch (error) {
      if (!(error instanceof NativeError)) throw error;
      if (this.#reported.get(slot) !== error.message) {
        news.report({ kind: "interfaceFailed", name, message: error.message });
      }
      this.#reported.set(slot, error.message);
      return false;
    }
    if (this.#names[slot] !== name) this.#resetCounters(slot);
    this.#names[slot] = name;
    this.#reported.delete(slot);
    news.report({ kind: "interfaceOpened", name });
    return true;
  }

  #update(port: Port, link: SlottedInterface): void {
    const before = port.link;
    const isSameMac = macEquals(before.mac, link.mac);
    if (!isSameMac || before.epoch !== link.epoch) this.#addAgain(link.slot);
    port.update(link);
  }

  #addAgain(slot: number): void {
    this.#again[slot < 32 ? 0 : 1] |= 1 << (slot & 31);
  }

  #closeUnwanted(port: Port): void {
    const { name } = port.link;
    this.#close(port);
    this.#context.news.report({ kind: "interfaceClosed", name });
  }

  /** Closes a port whose interface failed under it; it is tried again later. */
  #lose(port: Port, now: number): true {
    const { name } = port.link;
    const message = port.failure;
    this.#close(port);
    this.#context.news.report({ kind: "interfaceGone", name, message });
    this.#retryAt = Math.min(this.#retryAt, now + REOPEN_INTERVAL);
    return true;
  }

  #close(port: Port): void {
    const { poll, onClose } = this.#context;
    onClose(port.link.slot);
    poll.remove(port.pollSlot);
    this.#bySlot[port.link.slot] = undefined;
    this.#open = this.#open.filter((other) => other !== port);
    port.close();
  }

  /** Another interface has the slot now: it starts counting from 0. */
  #resetCounters(slot: number): void {
    const { frames, statistics } = this.#context.memory;
    frames.fill(0, frameCell(slot, 0), frameCell(slot + 1, 0));
    statistics.fill(0, statisticCell(slot), statisticCell(slot + 1));
  }
}

function maskOf(ports: readonly Port[]): SlotMask {
  let low = 0;
  let high = 0;
  for (const { link: { slot } } of ports) {
    if (slot < 32) low |= 1 << slot;
    else high |= 1 << (slot - 32);
  }
  return [low, high];
}
