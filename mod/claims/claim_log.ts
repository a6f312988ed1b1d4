import type { Group } from "./group.ts";

/** Ended claims of groups that exist no more are told as long as there are at most so many. */
const MOST_ENDED = 1024;
/** Places that were left free are given back when they are so many, and half of all. */
const LEAST_FREE = 64;

/** Numbers the changes of a node, on whatever segment. */
export interface Versions {
  /** The newest number given. */
  version: number;
}

/**
 * The changes of this node's claims on a segment, numbered, in their order: what
 * beats tell a peer that has not followed yet.
 */
export class ClaimLog {
  /** The groups by their last change, oldest first; a later change of one leaves its place free. */
  #groups: (Group | undefined)[] = [];
  /** The number of each place's change. */
  #numbers: number[] = [];
  readonly #places = new Map<Group, number>();
  readonly #versions: Versions;
  #version: number;
  #floor: number;
  #ended = 0;

  /**
   * A log without changes.
   *
   * @param versions Shared by all logs of a node: who followed an earlier log
   *   of the segment has followed nothing of this one.
   */
  constructor(versions: Versions) {
    this.#versions = versions;
    this.#version = versions.version;
    this.#floor = versions.version;
  }

  /** Number of the newest change. */
  get version(): number {
    return this.#version;
  }

  /** Up to where to begin for a peer that followed so far; 0 = it is told all. */
  resume(followed: number): number {
    return followed < this.#floor ? 0 : Math.min(followed, this.#version);
  }

  /** Notes that the claim of a group changed. */
  note(group: Group): void {
    this.#version = ++this.#versions.version;
    this.#drop(group);
    this.#places.set(group, this.#groups.length);
    this.#groups.push(group);
    this.#numbers.push(this.#version);
    const free = this.#groups.length - this.#places.size;
    if (free > LEAST_FREE && free > this.#places.size) this.#compact();
  }

  /** Notes that a group exists no more; that its claim ended is told for a while. */
  forget(group: Group): void {
    if (!this.#places.has(group)) return;
    if (++this.#ended <= MOST_ENDED) return;
    for (const each of [...this.#places.keys()]) {
      if (!each.isKnown && !each.isOurs) this.#drop(each);
    }
    this.#compact();
    this.#renumber();
    this.#ended = 0;
  }

  /**
   * The groups with the number of their last change, oldest first.
   *
   * @param after Those whose last change has this number or a lower one are left out.
   */
  *entries(after = 0): IterableIterator<[Group, number]> {
    for (let at = this.#placeAfter(after); at < this.#groups.length; at++) {
      const group = this.#groups[at];
      if (group !== undefined) yield [group, this.#numbers[at] ?? 0];
    }
  }

  #drop(group: Group): void {
    const place = this.#places.get(group);
    if (place === undefined) return;
    this.#groups[place] = undefined;
    this.#places.delete(group);
  }

  /** The first place with a higher number: they ascend. */
  #placeAfter(version: number): number {
    let [low, high] = [0, this.#numbers.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#numbers[middle] ?? 0) <= version) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * Whoever has not followed until now missed what was dropped, and is told all.
   * What is kept gets numbers above: a part of it is then told for good.
   */
  #renumber(): void {
    this.#floor = this.#version;
    for (let place = 0; place < this.#numbers.length; place++) {
      this.#version = ++this.#versions.version;
      this.#numbers[place] = this.#version;
    }
  }

  #compact(): void {
    const kept = [...this.entries()];
    this.#groups = kept.map(([group]) => group);
    this.#numbers = kept.map(([, number]) => number);
    for (const [place, [group]] of kept.entries()) {
      this.#places.set(group, place);
    }
  }
}
