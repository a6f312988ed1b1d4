/** What the packet worker tells its claim engine of a published state. */
import type {
  FailbackPolicy,
  GroupRecord,
  MemberRecord,
  SegmentRecord,
} from "../../mod/claims/mod.ts";
import {
  framesPerAnnouncement,
  type Generation,
  type GroupDirectory,
  type GroupEntry,
  type PeerEntry,
  type SlottedInterface,
} from "../../mod/layer2/mod.ts";

/** What segments are made of. */
export interface SegmentSource {
  /** The state in force. */
  readonly generation: Generation;
  /** Its groups and their addresses. */
  readonly groups: GroupDirectory;
  /** The interfaces that are open. */
  readonly links: readonly SlottedInterface[];
  /** Whether the address with an id is IPv4. */
  readonly isIpv4: (id: number) => boolean;
  /** Whether the address with an id is announced on the interface in a slot. */
  readonly isOn: (id: number, slot: number) => boolean;
}

/** What was told of a group on an interface, and what it was made of. */
interface Kept {
  readonly stamp: number;
  readonly frames: number;
  readonly record: GroupRecord;
}

/** What was told of the groups on an interface. */
interface KeptSegment {
  readonly link: number;
  readonly present: ReadonlySet<number>;
  readonly groups: Map<number, Kept>;
}

/**
 * Makes of published states what the claim engine is told. What is the same as
 * before is the same object, which the engine does not look at.
 */
export class SegmentBook {
  #kept = new Map<number, KeptSegment>();

  /**
   * The segments of all open interfaces, with the members that can be met on
   * each, and the groups that are announced there.
   */
  segments(source: SegmentSource): SegmentRecord[] {
    const { generation, links } = source;
    const peers = generation.peers.peers();
    const places = placesOf(generation);
    const kept = new Map<number, KeptSegment>();
    const segments = links.map(({ slot, index: link }) => {
      const members = membersOn(peers, places, slot);
      const present = new Set(members.map(({ node }) => node));
      present.add(generation.membership.self);
      const segment = { link, present, groups: new Map<number, Kept>() };
      this.#gather(source, slot, segment);
      kept.set(slot, segment);
      const groups = Array.from(
        segment.groups.values(),
        ({ record }) => record,
      );
      return { slot, link, members, groups };
    });
    this.#kept = kept;
    return segments;
  }

  #gather(source: SegmentSource, slot: number, segment: KeptSegment): void {
    const { generation: { groups } } = source;
    const before = this.#kept.get(slot);
    const isSame = before?.link === segment.link &&
      isSameSet(before.present, segment.present);
    for (let index = 1; index <= groups.last; index++) {
      if (groups.id(index) === 0) continue;
      const frames = framesOn(source, index, slot);
      if (frames === 0) continue;
      const known = isSame ? before.groups.get(index) : undefined;
      const stamp = groups.stamp(index);
      if (known?.stamp === stamp && known.frames === frames) {
        segment.groups.set(index, known);
        continue;
      }
      const entry = groups.get(index);
      if (entry === undefined) continue;
      const record = recordOf(entry, frames, segment.present);
      segment.groups.set(index, { stamp, frames, record });
    }
  }
}

function isSameSet<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean {
  return a.size === b.size && a.isSubsetOf(b);
}

/** Where the interfaces of a node can be met. */
interface Places {
  readonly lowMask: number;
  readonly highMask: number;
}

function placesOf({ stations }: Generation): ReadonlyMap<number, Places> {
  const places = new Map<number, Places>();
  for (const { node, lowMask, highMask } of stations.stations()) {
    const before = places.get(node);
    places.set(node, {
      lowMask: (before?.lowMask ?? 0) | lowMask,
      highMask: (before?.highMask ?? 0) | highMask,
    });
  }
  return places;
}

/** A node none of whose interfaces is known may be met anywhere. */
function membersOn(
  peers: readonly PeerEntry[],
  places: ReadonlyMap<number, Places>,
  slot: number,
): MemberRecord[] {
  return peers.filter(({ node }) => {
    const known = places.get(node);
    return known === undefined || hasSlot(known, slot);
  });
}

function hasSlot({ lowMask, highMask }: Places, slot: number): boolean {
  const mask = slot < 32 ? lowMask : highMask;
  return (mask & (1 << (slot & 31))) !== 0;
}

/** Frames that one announcement of a group takes on an interface; 0 = it is not announced there. */
function framesOn(
  { groups, isIpv4, isOn }: SegmentSource,
  index: number,
  slot: number,
): number {
  let frames = 0;
  for (const id of groups.addressesOf(index)) {
    if (isOn(id, slot)) frames += framesPerAnnouncement(isIpv4(id));
  }
  return frames;
}

function recordOf(
  { id, hash, candidates, failbackDelay, isNew }: GroupEntry,
  frames: number,
  present: ReadonlySet<number>,
): GroupRecord {
  return {
    id,
    hash,
    candidates: candidates.filter(({ node }) => present.has(node)),
    failback: failbackOf(failbackDelay),
    frames,
    isNew,
  };
}

function failbackOf(delay: number): FailbackPolicy {
  if (delay === Infinity) return { kind: "never" };
  return delay === 0 ? { kind: "immediate" } : { kind: "delay", delay };
}
