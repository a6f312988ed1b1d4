/**
 * What kube-proxy would do on a node of the lab, as an nftables ruleset: sends
 * what comes for a Service's address to its Pods. A Pod that died stays in
 * until the EndpointSlices drop it, and connections keep their Pod, as in a
 * real cluster.
 */
import type {
  EndpointSlice,
  Service,
  ServicePort,
} from "../../mod/kube/mod.ts";

/** The objects that the rules follow from. */
export interface ForwardingView {
  readonly services: readonly Service[];
  readonly endpointSlices: readonly EndpointSlice[];
}

/** Packets with this mark are masqueraded, as kube-proxy marks them. */
const MASQUERADE_MARK = "0x4000";
const TABLE = "inet herald-lab";

type Family = "IPv4" | "IPv6";

/** One address and port of a Service and the Pods behind it. */
interface Frontend {
  readonly family: Family;
  readonly address: string;
  readonly protocol: string;
  readonly port: number;
  /** `address . port` of each Pod. */
  readonly backends: readonly string[];
  readonly masquerade: boolean;
  /** Service and port as kube-proxy writes them into the names of chains. */
  readonly name: string;
}

function familyOf(address: string): Family {
  return address.includes(":") ? "IPv6" : "IPv4";
}

function backendsOf(
  slices: readonly EndpointSlice[],
  port: ServicePort,
  localNode: string | undefined,
): string[] {
  return slices.flatMap((slice) => {
    const target = slice.ports?.find(({ name = "" }) =>
      name === (port.name ?? "")
    );
    if (target?.port === undefined) return [];
    return (slice.endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready !== false)
      .filter(({ nodeName }) =>
        localNode === undefined || nodeName === localNode
      )
      .flatMap(({ addresses }) => addresses.slice(0, 1))
      .map((address) => `${address} . ${target.port}`);
  }).sort();
}

function serviceKey(namespace = "", name = ""): string {
  return `${namespace}/${name}`;
}

function slicesByService(
  slices: readonly EndpointSlice[],
): ReadonlyMap<string, readonly EndpointSlice[]> {
  return Map.groupBy(
    slices,
    ({ metadata: { namespace, labels } }) =>
      serviceKey(namespace, labels?.["kubernetes.io/service-name"]),
  );
}

function frontendsOf(
  service: Service,
  own: readonly EndpointSlice[],
  node: string,
): Frontend[] {
  const local = service.spec.externalTrafficPolicy === "Local";
  const { metadata } = service;
  const key = serviceKey(metadata.namespace, metadata.name);
  const addresses = (service.status?.loadBalancer?.ingress ?? [])
    .flatMap(({ ip }) => ip === undefined ? [] : [ip]);
  return addresses.flatMap((address) => {
    const family = familyOf(address);
    const matching = own.filter(({ addressType }) => addressType === family);
    return (service.spec.ports ?? []).map((port): Frontend => {
      const protocol = (port.protocol ?? "TCP").toLowerCase();
      return {
        family,
        address,
        protocol,
        port: port.port,
        backends: backendsOf(matching, port, local ? node : undefined),
        masquerade: !local,
        name: [key, protocol, port.name ?? ""].join("/"),
      };
    });
  });
}

function chainName({ name }: Frontend, index: number): string {
  return `service-${index}-${name}`;
}

function chainBody(frontend: Frontend): string[] {
  const { backends, family, protocol, masquerade } = frontend;
  if (backends.length === 0) return ["drop"];
  const choices = backends.map((backend, index) => `${index} : ${backend}`);
  const spread = `numgen random mod ${backends.length} map { ${
    choices.join(", ")
  } }`;
  return [
    ...(masquerade ? [`meta mark set ${MASQUERADE_MARK}`] : []),
    `meta l4proto ${protocol} dnat ${
      family === "IPv4" ? "ip" : "ip6"
    } to ${spread}`,
  ];
}

function braces(
  kind: string,
  head: readonly string[],
  elements: readonly string[],
): string[] {
  const unique = [...new Set(elements)];
  return [
    `  ${kind} {`,
    ...head.map((line) => `    ${line}`),
    ...(unique.length === 0 ? [] : [`    elements = { ${unique.join(", ")} }`]),
    "  }",
  ];
}

function lookups(family: Family, frontends: readonly Frontend[]): string[] {
  const suffix = family === "IPv4" ? "4" : "6";
  const type = family === "IPv4" ? "ipv4_addr" : "ipv6_addr";
  const mine = frontends.map((frontend, index) => ({ frontend, index }))
    .filter(({ frontend }) => frontend.family === family);
  return [
    ...braces(
      `map services${suffix}`,
      [`type ${type} . inet_proto . inet_service : verdict`],
      mine.map(({ frontend, index }) => {
        const { address, protocol, port } = frontend;
        const chain = chainName(frontend, index);
        return `${address} . ${protocol} . ${port} : goto ${chain}`;
      }),
    ),
    ...braces(
      `set addresses${suffix}`,
      [`type ${type}`],
      mine.map(({ frontend }) => frontend.address),
    ),
  ];
}

function chain(name: string, rules: readonly string[]): string[] {
  return [`  chain ${name} {`, ...rules.map((rule) => `    ${rule}`), "  }"];
}

/**
 * Renders the rules of one node.
 *
 * @param view Services with their addresses, and their endpoints.
 * @param node Name of the node.
 * @returns Input of `nft -f -` that replaces all of the lab's rules at once.
 */
export function renderStandIn(view: ForwardingView, node: string): string {
  const slices = slicesByService(view.endpointSlices);
  const frontends = view.services.flatMap((service) => {
    const { namespace, name } = service.metadata;
    return frontendsOf(
      service,
      slices.get(serviceKey(namespace, name)) ?? [],
      node,
    );
  });
  return [
    // Declared and deleted first, so that the file works the first time too.
    `table ${TABLE}`,
    `delete table ${TABLE}`,
    `table ${TABLE} {`,
    ...frontends.flatMap((frontend, index) =>
      chain(chainName(frontend, index), chainBody(frontend))
    ),
    ...lookups("IPv4", frontends),
    ...lookups("IPv6", frontends),
    ...chain("prerouting", [
      "type nat hook prerouting priority dstnat; policy accept;",
      "ip daddr . meta l4proto . th dport vmap @services4",
      "ip6 daddr . meta l4proto . th dport vmap @services6",
    ]),
    ...chain("postrouting", [
      "type nat hook postrouting priority srcnat; policy accept;",
      `meta mark ${MASQUERADE_MARK} masquerade`,
    ]),
    ...chain("forward", [
      "type filter hook forward priority filter; policy accept;",
      "ip daddr @addresses4 drop",
      "ip6 daddr @addresses6 drop",
    ]),
    "}",
    "",
  ].join("\n");
}
