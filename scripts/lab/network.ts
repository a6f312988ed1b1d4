/**
 * The lab's network as text for `ip -batch`: rendered by pure functions, run
 * by the driver in one call per namespace.
 */
import {
  type DualAddress,
  type Families,
  inUse,
  type NodePlan,
  type Topology,
} from "./topology.ts";

/** Name of the bridge that is the LAN. */
export const LAN_BRIDGE = "lan";
/** Name of the bridge that is the management network. */
export const MANAGEMENT_BRIDGE = "mgmt";

/** A network namespace: settings first, then `ip` commands. */
export interface NamespacePlan {
  readonly name: string;
  /** Paths under /proc/sys and their values. */
  readonly sysctls: readonly string[];
  /** Input of `ip -batch -`, run inside the namespace. */
  readonly batch: string;
}

/** The network: what is made outside, then what is set inside each namespace. */
export interface NetworkPlan {
  readonly namespaces: readonly string[];
  /** Paths under /proc/sys and their values, outside, as far as the kernel has them. */
  readonly sysctls: readonly string[];
  /** Input of `ip -batch -`, run outside of the namespaces. */
  readonly batch: string;
  readonly inside: readonly NamespacePlan[];
}

/** Host-side port of a namespace's interface on the LAN. */
export function lanPort(namespace: string): string {
  return `lan-${namespace}`;
}

/** Host-side port of a node's interface on the management network. */
export function managementPort(namespace: string): string {
  return `mgmt-${namespace}`;
}

// Addresses are the lab's own, so duplicate address detection would only
// delay the start by a second per interface.
const COMMON_SYSCTLS = [
  "net/ipv6/conf/default/accept_dad=0",
  "net/ipv6/conf/default/accept_ra=0",
  "net/ipv6/conf/default/router_solicitations=0",
  "net/ipv4/conf/all/rp_filter=0",
  "net/ipv4/conf/default/rp_filter=0",
];

// The bridges stand for switches, which look at no IP packet; and the sender of
// a frame would pay for it.
const SWITCH_SYSCTLS = [
  "net/bridge/bridge-nf-call-arptables=0",
  "net/bridge/bridge-nf-call-iptables=0",
  "net/bridge/bridge-nf-call-ip6tables=0",
];

// Nor has any interface a link-local address then.
const WITHOUT_IPV6 = [
  "net/ipv6/conf/all/disable_ipv6=1",
  "net/ipv6/conf/default/disable_ipv6=1",
];

function commonSysctls(families: Families): readonly string[] {
  return families === "ipv4"
    ? [...COMMON_SYSCTLS, ...WITHOUT_IPV6]
    : COMMON_SYSCTLS;
}

const NODE_SYSCTLS = [
  "net/ipv4/ip_forward=1",
  "net/ipv6/conf/all/forwarding=1",
  "net/ipv6/conf/default/forwarding=1",
  "net/ipv4/conf/all/send_redirects=0",
  "net/ipv4/conf/default/send_redirects=0",
];

function lines(...commands: readonly string[]): string {
  return commands.join("\n") + "\n";
}

function addAddress(address: string, length: number, device: string): string {
  const options = address.includes(":") ? " nodad" : "";
  return `addr add ${address}/${length} dev ${device}${options}`;
}

/** Gives a device the addresses of the families that there are. */
function addAddresses(
  families: Families,
  address: DualAddress,
  length: { readonly v4: number; readonly v6: number },
  device: string,
): string[] {
  return inUse(families, address).map((each) =>
    addAddress(each, each.includes(":") ? length.v6 : length.v4, device)
  );
}

/** Lengths of the prefixes of a node's Pods, and of the management network. */
const SUBNET = { v4: 24, v6: 64 } as const;

/** Gives a device an address on the management network. */
function addManagement(address: string, device: string): string {
  const length = address.includes(":") ? SUBNET.v6 : SUBNET.v4;
  return addAddress(address, length, device);
}

