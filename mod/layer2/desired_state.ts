import type { MembershipKeys } from "../crypto/mod.ts";
import { type Ip, ipToBytes, type Mac } from "../net/mod.ts";
import type { GroupEntry } from "./group_table.ts";
import type { PeerEntry } from "./peer_table.ts";

/** An interface that frames are answered on. */
export interface DesiredInterface {
  /** The kernel's index of it; its identity. */
  readonly index: number;
  /** Its name, at most 15 bytes. */
  readonly name: string;
  /** Its present address. */
  readonly mac: Mac;
  /** Answer ARP here: it can broadcast. */
  readonly arp: boolean;
  /** Answer NDP here: it has an IPv6 link-local address. */
  readonly ndp: boolean;
  /** A change makes all addresses be announced here anew, as after a lost carrier. */
  readonly epoch: number;
  /** An IPv4 address of it, to ask from; heartbeats fall back to it. */
  readonly ipv4?: Ip;
  /** Its IPv6 link-local address, to ask from and for heartbeats. */
  readonly linkLocal?: Ip;
}

/** Names of interfaces; those that are not there count for nothing. */
export type InterfaceSelection = "all" | readonly string[];

/** An address that is answered for. */
export interface DesiredAddress {
  /** The address. */
  readonly ip: Ip;
  /** On which interfaces. */
  readonly interfaces: InterfaceSelection;
  /** A change makes it be announced anew. */
  readonly epoch: number;
  /**
   * Id of its group: it is answered for where and while this node claims the
   * group. Left out, it is always answered for.
   */
  readonly group?: number;
}

/** A network interface of another node. */
export interface DesiredStation {
  /** Its address. */
  readonly mac: Mac;
  /** On which of our interfaces it can be met. */
  readonly interfaces: InterfaceSelection;
  /** Where its heartbeats go over IPv4. */
  readonly ipv4?: Ip;
  /** Where its heartbeats go over IPv6. */
  readonly linkLocal?: Ip;
}

/** Another node. */
export interface DesiredPeer extends PeerEntry {
  /** Its interfaces. */
  readonly stations: readonly DesiredStation[];
}

/**
 * A node that is no member: it claims nothing that counts, but its frames are
 * not those of a foreign host.
 */
export interface DesiredBystander {
  /** Its id. */
  readonly node: number;
  /** Its interfaces. */
  readonly stations: readonly DesiredStation[];
}

/** What arbitration between nodes takes. */
export interface DesiredMembership {
  /** Id of this node. */
  readonly self: number;
  /** MAC addresses of all interfaces of this node, those included that nothing is answered on. */
  readonly ownMacs: readonly Mac[];
  /** Keys in force, at most {@linkcode MAX_KEYS}; the first seals. */
  readonly keys: readonly MembershipKeys[];
  /** UDP port of heartbeats, on all nodes. */
  readonly port: number;
  /** The other members. */
  readonly peers: readonly DesiredPeer[];
  /** Nodes that are no members; left out, there are none. */
  readonly bystanders?: readonly DesiredBystander[];
  /** The groups, those included that another node owns. */
  readonly groups: readonly GroupEntry[];
}

/** Most keys at a time: while one is replaced there are two. */
export const MAX_KEYS = 4;

/** All that the packet worker should do. Publishing the same again changes nothing. */
export interface DesiredState {
  /** Interfaces with unique indexes. */
  readonly interfaces: readonly DesiredInterface[];
  /** Unique addresses. */
  readonly addresses: readonly DesiredAddress[];
  /** Left out, this node answers for all addresses by itself. */
  readonly membership?: DesiredMembership;
}

/** An interface and the slot that stands for it in bit masks and counters. */
export interface SlottedInterface extends DesiredInterface {
  /** From 0, below `MAX_INTERFACES`. */
  readonly slot: number;
}

/** A text that is the same for the same address only. */
export function addressKey(ip: Ip): string {
  return String.fromCharCode(...ipToBytes(ip));
}
