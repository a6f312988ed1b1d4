/**
 * Names and addresses of everything in the lab, computed from the number of
 * nodes and Services. Ranges are those set aside for documentation (RFC 5737,
 * RFC 3849) or, for many Services, for benchmarks (RFC 2544).
 */

/** The part of one network that belongs to one address family. */
export interface DualAddress {
  readonly v4: string;
  readonly v6: string;
}

/** Which address families there are: `ipv4` and `ipv6` mean that alone. */
export type Families = "dual" | "ipv4" | "ipv6";

/** The words of {@linkcode Families}. */
export const FAMILIES = ["dual", "ipv4", "ipv6"] as const;

/** One node: its namespace, its Pod's namespace and their addresses. */
export interface NodePlan {
  readonly name: string;
  /** Network namespace of the Pod that runs on the node. */
  readonly podName: string;
  /** MAC of eth0, the node's interface on the LAN. */
  readonly mac: string;
  readonly lan: DualAddress;
  /** Its addresses as the Node object has them; the first is the Pod IP of what runs on its network. */
  readonly internal: readonly string[];
  /** Address on the management network. */
  readonly management: string;
  readonly podCidr: DualAddress;
  /** The node's own address towards its Pods. */
  readonly podGateway: DualAddress;
  readonly pod: DualAddress;
}

/** The LAN that the cluster announces its addresses on. */
export interface LanPlan {
  readonly length: { readonly v4: number; readonly v6: number };
  readonly client: DualAddress;
  readonly clientMac: string;
  /** Address ranges of the pool, as an IPAddressPool takes them. */
  readonly pool: DualAddress;
  /** Ranges of two more pools, of one family each. */
  readonly split: DualAddress;
}

/** The whole lab. */
export interface Topology {
  /** Of the plan's addresses those of these families are in use. */
  readonly families: Families;
  readonly nodes: readonly NodePlan[];
  readonly lan: LanPlan;
  /** Address of the API server on the management network. */
  readonly apiServer: string;
}

/** The ranges that all Pods' addresses are out of. */
export const CLUSTER_CIDR: DualAddress = {
  v4: "10.244.0.0/16",
  v6: "2001:db8:244::/48",
};

/** The ranges of the Services' addresses inside the cluster. */
export const SERVICE_CIDR: DualAddress = {
  v4: "10.96.0.0/16",
  v6: "fd00:10:96::/112",
};

/** TCP port of the embedded API server. */
export const API_PORT = 6443;
/** TCP port of a role's health, metrics and status. */
export const ROLE_PORT = 7472;
/** TCP port of kube-proxy's `/healthz`. */
export const KUBE_PROXY_HEALTH_PORT = 10256;
/** TCP port on which a Pod answers HTTP. */
export const POD_HTTP_PORT = 8080;
/** UDP port on which a Pod echoes. */
export const POD_ECHO_PORT = 9007;
/** TCP port of a Service. */
export const SERVICE_HTTP_PORT = 80;
/** UDP port of a Service (RFC 862). */
export const SERVICE_ECHO_PORT = 7;

/** The management network, of the one family that it has. */
const MANAGEMENT: DualAddress = { v4: "198.51.100.", v6: "2001:db8:51::" };

/**
 * Of the addresses of both families those that are in use.
 *
 * @param families Which.
 * @param address One of each, or ranges.
 */
export function inUse(
  families: Families,
  { v4, v6 }: DualAddress,
): readonly string[] {
  if (families === "dual") return [v4, v6];
  return families === "ipv4" ? [v4] : [v6];
}

/** An address as a URL has it: in brackets when it is IPv6. */
export function urlHost(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

/** Services up to this number get addresses out of a /24. */
const SMALL_LAN_SERVICES = 120;

function lanPlan(services: number): { readonly plan: LanPlan; base: string } {
  const small = services <= SMALL_LAN_SERVICES;
  const base = small ? "192.0.2" : "198.18.0";
  return {
    base,
    plan: {
      length: { v4: small ? 24 : 16, v6: 64 },
      client: { v4: `${base}.2`, v6: "2001:db8:1::2" },
      clientMac: "02:00:00:00:00:c2",
      pool: {
        v4: small ? "192.0.2.150-192.0.2.229" : "198.18.16.0-198.18.31.255",
        v6: "2001:db8:1::1000-2001:db8:1::1fff",
      },
      split: {
        v4: small ? "192.0.2.230-192.0.2.253" : "198.18.32.0-198.18.39.255",
        v6: "2001:db8:1::2000-2001:db8:1::2fff",
      },
    },
  };
}

function managementPrefix(families: Families): string {
  return families === "ipv6" ? MANAGEMENT.v6 : MANAGEMENT.v4;
}

function nodePlan(index: number, base: string, families: Families): NodePlan {
  const letter = String.fromCharCode("a".charCodeAt(0) + index);
  const host = 10 + index;
  const lan = { v4: `${base}.${host}`, v6: `2001:db8:1::${host}` };
  return {
    name: `node-${letter}`,
    podName: `pod-${letter}`,
    mac: `02:00:00:00:00:${host.toString(16).padStart(2, "0")}`,
    lan,
    internal: inUse(families, lan),
    management: `${managementPrefix(families)}${host}`,
    podCidr: { v4: `10.244.${host}.0/24`, v6: `2001:db8:244:${host}::/64` },
    podGateway: { v4: `10.244.${host}.1`, v6: `2001:db8:244:${host}::1` },
    pod: { v4: `10.244.${host}.2`, v6: `2001:db8:244:${host}::2` },
  };
}

/**
 * Plans a lab.
 *
 * @param nodes How many nodes, 1 to 26.
 * @param services How many Services will want an address of each family.
 * @param families Which address families there are.
 * @returns Names and addresses.
 */
export function planTopology(
  nodes: number,
  services: number,
  families: Families = "dual",
): Topology {
  const { plan, base } = lanPlan(services);
  return {
    families,
    nodes: Array.from(
      { length: nodes },
      (_, index) => nodePlan(index, base, families),
    ),
    lan: plan,
    apiServer: `${managementPrefix(families)}1`,
  };
}
