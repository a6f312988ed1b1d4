/** What this speaker has decided about every Service, kept up to date piece by piece. */
import {
  type ClassFilter,
  type Config,
  isOurClass,
  ownershipView,
  type OwnershipViewResult,
  type ServiceRefusal,
} from "../mod/config/mod.ts";
import type { EndpointSlice, Node, Service } from "../mod/kube/mod.ts";
import type { InterfaceSelection } from "../mod/layer2/mod.ts";
import { formatIp, type Ip, tryParseIp } from "../mod/net/mod.ts";
import {
  claimHash,
  type Complaint,
  complaintOf,
  decideGroup,
  groupId,
  type OwnershipDecision,
  spokesman,
} from "../mod/ownership/mod.ts";
import { AddressGroups } from "./address_groups.ts";
import { isSameState } from "./outcome_state.ts";
import type { Announced, Outcome, Watched } from "./outcomes.ts";

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
    /** By pool, the first address first; mostly one. */
    readonly parts: readonly DecidedPart[];
  };

/** What was decided about the addresses that one pool holds. */
export interface DecidedPart {
  /** The addresses, in the order of the status. */
  readonly ips: readonly Ip[];
  /** The pool that holds them. */
  readonly pool: string;
  /** The order of the candidates, and why. */
  readonly decision: OwnershipDecision;
  /** When a returned node gets them back, in ms, where an advertisement says so. */
  readonly failbackDelay?: number;
}

/** What the decisions depend on. */
export interface DecisionInputs {
  /** Name of the own node. */
  readonly node: string;
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
  /** What is claimed; left out, the order alone decides who owns what. */
  readonly claims?: ClaimView;
  /** Which `spec.loadBalancerClass` is ours. */
  readonly classes: ClassFilter;
  /** Whether the exclude label of nodes is ignored. */
  readonly ignoreExcludeLB: boolean;
}

/** What the decisions need to know of claims. */
export interface ClaimView {
  /** Nodes that have, or had, a speaker: the candidates, dead ones included. */
  readonly known: readonly string[];
  /** `nodeId` of a node, for whoever asks for the same ones again and again. */
  readonly idOf: (node: string) => number;
  /** Whether this node owns the group with an id. */
  readonly owns: (group: number) => boolean;
}

/** Which Services are to be decided anew. */
export type Dirty = "all" | ReadonlySet<string>;

/**
 * Decides about Services that share addresses, all together.
 *
 * @param keys Their `namespace/name`, sorted; those that are gone are left out.
 */
function decideTogether(
  keys: readonly string[],
  inputs: DecisionInputs,
): [string, ServiceDecision][] {
  const results = keys.flatMap((key) => {
    const service = inputs.services.get(key);
    if (service?.spec.type !== "LoadBalancer") return [];
    return [{ key, result: lookAt(service, key, inputs) }];
  });
  const views = results.flatMap(({ result }) =>
    result.kind === "views" ? result.parts.map(({ view }) => view) : []
  );
  const decisions = decideGroup(views).values();
  return results.map(({ key, result }): [string, ServiceDecision] => {
    if (result.kind === "refused") return [key, result];
    const parts = result.parts.flatMap(
      ({ view: _, ...part }): DecidedPart[] => {
        const { value: decision } = decisions.next();
        return decision === undefined ? [] : [{ ...part, decision }];
      },
    );
    return [key, { kind: "decided", parts }];
  });
}

function lookAt(
  service: Service,
  key: string,
  inputs: DecisionInputs,
): OwnershipViewResult | {
  readonly kind: "refused";
  readonly reason: DecisionRefusal;
} {
  if (!isOurClass(service, inputs.classes)) {
    return { kind: "refused", reason: "otherClass" };
  }
  return ownershipView(inputs.config, {
    service,
    endpointSlices: inputs.slicesOf(key),
    nodes: inputs.nodes,
    members: inputs.claims?.known ?? inputs.members,
    ignoreExcludeLB: inputs.ignoreExcludeLB,
  });
}

/** The addresses by which a Service belongs to a group. */
function addressesOf(
  service: Service | undefined,
  { classes }: DecisionInputs,
): readonly string[] {
  if (
    service?.spec.type !== "LoadBalancer" || !isOurClass(service, classes)
  ) return [];
  return (service.status?.loadBalancer?.ingress ?? []).flatMap(
    ({ ip = "" }) => {
      const parsed = tryParseIp(ip);
      return parsed === undefined ? [] : [formatIp(parsed)];
    },
  );
}

/** Most of the Services of most nodes: one object for all of them. */
const NOTHING: Outcome = { announced: [], complaint: undefined, watched: [] };

/** The outcomes of the decisions about all Services. */
export class Decisions {
  readonly #byService = new Map<string, Outcome>();
  readonly #groups = new AddressGroups();
  #version = 0;

  /** Another one whenever the packet worker is to be told something else than before. */
  get version(): number {
    return this.#version;
  }

  /** Every Service of type LoadBalancer with what this node does for it. */
  get all(): ReadonlyMap<string, Outcome> {
    return this.#byService;
  }

