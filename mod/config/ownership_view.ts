/** Translates Kubernetes objects into the records of `mod/ownership`. */
import type { Endpoint, EndpointSlice, Node, Service } from "../kube/mod.ts";
import { formatIp, type Ip, prefixContains, tryParseIp } from "../net/mod.ts";
import type {
  AdvertisementRecord,
  NodeRecord,
  OwnershipView,
} from "../ownership/mod.ts";
import { annotationOf, EXCLUDE_LABEL } from "./annotations.ts";
import type { Config, L2AdvertisementConfig, PoolConfig } from "./config.ts";
import { matchesAny } from "./selector.ts";

/** The objects that decide about one Service. */
export interface OwnershipObjects {
  /** The Service. */
  readonly service: Service;
  /** Its EndpointSlices, all of them and no others. */
  readonly endpointSlices: readonly EndpointSlice[];
  /** All nodes. */
  readonly nodes: readonly Node[];
  /** Nodes whose speaker is alive; `null` = unknown: every node counts. */
  readonly members: readonly string[] | null;
  /** Whether the exclude label of nodes is ignored; default false. */
  readonly ignoreExcludeLB?: boolean;
}

/** Why a Service is not announced anywhere, whoever is alive. */
export type ServiceRefusal =
  /** Its type is another one. */
  | "notLoadBalancer"
  /** Its status has no address. */
  | "noIPAllocated"
  /** Its status has something that is no address. */
  | "invalidIP"
  /** Its addresses are not all in one pool. */
  | "ipNotAllowed";

/** The view of a Service, or why there is none. */
export type OwnershipViewResult =
  | {
    readonly kind: "view";
    /** Input of `decide()`. */
    readonly view: OwnershipView;
    /** The addresses, in the order of the status. */
    readonly ips: readonly Ip[];
    /** Name of the pool that holds them. */
    readonly pool: string;
  }
  | { readonly kind: "refused"; readonly reason: ServiceRefusal };

/** Translates a Service and what surrounds it into the input of `decide()`. */
export function ownershipView(
  config: Config,
  objects: OwnershipObjects,
): OwnershipViewResult {
  const { service, endpointSlices, nodes, members } = objects;
  if (service.spec.type !== "LoadBalancer") return refused("notLoadBalancer");
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  const parsed = ingress.map(({ ip = "" }) => tryParseIp(ip));
  const ips = parsed.filter((ip) => ip !== undefined);
  const [first] = ips;
  if (parsed.length === 0) return refused("noIPAllocated");
  if (first === undefined || ips.length < parsed.length) {
    return refused("invalidIP");
  }
  const pool = poolHolding(config, ips);
  if (pool === undefined) return refused("ipNotAllowed");
  const view: OwnershipView = {
    key: formatIp(first),
    members,
    nodes: nodes.map((node) =>
      nodeRecord(node, objects.ignoreExcludeLB ?? false)
    ),
    advertisements: matching(pool, service).map(advertisementRecord),
    servingEndpoints: servingEndpoints(endpointSlices),
    trafficPolicy: service.spec.externalTrafficPolicy === "Local"
      ? "Local"
      : "Cluster",
    sharesAddress: annotationOf(service, "allow-shared-ip") !== undefined,
  };
  return { kind: "view", view, ips, pool: pool.name };
}

/**
 * Whether an endpoint may get connections: it is ready (or says nothing about
 * it), or it still serves while it terminates.
 */
export function canServe({ conditions }: Endpoint): boolean {
  return (conditions?.ready ?? true) || conditions?.serving === true;
}

/** The pool that holds all of the addresses. */
export function poolHolding(
  config: Config,
  ips: readonly Ip[],
): PoolConfig | undefined {
  return [...config.pools.values()].find(({ prefixes }) =>
    ips.every((ip) => prefixes.some((prefix) => prefixContains(prefix, ip)))
  );
}

function refused(reason: ServiceRefusal): OwnershipViewResult {
  return { kind: "refused", reason };
}

function nodeRecord(
  { metadata, status }: Node,
  ignoreExcludeLB: boolean,
): NodeRecord {
  return {
    name: metadata.name,
    networkUnavailable: (status?.conditions ?? []).some((condition) =>
      condition.type === "NetworkUnavailable" && condition.status === "True"
    ),
    excluded: !ignoreExcludeLB &&
      Object.hasOwn(metadata.labels ?? {}, EXCLUDE_LABEL),
  };
}

function matching(
  { l2Advertisements }: PoolConfig,
  { metadata: { labels = {} } }: Service,
): readonly L2AdvertisementConfig[] {
  return l2Advertisements.filter(({ serviceSelectors }) =>
    matchesAny(serviceSelectors, labels)
  );
}

function advertisementRecord(
  advertisement: L2AdvertisementConfig,
): AdvertisementRecord {
  const { names, nodes, interfaces, serviceSelectors, preferredNodes } =
    advertisement;
  return {
    names,
    nodes,
    interfaces,
    selectsServices: serviceSelectors.length > 0,
    preference: preferredNodes,
  };
}

function servingEndpoints(
  slices: readonly EndpointSlice[],
): (string | null)[] {
  return slices.flatMap(({ endpoints }) =>
    (endpoints ?? []).filter(canServe).map(({ nodeName }) => nodeName ?? null)
  );
}
