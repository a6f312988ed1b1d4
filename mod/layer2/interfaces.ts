import {
  type AddressInfo,
  equalIp,
  type Ip,
  isLinkLocalIp,
  type LinkInfo,
  type Mac,
  macEquals,
} from "../net/mod.ts";
import type { DesiredInterface } from "./desired_state.ts";

/**
 * Names of interfaces that are left alone unless told otherwise: those that
 * container runtimes and network plugins make. The list is MetalLB's, so that
 * both choose the same interfaces.
 */
export const DEFAULT_EXCLUDED_INTERFACES: readonly string[] = [
  "^docker.*",
  "^cbr.*",
  "^dummy.*",
  "^virbr.*",
  "^lxcbr.*",
  "^veth.*",
  "^lo$",
  "^cali.*",
  "^tunl.*",
  "^flannel.*",
  "^kube-ipvs.*",
  "^cni.*",
  "^nodelocaldns.*",
  "^lxc.*",
];

/** Why an interface is not used. */
export type InterfaceSkipReason =
  /** Its name is on the exclude list. */
  | "excluded"
  /** It is the loopback interface. */
  | "loopback"
  /** It is administratively down. */
  | "down"
  /** It is part of a bridge, bond, team or VRF; that one is used instead. */
  | "master"
  /** It does without ARP and NDP, as tunnels do. */
  | "noArp"
  /** It has no MAC address. */
  | "noMac"
  /** It can neither broadcast nor has it an IPv6 link-local address. */
  | "noProtocol";

/** What is done with an interface. */
export type InterfaceDecision =
  | {
    readonly kind: "use";
    readonly link: LinkInfo;
    readonly mac: Mac;
    /** It can broadcast. */
    readonly arp: boolean;
    /** It has an IPv6 link-local address. */
    readonly ndp: boolean;
  }
  | {
    readonly kind: "skip";
    readonly link: LinkInfo;
    readonly reason: InterfaceSkipReason;
  };

/**
 * Decides about every interface of a scan.
 *
 * @param links All interfaces.
 * @param addresses All addresses of all interfaces.
 * @param exclude Interfaces whose name one of these matches are left alone.
 */
export function selectInterfaces(
  links: readonly LinkInfo[],
  addresses: readonly AddressInfo[],
  exclude: readonly RegExp[],
): InterfaceDecision[] {
  const withLinkLocal = new Set(
    addresses.filter(({ ip }) => ip.family === "IPv6" && isLinkLocalIp(ip))
      .map(({ index }) => index),
  );
  return links.map((link) => {
    const reason = skipReason(link, exclude);
    if (reason !== undefined) return { kind: "skip", link, reason };
    if (link.mac === null) return { kind: "skip", link, reason: "noMac" };
    const arp = link.broadcast;
    const ndp = withLinkLocal.has(link.index);
    if (!arp && !ndp) return { kind: "skip", link, reason: "noProtocol" };
    return { kind: "use", link, mac: link.mac, arp, ndp };
  });
}

function skipReason(
  link: LinkInfo,
  exclude: readonly RegExp[],
): InterfaceSkipReason | undefined {
  if (exclude.some((pattern) => pattern.test(link.name))) return "excluded";
  if (link.loopback) return "loopback";
  if (!link.up) return "down";
  if (link.master !== undefined) return "master";
  if (link.noArp) return "noArp";
  return link.mac?.some((byte) => byte !== 0) ? undefined : "noMac";
}

/** What a scan found different from the one before. */
export type InterfaceChange =
  /** It can be used from now on. */
  | { readonly kind: "appeared"; readonly name: string }
  /** It can no longer be used; `reason` says why, or `"gone"` that it does not exist. */
  | {
    readonly kind: "disappeared";
    readonly name: string;
    readonly reason: InterfaceSkipReason | "gone";
  }
  /** It has another MAC address. */
  | { readonly kind: "macChanged"; readonly name: string }
  /** It has another name. */
  | { readonly kind: "renamed"; readonly name: string; readonly from: string }
  /** ARP or NDP began or ended on it. */
  | { readonly kind: "protocolsChanged"; readonly name: string }
  /** Heartbeats and questions leave from another address. */
  | { readonly kind: "addressesChanged"; readonly name: string }
  /** Its carrier is gone: nobody hears what is sent. */
  | { readonly kind: "carrierLost"; readonly name: string }
  /** Its carrier came back. */
  | { readonly kind: "carrierReturned"; readonly name: string };

