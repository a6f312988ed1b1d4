import type { FailbackPolicy } from "./failback.ts";

/** A member of the cluster on a segment, this node not included. */
export interface MemberRecord {
  /** Its id. */
  readonly node: number;
  /** Whether membership calls it alive. */
  readonly isAlive: boolean;
  /** Whether it has said goodbye. */
  readonly hasLeft: boolean;
  /** Whether it sends claims; `false` for a speaker of MetalLB's. */
  readonly speaksClaims: boolean;
}

/** A candidate for a group; this node may be one. */
export interface CandidateRecord {
  /** Its id. */
  readonly node: number;
  /** First 32 bits of its election hash for the group. */
  readonly hash: number;
}

/** A group that is to be announced on a segment, by whoever owns it. */
export interface GroupRecord {
  /** Its id. */
  readonly id: number;
  /** First 32 bits of this node's election hash for it. */
  readonly hash: number;
  /** The candidates that are on the segment, best first, dead ones included; empty = nobody may answer. */
  readonly candidates: readonly CandidateRecord[];
  /** When a returned candidate gets it back. */
  readonly failback: FailbackPolicy;
  /** Frames that one announcement takes: 2 for each IPv4 address, 1 for each IPv6. */
  readonly frames: number;
  /** Whether its addresses were never in use in the cluster, so that a foreign host may use them. */
  readonly isNew: boolean;
}

/** All that concerns one interface of this node. */
export interface SegmentRecord {
  /** Slot of the interface. */
  readonly slot: number;
  /** The kernel's index of the interface: when it changes, the slot means another segment. */
  readonly link: number;
  /** The other members on its segment. */
  readonly members: readonly MemberRecord[];
  /** The groups announced on it. */
  readonly groups: readonly GroupRecord[];
}
