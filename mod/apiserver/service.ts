/** Services: defaults, allocated values and what a change of type takes away. */
import {
  arrayOr,
  compact,
  type JsonObject,
  objectOr,
  omit,
  stringOr,
  strings,
} from "./json.ts";
import type { Kind } from "./kinds.ts";
import { type ApiObject, nameOf } from "./object.ts";
import type { ServiceAllocations } from "./service_allocations.ts";
import { decideFamilies } from "./service_families.ts";
import { ingressCauses, specCauses } from "./service_validation.ts";
import { type Cause, invalid, invalidValue } from "./status.ts";

/** How long a client sticks to an endpoint by default, in s. */
const AFFINITY_TIMEOUT = 10_800;

/** Fields that only some types have. */
const CLUSTER_FIELDS = [
  "clusterIP",
  "clusterIPs",
  "ipFamilies",
  "ipFamilyPolicy",
  "internalTrafficPolicy",
];
const NODE_FIELDS = ["externalTrafficPolicy", "healthCheckNodePort"];
const LOAD_BALANCER_FIELDS = [
  "allocateLoadBalancerNodePorts",
  "loadBalancerClass",
];

/** What a Service is prepared with. */
export interface ServiceContext {
  readonly kind: Kind;
  readonly allocations: ServiceAllocations;
}

function needsNodePorts(spec: JsonObject): boolean {
  return spec.type === "NodePort" ||
    (spec.type === "LoadBalancer" &&
      spec.allocateLoadBalancerNodePorts !== false);
}

function isExternal(type: string): boolean {
  return type === "NodePort" || type === "LoadBalancer";
}

/** Fields that leave with the old type, and values kept because the update left them out. */
function carryOver(spec: JsonObject, old: JsonObject): JsonObject {
  const type = stringOr(spec.type);
  const gone = [
    ...(isExternal(type) ? [] : NODE_FIELDS),
    ...(type === "LoadBalancer" ? [] : LOAD_BALANCER_FIELDS),
    ...(type === "ExternalName" ? CLUSTER_FIELDS : []),
  ].filter((field) => old[field] !== undefined);
  const hadAddress = type !== "ExternalName" && spec.clusterIP !== "None";
  const kept = hadAddress
    ? compact({
      clusterIP: spec.clusterIP ?? old.clusterIP,
      clusterIPs: spec.clusterIPs ??
        (spec.clusterIP === undefined || spec.clusterIP === old.clusterIP
          ? old.clusterIPs
          : undefined),
      ipFamilies: spec.ipFamilies ?? old.ipFamilies,
    })
    : {};
  return { ...omit(spec, gone), ...omit(kept, gone) };
}

function defaultPort(port: JsonObject): JsonObject {
  return compact({
    name: port.name,
    protocol: port.protocol ?? "TCP",
    ...omit(port, ["name", "protocol"]),
    targetPort: port.targetPort ?? port.port,
    nodePort: port.nodePort === 0 ? undefined : port.nodePort,
  });
}

function samePort(a: JsonObject, b: JsonObject): boolean {
  return a.port === b.port && a.protocol === b.protocol;
}

/** Ports with defaults; node ports stay, or leave with the type. */
function preparePorts(spec: JsonObject, old: JsonObject): JsonObject[] {
  const before = arrayOr(old.ports).map(objectOr);
  const wasExternal = isExternal(stringOr(old.type));
  return arrayOr(spec.ports).map((raw) => {
    const port = defaultPort(objectOr(raw));
    const match = before.find((other) => samePort(port, other));
    if (needsNodePorts(spec)) {
      const nodePort = port.nodePort ?? match?.nodePort;
      return compact({ ...port, nodePort });
    }
    const unchanged = wasExternal && port.nodePort === match?.nodePort;
    return unchanged && !isExternal(stringOr(spec.type))
      ? omit(port, ["nodePort"])
      : port;
  });
}

function defaultSpec(spec: JsonObject): JsonObject {
  const type = stringOr(spec.type);
  const sticky = spec.sessionAffinity === "ClientIP";
  return compact({
    ...spec,
    sessionAffinity: spec.sessionAffinity ?? "None",
    sessionAffinityConfig: sticky
      ? spec.sessionAffinityConfig ??
        { clientIP: { timeoutSeconds: AFFINITY_TIMEOUT } }
      : undefined,
    externalTrafficPolicy: spec.externalTrafficPolicy ??
      (isExternal(type) ? "Cluster" : undefined),
    internalTrafficPolicy: spec.internalTrafficPolicy ??
      (type === "ExternalName" ? undefined : "Cluster"),
    allocateLoadBalancerNodePorts: spec.allocateLoadBalancerNodePorts ??
      (type === "LoadBalancer" ? true : undefined),
  });
}

