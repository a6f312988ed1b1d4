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
  type Arbitration,
  frameCell,
  MAX_INTERFACES,
  type SharedMemory,
  type SlotMask,
  type SlottedInterface,
  statisticCell,
} from "../../mod/layer2/mod.ts";
import { macEquals } from "../../mod/net/mod.ts";
import type { LoopClock, LoopTask } from "./loop_task.ts";
import type { News } from "./news.ts";
import { Port, type PortOptions, type SightingListener } from "./port.ts";
import { Retries } from "./retries.ts";

/** Frames answered on one interface before the others have their turn. */
const FRAMES_PER_ROUND = 64;
/** Rounds with one frame per interface before it is looked whether more wait. */
const ROUNDS_PER_LOOK = 8;

/** What the ports need of the loop. */
export interface PortsContext {
  readonly library: NativeLibrary;
  readonly memory: SharedMemory;
  readonly poll: PollSet;
  readonly clock: LoopClock;
  readonly news: News;
  readonly options: PortOptions;
  /** Knows the other members. */
  readonly arbitration: Arbitration;
  /** Told what is seen of them. */
  readonly onSighting: SightingListener;
  /** Told before an interface's port is closed. */
  readonly onClose: (slot: number) => void;
}

/**
 * The interfaces that are wanted, and an open port for each that can be opened.
 * The others are tried again and again.
 */
export class Ports implements LoopTask {
  readonly #context: PortsContext;
  readonly #bySlot: (Port | undefined)[] = new Array(MAX_INTERFACES);
  readonly #names: (string | undefined)[] = new Array(MAX_INTERFACES);
  #open: readonly Port[] = [];
  #wanted: readonly SlottedInterface[] = [];
  readonly #retries = new Retries();
  #table: AddressTable;
  #isChanged = false;
  #again: [number, number] = [0, 0];
  #roundsToLook = ROUNDS_PER_LOOK;

  /**
   * Begins with no interface wanted.
   *
   * @param context What they work with.
   */
  constructor(context: PortsContext) {
    this.#context = context;
    this.#table = context.memory.generations[0].table;
  }

  /** The open ports. */
  get open(): readonly Port[] {
    return this.#open;
  }

  /** The port in a slot, if it is open. */
  get(slot: number): Port | undefined {
    return this.#bySlot[slot];
  }

  /** Answers frames that wait and tries again what could not be opened. */
  run(): void {
    this.#drain();
    if (this.#retries.isEmpty) return;
    const { clock } = this.#context;
    if (clock.now >= this.#retries.dueAt) this.openMissing();
    clock.wakeBy(this.#retries.dueAt);
  }

  /**
   * Answers all that waits, whatever the last poll found.
   *
   * @returns Whether more may wait.
   */
  catchUp(): boolean {
    let isBehind = false;
    for (const port of this.#open) {
      const found = port.drain(FRAMES_PER_ROUND, this.#table);
      if (found < 0) this.#lose(port);
      if (found === FRAMES_PER_ROUND) isBehind = true;
    }
    return isBehind;
  }

  /** Looks addresses up in this table from now on. */
  setTable(table: AddressTable): void {
    this.#table = table;
  }

  /** Whether ports were opened or closed since the last call. */
  takeChanged(): boolean {
    const isChanged = this.#isChanged;
    this.#isChanged = false;
    return isChanged;
  }

  /**
   * Makes exactly these interfaces the wanted ones and closes the others;
   * {@linkcode openMissing} opens those that are new.
   */
  want(wanted: readonly SlottedInterface[]): void {
    this.#wanted = wanted;
    for (const port of this.#open) {
      const link = wanted.find(({ slot }) => slot === port.link.slot);
      if (link?.index === port.link.index) this.#update(port, link);
      else this.#closeUnwanted(port);
    }
    this.#retries.keep(wanted);
    for (const link of wanted) this.#name(link);
  }

  /** Opens what is wanted and not open, unless it failed a moment ago. */
  openMissing(): void {
    const { now } = this.#context.clock;
    for (const link of this.#wanted) {
      if (this.#bySlot[link.slot] !== undefined) continue;
      if (this.#retries.isDue(link, now)) this.#tryOpen(link);
    }
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

  /**
   * Answers what waits on all ports that the last poll found ready.
   *
   * To find that a port has no more frames costs a system call, as much as the
   * next poll. So one frame is taken per port, and only now and then as many as
   * there are; where that finds several, it is done in every round until it
   * does not. How long a poll took would tell sooner, but on a slow machine, or
   * before this is compiled, one that did not block takes as long as one that did.
   */
  #drain(): void {
    const { poll } = this.#context;
    const ports = this.#open;
    const isLook = this.#roundsToLook === 0;
    const budget = isLook ? FRAMES_PER_ROUND : 1;
    let most = 0;
    for (let i = 0; i < ports.length; i++) {
      const port = ports[i];
      if (port === undefined) continue;
      const ready = poll.revents(port.pollSlot);
      if (ready === 0) continue;
      const found = (ready & POLLIN) === 0
        ? 0
        : port.drain(budget, this.#table);
      if (found > most) most = found;
      if (found < 0 || (ready & (POLLERR | POLLHUP | POLLNVAL)) !== 0) {
        this.#lose(port);
      }
    }
    if (most === 0) return;
    if (!isLook) this.#roundsToLook--;
    else if (most === 1) this.#roundsToLook = ROUNDS_PER_LOOK;
  }

  #tryOpen(link: SlottedInterface): void {
    const { library, poll, clock, news, options } = this.#context;
    const { slot, name } = link;
    try {
      const port = Port.open(library, link, options, this.#context);
      port.pollSlot = poll.add(port.fd);
      this.#bySlot[slot] = port;
      this.#open = [...this.#open, port];
      this.#isChanged = true;
    } catch (error) {
      if (!(error instanceof NativeError)) throw error;
      const { message } = error;
      if (this.#retries.refused(link, clock.now, message)) {
        news.report({ kind: "interfaceFailed", name, message });
      }
      return;
    }
    this.#retries.opened(slot);
    news.report({ kind: "interfaceOpened", name });
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
  #lose(port: Port): void {
    const { link, failure: message } = port;
    const { clock, news } = this.#context;
    this.#close(port);
    news.report({ kind: "interfaceGone", name: link.name, message });
    this.#retries.lost(link, clock.now);
  }

  #close(port: Port): void {
    const { poll, onClose } = this.#context;
    onClose(port.link.slot);
    poll.remove(port.pollSlot);
    this.#bySlot[port.link.slot] = undefined;
    this.#open = this.#open.filter((other) => other !== port);
    this.#isChanged = true;
    port.close();
  }

  /** Another interface that has the slot now starts counting from 0; a renamed one goes on. */
  #name({ slot, name }: SlottedInterface): void {
    const isOther = this.#names[slot] !== name &&
      this.#bySlot[slot] === undefined;
    this.#names[slot] = name;
    if (!isOther) return;
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
