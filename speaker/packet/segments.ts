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

/**
 * The segments of all open interfaces, with the members that can be met on
 * each, and the groups that are announced there.
 */
export function segmentsOf(source: SegmentSource): SegmentRecord[] {
  const { generation, links } = source;
  const peers = generation.peers.peers();
  const places = placesOf(generation);
  const entries = [...generation.groups.entries()];
  return links.map(({ slot, index: link }) => {
    const members = membersOn(peers, places, slot);
    const present = new Set(members.map(({ node }) => node));
    present.add(generation.membership.self);
    const groups = entries.flatMap(([index, entry]) =>
      groupOn(source, index, entry, slot, present)
    );
    return { slot, link, members, groups };
  });
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

function groupOn(
  { groups, isIpv4, isOn }: SegmentSource,
  index: number,
  entry: GroupEntry,
  slot: number,
  present: ReadonlySet<number>,
): GroupRecord[] {
  const addresses = groups.addressesOf(index).filter((id) => isOn(id, slot));
  if (addresses.length === 0) return [];
  let frames = 0;
  for (const id of addresses) frames += framesPerAnnouncement(isIpv4(id));
  return [{
    id: entry.id,
    hash: entry.hash,
    candidates: entry.candidates.filter(({ node }) => present.has(node)),
    failback: failbackOf(entry.failbackDelay),
    frames,
    isNew: entry.isNew,
  }];
}

function failbackOf(delay: number): FailbackPolicy {
  if (delay === Infinity) return { kind: "never" };
  return delay === 0 ? { kind: "immediate" } : { kind: "delay", delay };
}
