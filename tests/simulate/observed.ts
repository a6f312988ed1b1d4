import type { Links } from "./links.ts";
import type { Scenario } from "./scenario.ts";

/** Something that happened. */
export interface LoggedFault {
  /** When, in ms. */
  readonly at: number;
  /** To which nodes; `undefined` = to all. */
  readonly nodes: readonly number[] | undefined;
}

/**
 * What a checker looks at: a cluster at a moment, simulated or as it was
 * recorded on a wire. Nodes and groups are indices, segments are slots.
 */
export interface Observed {
  /** What it is made of, and what it suffers all the time. */
  readonly scenario: Pick<
    Scenario,
    | "nodes"
    | "groups"
    | "segments"
    | "loss"
    | "isStripped"
    | "isSnooped"
    | "hasFailback"
    | "standbys"
  >;
  /** Who reaches whom at present. */
  readonly network: Links & { readonly now: number };
  /** What comes late comes so much later, in ms. */
  readonly late: number;
  /** What happened, to whom. */
  readonly faultLog: readonly LoggedFault[];
  /** When something last healed. */
  readonly healedAt: number;
  /** When IP between nodes last healed. */
  readonly ipHealedAt: number;
  /** A link of the client was cut. */
  readonly hasClientCut: boolean;
  /** IP was cut while ARP passed. */
  readonly hasIpFault: boolean;
  /** Some could not read each other's claims. */
  readonly hasKeyFault: boolean;
  /** Somebody announced what is not his. */
  readonly hasSpoof: boolean;
  /** One node is a speaker of MetalLB's. */
  readonly hasLegacy: boolean;
  /** The running nodes that answer for a group. */
  answering(slot: number, group: number): number[];
  /** The nodes that could answer for a group to the client. */
  candidates(slot: number, group: number): number[];
  /** The newest order of a group. */
  order(group: number): readonly number[];
  /** Whether all have seen the same of the API. */
  viewsAgree(): boolean;
  /** Whether a node has seen everything that the API has. */
  knowsAll(node: number): boolean;
  /** Whether a node has run for a while. */
  isExperienced(node: number): boolean;
  /** Whether a node has run for a while, stands still for nobody, and stays. */
  isSettled(node: number): boolean;
  /** Whether a node may not forward yet. */
  isReserve(node: number): boolean;
  /** Whether a node is, or was, a speaker of MetalLB's. */
  wasLegacy(node: number): boolean;
  /** Whose address the client has for a group, by announcements alone. */
  cached(slot: number, group: number): number | undefined;
  /** Whether the client cannot know better than it does. */
  isExcused(slot: number, group: number): boolean;
  /** How many nodes run. */
  running(): number;
}
