import type { Chance } from "./chance.ts";
import type { Scenario } from "./scenario.ts";

/** Per group the candidates, best first. */
export type View = readonly (readonly number[])[];

/** What changes in the API. */
export type ViewChange = "exclude" | "endpoints" | "order" | "all";

/** The versions of what the API says. */
export class Views {
  /** Election hash by group and node. */
  readonly hashes: readonly (readonly number[])[];
  readonly #versions: View[] = [];

  /** One version: everybody is a candidate. */
  constructor({ groups, nodes }: Scenario, chance: Chance) {
    this.hashes = Array.from(
      { length: groups },
      () => Array.from({ length: nodes }, () => chance.seed()),
    );
    const all = Array.from({ length: nodes }, (_, node) => node);
    this.#versions.push(
      this.hashes.map((_, group) => this.#sorted(all, group)),
    );
  }

  /** Number of the newest version. */
  get newest(): number {
    return this.#versions.length - 1;
  }

  /** A version. */
  at(version: number): View {
    return this.#versions[version] ?? [];
  }

  /** Makes a new version. */
  change(kind: ViewChange, chance: Chance): number {
    const present = this.at(this.newest);
    const nodes = this.hashes[0]?.length ?? 0;
    const group = chance.below(present.length);
    const next = present.map((order) => [...order]);
    if (kind === "exclude") return this.exclude(chance.below(nodes));
    if (kind === "endpoints") {
      const all = chance.shuffle(
        Array.from({ length: nodes }, (_, node) => node),
      );
      next[group] = this.#sorted(all.slice(0, chance.between(1, nodes)), group);
    } else if (kind === "order") {
      next[group] = chance.shuffle(next[group] ?? []);
    } else {
      const all = Array.from({ length: nodes }, (_, node) => node);
      for (const index of next.keys()) next[index] = this.#sorted(all, index);
    }
    this.#versions.push(next);
    return this.newest;
  }

  /** Makes a new version in which a node is no candidate, where there are others. */
  exclude(gone: number): number {
    this.#versions.push(
      this.at(this.newest).map((order) =>
        order.length > 1 ? order.filter((node) => node !== gone) : order
      ),
    );
    return this.newest;
  }

  #sorted(nodes: readonly number[], group: number): number[] {
    const hash = (node: number): number => this.hashes[group]?.[node] ?? 0;
    return nodes.toSorted((a, b) => hash(a) - hash(b));
  }
}
