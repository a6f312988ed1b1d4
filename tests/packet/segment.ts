/**
 * A network segment with two ends in a namespace of its own: the packet worker
 * answers on one, the test asks on the other.
 *
 * @module
 */
import {
  CaptureHandle,
  interfaceIndex,
  type NativeLibrary,
  openLibrary,
  PollSet,
} from "../../ffi/mod.ts";
import type {
  DesiredAddress,
  DesiredInterface,
  PacketEvent,
} from "../../mod/layer2/mod.ts";
import {
  type ArpPacket,
  decodeArp,
  decodeEthernet,
  decodeIpv6,
  type EthernetFrame,
  EtherType,
  type Ip,
  type Ipv6Packet,
  macEquals,
  type NeighborAdvertisement,
  parseIp,
  receiveNdp,
} from "../../mod/net/mod.ts";
import { PacketWorker } from "../../speaker/packet/mod.ts";
import type { PacketWorkerOptions } from "../../speaker/packet/mod.ts";
import { OWN_MAC, PEER_MAC } from "../frames.ts";
import { NetworkNamespace } from "../network_namespace.ts";

/** How long something may take that ought to take a few milliseconds: what waits so long has failed. */
export const PATIENCE = 20_000;

/** Holds all that a test sets off before it reads, about 2000 frames: what does not fit is lost. */
const PEER_RING_BYTES = 4 * 1024 * 1024;

/** The interface that the worker answers on. */
export const OWN_INTERFACE = "lan0";
/** The interface that the test asks on. */
export const PEER_INTERFACE = "peer0";

/** See the module. */
export class Segment implements AsyncDisposable {
  /** The namespace. */
  readonly namespace: NetworkNamespace;
  /** The test's handle of libpcap. */
  readonly library: NativeLibrary;
  /** What the worker told. */
  readonly events: PacketEvent[] = [];
  #worker: PacketWorker | undefined;
  #peer: CaptureHandle;
  #poll: PollSet;
  readonly #buffer = new Uint8Array(2048);
  readonly #out = new Uint8Array(2048);

  /** Makes namespace and wire; the worker is started by {@linkcode start}. */
  constructor() {
    this.namespace = NetworkNamespace.enter();
    this.namespace.wire(OWN_INTERFACE, PEER_INTERFACE);
    this.library = openLibrary();
    this.#peer = this.#openPeer();
    this.#poll = this.#pollPeer();
  }

  /** Starts the worker with announcements that leave at once. */
  async start(
    options: Partial<PacketWorkerOptions> = {},
  ): Promise<PacketWorker> {
    this.#worker = await PacketWorker.start({
      library: this.library,
      pacing: { framesPerSecond: 1e5, burst: 5000 },
      onEvent: (event) => this.events.push(event),
      ...options,
    });
    return this.#worker;
  }

  /** The worker's interface as it is to be published. */
  own(change: Partial<DesiredInterface> = {}): DesiredInterface {
    const index = interfaceIndex(this.library, OWN_INTERFACE);
    const both = { arp: true, ndp: true, epoch: 0 };
    return { index, name: OWN_INTERFACE, mac: OWN_MAC, ...both, ...change };
  }

  /** Publishes addresses on the worker's interface and waits until they are in force. */
  async announce(...addresses: readonly string[]): Promise<void> {
    if (this.#worker === undefined) throw new Error("Call start() first");
    const { generation } = this.#worker.publish({
      interfaces: [this.own()],
      addresses: addresses.map((text) => everywhere(parseIp(text))),
    });
    await this.#worker.whenApplied(generation);
  }

  /** Puts a frame on the wire from the test's end. */
  send(frame: Uint8Array): void {
    this.#out.set(frame);
    if (this.#peer.send(this.#out, frame.length)) return;
    throw this.#peer.failure ?? new Error("The frame was not taken");
  }

  /** The next frame that has arrived, or arrives within a time, in ms. */
  async next(patience: number = PATIENCE): Promise<EthernetFrame | undefined> {
    const end = performance.now() + patience;
    do {
      if (this.#poll.wait(5) > 0) {
        const length = this.#peer.next(this.#buffer);
        if (length > 0) {
          const bytes = this.#buffer.slice(0, length);
          return decodeEthernet(bytes);
        }
      }
      // Lets the worker's news be taken meanwhile.
      await new Promise((resolve) => setTimeout(resolve));
    } while (performance.now() < end);
    return undefined;
  }

  /** The first arriving frame of which something can be made, within a time, in ms. */
  async find<T>(
    make: (frame: EthernetFrame) => T | undefined,
    patience: number = PATIENCE,
  ): Promise<T | undefined> {
    const end = performance.now() + patience;
    for (;;) {
      const frame = await this.next(end - performance.now());
      if (frame === undefined) return undefined;
      const made = make(frame);
      if (made !== undefined) return made;
    }
  }

  /** Opens the test's end again, after its interface was made anew. */
  reopenPeer(): void {
    this.#peer.close();
    this.#peer = this.#openPeer();
    this.#poll = this.#pollPeer();
  }

  /** Stops the worker and leaves the namespace. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker?.stop();
    this.library.close();
    this.namespace[Symbol.dispose]();
  }

  #openPeer(): CaptureHandle {
    return CaptureHandle.open(this.library, PEER_INTERFACE, {
      snapLength: 2048,
      promiscuous: true,
      bufferBytes: PEER_RING_BYTES,
    });
  }

  #pollPeer(): PollSet {
    const poll = new PollSet(this.library, 1);
    poll.add(this.#peer.fd);
    return poll;
  }
}

/** An address on all interfaces. */
export function everywhere(ip: Ip, epoch = 0): DesiredAddress {
  return { ip, interfaces: "all", epoch };
}

/** The ARP packet of a frame, if it is one. */
export function arpOf(frame: EthernetFrame): ArpPacket | undefined {
  return frame.etherType === EtherType.arp
    ? decodeArp(frame.payload)
    : undefined;
}

/** The ARP reply of a frame to the test, if it is one. */
export function arpReplyOf(frame: EthernetFrame): ArpPacket | undefined {
  const packet = arpOf(frame);
  const isOurs = macEquals(frame.destination, PEER_MAC);
  return packet?.operation === 2 && isOurs ? packet : undefined;
}

/** A valid advertisement and the headers that it came with. */
export interface ReceivedAdvertisement {
  readonly frame: EthernetFrame;
  readonly packet: Ipv6Packet;
  readonly message: NeighborAdvertisement;
}

/** The valid Neighbor Advertisement of a frame, if it is one. */
export function advertisementOf(
  frame: EthernetFrame,
): ReceivedAdvertisement | undefined {
  if (frame.etherType !== EtherType.ipv6) return undefined;
  const packet = decodeIpv6(frame.payload);
  const received = receiveNdp(packet);
  if (received.kind === "drop") return undefined;
  const { message } = received;
  return message.kind === "neighborAdvertisement"
    ? { frame, packet, message }
    : undefined;
}

/** Waits until a condition holds; fails with `what` when it does not in time. */
export async function until(
  condition: () => boolean,
  what: string,
  patience: number = PATIENCE,
): Promise<void> {
  const end = performance.now() + patience;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`Never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
