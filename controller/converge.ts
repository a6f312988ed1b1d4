/** The decision on one Service in Kubernetes' terms; changes nothing. */
import { type ClassFilter, isOurClass } from "../mod/config/mod.ts";
import {
  type AllocationEvent,
  type AllocatorView,
  type Decision,
  DEFAULT_POLICY,
  describeRefusal,
  reconcile,
  type ReconcilePolicy,
  type StatusAction,
} from "../mod/ipam/mod.ts";
import type { Service } from "../mod/kube/mod.ts";
import { formatIp } from "../mod/net/mod.ts";
import {
  ALLOCATED_FROM_POOL,
  deprecatedAnnotations,
  serviceKey,
  serviceRequest,
} from "./service_request.ts";

/** An event about a Service, ready to be recorded. */
export interface ServiceEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  /** Reason word of the refusal behind it. */
  readonly class?: string;
  readonly message: string;
}

/** What to do about one Service. */
export type Convergence =
  /** Not ours: another controller's class, and we hold nothing for it. */
  | { readonly kind: "ignored" }
  | {
    readonly kind: "decided";
    readonly decision: Decision;
    /** The object to write to the status subresource; absent = nothing to write. */
    readonly replacement?: Service;
    readonly events: readonly ServiceEvent[];
  };

/** Decides on one Service as it is stored. */
export function converge(
  view: AllocatorView,
  service: Service,
  filter: ClassFilter,
  policy: ReconcilePolicy = DEFAULT_POLICY,
): Convergence {
  const isOurs = isOurClass(service, filter);
  const key = serviceKey(service);
  const wasOurs = view.allocation(key) !== undefined || isLeftBehind(service);
  if (!isOurs && !wasOurs) return { kind: "ignored" };
  const decision = reconcile(view, serviceRequest(service, isOurs), policy);
  const events = decision.events.map((event) => describe(event, key));
  const mayWrite = isOurs || service.spec.type !== "LoadBalancer";
  if (decision.status.kind === "unchanged" || !mayWrite) {
    return { kind: "decided", decision, events };
  }
  return {
    kind: "decided",
    decision,
    replacement: withStatus(service, decision.status),
    events: [...events, ...deprecatedAnnotations(service).map(deprecation)],
  };
}

/**
 * Whether it says that it got its address here, but is no load balancer any
 * more: with its type it lost its class, which a restart makes us forget.
 */
function isLeftBehind({ spec, metadata }: Service): boolean {
  return spec.type !== "LoadBalancer" &&
    metadata.annotations?.[ALLOCATED_FROM_POOL] !== undefined;
}

/**
 * The Service with other addresses. `ipMode` is what the API server would
 * default, so that what is read back equals what was written.
 */
function withStatus(
  service: Service,
  status: Exclude<StatusAction, { readonly kind: "unchanged" }>,
): Service {
  const { [ALLOCATED_FROM_POOL]: _, ...others } =
    service.metadata.annotations ?? {};
  const annotations = status.kind === "set"
    ? { ...others, [ALLOCATED_FROM_POOL]: status.pool }
    : others;
  const loadBalancer = status.kind === "set"
    ? { ingress: status.ips.map((ip) => ({ ip: formatIp(ip), ipMode: "VIP" })) }
    : {};
  return {
    ...service,
    metadata: { ...service.metadata, annotations },
    status: { ...service.status, loadBalancer },
  };
}

function describe(event: AllocationEvent, key: string): ServiceEvent {
  const { type, reason } = event;
  switch (event.reason) {
    case "IPAllocated": {
      const ips = event.ips.map((ip) => `"${formatIp(ip)}"`).join(" ");
      const message = event.additional
        ? `Assigned additional IP ${ips}`
        : `Assigned IP [${ips}]`;
      return { type, reason, message };
    }
    case "not enough clusterips": {
      const message =
        "Service requires dual stack but does not have two cluster addresses";
      return { type, reason, message };
    }
    default: {
      const why = describeRefusal(event.refusal);
      const message = `${INTRODUCTIONS[event.reason](key)}: ${why}`;
      return { type, reason, class: event.refusal.class, message };
    }
  }
}

type Refused = Extract<AllocationEvent, { readonly refusal: unknown }>;

const INTRODUCTIONS: Readonly<
  Record<Refused["reason"], (key: string) => string>
> = {
  AdditionalAssignFailed: () =>
    "Cannot assign an additional IP for PreferDualStack",
  AllocationFailed: (key) => `Failed to allocate IP for "${key}"`,
  ClearAssignment: () =>
    "Current IP is not allowed by the configuration, will attempt a new assignment",
  LoadBalancerFailed: () => "Invalid requested load balancer IPs",
  nolbIPsIPFamily: (key) =>
    `Cannot tell the families of the status of "${key}"`,
  noclusterIPsIPFamily: (key) =>
    `Cannot tell the families of the cluster addresses of "${key}"`,
};

function deprecation(key: string): ServiceEvent {
  return {
    type: "Warning",
    reason: "deprecatedAnnotation",
    message: `Service uses the deprecated annotation ${key}`,
  };
}
