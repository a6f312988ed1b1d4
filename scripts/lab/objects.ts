/** The Kubernetes objects of the lab: what a user and the kubelets would write. */
import { TWO_POOLS_ANNOTATION } from "../../mod/config/mod.ts";
import type {
  EndpointSlice,
  KubeObject,
  Node,
  Service,
} from "../../mod/kube/mod.ts";
import {
  type Families,
  inUse,
  type NodePlan,
  POD_ECHO_PORT,
  POD_HTTP_PORT,
  SERVICE_ECHO_PORT,
  SERVICE_HTTP_PORT,
  type Topology,
} from "./topology.ts";

/** Namespace of Herald's own objects and resources. */
export const SYSTEM_NAMESPACE = "metallb-system";
/** Namespace of the Services. */
export const SERVICE_NAMESPACE = "lab";

/** The kinds of Services that the lab has, in the order of their making. */
export type ServiceKind = "ipv4" | "ipv6" | "dualStack" | "local" | "twoPools";

/** One Service to be made. */
export interface ServicePlan {
  readonly name: string;
  readonly kind: ServiceKind;
  /** What is special about it, for people. */
  readonly note: string;
}

const KINDS: readonly {
  readonly kind: ServiceKind;
  readonly name: string;
  readonly note: string;
}[] = [
  { kind: "ipv4", name: "echo", note: "IPv4" },
  { kind: "ipv6", name: "web6", note: "IPv6" },
  { kind: "dualStack", name: "shop", note: "dual stack" },
  { kind: "local", name: "local", note: "IPv4, traffic policy Local" },
  { kind: "twoPools", name: "split", note: "families from two pools" },
];

/**
 * Plans the Services: one of each kind, then again with a number.
 *
 * @param count How many.
 * @param families Which address families there are.
 * @returns The plans; the first is the one whose owner is killed.
 */
export function planServices(
  count: number,
  families: Families = "dual",
): ServicePlan[] {
  const there = inUse(families, { v4: "IPv4", v6: "IPv6" });
  const kinds = KINDS.filter(({ kind }) =>
    FAMILIES[kind].every((family) => there.includes(family))
  );
  return Array.from({ length: count }, (_, index) => {
    const kind = kinds[index % kinds.length];
    if (kind === undefined) throw new RangeError("Cannot plan without kinds");
    const round = Math.floor(index / kinds.length) + 1;
    return { ...kind, name: round === 1 ? kind.name : `${kind.name}-${round}` };
  });
}

function typed(
  apiVersion: string,
  kind: string,
  name: string,
  namespace?: string,
): KubeObject {
  return {
    apiVersion,
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  };
}

/** A Namespace. */
export function namespaceObject(name: string): KubeObject {
  return typed("v1", "Namespace", name);
}

/** The Node that the kubelet of a node registers. */
export function nodeObject(node: NodePlan): Node {
  return {
    ...typed("v1", "Node", node.name),
    status: {
      addresses: node.internal.map((address) => ({
        type: "InternalIP",
        address,
      })),
      conditions: [{ type: "Ready", status: "True" }],
    },
  };
}

/** Pools of one family each, for who asks for them. */
const SPLIT = { v4: "lab-v4", v6: "lab-v6" } as const;

/** The pool of all families that there are, and one for each. */
export function poolObjects({ lan, families }: Topology): KubeObject[] {
  const { pool, split } = lan;
  const each = inUse(families, SPLIT);
  return [
    poolObject("lab", { addresses: inUse(families, pool) }),
    ...inUse(families, split).map((range, index) =>
      poolObject(each[index] ?? "", { addresses: [range], autoAssign: false })
    ),
  ];
}

function poolObject(
  name: string,
  spec: Readonly<Record<string, unknown>>,
): KubeObject {
  return {
    ...typed("metallb.io/v1beta1", "IPAddressPool", name, SYSTEM_NAMESPACE),
    ...{ spec },
  };
}

/** The advertisements of the pools, on the LAN only. */
export function advertisementObjects({ families }: Topology): KubeObject[] {
  return ["lab", ...inUse(families, SPLIT)].map((name) => ({
    ...typed("metallb.io/v1beta1", "L2Advertisement", name, SYSTEM_NAMESPACE),
    ...{ spec: { ipAddressPools: [name], interfaces: ["eth0"] } },
  }));
}

const FAMILIES: Readonly<Record<ServiceKind, readonly string[]>> = {
  ipv4: ["IPv4"],
  ipv6: ["IPv6"],
  dualStack: ["IPv4", "IPv6"],
  local: ["IPv4"],
  twoPools: ["IPv4", "IPv6"],
};

const TWO_POOLS: Readonly<Record<string, string>> = {
  "metallb.io/address-pool": `${SPLIT.v4},${SPLIT.v6}`,
  [TWO_POOLS_ANNOTATION]: "true",
};

/** The address families of a kind of Service. */
export function endpointFamilies(kind: ServiceKind): readonly string[] {
  return FAMILIES[kind];
}

/** A Service of type LoadBalancer. */
export function serviceObject({ name, kind }: ServicePlan): Service {
  const { metadata, ...type } = typed("v1", "Service", name, SERVICE_NAMESPACE);
  const isDualStack = FAMILIES[kind].length === 2;
  return {
    ...type,
    metadata: {
      ...metadata,
      ...kind === "twoPools" ? { annotations: TWO_POOLS } : {},
    },
    spec: {
      type: "LoadBalancer",
      ipFamilies: FAMILIES[kind],
      ipFamilyPolicy: isDualStack ? "RequireDualStack" : "SingleStack",
      externalTrafficPolicy: kind === "local" ? "Local" : "Cluster",
      ports: [
        {
          name: "http",
          protocol: "TCP",
          port: SERVICE_HTTP_PORT,
          targetPort: POD_HTTP_PORT,
        },
        {
          name: "echo",
          protocol: "UDP",
          port: SERVICE_ECHO_PORT,
          targetPort: POD_ECHO_PORT,
        },
      ],
    },
  };
}

/** How many addresses a Service gets. */
export function addressCount({ kind }: ServicePlan): number {
  return FAMILIES[kind].length;
}

/** The nodes that a Service's Pods run on when all nodes are up. */
export function podNodes(
  { kind }: ServicePlan,
  nodes: readonly NodePlan[],
): readonly NodePlan[] {
  return kind === "local" ? nodes.slice(0, 2) : nodes;
}

/** Name of a Service's EndpointSlice for an address family. */
export function sliceName(service: string, family: string): string {
  return `${service}-${family.toLowerCase()}`;
}

/** The endpoints of an EndpointSlice: one Pod on each of the nodes. */
export function endpointsOn(
  nodes: readonly NodePlan[],
  family: string,
): EndpointSlice["endpoints"] {
  return nodes.map(({ name, pod }) => ({
    addresses: [family === "IPv4" ? pod.v4 : pod.v6],
    nodeName: name,
    conditions: { ready: true, serving: true, terminating: false },
  }));
}

/** The EndpointSlices of a Service, one per address family. */
export function endpointSliceObjects(
  service: ServicePlan,
  nodes: readonly NodePlan[],
): EndpointSlice[] {
  return FAMILIES[service.kind].map((family) => ({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: sliceName(service.name, family),
      namespace: SERVICE_NAMESPACE,
      labels: { "kubernetes.io/service-name": service.name },
    },
    addressType: family,
    endpoints: endpointsOn(nodes, family) ?? [],
    ports: [
      { name: "http", protocol: "TCP", port: POD_HTTP_PORT },
      { name: "echo", protocol: "UDP", port: POD_ECHO_PORT },
    ],
  }));
}