  /** Decides anew about what may have changed. */
  update(inputs: DecisionInputs, dirty: Dirty): void {
    const before = new Map(dirty === "all" ? this.#byService : []);
    if (dirty === "all") {
      this.#byService.clear();
      this.#groups.clear();
    }
    const keys = dirty === "all" ? new Set(inputs.services.keys()) : dirty;
    const due = this.#regroup(keys, inputs);
    for (const key of due) {
      const group = this.#groups.of(key);
      for (const each of group) {
        due.delete(each);
        const known = this.#byService.get(each);
        if (known !== undefined) before.set(each, known);
      }
      this.#decide(group, inputs);
      for (const each of group) this.#compare(each, before);
    }
    // Of what is left nothing was decided: it is gone.
    for (const each of before.keys()) this.#compare(each, before);
  }

  /** Takes in that this node owns others of these Services' groups than before. */
  reown(
    services: Iterable<string>,
    owns: (group: number) => boolean,
  ): void {
    for (const key of services) {
      const outcome = this.#byService.get(key);
      if (outcome === undefined) continue;
      const announced = outcome.watched.filter(({ group }) => owns(group));
      this.#byService.set(key, { ...outcome, announced });
    }
  }

  /** The decision about one Service and why; nothing for another type. */
  explain(inputs: DecisionInputs, key: string): ServiceDecision | undefined {
    const decided = decideTogether(this.#groups.of(key), inputs);
    return decided.find(([each]) => each === key)?.[1];
  }

  /** Takes in the addresses; gives all whose group was or is touched. */
  #regroup(keys: ReadonlySet<string>, inputs: DecisionInputs): Set<string> {
    const due = new Set(keys);
    for (const key of keys) {
      for (const each of this.#groups.of(key)) due.add(each);
      this.#groups.set(key, addressesOf(inputs.services.get(key), inputs));
    }
    return due;
  }

  #compare(key: string, before: Map<string, Outcome>): void {
    if (!isSameState(before.get(key), this.#byService.get(key))) {
      this.#version++;
    }
    before.delete(key);
  }

  #decide(group: readonly string[], inputs: DecisionInputs): void {
    for (const key of group) this.#byService.delete(key);
    for (const [key, decided] of decideTogether(group, inputs)) {
      this.#byService.set(key, outcomeOf(decided, inputs));
    }
  }
}

function outcomeOf(decided: ServiceDecision, inputs: DecisionInputs): Outcome {
  if (decided.kind === "refused") return NOTHING;
  const { node, claims } = inputs;
  const watched = claims === undefined
    ? []
    : decided.parts.flatMap((part) => watch(part, node, claims));
  const announced = claims === undefined
    ? decided.parts.flatMap((part) => announce(part, node))
    : watched.filter(({ group }) => claims.owns(group));
  const complaint = complaintHere(decided.parts, inputs);
  const isNothing = announced.length === 0 && watched.length === 0 &&
    complaint === undefined;
  return isNothing ? NOTHING : { announced, complaint, watched };
}

/** What this node announces of a part, where the order alone decides. */
function announce(
  { ips, decision }: DecidedPart,
  node: string,
): readonly Announced[] {
  if (decision.owner !== node) return [];
  const interfaces = interfacesOn(decision, node);
  // The owner of the group need not be a candidate for each part of it.
  return interfaces === undefined ? [] : [{ ips, interfaces }];
}

/** A group that somebody may own; one that lost its last candidate is nobody's. */
function watch(
  { ips, decision, failbackDelay }: DecidedPart,
  node: string,
  { idOf }: ClaimView,
): readonly Watched[] {
  const { key, order } = decision;
  if (order.length === 0) return [];
  return [{
    group: groupId(key),
    key,
    ips,
    // All of them: however many of the first are dead, drained or not on a
    // segment, the next can take over.
    candidates: order.map(({ node, hash }) => ({
      node: idOf(node),
      hash: claimHash(hash),
    })),
    // Who is no candidate any more hands over where it answers.
    interfaces: interfacesOn(decision, node) ?? "all",
    ...failbackDelay === undefined ? {} : { failbackDelay },
  }];
}

function interfacesOn(
  { interfaces }: OwnershipDecision,
  node: string,
): InterfaceSelection | undefined {
  const where = interfaces[node];
  if (where === undefined) return undefined;
  return where.all ? "all" : where.names;
}

/** What is wrong with the first part that something is wrong with, if it is ours to tell. */
function complaintHere(
  parts: readonly DecidedPart[],
  inputs: DecisionInputs,
): Complaint | undefined {
  const { node, members, config } = inputs;
  for (const { pool, decision, ips: [first] } of parts) {
    const complaint = complaintOf(decision);
    if (complaint === undefined || first === undefined) continue;
    const byBgp = config.pools.get(pool)?.bgpAdvertisements ?? [];
    if (complaint === "noMatchingAdvertisement" && byBgp.length > 0) continue;
    const teller = spokesman(formatIp(first), decision.owner, members);
    return teller === node ? complaint : undefined;
  }
  return undefined;
}
