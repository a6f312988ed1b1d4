import { NO_NODE } from "../ownership/mod.ts";
import { AnnouncementQueue } from "./announcement_queue.ts";
import { Group, GroupDesk, NEVER } from "./group.ts";
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
  readonly peerList: Peer[] = [];
  /** Groups by id, those included that only others know of. */
  readonly groups = new Map<number, Group>();
  /** The same, to go through. */
  groupList: Group[] = [];
  /** Where they say what is to be done about them. */
  readonly desk = new GroupDesk();
  /** Tables of the main thread that were read. */
  tables = 0;
  /** Groups that we answer for. */
  readonly ours = new Set<Group>();
  /** Those of them that we claim alone, not in full. */
  readonly alone = new Set<Group>();
  /** Those of them that are offered to another. */
  readonly offered = new Set<Group>();
  /** When those of them are to be announced. */
  readonly announcements = new AnnouncementQueue();
  /** Groups of which a peer told that its claim has ended, with that peer, until another is believed in. */
  readonly ended = new Map<Group, Peer>();
  /** Groups of which an owner was never heard of, and others that are to be left out. */
  readonly unheardOf = new Set<Group>();
  /** Groups for which it is to be found out anew whose beats are needed. */
  readonly restated: Group[] = [];

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
  /** Since when there has been such proof without a break. */
  provenSince: number = NEVER;
  /** When a witness was last asked. */
  witnessAskedAt: number = NEVER;
  /** When we last began to answer for our groups anew after an isolation. */
  regainedAt: number = NEVER;
  /** Nodes of which a frame carried a claim here: nobody strips it on the way. */
  readonly claimsSeenFrom = new Set<number>();
  /** A peer is to get a beat before its turn. */
  isBeatDue = false;
  /** Every partner is to get a beat in this round. */
  isTellingAll = false;
  /** Whether it is known that no beat says so any more. */
  isUnheard = false;
  /** When a peer is to be looked at, at the earliest. */
  peersAt: number = NEVER;

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
    this.peersAt = NEVER;
    this.peers.set(node, peer);
    this.peerList.push(peer);
    return peer;
  }

  /** The group with an id, made when it was unknown. */
  group(id: number): Group {
    const known = this.groups.get(id);
    if (known !== undefined) return known;
    const group = new Group(id, this.desk);
    this.groups.set(id, group);
    this.groupList.push(group);
    return group;
  }

  /** When a peer or a group is to be looked at. */
  get lookAt(): number {
    return Math.min(this.peersAt, this.desk.agenda.next);
  }

  /** Whether anybody is to be told something before its turn. */
  get hasNews(): boolean {
    return this.isBeatDue || this.isTellingAll;
  }

  /** Makes every group be looked at again: something changed that may concern all. */
  touchAll(now: number): void {
    for (const group of this.groupList) group.touch(now);
  }

  /** The same for all peers, too. */
  touchEverything(now: number): void {
    for (const peer of this.peerList) this.touchPeer(peer, now);
    this.touchAll(now);
  }

  /** Makes the groups that we answer for be looked at again. */
  touchOurs(now: number): void {
    for (const group of this.ours) group.touch(now);
  }

  /** Puts off the look at a peer: nothing is to be found before. */
  restPeer(peer: Peer, until: number): void {
    const wasFirst = peer.lookAt <= this.peersAt;
    peer.lookAt = until;
    if (!wasFirst) return;
    this.peersAt = Infinity;
    for (const { lookAt } of this.peerList) {
      if (lookAt < this.peersAt) this.peersAt = lookAt;
    }
  }

  /** Makes a peer be looked at. */
  touchPeer(peer: Peer, now: number): void {
    if (now >= peer.lookAt) return;
    peer.lookAt = now;
    if (now < this.peersAt) this.peersAt = now;
  }

  /** Makes it be found out anew whose beats are needed for a group. */
  restate(group: Group): void {
    if (group.isRestated) return;
    group.isRestated = true;
    this.restated.push(group);
  }

  /** Forgets groups that nobody knows any more. */
  forget(groups: readonly Group[]): void {
    for (const group of groups) {
      this.groups.delete(group.id);
      this.ended.delete(group);
      this.unheardOf.delete(group);
      group.lookAt(Infinity);
      for (const peer of group.partners) peer.wantedFor--;
      group.partners = [];
      for (const peer of this.peerList) peer.told.delete(group.id);
    }
    this.groupList = [...this.groups.values()];
  }
}
