/**
 * What an explanation starts from: the decisions of the production functions
 * about one moment of the cluster, as plain records.
 */
import type { Ip } from "../net/mod.ts";
import type { PoolConfig } from "../config/mod.ts";
import type { OwnershipDecision } from "../ownership/mod.ts";

/** What the allocator would say about a Service now. */
export type AllocationFacts =
  /** It is no Service of ours; the sentence says why. */
  | { readonly kind: "ignored"; readonly why: string }
  | {
    readonly kind: "decided";
    /** Addresses that the controller would write; `null` = nothing to write. */
    readonly wouldSet: readonly Ip[] | null;
    /** Whether the controller would take the addresses away. */
    readonly wouldClear: boolean;
    /** Reasons of the allocator, a sentence each; empty = all is well. */
    readonly refusals: readonly string[];
  };

/** Who would answer for the addresses that one pool holds. */
export interface PartFacts {
  /** The addresses, in the order of the status. */
  readonly ips: readonly Ip[];
  /** Name of the pool. */
  readonly pool: string;
  /** Their election, together with the Services that share them. */
  readonly decision: OwnershipDecision;
}

/** Who would answer for a Service's addresses, or why nobody. */
export type OwnershipFacts =
  | { readonly kind: "refused"; readonly reason: string }
  | {
    readonly kind: "decided";
    /** By pool, the first address first; mostly one. */
    readonly parts: readonly PartFacts[];
  };

/** A node that says in a `ServiceL2Status` that it announces a Service. */
export interface AnnouncerFacts {
  /** Name of the node. */
  readonly node: string;
  /** When it began, RFC 3339; `null` = it does not say. */
  readonly since: string | null;
  /** MAC addresses that it answers with; empty = not known. */
  readonly macs: readonly string[];
}

/** One Service of type LoadBalancer. */
export interface ServiceFacts {
  /** `namespace/name`. */
  readonly service: string;
  /** Addresses in its status, in that order. */
  readonly ips: readonly Ip[];
  /** What it asks for, as a sentence; `null` = any address. */
  readonly asksFor: string | null;
  /** What the allocator would do with it. */
  readonly allocation: AllocationFacts;
  /** Who would answer for it. */
  readonly ownership: OwnershipFacts;
  /** Who says that it does; there should be one at most. */
  readonly announcers: readonly AnnouncerFacts[];
}

/** What a speaker's Lease says. */
export interface SpeakerFacts {
  /** Name of its node. */
  readonly node: string;
  /** Time since it was renewed, in ms, by the clock of who asks. */
  readonly ageMs: number;
  /** Whether it was renewed within its duration. */
  readonly alive: boolean;
}

/** One moment of the cluster. */
export interface ClusterFacts {
  /** Problems of the configuration, a sentence each. */
  readonly configProblems: readonly string[];
  /** Pools in force. */
  readonly pools: readonly PoolConfig[];
  /** Names of all nodes. */
  readonly nodes: readonly string[];
  /** Nodes that are marked to be drained. */
  readonly draining: readonly string[];
  /** Speakers that have a Lease, by node. */
  readonly speakers: readonly SpeakerFacts[];
  /** Services of type LoadBalancer. */
  readonly services: readonly ServiceFacts[];
}
