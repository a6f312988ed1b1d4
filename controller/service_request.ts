/** Translates a Service into what the allocator needs to know of it. */
import {
  ANNOTATION_PREFIX,
  annotationOf,
  DEPRECATED_ANNOTATION_PREFIX,
  mayUseTwoPools,
} from "../mod/config/mod.ts";
import type {
  FamilyPolicy,
  Seniority,
  ServiceRequest,
} from "../mod/ipam/mod.ts";
import type { Service } from "../mod/kube/mod.ts";

/** Annotation that names the pool of the addresses in the status. */
export const ALLOCATED_FROM_POOL = `${ANNOTATION_PREFIX}ip-allocated-from-pool`;

/** `namespace/name`. */
export function serviceKey(service: Service): string {
  const { namespace = "", name } = service.metadata;
  return `${namespace}/${name}`;
}

/** What decides between two Services that claim one address. */
export function seniority(service: Service): Seniority {
  const { creationTimestamp } = service.metadata;
  const key = serviceKey(service);
  return creationTimestamp === undefined
    ? { key }
    : { key, created: creationTimestamp };
}

/** Keys of the annotations that use the old prefix. */
export function deprecatedAnnotations(service: Service): readonly string[] {
  return Object.keys(service.metadata.annotations ?? {})
    .filter((key) => key.startsWith(DEPRECATED_ANNOTATION_PREFIX)).sort();
}

/**
 * The request of a Service.
 *
 * @param service The Service as stored.
 * @param isOurs Whether its class is served; if not, it wants nothing of us.
 */
export function serviceRequest(
  service: Service,
  isOurs: boolean,
): ServiceRequest {
  const { spec, metadata, status } = service;
  const { annotations = {} } = metadata;
  return {
    ...seniority(service),
    ...mayUseTwoPools(service) ? { twoPools: true } : {},
    namespace: metadata.namespace ?? "",
    labels: metadata.labels ?? {},
    wantsAddress: isOurs && spec.type === "LoadBalancer",
    clusterIps: clusterIps(spec),
    familyPolicy: familyPolicy(spec.ipFamilyPolicy),
    primaryFamily: spec.ipFamilies?.[0] === "IPv6" ? "IPv6" : "IPv4",
    addressesAnnotation: annotationOf(service, "loadBalancerIPs") ?? "",
    loadBalancerIp: spec.loadBalancerIP ?? "",
    wantedPool: annotationOf(service, "address-pool") ?? "",
    sharingKey: annotationOf(service, "allow-shared-ip") ?? "",
    backendKey: backendKey(spec),
    ports: ports(spec),
    statusIps: (status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip ?? ""),
    statusPool: annotations[ALLOCATED_FROM_POOL],
  };
}

function clusterIps(spec: Service["spec"]): readonly string[] {
  if (spec.clusterIPs !== undefined && spec.clusterIPs.length > 0) {
    return spec.clusterIPs;
  }
  const { clusterIP = "" } = spec;
  return clusterIP === "" ? [] : [clusterIP];
}

function familyPolicy(text: string | undefined): FamilyPolicy {
  return text === "PreferDualStack" || text === "RequireDualStack"
    ? text
    : "SingleStack";
}

/** The selector in one canonical order under Local; Cluster reaches any Pod. */
function backendKey(spec: Service["spec"]): string {
  if (spec.externalTrafficPolicy !== "Local") return "";
  return Object.entries(spec.selector ?? {})
    .map(([key, value]) => `${key}=${value}`).sort().join(",");
}

function ports(spec: Service["spec"]): readonly string[] {
  const all = (spec.ports ?? []).map(({ port, protocol = "TCP" }) =>
    `${protocol}/${port}`
  );
  return [...new Set(all)].sort();
}
