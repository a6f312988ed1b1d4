/** Who reaches whom. Stations are nodes by index, and the client after them. */
export class Links {
  /** The client's index. */
  readonly client: number;
  /** Grows when a link is cut or healed. */
  changes = 0;
  readonly #absent: readonly Set<number>[];
  readonly #cuts: Int16Array[];
  readonly #ipCuts: Int16Array[];

  /** All reach all, on each of the segments. */
  constructor(nodes: number, segments: number) {
    this.client = nodes;
    const links = (nodes + 1) ** 2;
    const make = (): Int16Array[] =>
      Array.from({ length: segments }, () => new Int16Array(links));
    this.#absent = Array.from({ length: segments }, () => new Set());
    this.#cuts = make();
    this.#ipCuts = make();
  }

  /** A station has no interface on a segment. */
  leave(slot: number, station: number): void {
    this.#absent[slot]?.add(station);
    this.changes++;
  }

  /** Whether a station has an interface on a segment. */
  isThere(slot: number, station: number): boolean {
    return this.#absent[slot]?.has(station) === false;
  }

  /** Whether frames of one station reach another. */
  reaches(slot: number, from: number, to: number): boolean {
    return this.isThere(slot, from) && this.isThere(slot, to) &&
      this.#cuts[slot]?.[this.#link(from, to)] === 0;
  }

  /** Whether two stations reach each other. */
  reachBoth(slot: number, a: number, b: number): boolean {
    return this.reaches(slot, a, b) && this.reaches(slot, b, a);
  }

  /** Whether IP passes, too. */
  reachesIp(slot: number, from: number, to: number): boolean {
    return this.reaches(slot, from, to) &&
      this.#ipCuts[slot]?.[this.#link(from, to)] === 0;
  }

  /** Cuts links, or heals them. */
  cut(
    slot: number,
    links: readonly (readonly [number, number])[],
    isHealed: boolean,
    isIpOnly: boolean,
  ): void {
    const cuts = (isIpOnly ? this.#ipCuts : this.#cuts)[slot];
    if (cuts === undefined) return;
    for (const [from, to] of links) {
      const link = this.#link(from, to);
      cuts[link] = (cuts[link] ?? 0) + (isHealed ? -1 : 1);
    }
    this.changes++;
  }

  /** Whether any link is cut. */
  hasCut(): boolean {
    return this.#cuts.some((cuts) => cuts.some((count) => count > 0));
  }

  /** Whether IP is cut anywhere. */
  hasIpCut(): boolean {
    return this.#ipCuts.some((cuts) => cuts.some((count) => count > 0));
  }

  #link(from: number, to: number): number {
    return from * (this.client + 1) + to;
  }
}
