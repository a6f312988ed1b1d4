import { SocketAddress } from "../../ffi/mod.ts";
import type {
  SlottedInterface,
  Station,
  StationTable,
} from "../../mod/layer2/mod.ts";
import { ipToBytes } from "../../mod/net/mod.ts";
import { BACK, BeatPath, NOWHERE } from "../../mod/ownership/mod.ts";

/** Where beats to one peer on one interface go. */
class BeatPeer {
  readonly #path = new BeatPath();
  /** Addresses by the table, those of IPv6 first. */
  #known: readonly SocketAddress[] = [];
  /** Where it was last heard from. */
  #back: SocketAddress | undefined;

  /** Takes over what the table says. */
  setKnown(known: readonly SocketAddress[]): void {
    this.#known = known.toSorted((a, b) => rankOf(a) - rankOf(b));
  }

  /** A beat of it came from an address. */
  heard(from: SocketAddress, now: number): void {
    this.#path.heard(now);
    if (this.#back?.family === from.family) {
      this.#back.set(from);
      return;
    }
    this.#back = new SocketAddress(from.family);
    this.#back.set(from);
  }

  /** Where the next beat goes. */
  next(now: number): SocketAddress | undefined {
    const hasBack = this.#back !== undefined;
    const way = this.#path.next(this.#known.length, hasBack, now);
    if (way === NOWHERE) return undefined;
    return way === BACK ? this.#back : this.#known[way];
  }
}

function rankOf({ family }: SocketAddress): number {
  return family === "IPv6" ? 0 : 1;
}

/** The peers on one interface. */
interface PeersOfLink {
  /** Index of the interface. */
  readonly index: number;
  readonly byNode: Map<number, BeatPeer>;
}

/** Where beats go, by interface and peer: addresses of the table, and those that peers were heard from. */
export class BeatPeers {
  readonly #bySlot = new Map<number, PeersOfLink>();

  /**
   * Takes over what the table says. What was learned on an interface ends with it.
   *
   * @param links Our interfaces.
   * @param stations Theirs.
   * @param port UDP port of theirs.
   */
  follow(
    links: readonly SlottedInterface[],
    stations: StationTable,
    port: number,
  ): void {
    const others = [...stations.stations()].filter(({ isSelf }) => !isSelf);
    for (const slot of this.#bySlot.keys()) {
      if (!links.some((link) => link.slot === slot)) this.#bySlot.delete(slot);
    }
    for (const link of links) this.#followLink(link, others, port);
  }

  /** A beat of a peer came on an interface. */
  heard(slot: number, node: number, from: SocketAddress, now: number): void {
    const peers = this.#bySlot.get(slot);
    if (peers !== undefined) peerOf(peers, node).heard(from, now);
  }

  /** Where the next beat to a peer on an interface goes; `undefined` when that is not known. */
  next(slot: number, node: number, now: number): SocketAddress | undefined {
    return this.#bySlot.get(slot)?.byNode.get(node)?.next(now);
  }

  #followLink(
    link: SlottedInterface,
    others: readonly Station[],
    port: number,
  ): void {
    const peers = this.#peersOf(link);
    const stations = Map.groupBy(
      others.filter((station) => isOn(station, link.slot)),
      ({ node }) => node,
    );
    for (const node of peers.byNode.keys()) {
      if (!stations.has(node)) peers.byNode.delete(node);
    }
    for (const [node, theirs] of stations) {
      peerOf(peers, node).setKnown(
        theirs.flatMap((station) => addressesOf(station, link, port)),
      );
    }
  }

  #peersOf({ slot, index }: SlottedInterface): PeersOfLink {
    const known = this.#bySlot.get(slot);
    if (known?.index === index) return known;
    const made: PeersOfLink = { index, byNode: new Map() };
    this.#bySlot.set(slot, made);
    return made;
  }
}

function peerOf({ byNode }: PeersOfLink, node: number): BeatPeer {
  const known = byNode.get(node);
  if (known !== undefined) return known;
  const made = new BeatPeer();
  byNode.set(node, made);
  return made;
}

function isOn({ lowMask, highMask }: Station, slot: number): boolean {
  const mask = slot < 32 ? lowMask : highMask;
  return (mask & (1 << (slot & 31))) !== 0;
}

/** A station's addresses, of those families that our interface has one of. */
function addressesOf(
  station: Station,
  link: SlottedInterface,
  port: number,
): SocketAddress[] {
  const common = [
    link.linkLocal === undefined ? undefined : station.linkLocal,
    link.ipv4 === undefined ? undefined : station.ipv4,
  ];
  return common.flatMap((ip) =>
    ip === undefined ? [] : [SocketAddress.of(ipToBytes(ip), port, link.index)]
  );
}
