/** What a cluster knows about an address and about the MAC addresses of its nodes. */
import { MACS_ANNOTATION } from "../../mod/config/mod.ts";
import { explain } from "../../mod/explain/mod.ts";
import { parseInterfaceMacs } from "../../mod/layer2/mod.ts";
import {
  equalIp,
  formatIp,
  formatMac,
  type Ip,
  tryParseIp,
} from "../../mod/net/mod.ts";
import type { Expectation, Knowledge } from "../../mod/ping/mod.ts";
import { leaseNode } from "../../speaker/leases/lease_keeper.ts";
import type { SeenCluster } from "./cluster_flags.ts";

/** What this machine has. */
export interface OwnMachine {
  /** MAC addresses of its interfaces, as text. */
  readonly macs: readonly string[];
  /** Addresses of its interfaces. */
  readonly ips: readonly Ip[];
}

/** A node that no speaker's Lease tells the MAC addresses of. */
export interface UnknownNode {
  /** Its name. */
  readonly node: string;
  /** An address of its own, by which its MAC address can be asked for. */
  readonly ip: Ip;
}

/** What is known, and of which nodes more can be asked. */
export interface FirstKnowledge {
  /** What the API says. */
  readonly knowledge: Knowledge;
  /** Nodes whose MAC addresses are not among it. */
  readonly unknown: readonly UnknownNode[];
}

/** Sums up what the objects of a cluster say about an address. */
export function knowledgeOf(
  target: Ip,
  { objects, decisions }: SeenCluster,
  own: OwnMachine,
): FirstKnowledge {
  const pairs = objects.leases.flatMap((lease) => {
    const node = leaseNode(lease);
    const text = lease.metadata.annotations?.[MACS_ANNOTATION];
    if (node === undefined || text === undefined) return [];
    return parseInterfaceMacs(text).map(({ mac }) => ({ mac, node }));
  });
  const nodes = objects.nodes.flatMap(({ metadata, status }) =>
    (status?.addresses ?? []).flatMap(({ type, address }) => {
      const ip = type === "InternalIP" ? tryParseIp(address) : undefined;
      return ip === undefined ? [] : [{ node: metadata.name, ip }];
    })
  );
  const self = pairs.find(({ mac }) => own.macs.includes(mac))?.node ??
    nodes.find(({ ip }) => own.ips.some((one) => equalIp(one, ip)))?.node ??
    null;
  const ours = self === null
    ? []
    : own.macs.map((mac) => ({ mac, node: self }));
  const known = [...pairs, ...ours];
  const named = new Set(known.map(({ node }) => node));
  return {
    knowledge: {
      nodesByMac: group(known),
      self,
      expected: expectationOf(target, decisions),
    },
    unknown: nodes.filter(({ node }) => !named.has(node)),
  };
}

/** Adds what was heard about the addresses of nodes. */
export function withNodes(
  knowledge: Knowledge,
  unknown: readonly UnknownNode[],
  heard: readonly { readonly ip: Ip; readonly mac: Uint8Array }[],
): Knowledge {
  const before = Array.from(knowledge.nodesByMac, ([mac, nodes]) => {
    return nodes.map((node) => ({ mac, node }));
  }).flat();
  const found = heard.flatMap(({ ip, mac }) =>
    unknown.filter((one) => equalIp(one.ip, ip))
      .map(({ node }) => ({ mac: formatMac(mac), node }))
  );
  return { ...knowledge, nodesByMac: group([...before, ...found]) };
}

interface Pair {
  readonly mac: string;
  readonly node: string;
}

function group(pairs: readonly Pair[]): Knowledge["nodesByMac"] {
  const grouped = Map.groupBy(pairs, ({ mac }) => mac);
  return new Map(
    Array.from(grouped, ([mac, own]) => {
      return [mac, [...new Set(own.map(({ node }) => node))].sort()];
    }),
  );
}

function expectationOf(
  target: Ip,
  decisions: SeenCluster["decisions"],
): Expectation {
  const explanation = explain(formatIp(target), decisions);
  const services = explanation?.kind === "address" ? explanation.services : [];
  // Services that share an address have one owner, if they have one.
  const owned = services.find(({ owner }) => owner !== null) ?? services[0];
  return {
    services: services.map(({ service }) => service),
    owner: owned?.owner ?? null,
    why: owned?.whyOwner ?? "",
  };
}
