/** Looks at a cluster once and asks the production functions about it. */
import { converge } from "../../controller/converge.ts";
import {
  seniority,
  serviceKey,
  serviceRequest,
} from "../../controller/service_request.ts";
import {
  type ClassFilter,
  type Config,
  type CustomResource,
  formatProblem,
  IP_ADDRESS_POOLS,
  isDraining,
  isOurClass,
  L2_ADVERTISEMENTS,
  MACS_ANNOTATION,
  poolsForIpam,
  resolveConfig,
} from "../../mod/config/mod.ts";
import type {
  AllocationFacts,
  ClusterFacts,
  OwnershipFacts,
  ServiceFacts,
  SpeakerFacts,
} from "../../mod/explain/mod.ts";
import {
  adoption,
  Allocator,
  compareSeniority,
  type Decision,
} from "../../mod/ipam/mod.ts";
import {
  type CallOptions,
  ENDPOINT_SLICES,
  type EndpointSlice,
  type KubeClient,
  KubeError,
  type Lease,
  LEASES,
  listAll,
  type Namespace,
  NAMESPACES,
  type Node,
  NODES,
  type Service,
  SERVICES,
} from "../../mod/kube/mod.ts";
import { parseInterfaceMacs } from "../../mod/layer2/mod.ts";
import { formatIp, tryParseIp } from "../../mod/net/mod.ts";
import {
  L2_STATUS_RECORDS,
  type L2StatusRecord,
} from "../../mod/report/mod.ts";
import { type DecisionInputs, Decisions } from "../../speaker/decisions.ts";
import {
  LEASE_SELECTOR,
  leaseNode,
} from "../../speaker/leases/lease_keeper.ts";
import { SERVICE_NAME } from "../../speaker/projections.ts";

/** The objects that everything follows from. */
export interface ClusterObjects {
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
  readonly nodes: readonly Node[];
  readonly namespaces: readonly Namespace[];
  readonly leases: readonly Lease[];
  readonly pools: readonly CustomResource[];
  readonly l2Advertisements: readonly CustomResource[];
  readonly l2Statuses: readonly L2StatusRecord[];
}

/** How the roles of the cluster are set. */
export interface RoleView {
  /** Which Services are ours. */
  readonly filter: ClassFilter;
  /** Whether the exclude label of nodes is ignored. */
  readonly ignoreExcludeLB: boolean;
  /** The present, in ms since 1970. */
  readonly now: number;
}

/** Objects that come with one answer. */
const PAGE = 500;

/** A cluster whose speakers write no statuses need not have the kind. */
function noneIfUnknown(error: unknown): readonly L2StatusRecord[] {
  if (error instanceof KubeError && error.code === 404) return [];
  throw error;
}

/**
 * Lists everything once.
 *
 * @param namespace Namespace of the `metallb.io` resources and the Leases.
 * @throws {KubeError} When a list fails.
 */
export async function listCluster(
  client: KubeClient,
  namespace: string,
  callOptions: CallOptions = {},
): Promise<ClusterObjects> {
  const options = { ...callOptions, limit: PAGE };
  const [services, slices, nodes, namespaces, leases, pools, l2, statuses] =
    await Promise.all([
      listAll(client, SERVICES, options),
      listAll(client, ENDPOINT_SLICES, options),
      listAll(client, NODES, options),
      listAll(client, NAMESPACES, options),
      listAll(client, LEASES, {
        ...options,
        namespace,
        labelSelector: LEASE_SELECTOR,
      }),
      listAll(client, IP_ADDRESS_POOLS, { ...options, namespace }),
      listAll(client, L2_ADVERTISEMENTS, { ...options, namespace }),
      listAll(client, L2_STATUS_RECORDS, { ...options, namespace })
        .catch(noneIfUnknown),
    ]);
  return {
    services,
    slices,
    nodes,
    namespaces,
    leases,
    pools,
    l2Advertisements: l2,
    l2Statuses: statuses,
  };
}

/** What the roles would decide about these objects. */
export interface ClusterDecisions extends ClusterFacts {
  /** Who holds what, as a controller that starts now would adopt it. */
  readonly allocator: Allocator;
}

/** Asks the production functions about the objects; changes nothing. */
export function decideCluster(
  objects: ClusterObjects,
  view: RoleView,
): ClusterDecisions {
  const { config, problems } = resolveConfig(objects);
  const speakers = speakersOf(objects.leases, view.now);
  const allocator = adoptAll(config, objects.services, view.filter);
  const ownership = ownershipIn(config, objects, speakers, view);
  const announcers = announcersIn(objects);
  const services = objects.services
    .filter(({ spec }) => spec.type === "LoadBalancer")
    .map((service): ServiceFacts => ({
      service: serviceKey(service),
      ips: addressesOf(service),
      asksFor: asksFor(service),
      allocation: allocationOf(service, allocator, view.filter),
      ownership: ownership(serviceKey(service)),
      announcers: announcers(serviceKey(service)),
    }));
  return {
    allocator,
    configProblems: problems.map(formatProblem),
    pools: [...config.pools.values()],
    nodes: objects.nodes.map(({ metadata }) => metadata.name).sort(),
    draining: objects.nodes.filter(isDraining)
      .map(({ metadata }) => metadata.name),
    speakers,
    services,
  };
}

function sliceOwner({ metadata }: EndpointSlice): string {
  return `${metadata.namespace ?? ""}/${metadata.labels?.[SERVICE_NAME] ?? ""}`;
}

