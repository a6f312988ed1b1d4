/** The built-in kinds that Herald reads or writes. */
import type { Resource } from "./port.ts";
import {
  compact,
  defineResource,
  integer,
  isRecord,
  list,
  type Raw,
  record,
  text,
  textMap,
  truth,
} from "./projection.ts";
import type {
  Endpoint,
  EndpointSlice,
  Event,
  Lease,
  LoadBalancerIngress,
  Namespace,
  Node,
  NodeCondition,
  Service,
  ServicePort,
} from "./types.ts";

/** `v1` Services. */
export const SERVICES: Resource<Service> = defineResource({
  group: "",
  version: "v1",
  plural: "services",
  kind: "Service",
  namespaced: true,
  fields: ({ spec, status }) =>
    compact({
      spec: serviceSpec(record(spec)),
      status: isRecord(status) ? serviceStatus(status) : undefined,
    }),
});

/** `v1` Nodes. */
export const NODES: Resource<Node> = defineResource({
  group: "",
  version: "v1",
  plural: "nodes",
  kind: "Node",
  namespaced: false,
  fields: ({ spec, status }) =>
    compact({
      spec: compact({ unschedulable: truth(record(spec)["unschedulable"]) }),
      status: isRecord(status) ? nodeStatus(status) : undefined,
    }),
});

/** `v1` Namespaces. */
export const NAMESPACES: Resource<Namespace> = defineResource({
  group: "",
  version: "v1",
  plural: "namespaces",
  kind: "Namespace",
  namespaced: false,
  fields: () => ({}),
});

/** `discovery.k8s.io/v1` EndpointSlices. */
export const ENDPOINT_SLICES: Resource<EndpointSlice> = defineResource({
  group: "discovery.k8s.io",
  version: "v1",
  plural: "endpointslices",
  kind: "EndpointSlice",
  namespaced: true,
  fields: ({ addressType, endpoints, ports }) =>
    compact({
      addressType: text(addressType) ?? "",
      endpoints: list(endpoints, endpoint),
      ports: list(ports, (port) => {
        const raw = record(port);
        return compact({
          name: text(raw["name"]),
          port: integer(raw["port"]),
          protocol: text(raw["protocol"]),
        });
      }),
    }),
});

/** `coordination.k8s.io/v1` Leases. */
export const LEASES: Resource<Lease> = defineResource({
  group: "coordination.k8s.io",
  version: "v1",
  plural: "leases",
  kind: "Lease",
  namespaced: true,
  fields: ({ spec }) =>
    compact({ spec: isRecord(spec) ? leaseSpec(spec) : undefined }),
});

/** `v1` Events. */
export const EVENTS: Resource<Event> = defineResource({
  group: "",
  version: "v1",
  plural: "events",
  kind: "Event",
  namespaced: true,
  fields: (raw) =>
    compact({
      involvedObject: involvedObject(record(raw["involvedObject"])),
      type: raw["type"] === "Warning" ? "Warning" as const : "Normal" as const,
      reason: text(raw["reason"]) ?? "",
      message: text(raw["message"]) ?? "",
      source: isRecord(raw["source"]) ? eventSource(raw["source"]) : undefined,
      firstTimestamp: text(raw["firstTimestamp"]),
      lastTimestamp: text(raw["lastTimestamp"]),
      count: integer(raw["count"]),
    }),
});

function serviceSpec(raw: Raw): Service["spec"] {
  return compact({
    type: text(raw["type"]),
    clusterIP: text(raw["clusterIP"]),
    clusterIPs: list(raw["clusterIPs"], text),
    ipFamilies: list(raw["ipFamilies"], text),
    ipFamilyPolicy: text(raw["ipFamilyPolicy"]),
    loadBalancerIP: text(raw["loadBalancerIP"]),
    loadBalancerClass: text(raw["loadBalancerClass"]),
    externalTrafficPolicy: text(raw["externalTrafficPolicy"]),
    selector: textMap(raw["selector"]),
    ports: list(raw["ports"], servicePort),
  });
}

function servicePort(value: unknown): ServicePort | undefined {
  const raw = record(value);
  const port = integer(raw["port"]);
  if (port === undefined) return undefined;
  return compact({
    port,
    name: text(raw["name"]),
    protocol: text(raw["protocol"]),
    nodePort: integer(raw["nodePort"]),
    targetPort: integer(raw["targetPort"]) ?? text(raw["targetPort"]),
  });
}

function serviceStatus(raw: Raw): NonNullable<Service["status"]> {
  return compact({
    loadBalancer: isRecord(raw["loadBalancer"])
      ? compact({
        ingress: list(raw["loadBalancer"]["ingress"], loadBalancerIngress),
      })
      : undefined,
    conditions: list(raw["conditions"], rawRecord),
  });
}

function loadBalancerIngress(value: unknown): LoadBalancerIngress | undefined {
  if (!isRecord(value)) return undefined;
  return compact({
    ip: text(value["ip"]),
    hostname: text(value["hostname"]),
    ipMode: text(value["ipMode"]),
    ports: list(value["ports"], rawRecord),
  });
}

function rawRecord(value: unknown): Raw | undefined {
  return isRecord(value) ? value : undefined;
}

function nodeStatus(raw: Raw): NonNullable<Node["status"]> {
  return compact({
    conditions: list(raw["conditions"], nodeCondition),
    addresses: list(raw["addresses"], (value) => {
      const { type, address } = record(value);
      if (typeof type !== "string") return undefined;
      return typeof address === "string" ? { type, address } : undefined;
    }),
  });
}

function nodeCondition(value: unknown): NodeCondition | undefined {
  const { type, status } = record(value);
  if (typeof type !== "string") return undefined;
  return typeof status === "string" ? { type, status } : undefined;
}

function endpoint(value: unknown): Endpoint | undefined {
  if (!isRecord(value)) return undefined;
  const { conditions } = value;
  return compact({
    addresses: list(value["addresses"], text) ?? [],
    nodeName: text(value["nodeName"]),
    conditions: isRecord(conditions)
      ? compact({
        ready: truth(conditions["ready"]),
        serving: truth(conditions["serving"]),
        terminating: truth(conditions["terminating"]),
      })
      : undefined,
  });
}

function leaseSpec(raw: Raw): NonNullable<Lease["spec"]> {
  return compact({
    holderIdentity: text(raw["holderIdentity"]),
    leaseDurationSeconds: integer(raw["leaseDurationSeconds"]),
    acquireTime: text(raw["acquireTime"]),
    renewTime: text(raw["renewTime"]),
    leaseTransitions: integer(raw["leaseTransitions"]),
  });
}

function involvedObject(raw: Raw): Event["involvedObject"] {
  return compact({
    apiVersion: text(raw["apiVersion"]),
    kind: text(raw["kind"]),
    namespace: text(raw["namespace"]),
    name: text(raw["name"]),
    uid: text(raw["uid"]),
    resourceVersion: text(raw["resourceVersion"]),
  });
}

function eventSource(raw: Raw): NonNullable<Event["source"]> {
  return compact({
    component: text(raw["component"]) ?? "",
    host: text(raw["host"]),
  });
}