/** The result of one scan. */
export interface InterfaceSurvey {
  /** What is done with every interface. */
  readonly decisions: readonly InterfaceDecision[];
  /** The interfaces to answer on. */
  readonly desired: readonly DesiredInterface[];
  /** What is different from the last scan; empty when nothing is. */
  readonly changes: readonly InterfaceChange[];
}

interface Known {
  readonly desired: DesiredInterface;
  readonly isRunning: boolean;
}

/** Follows the usable interfaces from scan to scan. */
export class InterfaceTracker {
  readonly #exclude: readonly RegExp[];
  #known: ReadonlyMap<number, Known> = new Map();

  /**
   * Begins with no interface known.
   *
   * @param exclude Interfaces whose name one of these matches are left alone.
   */
  constructor(exclude: readonly RegExp[]) {
    this.#exclude = exclude;
  }

  /** Takes in a scan and says what it means. */
  update(
    links: readonly LinkInfo[],
    addresses: readonly AddressInfo[],
  ): InterfaceSurvey {
    const decisions = selectInterfaces(links, addresses, this.#exclude);
    const known = new Map<number, Known>();
    const changes: InterfaceChange[] = [];
    for (const decision of decisions) {
      if (decision.kind === "skip") continue;
      const before = this.#known.get(decision.link.index);
      const now = follow(decision, addresses, before);
      known.set(decision.link.index, now);
      changes.push(...compare(before, now));
    }
    for (const [index, { desired }] of this.#known) {
      if (known.has(index)) continue;
      const decision = decisions.find(({ link }) => link.index === index);
      const reason = decision?.kind === "skip" ? decision.reason : "gone";
      changes.push({ kind: "disappeared", name: desired.name, reason });
    }
    this.#known = known;
    const desired = [...known.values()].map((entry) => entry.desired);
    return { decisions, desired, changes };
  }
}

/** A carrier that came back makes a new epoch: switches may have forgotten us meanwhile. */
function follow(
  { link, mac, arp, ndp }: Extract<InterfaceDecision, { kind: "use" }>,
  addresses: readonly AddressInfo[],
  before: Known | undefined,
): Known {
  const epoch = before?.desired.epoch ?? 0;
  const isBack = before !== undefined && !before.isRunning && link.running;
  return {
    desired: {
      index: link.index,
      name: link.name,
      mac,
      arp,
      ndp,
      epoch: isBack ? epoch + 1 : epoch,
      ...ownAddresses(link, addresses),
    },
    isRunning: link.running,
  };
}

/**
 * The addresses to ask and to send heartbeats from. An IPv4 address of a whole
 * subnet is preferred: one by itself may be a Service's that somebody bound here.
 */
function ownAddresses(
  { index }: LinkInfo,
  addresses: readonly AddressInfo[],
): Pick<DesiredInterface, "ipv4" | "linkLocal"> {
  const own = addresses.filter((each) => each.index === index);
  const ipv4 = own.filter(({ ip }) => ip.family === "IPv4");
  const linkLocal = own.find(({ ip, tentative }) =>
    ip.family === "IPv6" && isLinkLocalIp(ip) && !tentative
  );
  const chosen = ipv4.find(({ prefixLength }) => prefixLength < 32) ?? ipv4[0];
  return {
    ...chosen === undefined ? {} : { ipv4: chosen.ip },
    ...linkLocal === undefined ? {} : { linkLocal: linkLocal.ip },
  };
}

function isSameIp(a: Ip | undefined, b: Ip | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalIp(a, b);
}

function compare(before: Known | undefined, now: Known): InterfaceChange[] {
  const { name } = now.desired;
  if (before === undefined) return [{ kind: "appeared", name }];
  const old = before.desired;
  const changes: InterfaceChange[] = [];
  if (!macEquals(old.mac, now.desired.mac)) {
    changes.push({ kind: "macChanged", name });
  }
  if (old.name !== name) {
    changes.push({ kind: "renamed", name, from: old.name });
  }
  if (old.arp !== now.desired.arp || old.ndp !== now.desired.ndp) {
    changes.push({ kind: "protocolsChanged", name });
  }
  if (
    !isSameIp(old.ipv4, now.desired.ipv4) ||
    !isSameIp(old.linkLocal, now.desired.linkLocal)
  ) changes.push({ kind: "addressesChanged", name });
  if (before.isRunning && !now.isRunning) {
    changes.push({ kind: "carrierLost", name });
  }
  if (old.epoch !== now.desired.epoch) {
    changes.push({ kind: "carrierReturned", name });
  }
  return changes;
}
