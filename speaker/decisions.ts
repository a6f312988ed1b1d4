/** What this speaker has decided about every Service, kept up to date piece by piece. */
import {
  type Config,
  ownershipView,
  type ServiceRefusal,
} from "../mod/config/mod.ts";
import type { EndpointSlice, Node, Service } from "../mod/kube/mod.ts";
import type { DesiredAddress } from "../mod/layer2/mod.ts";
import { formatIp, type Ip } from "../mod/net/mod.ts";
import { decide, type OwnershipDecision } from "../mod/ownership/mod.ts";

/** Why a Service is not looked at or not announced, before any election. */
export type DecisionRefusal =
  | ServiceRefusal
  /** Its class is another load balancer's. */
  | "otherClass";

/** What was decided about one Service. */
export type ServiceDecision =
  | { readonly kind: "refused"; readonly reason: DecisionRefusal }
  | {
    readonly kind: "decided";
    /** The addresses, in the order of the status. */
    readonly ips: readonly Ip[];
    /** The pool that holds them. */
    readonly pool: string;
    /** The order of the candidates, and why. */
    readonly decision: OwnershipDecision;
  };

/** What the decisions depend on. */
export interface DecisionInputs {
  /** The configuration in force. */
  readonly config: Config;
  /** All Services by `namespace/name`. */
  readonly services: ReadonlyMap<string, Service>;
  /** EndpointSlices of a Service by its key. */
  readonly slicesOf: (service: string) => readonly EndpointSlice[];
  /** All nodes. */
  readonly nodes: readonly Node[];
  /** Nodes whose speaker is alive. */
  readonly members: readonly string[];
  /** `spec.loadBalancerClass` that is ours; undefined = none. */
  readonly loadBalancerClass: string | undefined;
  /** Whether the exclude label of nodes is ignored. */
  readonly ignoreExcludeLB: boolean;
}

/** Which Services are to be decided anew. */
export type Dirty = "all" | ReadonlySet<string>;

/** Decides about one Service. */
export function decideService(
  service: Service,
  key: string,
  inputs: DecisionInputs,
): ServiceDecision {
  if (service.spec.loadBalancerClass !== inputs.loadBalancerClass) {
    return { kind: "refused", reason: "otherClass" };
  }
  const result = ownershipView(inputs.config, {
    service,
    endpointSlices: inputs.slicesOf(key),
    nodes: inputs.nodes,
    members: inputs.members,
    ignoreExcludeLB: inputs.ignoreExcludeLB,
  });
  if (result.kind === "refused") return result;
  const { ips, pool, view } = result;
  return { kind: "decided", ips, pool, decision: decide(view) };
}

/** The decisions about all Services. */
export class Decisions {
  readonly #byService = new Map<string, ServiceDecision>();

  /** Every Service of type LoadBalancer with what was decided about it. */
  get all(): ReadonlyMap<string, ServiceDecision> {
    return this.#byService;
  }

  /** Decides anew about what may have changed. */
  update(inputs: DecisionInputs, dirty: Dirty): void {
    if (dirty === "all") {
      this.#byService.clear();
      for (const key of inputs.services.keys()) this.#decide(key, inputs);
      return;
    }
    for (const key of dirty) this.#decide(key, inputs);
  }

  #decide(key: string, inputs: DecisionInputs): void {
    const service = inputs.services.get(key);
    if (service === undefined || service.spec.type !== "LoadBalancer") {
      this.#byService.delete(key);
      return;
    }
    this.#byService.set(key, decideService(service, key, inputs));
  }
}

/**
 * The addresses that a node owns, with the interfaces that it announces them
 * on. Services that share an address unite their interfaces.
 */
export function ownedAddresses(
  decisions: Iterable<ServiceDecision>,
  node: string,
): DesiredAddress[] {
  const owned = new Map<string, DesiredAddress>();
  for (const each of decisions) {
    if (each.kind === "refused" || each.decision.owner !== node) continue;
    const where = each.decision.interfaces[node];
    const interfaces = where === undefined || where.all ? "all" : where.names;
    for (const ip of each.ips) {
      const text = formatIp(ip);
      const before = owned.get(text)?.interfaces;
      owned.set(text, { ip, interfaces: unite(before, interfaces), epoch: 0 });
    }
  }
  return [...owned.values()];
}

/** One address that a node announces for a Service. */
export interface AnnouncedAddress {
  /** `namespace/name` of the Service. */
  readonly service: string;
  /** The address. */
  readonly ip: Ip;
}

/** The addresses that a node announces, once for each Service that has them. */
export function announcedAddresses(
  decisions: ReadonlyMap<string, ServiceDecision>,
  node: string,
): AnnouncedAddress[] {
  return [...decisions].flatMap(([service, each]) =>
    each.kind === "decided" && each.decision.owner === node
      ? each.ips.map((ip) => ({ service, ip }))
      : []
  );
}

function unite(
  before: DesiredAddress["interfaces"] | undefined,
  more: DesiredAddress["interfaces"],
): DesiredAddress["interfaces"] {
  if (before === undefined) return more;
  if (before === "all" || more === "all") return "all";
  return [...new Set([...before, ...more])].sort();
}