function lanInterface(namespace: string, mac: string): string[] {
  const port = lanPort(namespace);
  return [
    `link add ${port} type veth peer name eth0 address ${mac} netns ${namespace}`,
    `link set ${port} addrgenmode none master ${LAN_BRIDGE} up`,
  ];
}

function nodeInterfaces(node: NodePlan): string[] {
  const port = managementPort(node.name);
  return [
    ...lanInterface(node.name, node.mac),
    `link add ${port} type veth peer name mgmt0 netns ${node.name}`,
    `link set ${port} addrgenmode none master ${MANAGEMENT_BRIDGE} up`,
  ];
}

function nodeNamespace(node: NodePlan, topology: Topology): NamespacePlan {
  const { families, lan: { length } } = topology;
  const others = topology.nodes.filter(({ name }) => name !== node.name);
  return {
    name: node.name,
    sysctls: [...commonSysctls(families), ...NODE_SYSCTLS],
    batch: lines(
      "link set lo up",
      "link set eth0 up",
      "link set mgmt0 up",
      `link add pod0 type veth peer name eth0 netns ${node.podName}`,
      "link set pod0 up",
      ...addAddresses(families, node.lan, length, "eth0"),
      addManagement(node.management, "mgmt0"),
      ...addAddresses(families, node.podGateway, SUBNET, "pod0"),
      ...others.flatMap(({ podCidr, lan }) =>
        inUse(families, {
          v4: `route add ${podCidr.v4} via ${lan.v4}`,
          v6: `route add ${podCidr.v6} via ${lan.v6}`,
        })
      ),
    ),
  };
}

function podNamespace(node: NodePlan, families: Families): NamespacePlan {
  const { v4, v6 } = node.podGateway;
  return {
    name: node.podName,
    sysctls: commonSysctls(families),
    batch: lines(
      "link set lo up",
      "link set eth0 up",
      ...addAddresses(families, node.pod, SUBNET, "eth0"),
      ...inUse(families, {
        v4: `route add default via ${v4}`,
        v6: `route add default via ${v6}`,
      }),
    ),
  };
}

function clientNamespace({ lan, families }: Topology): NamespacePlan {
  return {
    name: "client",
    sysctls: commonSysctls(families),
    batch: lines(
      "link set lo up",
      "link set eth0 up",
      ...addAddresses(families, lan.client, lan.length, "eth0"),
    ),
  };
}

/**
 * Plans the network: the LAN is a bridge that forgets at once where a MAC is
 * (`ageing_time 0`), so it floods every frame and the observer sees them all.
 *
 * @param topology Names and addresses.
 * @returns What to run outside and inside the namespaces, in this order.
 */
export function planNetwork(topology: Topology): NetworkPlan {
  const { nodes, families } = topology;
  return {
    namespaces: [
      ...nodes.flatMap(({ name, podName }) => [name, podName]),
      "client",
      "observer",
    ],
    sysctls: SWITCH_SYSCTLS,
    batch: lines(
      "link set lo up",
      `link add ${LAN_BRIDGE} type bridge ageing_time 0`,
      `link set ${LAN_BRIDGE} addrgenmode none up`,
      `link add ${MANAGEMENT_BRIDGE} type bridge`,
      `link set ${MANAGEMENT_BRIDGE} addrgenmode none up`,
      addManagement(topology.apiServer, MANAGEMENT_BRIDGE),
      ...nodes.flatMap(nodeInterfaces),
      ...lanInterface("client", topology.lan.clientMac),
      ...lanInterface("observer", "02:00:00:00:00:ee"),
    ),
    // A node makes its Pod's interface, so it comes before its Pod.
    inside: [
      ...nodes.flatMap((node) => [
        nodeNamespace(node, topology),
        podNamespace(node, families),
      ]),
      clientNamespace(topology),
      {
        name: "observer",
        sysctls: commonSysctls(families),
        batch: lines("link set eth0 up"),
      },
    ],
  };
}
