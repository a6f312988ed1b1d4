/** What is kept of a decision, and what it makes this node announce. */
import type {
  DesiredAddress,
  DesiredInterface,
  GroupCandidate,
  InterfaceSelection,
} from "../mod/layer2/mod.ts";
import { formatIp, type Ip } from "../mod/net/mod.ts";
import type { Complaint } from "../mod/ownership/mod.ts";

/** Addresses that this node announces, or would if it owned them. */
export interface Announced {
  /** The addresses, in the order of the status. */
  readonly ips: readonly Ip[];
  /** On which interfaces, by name. */
  readonly interfaces: InterfaceSelection;
}

/** An interface that can be used, and what for: an IPv4 address is answered for by ARP, an IPv6 address by NDP. */
export type UsableInterface = Pick<DesiredInterface, "name" | "arp" | "ndp">;

/** Why a node answers nowhere for an address that it owns. */
export type AnswerObstacle =
  /** None of the interfaces that the advertisement names is there. */
  | "noInterface"
  /** None of them can broadcast. */
  | "noArp"
  /** None of them has an IPv6 link-local address: IPv6 is off there. */
  | "noNdp";

/** What keeps this node from answering for an address; `undefined` = nothing does. */
export function answerObstacle(
  ip: Ip,
  interfaces: InterfaceSelection,
  usable: readonly UsableInterface[],
): AnswerObstacle | undefined {
  const there = selected(interfaces, usable);
  if (there.length === 0) {
    // Who can use none at all is no member, and says so.
    return interfaces === "all" ? undefined : "noInterface";
  }
  if (ip.family === "IPv4") {
    return there.some(({ arp }) => arp) ? undefined : "noArp";
  }
  return there.some(({ ndp }) => ndp) ? undefined : "noNdp";
}

/** Those of the usable interfaces that an advertisement selects. */
export function selected(
  interfaces: InterfaceSelection,
  usable: readonly UsableInterface[],
): readonly UsableInterface[] {
  return interfaces === "all"
    ? usable
    : usable.filter(({ name }) => interfaces.includes(name));
}

/**
 * What this node is to answer for: what it owns, and that for which it comes
 * first without being able to own it, because its interfaces are without the
 * family of every address. The next candidate that is not takes it, if any is.
 *
 * @param self Id of this node.
 */
export function expected(
  { announced, watched }: Outcome,
  self: number,
  usable: readonly UsableInterface[],
): readonly Announced[] {
  const unable = watched.filter(({ candidates: [first], ips, interfaces }) =>
    first?.node === self && ips.every((ip) => {
      const obstacle = answerObstacle(ip, interfaces, usable);
      return obstacle === "noArp" || obstacle === "noNdp";
    })
  );
  return unable.length === 0
    ? announced
    : [...new Set([...announced, ...unable])];
}

/** Of what this node owns that for which it can answer. */
export function possible(
  announced: readonly Announced[],
  usable: readonly UsableInterface[],
): readonly Announced[] {
  return announced.flatMap(({ ips, interfaces }) => {
    const able = ips.filter((ip) =>
      answerObstacle(ip, interfaces, usable) === undefined
    );
    return able.length === 0 ? [] : [{ ips: able, interfaces }];
  });
}

/** Addresses of a group, whoever owns it. */
export interface Watched extends Announced {
  /** Id of the group. */
  readonly group: number;
  /** Text of the group's key. */
  readonly key: string;
  /** The first candidates, best first. */
  readonly candidates: readonly GroupCandidate[];
  /** When a returned node gets them back, in ms, where an advertisement says so. */
  readonly failbackDelay?: number;
}

/** What is kept of a decision: the rest is decided anew when somebody asks. */
export interface Outcome {
  /** What this node announces, by pool; empty = nothing. */
  readonly announced: readonly Announced[];
  /** What this node is to tell of the Service; `undefined` = nothing. */
  readonly complaint: Complaint | undefined;
  /** What the members claim; empty without claims. */
  readonly watched: readonly Watched[];
}

/**
 * The addresses that this node owns, with the interfaces that it announces
 * them on. Services that share an address unite their interfaces.
 */
export function ownedAddresses(outcomes: Iterable<Outcome>): DesiredAddress[] {
  const owned = new Map<string, DesiredAddress>();
  for (const { announced } of outcomes) {
    for (const { ips, interfaces } of announced) {
      for (const ip of ips) addAddress(owned, { ip, interfaces, epoch: 0 });
    }
  }
  return [...owned.values()];
}

/**
 * Takes in an address; where it is there already, the interfaces are united.
 *
 * @param addresses By their text.
 */
export function addAddress(
  addresses: Map<string, DesiredAddress>,
  address: DesiredAddress,
): void {
  const text = formatIp(address.ip);
  const interfaces = unite(addresses.get(text)?.interfaces, address.interfaces);
  addresses.set(text, { ...address, interfaces });
}

/** One address that this node announces for a Service. */
export interface AnnouncedAddress {
  /** `namespace/name` of the Service. */
  readonly service: string;
  /** The address. */
  readonly ip: Ip;
}

/**
 * The addresses that this node announces, once for each Service that has them.
 *
 * @param usable The interfaces that can be used.
 */
export function announcedAddresses(
  outcomes: ReadonlyMap<string, Outcome>,
  usable: readonly UsableInterface[],
): AnnouncedAddress[] {
  return [...outcomes].flatMap(([service, { announced }]) =>
    possible(announced, usable)
      .flatMap(({ ips }) => ips.map((ip) => ({ service, ip })))
  );
}

function unite(
  before: InterfaceSelection | undefined,
  more: InterfaceSelection,
): InterfaceSelection {
  if (before === undefined) return more;
  if (before === "all" || more === "all") return "all";
  return [...new Set([...before, ...more])].sort();
}
