import type { Chance } from "./chance.ts";
import type { Scenario } from "./scenario.ts";

/** The kinds of objects in the API; each has a watch of its own. */
export const KINDS = ["service", "endpoints", "node"] as const;
/** See {@linkcode KINDS}. */
export type Kind = typeof KINDS[number];

/** A version of an object. */
export interface Update {
  /** Of which kind it is. */
  readonly kind: Kind;
  /** Index of the group, or of the node. */
  readonly index: number;
  /** Which version. */
  readonly version: number;
}

/** By kind and index, the version of each object that somebody has seen. */
export type Seen = Record<Kind, number[]>;

/** What changes in the API. */
export type ViewChange =
  /** A node is excluded. */
  | "exclude"
  /** A group has other endpoints. */
  | "endpoints"
  /** A group is preferred elsewhere. */
  | "order"
  /** Everything is as it was at first. */
  | "all"
  /** The only endpoint of a group ends, and another comes elsewhere. */
  | "moved"
  /** The second address moves from the first group to one of its own, or back. */
  | "adopt"
  /** A group loses its addresses. */
  | "withdraw";

/** What an object says: the candidates, whether a Service has addresses, whether a node is excluded. */
interface Versions {
  readonly endpoints: (readonly number[])[];
  readonly service: boolean[];
  readonly node: boolean[];
}

/** The objects of the API and all their versions. */
export class Views {
  /** Election hash by group and node. */
  readonly hashes: readonly (readonly number[])[];
  readonly #endpoints: (readonly number[])[][];
  readonly #services: boolean[][];
  readonly #excluded: boolean[][];
  readonly #isShared: boolean;

  /** One version of each: everybody is a candidate of every group. */
  constructor(
    { groups, nodes, hasPreferences, isShared }: Scenario,
    chance: Chance,
  ) {
    this.hashes = Array.from(
      { length: groups },
      () => Array.from({ length: nodes }, () => chance.seed()),
    );
    this.#endpoints = this.hashes.map((_, group) => [
      hasPreferences ? chance.shuffle(this.#all(group)) : this.#all(group),
    ]);
    this.#isShared = isShared;
    this.#services = this.hashes.map((_, group) => [!isShared || group !== 1]);
    this.#excluded = Array.from({ length: nodes }, () => [false]);
  }

  /** The newest version of everything. */
  get newest(): Seen {
    const last = (versions: readonly unknown[]): number => versions.length - 1;
    return {
      service: this.#services.map(last),
      endpoints: this.#endpoints.map(last),
      node: this.#excluded.map(last),
    };
  }

  /** Whether somebody has seen the newest of everything. */
  isNewest(seen: Seen): boolean {
    const { newest } = this;
    return KINDS.every((kind) =>
      newest[kind].every((version, index) => seen[kind][index] === version)
    );
  }

  /** The candidates of a group, best first, for somebody who has seen so much; `undefined` = it has no address. */
  order(group: number, seen: Seen): readonly number[] | undefined {
    const service = this.#services[group]?.[seen.service[group] ?? 0];
    if (service !== true) return undefined;
    const all = this.#endpoints[group]?.[seen.endpoints[group] ?? 0] ?? [];
    const kept = all.filter((node) =>
      this.#excluded[node]?.[seen.node[node] ?? 0] !== true
    );
    // Where all are excluded none is.
    return kept.length > 0 ? kept : all;
  }

  /** The group to which an address belongs, for somebody who has seen so much. */
  groupOf(address: number, seen: Seen): number {
    const isFirst = this.#isShared && address === 1 &&
      this.order(1, seen) === undefined;
    return isFirst ? 0 : address;
  }

  /** The candidates of a group at first. */
  first(group: number): readonly number[] {
    return this.#endpoints[group]?.[0] ?? [];
  }

  /** Makes new versions, in the order in which the API has them. */
  change(change: ViewChange, chance: Chance): Update[] {
    const groups = this.hashes.length;
    const group = chance.below(groups);
    switch (change) {
      case "exclude":
        return [this.exclude(chance.below(this.#excluded.length))];
      case "endpoints": {
        const all = chance.shuffle(this.#all(group));
        const some = all.slice(0, chance.between(1, all.length));
        return [this.#set("endpoints", group, this.#sorted(some, group))];
      }
      case "order":
        return [
          this.#set("endpoints", group, chance.shuffle(this.#present(group))),
        ];
      case "moved": {
        const from = this.#present(group)[0] ?? 0;
        const to = chance.below(this.#excluded.length);
        return [[from], [], [to]].map((nodes) =>
          this.#set("endpoints", group, nodes)
        );
      }
      case "adopt":
        return [this.#toggle(1)];
      case "withdraw":
        return [this.#toggle(group)];
      case "all":
        return this.#reset();
    }
  }

  /** Makes a new version in which a node is no candidate. */
  exclude(node: number): Update {
    return this.#set("node", node, true);
  }

  /** Makes new versions in which all groups but the first have lost their addresses. */
  clear(): Update[] {
    return this.hashes.slice(1).map((_, index) =>
      this.#set("service", index + 1, false)
    );
  }

  #toggle(group: number): Update {
    const isThere = this.#services[group]?.at(-1) === true;
    return this.#set("service", group, !isThere);
  }

  #reset(): Update[] {
    return [
      ...this.hashes.flatMap((_, group) => [
        this.#set("endpoints", group, this.#all(group)),
        this.#set("service", group, true),
      ]),
      ...this.#excluded.map((_, node) => this.#set("node", node, false)),
    ];
  }

  #set<K extends Kind>(
    kind: K,
    index: number,
    value: Versions[K][number],
  ): Update {
    const lists: Record<Kind, unknown[][]> = {
      service: this.#services,
      endpoints: this.#endpoints,
      node: this.#excluded,
    };
    const versions = lists[kind][index];
    if (versions === undefined) throw new RangeError(`There is no ${kind}`);
    versions.push(value);
    return { kind, index, version: versions.length - 1 };
  }

  #present(group: number): readonly number[] {
    return this.#endpoints[group]?.at(-1) ?? [];
  }

  #all(group: number): number[] {
    const nodes = this.hashes[group]?.map((_, node) => node) ?? [];
    return this.#sorted(nodes, group);
  }

  #sorted(nodes: readonly number[], group: number): number[] {
    const hash = (node: number): number => this.hashes[group]?.[node] ?? 0;
    return nodes.toSorted((a, b) => hash(a) - hash(b));
  }
}
