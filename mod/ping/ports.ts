/** On which interfaces to ask for an address, and as whom. */
import {
  type InterfaceDecision,
  type InterfaceSkipReason,
  selectInterfaces,
} from "../layer2/mod.ts";
import {
  type AddressInfo,
  formatIp,
  type Ip,
  isLinkLocalIp,
  type LinkInfo,
  type Mac,
  makePrefix,
  prefixContains,
  UNSPECIFIED_IPV4,
} from "../net/mod.ts";

/** An interface to ask on. */
export interface AskingPort {
  /** Its name. */
  readonly name: string;
  /** Its MAC address. */
  readonly mac: Mac;
  /**
   * IPv4 address to ask from: one of the subnet that holds the address asked
   * for, else any; unspecified when the interface has none (an ARP Probe).
   */
  readonly ipv4: Ip;
  /** Link-local address to ask from; absent when the interface has none. */
  readonly ipv6?: Ip;
  /** Whether one of its subnets holds the address asked for. */
  readonly holds: boolean;
}

/** What to ask, and what the machine has. */
export interface PortRequest {
  /** The address asked for. */
  readonly target: Ip;
  /** All interfaces. */
  readonly links: readonly LinkInfo[];
  /** All addresses of all interfaces. */
  readonly addresses: readonly AddressInfo[];
  /** Names of interfaces that are left alone unless one is named. */
  readonly exclude: readonly RegExp[];
  /** The only interface to ask on, if one is named. */
  readonly only?: string;
}

/** Why there is no interface to ask on. */
export type PortRefusal =
  /** No interface has the name. */
  | "absent"
  /** The named one cannot be used, for the reason that the speaker would give. */
  | InterfaceSkipReason
  /** It cannot do what the address's family takes. */
  | "family"
  /** None of all interfaces can be used. */
  | "none";

/** Where to ask. */
export type PortChoice =
  | { readonly kind: "ask"; readonly ports: readonly AskingPort[] }
  | { readonly kind: "refuse"; readonly reason: PortRefusal };

/**
 * Chooses the interfaces with a subnet that holds the address, as a host of
 * that subnet would. Without one every usable interface: an address of a pool
 * need not be in any subnet.
 */
export function choosePorts(request: PortRequest): PortChoice {
  const { only, links, addresses, exclude } = request;
  const decisions = selectInterfaces(
    only === undefined ? links : links.filter(({ name }) => name === only),
    addresses,
    only === undefined ? exclude : [],
  );
  const ports = decisions.flatMap((each) => portOf(each, request));
  if (ports.length === 0) {
    return { kind: "refuse", reason: refusal(decisions, only) };
  }
  const holding = ports.filter(({ holds }) => holds);
  return { kind: "ask", ports: holding.length > 0 ? holding : ports };
}

function refusal(
  [decision]: readonly InterfaceDecision[],
  only: string | undefined,
): PortRefusal {
  if (only === undefined) return "none";
  if (decision === undefined) return "absent";
  return decision.kind === "skip" ? decision.reason : "family";
}

function portOf(
  decision: InterfaceDecision,
  { target, addresses }: PortRequest,
): AskingPort[] {
  if (decision.kind === "skip") return [];
  const { link: { index, name }, mac, arp } = decision;
  const own = addresses.filter((one) => one.index === index && !one.tentative);
  const ipv6 = own.find(({ ip }) => ip.family === "IPv6" && isLinkLocalIp(ip))
    ?.ip;
  const canAsk = target.family === "IPv4" ? arp : ipv6 !== undefined;
  if (!canAsk) return [];
  const near = own.find(({ ip, prefixLength }) =>
    prefixContains(makePrefix(ip, prefixLength), target)
  );
  const any = own.find(({ ip }) => ip.family === "IPv4")?.ip;
  const ipv4 = near?.ip.family === "IPv4" ? near.ip : any;
  return [{
    name,
    mac,
    ipv4: ipv4 ?? UNSPECIFIED_IPV4,
    ...ipv6 === undefined ? {} : { ipv6 },
    holds: near !== undefined,
  }];
}

/** The address that a port asks for another from, as text. */
export function askedFrom({ ipv4, ipv6 }: AskingPort, target: Ip): string {
  return formatIp(target.family === "IPv4" ? ipv4 : ipv6 ?? ipv4);
}