function takenPorts(spec: JsonObject): number[] {
  return arrayOr(spec.ports).map((port) => objectOr(port).nodePort)
    .filter((port) => typeof port === "number");
}

function nodePortCauses(
  spec: JsonObject,
  old: JsonObject,
  { allocations }: ServiceContext,
): Cause[] {
  const held = takenPorts(old);
  return arrayOr(spec.ports).flatMap((raw, index) => {
    const { nodePort } = objectOr(raw);
    const isClash = typeof nodePort === "number" && !held.includes(nodePort) &&
      allocations.holdsPort(nodePort);
    const field = `spec.ports[${index}].nodePort`;
    const why = "provided port is already allocated";
    return isClash ? [invalidValue(field, nodePort, why)] : [];
  });
}

/** Gives a node port to every port that needs one, and one for health checks. */
function allocatePorts(spec: JsonObject, context: ServiceContext): JsonObject {
  const { allocations } = context;
  const taken = takenPorts(spec);
  const next = () => {
    const port = allocations.nextPort(taken);
    taken.push(port);
    return port;
  };
  const ports = arrayOr(spec.ports).map((raw) => {
    const port = objectOr(raw);
    const nodePort = port.nodePort ?? (needsNodePorts(spec) ? next() : null);
    return nodePort === null ? port : { ...port, nodePort };
  });
  const checked = spec.type === "LoadBalancer" &&
    spec.externalTrafficPolicy === "Local";
  return compact({
    ...spec,
    ports: spec.ports === undefined ? undefined : ports,
    healthCheckNodePort: checked
      ? spec.healthCheckNodePort ?? next()
      : undefined,
  });
}

function prepareSpec(
  service: ApiObject,
  old: JsonObject,
  context: ServiceContext,
): JsonObject {
  const refuse = (causes: readonly Cause[]) =>
    invalid(context.kind, nameOf(service), causes);
  const given = objectOr(service.spec);
  const typed = { ...given, type: given.type ?? "ClusterIP" };
  const carried = carryOver(typed, old);
  const ports = preparePorts(carried, old);
  const spec = defaultSpec(
    carried.ports === undefined ? carried : { ...carried, ports },
  );
  const causes = [
    ...specCauses(spec, old.type === undefined ? undefined : old),
    ...nodePortCauses(spec, old, context),
  ];
  if (causes.length > 0) throw refuse(causes);
  if (spec.type === "ExternalName") return allocatePorts(spec, context);
  const previous = strings(old.clusterIPs);
  const families = decideFamilies(spec, previous, context.allocations);
  if (families.kind === "refuse") throw refuse(families.causes);
  return allocatePorts({ ...spec, ...families.fields }, context);
}

/** A Service as it is stored when created. Throws a refusal (422). */
export function prepareNewService(
  service: ApiObject,
  context: ServiceContext,
): ApiObject {
  return {
    ...service,
    spec: prepareSpec(service, {}, context),
    status: { loadBalancer: {} },
  };
}

/** A Service as it is stored when its specification changes. Throws a refusal (422). */
export function prepareChangedService(
  service: ApiObject,
  previous: ApiObject,
  context: ServiceContext,
): ApiObject {
  const old = objectOr(previous.spec);
  const spec = prepareSpec(service, old, context);
  const status = objectOr(previous.status);
  const left = old.type === "LoadBalancer" && spec.type !== "LoadBalancer";
  return {
    ...service,
    spec,
    status: left ? { ...status, loadBalancer: {} } : status,
  };
}

/** A Service whose status changes: `ipMode` gets its default. Throws a refusal (422). */
export function prepareServiceStatus(
  service: ApiObject,
  context: ServiceContext,
): ApiObject {
  const status = objectOr(service.status);
  const loadBalancer = objectOr(status.loadBalancer);
  const ingress = arrayOr(loadBalancer.ingress).map(objectOr);
  const type = stringOr(objectOr(service.spec).type);
  const causes = ingressCauses(ingress, type);
  if (causes.length > 0) throw invalid(context.kind, nameOf(service), causes);
  const withMode = ingress.map((entry) =>
    compact({
      ...entry,
      ipMode: entry.ipMode ?? (entry.ip === undefined ? undefined : "VIP"),
    })
  );
  return {
    ...service,
    status: {
      ...status,
      loadBalancer: ingress.length === 0 ? {} : { ingress: withMode },
    },
  };
}
