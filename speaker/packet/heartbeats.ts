import {
  LINK_HOP_LIMIT,
  NONE_WAITING,
  POLLIN,
  RECEIVE_FAILED,
} from "../../ffi/mod.ts";
import {
  beatCell,
  type BeatOutcomeWord,
  type Generation,
  type SharedMemory,
  type SlottedInterface,
} from "../../mod/layer2/mod.ts";
import {
  Beat,
  BeatCodec,
  MAX_BEAT_BYTES,
  ReplayGuard,
} from "../../mod/ownership/mod.ts";
import { BeatPeers } from "./beat_peers.ts";
import {
  type HeartbeatSocket,
  HeartbeatSockets,
  type HeartbeatSocketsContext,
} from "./heartbeat_sockets.ts";
import type { LoopClock, LoopTask } from "./loop_task.ts";

/**
 * Datagrams taken from one socket at once: in five rounds more than a receive
 * buffer of the usual size holds (212,992 bytes, at least 768 a datagram).
 */
const DATAGRAMS_AT_ONCE = 64;

/** Told of a beat that is authentic and news; it is filled anew after the call. */
export type BeatListener = (slot: number, beat: Beat, now: number) => void;

/** What heartbeats need. */
export interface HeartbeatsContext extends HeartbeatSocketsContext {
  /** Counts. */
  readonly memory: SharedMemory;
  /** Says when. */
  readonly clock: LoopClock;
  /** Is told what is received. */
  readonly onBeat: BeatListener;
}

/**
 * Sends and receives heartbeats: sockets on every interface that has an address
 * for them, by the desired state. What a beat says, and when one is sent, is not
 * decided here. Allocates nothing per beat of a known peer.
 */
export class Heartbeats implements LoopTask {
  readonly #context: HeartbeatsContext;
  readonly #families: readonly HeartbeatSockets[];
  readonly #ipv6: HeartbeatSockets;
  readonly #ipv4: HeartbeatSockets;
  readonly #guard = new ReplayGuard();
  readonly #peers = new BeatPeers();
  readonly #received = new Beat();
  readonly #packet = new Uint8Array(2 * MAX_BEAT_BYTES);
  #codec: BeatCodec | undefined;

  /**
   * Begins without sockets.
   *
   * @param context What it works with.
   */
  constructor(context: HeartbeatsContext) {
    this.#context = context;
    this.#ipv6 = new HeartbeatSockets("IPv6", context);
    this.#ipv4 = new HeartbeatSockets("IPv4", context);
    this.#families = [this.#ipv6, this.#ipv4];
  }

  /** Sockets that are open. */
  get size(): number {
    return this.#ipv6.open.length + this.#ipv4.open.length;
  }

  /**
   * Takes over what is wanted: keys, port, the peers' addresses, and sockets on
   * exactly these interfaces.
   *
   * @param generation The one in force.
   * @param links Open interfaces.
   */
  follow(generation: Generation, links: readonly SlottedInterface[]): void {
    const { membership, stations, peers } = generation;
    const keys = membership.keys().map(({ beats }) => beats);
    const isMember = membership.self !== 0 && keys.length > 0;
    this.#codec = isMember ? new BeatCodec(membership.self, keys) : undefined;
    const port = isMember ? membership.port : 0;
    const { now } = this.#context.clock;
    for (const family of this.#families) family.want(links, port, now);
    this.#peers.follow(links, stations, port);
    this.#guard.keepOnly(new Set(peers.peers().map(({ node }) => node)));
  }

  /** Receives what the last poll found, and tries again what could not be opened. */
  run(): void {
    const { clock } = this.#context;
    for (let i = 0; i < this.#families.length; i++) {
      const family = this.#families[i];
      if (family !== undefined) this.#receive(family);
    }
    const dueAt = Math.min(this.#ipv6.dueAt, this.#ipv4.dueAt);
    if (dueAt === Infinity) return;
    if (clock.now >= dueAt) {
      for (const family of this.#families) family.openMissing(clock.now);
    }
    clock.wakeBy(Math.min(this.#ipv6.dueAt, this.#ipv4.dueAt));
  }

  /**
   * Receives all that waits, whatever the last poll found.
   *
   * @returns Whether more may wait.
   */
  catchUp(): boolean {
    let isBehind = false;
    for (const { open } of this.#families) {
      for (const port of open) {
        if (this.#drain(port, DATAGRAMS_AT_ONCE) === DATAGRAMS_AT_ONCE) {
          isBehind = true;
        }
      }
    }
    return isBehind;
  }

  /**
   * Sends a beat to a peer, with the index of the interface as its link.
   *
   * @param slot Interface that it leaves by.
   * @param node Id of the peer.
   * @returns Whether the kernel took it; if not, that is counted.
   */
  send(slot: number, node: number, beat: Beat): boolean {
    const { clock } = this.#context;
    const to = this.#peers.next(slot, node, clock.now);
    const sockets = to?.family === "IPv6" ? this.#ipv6 : this.#ipv4;
    const from = sockets.get(slot);
    const codec = this.#codec;
    if (to === undefined || from === undefined || codec === undefined) {
      this.#count(slot, "noAddress");
      return false;
    }
    beat.link = from.link.index;
    const length = codec.seal(beat, node, this.#packet);
    const isSent = from.socket.send(this.#packet, length, to);
    this.#count(slot, isSent ? "sent" : "sendFailed");
    return isSent;
  }

  /** Closes all sockets. */
  close(): void {
    for (const family of this.#families) family.close();
  }

  /**
   * Receives from the sockets of a family that the last poll found ready. To find
   * that no more waits costs a system call, and usually a beat comes alone: one is
   * taken, and as many as there are where the round before found one, too.
   */
  #receive(family: HeartbeatSockets): void {
    const { poll } = this.#context;
    for (let i = 0; i < family.open.length; i++) {
      const port = family.open[i];
      if (port === undefined) continue;
      const isReady = (poll.revents(port.pollSlot) & POLLIN) !== 0;
      if (isReady) this.#drain(port, port.wasReady ? DATAGRAMS_AT_ONCE : 1);
      port.wasReady = isReady;
    }
  }

  /** Receives up to a number of datagrams; returns how many. */
  #drain(port: HeartbeatSocket, most: number): number {
    const { socket, link } = port;
    for (let count = 0; count < most; count++) {
      const length = socket.receive();
      if (length === NONE_WAITING) return count;
      if (length === RECEIVE_FAILED) {
        this.#count(link.slot, "receiveFailed");
        return count;
      }
      this.#count(link.slot, this.#take(port, length));
    }
    return most;
  }

  #take({ socket, link }: HeartbeatSocket, length: number): BeatOutcomeWord {
    if (socket.hopLimit !== LINK_HOP_LIMIT) return "hopLimit";
    const beat = this.#received;
    const verdict = this.#codec?.open(socket.datagram, length, beat) ??
      "badSeal";
    if (verdict !== "beat") return verdict;
    const freshness = this.#guard.judge(beat);
    if (freshness !== "fresh") return freshness;
    const { now } = this.#context.clock;
    this.#peers.heard(link.slot, beat.node, socket.source, now);
    this.#context.onBeat(link.slot, beat, now);
    return "received";
  }

  #count(slot: number, outcome: BeatOutcomeWord): void {
    const { beats } = this.#context.memory;
    const at = beatCell(slot, outcome);
    beats[at] = (beats[at] ?? 0) + 1;
  }
}