function addressesOf({ status }: Service): ServiceFacts["ips"] {
  return (status?.loadBalancer?.ingress ?? [])
    .map(({ ip = "" }) => tryParseIp(ip)).filter((ip) => ip !== undefined);
}

/** As a controller does at its start: all statuses, older Services first. */
function adoptAll(
  config: Config,
  services: readonly Service[],
  filter: ClassFilter,
): Allocator {
  const allocator = new Allocator();
  allocator.setPools(poolsForIpam(config));
  const byAge = services.toSorted((a, b) =>
    compareSeniority(seniority(a), seniority(b))
  );
  for (const service of byAge) {
    const request = serviceRequest(service, isOurClass(service, filter));
    const allocation = adoption(allocator, request);
    if (allocation !== undefined) allocator.hold(allocation);
  }
  return allocator;
}

function asksFor(service: Service): string | null {
  const { addressesAnnotation, loadBalancerIp, wantedPool, sharingKey } =
    serviceRequest(service, true);
  const wishes = [
    ...addressesAnnotation === ""
      ? []
      : [`the address ${addressesAnnotation} (annotation loadBalancerIPs)`],
    ...loadBalancerIp === ""
      ? []
      : [`the address ${loadBalancerIp} (spec.loadBalancerIP)`],
    ...wantedPool === ""
      ? []
      : [`the pool "${wantedPool}" (annotation address-pool)`],
    ...sharingKey === ""
      ? []
      : [`sharing by the key "${sharingKey}" (annotation allow-shared-ip)`],
  ];
  return wishes.length === 0 ? null : `it asks for ${wishes.join(" and ")}`;
}

/** A status that names the same addresses changes at most its annotations. */
function wouldSet(
  { status }: Decision,
  held: ServiceFacts["ips"],
): ServiceFacts["ips"] | null {
  if (status.kind !== "set") return null;
  const isSame = status.ips.map(formatIp).join() ===
    held.map(formatIp).join();
  return isSame ? null : status.ips;
}

function allocationOf(
  service: Service,
  allocator: Allocator,
  filter: ClassFilter,
): AllocationFacts {
  if (!isOurClass(service, filter)) {
    const { loadBalancerClass = "" } = service.spec;
    const why = `its loadBalancerClass "${loadBalancerClass}" is not ours`;
    return { kind: "ignored", why };
  }
  if (!allocator.hasPools) {
    const refusals = ["there is no IPAddressPool"];
    return { kind: "decided", wouldSet: null, wouldClear: false, refusals };
  }
  const convergence = converge(allocator, service, filter);
  if (convergence.kind === "ignored") {
    return { kind: "ignored", why: "it is another controller's" };
  }
  const { decision, events } = convergence;
  return {
    kind: "decided",
    wouldSet: wouldSet(decision, addressesOf(service)),
    wouldClear: decision.status.kind === "clear",
    refusals: events.filter((event) =>
      event.class !== undefined || event.type === "Warning"
    ).map(({ message }) => message),
  };
}

/** Decides as a speaker would, about all Services; gives one of the decisions. */
function ownershipIn(
  config: Config,
  objects: ClusterObjects,
  speakers: readonly SpeakerFacts[],
  { filter, ignoreExcludeLB }: RoleView,
): (service: string) => OwnershipFacts {
  const slices = Map.groupBy(objects.slices, sliceOwner);
  const inputs: DecisionInputs = {
    node: "",
    config,
    services: new Map(objects.services.map((each) => [serviceKey(each), each])),
    slicesOf: (service) => slices.get(service) ?? [],
    nodes: objects.nodes,
    members: speakers.filter(({ alive }) => alive).map(({ node }) => node),
    classes: filter,
    ignoreExcludeLB,
  };
  const decisions = new Decisions();
  decisions.update(inputs, "all");
  return (service) =>
    decisions.explain(inputs, service) ??
      { kind: "refused", reason: "notLoadBalancer" };
}

/** Who says that it announces a Service; MAC addresses are in the Leases. */
function announcersIn(
  { l2Statuses, leases }: ClusterObjects,
): (service: string) => ServiceFacts["announcers"] {
  const byService = Map.groupBy(l2Statuses, ({ service }) => service);
  const macs = new Map(leases.map((lease) => [
    leaseNode(lease) ?? "",
    parseInterfaceMacs(lease.metadata.annotations?.[MACS_ANNOTATION] ?? ""),
  ]));
  return (service) =>
    (byService.get(service) ?? []).map(({ node, since, interfaces }) => ({
      node,
      since: since === "" ? null : since,
      macs: (macs.get(node) ?? []).filter(({ name }) =>
        interfaces.length === 0 || interfaces.includes(name)
      ).map(({ mac }) => mac),
    }));
}

/** A Lease counts for as long as it says it does. */
function speakersOf(
  leases: readonly Lease[],
  now: number,
): readonly SpeakerFacts[] {
  return leases.flatMap((lease) => {
    const node = leaseNode(lease);
    const renewed = Date.parse(lease.spec?.renewTime ?? "");
    if (node === undefined || Number.isNaN(renewed)) return [];
    const ageMs = Math.max(0, now - renewed);
    const durationMs = (lease.spec?.leaseDurationSeconds ?? 0) * 1000;
    return [{ node, ageMs, alive: ageMs <= durationMs }];
  }).sort((a, b) => a.node < b.node ? -1 : 1);
}
