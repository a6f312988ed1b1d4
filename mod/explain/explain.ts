/** Explains what a person names: a Service, an address, or a node. */
import {
  equalIp,
  formatIp,
  type Ip,
  prefixContains,
  tryParseIp,
} from "../net/mod.ts";
import type { ClusterFacts } from "./facts.ts";
import { explainService, type ServiceExplanation } from "./explain_service.ts";

/** Everything about one address. */
export interface AddressExplanation {
  /** Which explanation it is. */
  readonly kind: "address";
  /** Canonical text. */
  readonly ip: string;
  /** Pool that holds it; `null` = none. */
  readonly pool: string | null;
  /** What it is: in use, free, or nobody's. */
  readonly why: string;
  /** The Services that have it. */
  readonly services: readonly ServiceExplanation[];
  /** What a person should look at; empty = all is well. */
  readonly problems: readonly string[];
}

/** A Service for which a node stands by. */
export interface StandBy {
  /** `namespace/name`. */
  readonly service: string;
  /** 1 = takes over next. */
  readonly place: number;
}

/** Everything about one node. */
export interface NodeExplanation {
  /** Which explanation it is. */
  readonly kind: "node";
  /** Name of the node. */
  readonly node: string;
  /** Whether its speaker is alive. */
  readonly alive: boolean;
  /** Whether it is marked to be drained. */
  readonly draining: boolean;
  /** Time since its Lease was renewed, in ms; `null` = it has none. */
  readonly leaseAgeMs: number | null;
  /** Services that it answers for. */
  readonly owns: readonly string[];
  /** Services that it takes over when others fail. */
  readonly standbyFor: readonly StandBy[];
  /** Services for which it is no candidate, and why. */
  readonly noCandidateFor: readonly {
    readonly service: string;
    readonly why: readonly string[];
  }[];
  /** What a person should look at; empty = all is well. */
  readonly problems: readonly string[];
}

/** The answer to `explain`. */
export type Explanation =
  | ServiceExplanation
  | AddressExplanation
  | NodeExplanation;

/**
 * Explains a subject: an address, `namespace/name` of a Service, the name of a
 * node, or the name of a Service in the namespace `default`, tried in this
 * order.
 *
 * @returns `undefined` when the cluster has no such thing.
 */
export function explain(
  subject: string,
  cluster: ClusterFacts,
): Explanation | undefined {
  const ip = tryParseIp(subject);
  if (ip !== undefined) return explainAddress(ip, cluster);
  if (cluster.nodes.includes(subject)) return explainNode(subject, cluster);
  const key = subject.includes("/") ? subject : `default/${subject}`;
  const facts = cluster.services.find(({ service }) => service === key);
  return facts === undefined ? undefined : explainService(facts, cluster);
}

function explainAddress(ip: Ip, cluster: ClusterFacts): AddressExplanation {
  const pool =
    cluster.pools.find(({ prefixes }) =>
      prefixes.some((prefix) => prefixContains(prefix, ip))
    )?.name ?? null;
  const services = cluster.services.filter(({ ips }) =>
    ips.some((held) => equalIp(held, ip))
  ).map((facts) => explainService(facts, cluster));
  return {
    kind: "address",
    ip: formatIp(ip),
    pool,
    why: whatItIs(pool, services),
    services,
    problems: services.flatMap(({ problems }) => problems),
  };
}

function whatItIs(
  pool: string | null,
  services: readonly ServiceExplanation[],
): string {
  const place = pool === null ? "no pool holds it" : `pool "${pool}" holds it`;
  if (services.length === 0) return `${place}; no Service has it`;
  const names = services.map(({ service }) => service).join(", ");
  return services.length === 1
    ? `${place}; ${names} has it`
    : `${place}; shared by ${names}`;
}

function explainNode(node: string, cluster: ClusterFacts): NodeExplanation {
  const all = cluster.services
    .filter(({ ownership }) => ownership.kind === "decided")
    .map((facts) => explainService(facts, cluster));
  const speaker = cluster.speakers.find((each) => each.node === node);
  const alive = speaker?.alive === true;
  return {
    kind: "node",
    node,
    alive,
    draining: cluster.draining.includes(node),
    leaseAgeMs: speaker?.ageMs ?? null,
    owns: all.filter(({ owner }) => owner === node).map(({ service }) =>
      service
    ),
    standbyFor: all.flatMap(({ service, standbys }) => {
      const place = standbys.indexOf(node) + 1;
      return place === 0 ? [] : [{ service, place }];
    }),
    noCandidateFor: all.flatMap(({ service, excluded }) => {
      const found = excluded.find((each) => each.node === node);
      if (found === undefined) return [];
      return [{ service, why: found.why }];
    }),
    problems: alive ? [] : [
      speaker === undefined
        ? `${node}: no speaker has a Lease for it`
        : `${node}: its speaker's Lease was last renewed ${
          Math.round(speaker.ageMs / 1000)
        } s ago`,
    ],
  };
}
