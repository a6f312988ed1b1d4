import { NO_NODE } from "../ownership/mod.ts";
import { Group, NEVER } from "./group.ts";
import { Peer } from "./peer.ts";

/** What a node knows of one segment: who is there, and who owns which group. */
export class Segment {
  /** Slot of our interface. */
  readonly slot: number;
  /** Identity of the interface: a slot may come to mean another. */
  readonly link: number;
  /** Peers by id. */
  readonly peers = new Map<number, Peer>();
  /** The same, to go through. */
  peerList: readonly Peer[] = [];
  /** Groups by id, those included that only others know of. */
  readonly groups = new Map<number, Group>();
  /** The same, to go through. */
  groupList: readonly Group[] = [];

  /** When anything of others was last received. */
  heardAt: number = NEVER;
  /** When any peer last beat. */
  beatAt: number = NEVER;
  /** Whether the table names other members on this segment. */
  hasPeers = false;
  /** When a beat last said that its sender hears us. */
  twoWayAt: number = NEVER;
  /** The newest proof that somebody hears us: such a beat, or an answer to a question. */
  proofAt: number = NEVER;
  /** When a witness was last asked. */
  witnessAskedAt: number = NEVER;
  /** When we last began to answer for our groups anew after an isolation. */
  regainedAt: number = NEVER;
  /** Nodes of which a frame carried a claim here: nobody strips it on the way. */
  readonly claimsSeenFrom = new Set<number>();
  /** Every partner is to get a beat in this round. */
  isTellingAll = false;
  /** Groups that we answer for. */
  owned = 0;
  /** When an announcement is due at the earliest. */
  announceAt: number = Infinity;

  /**
   * A segment of which nothing is known.
   *
   * @param slot Slot of our interface.
   * @param link Identity of the interface.
   */
  constructor(slot: number, link: number) {
    this.slot = slot;
    this.link = link;
  }

  /** The peer with an id, made when it was unknown; `undefined` for `NO_NODE`. */
  peer(node: number): Peer | undefined {
    if (node === NO_NODE) return undefined;
    const known = this.peers.get(node);
    if (known !== undefined) return known;
    const peer = new Peer(node);
    this.peers.set(node, peer);
    this.peerList = [...this.peers.values()];
    return peer;
  }

  /** The group with an id, made when it was unknown. */
  group(id: number): Group {
    const known = this.groups.get(id);
    if (known !== undefined) return known;
    const group = new Group(id);
    this.groups.set(id, group);
    this.groupList = [...this.groups.values()];
    return group;
  }

  /** Forgets groups that nobody knows any more. */
  forget(groups: readonly Group[]): void {
    for (const { id } of groups) this.groups.delete(id);
    this.groupList = [...this.groups.values()];
  }
}
