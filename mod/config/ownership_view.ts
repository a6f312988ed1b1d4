/** Translates Kubernetes objects into the records of `mod/ownership`. */
import type { Endpoint, EndpointSlice, Node, Service } from "../kube/mod.ts";
import { formatIp, type Ip, prefixContains, tryParseIp } from "../net/mod.ts";
import type {
  AdvertisementRecord,
  NodeRecord,
  OwnershipView,
} from "../ownership/mod.ts";
import { annotationOf, EXCLUDE_LABEL, mayUseTwoPools } from "./annotations.ts";
import type { Config, L2AdvertisementConfig, PoolConfig } from "./config.ts";
import { mostReluctant } from "./failback.ts";
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
  /** Its addresses are not in one pool, nor each family in its own where it asks for that. */
  | "ipNotAllowed";

/** Addresses of a Service that one pool holds. */
export interface OwnershipPart {
  /** Input of `decideGroup()`; its key is the Service's first address. */
  readonly view: OwnershipView;
  /** The addresses, in the order of the status. */
  readonly ips: readonly Ip[];
  /** Name of the pool that holds them. */
  readonly pool: string;
  /**
   * What the advertisements that match set, whatever their nodes: ms until a
   * returned node gets the addresses back; absent = the speakers' flag says.
   */
  readonly failbackDelay?: number;
}

/** The views of a Service, or why there are none. */
export type OwnershipViewResult =
  | {
    readonly kind: "views";
    /**
     * Mostly one; two when the families come from two pools, each with the
     * advertisements of its own, the first address first. `decideGroup()` gives
     * them one owner.
     */
    readonly parts: readonly OwnershipPart[];
  }
  | { readonly kind: "refused"; readonly reason: ServiceRefusal };

/** Translates a Service and what surrounds it into the input of `decideGroup()`. */
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
  const holders = holdersOf(config, ips, mayUseTwoPools(service));
  if (holders === undefined) return refused("ipNotAllowed");
  const common = {
    key: formatIp(first),
    members,
    nodes: nodes.map((node) =>
      nodeRecord(node, objects.ignoreExcludeLB ?? false)
    ),
    servingEndpoints: servingEndpoints(endpointSlices),
    trafficPolicy: service.spec.externalTrafficPolicy === "Local"
      ? "Local"
      : "Cluster",
    sharesAddress: annotationOf(service, "allow-shared-ip") !== undefined,
  } as const;
  const parts = holders.map(({ pool, ips }): OwnershipPart => {
    const advertisements = matching(pool, service);
    const failbackDelay = mostReluctant(
      advertisements.map((each) => each.failbackDelay),
    );
    return {
      view: {
        ...common,
        advertisements: advertisements.map(advertisementRecord),
      },
      ips,
      pool: pool.name,
      ...failbackDelay === undefined ? {} : { failbackDelay },
    };
  });
  return { kind: "views", parts };
}

/**
 * Whether an endpoint may get connections: it is ready (or says nothing about
 * it), or it still serves while it terminates.
 */
export function canServe({ conditions }: Endpoint): boolean {
  return (conditions?.ready ?? true) || conditions?.serving === true;
}

interface Holder {
  readonly pool: PoolConfig;
  readonly ips: readonly Ip[];
}

/** The pool of all addresses, else that of each family where that is allowed. */
function holdersOf(
  config: Config,
  ips: readonly Ip[],
  mayBeTwo: boolean,
): readonly Holder[] | undefined {
  const whole = poolHolding(config, ips);
  if (whole !== undefined) return [{ pool: whole, ips }];
  if (!mayBeTwo) return undefined;
  const [first, second, ...more] = ips;
  if (first === undefined || second === undefined || more.length > 0) {
    return undefined;
  }
  if (first.family === second.family) return undefined;
  const holders = [first, second].flatMap((ip) => {
    const pool = poolHolding(config, [ip]);
    return pool === undefined ? [] : [{ pool, ips: [ip] }];
  });
  return holders.length === 2 ? holders : undefined;
}

function poolHolding(
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
