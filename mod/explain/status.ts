/** The whole cluster at a glance, problems first. */
import { explainService, type ServiceExplanation } from "./explain_service.ts";
import type { ClusterFacts, SpeakerFacts } from "./facts.ts";

/** How full a pool is. */
export interface PoolUse {
  /** Name of the pool. */
  readonly pool: string;
  /** Addresses that Services hold. */
  readonly assigned: bigint;
  /** Addresses that nobody holds; of a huge pool, a lower bound. */
  readonly available: bigint;
}

/** A pool as `status` shows it; counts are text, for they may pass 2⁵³. */
export interface PoolLine {
  /** Name of the pool. */
  readonly pool: string;
  /** Addresses that Services hold. */
  readonly assigned: string;
  /** Addresses that nobody holds. */
  readonly available: string;
}

/** A Service as `status` shows it. */
export interface ServiceLine {
  /** `namespace/name`. */
  readonly service: string;
  /** Its addresses. */
  readonly ips: readonly string[];
  /** Pools that hold them. */
  readonly pools: readonly string[];
  /** Node that answers; `null` = nobody. */
  readonly owner: string | null;
  /** Who takes over, in this order. */
  readonly standbys: readonly string[];
  /** MAC addresses that the owner answers with; empty = not known. */
  readonly macs: readonly string[];
  /** Since when it does, RFC 3339; `null` = it does not say. */
  readonly since: string | null;
}

/** A speaker as `status` shows it. */
export interface SpeakerLine extends SpeakerFacts {
  /** Whether its node is marked to be drained. */
  readonly draining: boolean;
}

/** The answer to `status`. */
export interface ClusterStatus {
  /** What a person should look at; empty = all is well. */
  readonly problems: readonly string[];
  /** The pools in force. */
  readonly pools: readonly PoolLine[];
  /** Services of type LoadBalancer that are ours. */
  readonly services: readonly ServiceLine[];
  /** Speakers that have a Lease. */
  readonly speakers: readonly SpeakerLine[];
}

/** Sums a cluster up. */
export function clusterStatus(
  cluster: ClusterFacts,
  use: readonly PoolUse[],
): ClusterStatus {
  const services = cluster.services
    .filter(({ allocation }) => allocation.kind === "decided")
    .map((facts) => explainService(facts, cluster));
  return {
    problems: [
      ...cluster.configProblems,
      ...speakerProblems(cluster),
      ...services.flatMap(({ problems }) => problems),
      ...use.filter(({ available }) => available === 0n).map(({ pool }) =>
        `pool "${pool}" has no free address: give it more with spec.addresses`
      ),
    ],
    pools: use.map(({ pool, assigned, available }) => ({
      pool,
      assigned: String(assigned),
      available: String(available),
    })),
    services: services.map(serviceLine),
    speakers: cluster.speakers.map((speaker) => ({
      ...speaker,
      draining: cluster.draining.includes(speaker.node),
    })),
  };
}

function serviceLine(
  { service, ips, pools, owner, standbys, announcers }: ServiceExplanation,
): ServiceLine {
  const announcer = announcers.find(({ node }) => node === owner);
  const { macs = [], since = null } = announcer ?? {};
  return { service, ips, pools, owner, standbys, macs, since };
}

function speakerProblems({ speakers, nodes }: ClusterFacts): string[] {
  const gone = speakers.filter(({ alive }) => !alive).map(({ node, ageMs }) =>
    nodes.includes(node)
      ? `speaker of ${node}: its Lease was last renewed ${
        Math.round(ageMs / 1000)
      } s ago`
      : `speaker of ${node}: its Lease is left, the node is gone`
  );
  return speakers.some(({ alive }) => alive)
    ? gone
    : ["no speaker is alive: nobody answers for any address", ...gone];
}
