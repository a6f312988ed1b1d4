import type { Group } from "./group.ts";

/** Ended claims of groups that exist no more are told as long as there are at most so many. */
const MOST_ENDED = 1024;

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
  /** The groups by their last change, oldest first: a map keeps the order in which keys were added. */
  readonly #changes = new Map<Group, number>();
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
    this.#changes.delete(group);
    this.#changes.set(group, this.#version);
  }

  /** Notes that a group exists no more; that its claim ended is told for a while. */
  forget(group: Group): void {
    if (!this.#changes.has(group)) return;
    if (++this.#ended <= MOST_ENDED) return;
    for (const each of this.#changes.keys()) {
      if (!each.isKnown && !each.isOurs) this.#changes.delete(each);
    }
    this.#floor = this.#version;
    this.#ended = 0;
  }

  /** The groups with the number of their last change, oldest first. */
  entries(): IterableIterator<[Group, number]> {
    return this.#changes.entries();
  }
}
