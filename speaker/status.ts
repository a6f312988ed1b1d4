/** What `/status` shows: who answers for what, who is next, and why. */
import type { Problem } from "../mod/config/mod.ts";
import { formatProblem } from "../mod/config/mod.ts";
import type { Forwarding } from "../mod/forwarding/mod.ts";
import type {
  BeatCounters,
  BeatLateness,
  InterfaceDecision,
} from "../mod/layer2/mod.ts";
import { formatIp, formatMac } from "../mod/net/mod.ts";
import {
  leadingDecision,
  type OwnershipDecision,
} from "../mod/ownership/mod.ts";
import type { ServiceDecision } from "./decisions.ts";
import type { SecretFingerprints } from "./members/member_files.ts";
import type { ClaimCount } from "./packet/claim_events.ts";
import type { PacketWorkerHealth } from "./packet/packet_worker.ts";

/** One node in a Service's order. */
export interface CandidateStatus {
  readonly node: string;
  readonly score: number;
  /** `sha256("<node>#<key>")`, hex. */
  readonly hash: string;
}

/** A node that is no candidate for a Service. */
export interface ExcludedStatus {
  readonly node: string;
  /** Reason words; empty when the group as a whole is refused. */
  readonly exclusions: readonly string[];
}

/** One Service of type LoadBalancer. */
export interface ServiceStatus {
  /** `namespace/name`. */
  readonly service: string;
  readonly ips: readonly string[];
  /** The pools that hold them, joined by commas. */
  readonly pool: string | null;
  readonly owner: string | null;
  /** Who takes over, in this order. */
  readonly standbys: readonly string[];
  /** Why nobody can own it; null when somebody can. */
  readonly refusal: string | null;
  readonly order: readonly CandidateStatus[];
  readonly excluded: readonly ExcludedStatus[];
}

/** One interface of the node. */
export interface InterfaceStatus {
  readonly name: string;
  readonly mac: string | null;
  /** Whether ARP is answered on it. */
  readonly arp: boolean;
  /** Whether NDP is answered on it. */
  readonly ndp: boolean;
  /** Why it is not used; null when it is. */
  readonly skipped: string | null;
}

/** The whole of `/status`. */
export interface SpeakerStatus {
  readonly node: string;
  /** Nodes whose speakers count as alive. */
  readonly members: readonly string[];
  /** Fingerprints of the members' secrets in force; null without any. */
  readonly memberKeys: SecretFingerprints | null;
  /** Whether nobody can expire now, because the API cannot be reached. */
  readonly frozen: boolean;
  /** Whether this node forwards, and how that is known. */
  readonly forwarding: Forwarding;
  readonly ready: boolean;
  readonly problems: readonly string[];
  readonly configProblems: readonly string[];
  readonly interfaces: readonly InterfaceStatus[];
  readonly services: readonly ServiceStatus[];
  /** What became of heartbeats, by interface and outcome. */
  readonly beats: Readonly<Record<string, BeatCounters>>;
  /** How many beats came late by at most 5, 10, 25, 50, 100 and 200 ms, and all, and by how much together in ms, by interface. */
  readonly beatLateness: Readonly<Record<string, BeatLateness>>;
  /** What became of claims. */
  readonly claims: readonly ClaimCount[];
  /** What of the gossip was not taken in, by reason. */
  readonly gossipDrops: Readonly<Record<string, number>>;
  readonly worker: PacketWorkerHealth;
}

/**
 * Shows one decision.
 *
 * @param ownerOf Who claims a group, by its key; left out, the order decides.
 */
export function serviceStatus(
  service: string,
  each: ServiceDecision,
  ownerOf?: (key: string) => string | null,
): ServiceStatus {
  if (each.kind === "refused") return refusedStatus(service, each.reason);
  const { parts } = each;
  const decisions = parts.map(({ decision }) => decision);
  const decision = leadingDecision(decisions);
  if (decision === undefined) return refusedStatus(service, "noCandidate");
  const candidates = new Set(decision.order.map(({ node }) => node));
  const owner = ownerOf === undefined ? decision.owner : ownerOf(decision.key);
  return {
    service,
    ips: parts.flatMap(({ ips }) => ips.map(formatIp)),
    pool: parts.map(({ pool }) => pool).join(),
    owner,
    standbys: decision.order.map(({ node }) => node)
      .filter((node) => node !== owner),
    refusal: decision.refusal ??
      (decision.owner === null ? "noCandidate" : null),
    order: decision.order.map(({ node, score, hash }) => ({
      node,
      score,
      hash,
    })),
    excluded: decision.nodes.map(({ node }) => node)
      .filter((node) => !candidates.has(node))
      .map((node) => ({ node, exclusions: exclusionsOf(node, decisions) })),
  };
}

function refusedStatus(service: string, refusal: string): ServiceStatus {
  return {
    service,
    ips: [],
    pool: null,
    owner: null,
    standbys: [],
    refusal,
    order: [],
    excluded: [],
  };
}

/** What keeps a node from announcing all of a Service's addresses. */
function exclusionsOf(
  name: string,
  decisions: readonly OwnershipDecision[],
): readonly string[] {
  const all = decisions.flatMap(({ nodes }) => nodes)
    .filter(({ node }) => node === name)
    .flatMap(({ exclusions }) => exclusions);
  return [...new Set(all)];
}

/** Shows one interface. */
export function interfaceStatus(decision: InterfaceDecision): InterfaceStatus {
  const { name, mac } = decision.link;
  return {
    name,
    mac: mac === null ? null : formatMac(mac),
    arp: decision.kind === "use" && decision.arp,
    ndp: decision.kind === "use" && decision.ndp,
    skipped: decision.kind === "skip" ? decision.reason : null,
  };
}

/** Shows problems of the configuration, one sentence each. */
export function problemLines(
  problems: readonly Pick<Problem, "path" | "message">[],
): string[] {
  return problems.map(formatProblem);
}
