import { readId, writeId } from "./shared_words.ts";

/** 32-bit words of one group: id (2), own hash, candidates (2), failback, flags, stamp. */
export const WORDS_PER_GROUP = 8;
/** 32-bit words of one candidate: node (2), hash. */
export const WORDS_PER_CANDIDATE = 3;
/** Candidates for each group that there is room for, over all groups. */
export const CANDIDATES_PER_GROUP = 16;

const ID = 0;
const HASH = 2;
const FIRST_CANDIDATE = 3;
const CANDIDATES = 4;
const FAILBACK = 5;
const FLAGS = 6;
const STAMP = 7;

/** 32-bit words that say how far a table goes. */
export const GROUP_COUNTERS = 2;
const LAST = 0;
const USED_CANDIDATES = 1;

const FLAG_NEW = 1;
/** `Infinity` does not fit a word. */
const NEVER = -1;

/** A node that may own a group. */
export interface GroupCandidate {
  /** Its id. */
  readonly node: number;
  /** The first 32 bits of its election hash for the group. */
  readonly hash: number;
}

/** Addresses that have one owner. */
export interface GroupEntry {
  /** Identity of the group, 48 bits. */
  readonly id: number;
  /** The first 32 bits of this node's election hash for it. */
  readonly hash: number;
  /** Whether no node has ever used its addresses. */
  readonly isNew: boolean;
  /** Milliseconds until a candidate that comes first and has returned gets it back; `Infinity` = never. */
  readonly failbackDelay: number;
  /** The candidates, best first. */
  readonly candidates: readonly GroupCandidate[];
}

/**
 * The groups in shared memory, each at an index that it keeps from one
 * generation to the next, with their candidates one after the other.
 */
export class GroupTable {
  readonly #groups: Int32Array;
  readonly #candidates: Int32Array;
  readonly #counters: Int32Array;

  /**
   * Lays a table over memory as it is; zeroed memory is an empty table.
   *
   * @param groups Room for the groups; index 0 stays free.
   * @param candidates Room for all candidates.
   * @param counters `GROUP_COUNTERS` words.
   */
  constructor(
    groups: Int32Array,
    candidates: Int32Array,
    counters: Int32Array,
  ) {
    this.#counters = counters;
    this.#groups = groups;
    this.#candidates = candidates;
  }

  /** The highest index that is used. */
  get last(): number {
    return this.#counters[LAST] ?? 0;
  }

  /** Candidates for which there is room. */
  get candidateCapacity(): number {
    return this.#candidates.length / WORDS_PER_CANDIDATE;
  }

  /** Forgets all groups. Memory that was never used is not made resident. */
  clear(): void {
    if (this.last === 0) return;
    this.#groups.fill(0, 0, (this.last + 1) * WORDS_PER_GROUP);
    this.#counters.fill(0);
  }

  /**
   * Puts a group at an index.
   *
   * @param stamp Another one whenever anything of the group is.
   * @param limit Most candidates; the last of more are left out.
   */
  put(
    index: number,
    group: GroupEntry,
    stamp: number = 0,
    limit: number = Infinity,
  ): void {
    const at = index * WORDS_PER_GROUP;
    const groups = this.#groups;
    const first = this.#counters[USED_CANDIDATES] ?? 0;
    const room = this.candidateCapacity - first;
    const count = Math.min(group.candidates.length, room, limit);
    writeId(groups, at + ID, group.id);
    groups[at + HASH] = group.hash;
    groups[at + FIRST_CANDIDATE] = first;
    groups[at + CANDIDATES] = count;
    groups[at + FAILBACK] = group.failbackDelay === Infinity
      ? NEVER
      : group.failbackDelay;
    groups[at + FLAGS] = group.isNew ? FLAG_NEW : 0;
    groups[at + STAMP] = stamp;
    for (const [i, { node, hash }] of group.candidates.entries()) {
      if (i >= count) break;
      const place = (first + i) * WORDS_PER_CANDIDATE;
      writeId(this.#candidates, place, node);
      this.#candidates[place + 2] = hash;
    }
    this.#counters[USED_CANDIDATES] = first + count;
    this.#counters[LAST] = Math.max(this.last, index);
  }

  /** Id of the group at an index above 0; 0 = there is none. */
  id(index: number): number {
    return readId(this.#groups, index * WORDS_PER_GROUP + ID);
  }

  /** What is another one whenever anything of the group at an index is. */
  stamp(index: number): number {
    return this.#groups[index * WORDS_PER_GROUP + STAMP] ?? 0;
  }

  /** Own hash of the group at an index, as a signed word. */
  hashWord(index: number): number {
    return this.#groups[index * WORDS_PER_GROUP + HASH] ?? 0;
  }

  /**
   * Id of the candidate of a group whose hash this is; 0 = none.
   *
   * @param likely Whom to take of several with the same.
   */
  nodeWithHash(index: number, hash: number, likely: number): number {
    let found = 0;
    const at = index * WORDS_PER_GROUP;
    const first = this.#groups[at + FIRST_CANDIDATE] ?? 0;
    const count = this.#groups[at + CANDIDATES] ?? 0;
    for (let i = first; i < first + count; i++) {
      const place = i * WORDS_PER_CANDIDATE;
      if ((this.#candidates[place + 2] ?? 0) >>> 0 !== hash) continue;
      const node = readId(this.#candidates, place);
      if (node === likely) return node;
      if (found === 0) found = node;
    }
    return found;
  }

  /** The group at an index, for whoever takes it over as a whole. */
  get(index: number): GroupEntry | undefined {
    const id = this.id(index);
    if (id === 0) return undefined;
    const at = index * WORDS_PER_GROUP;
    const groups = this.#groups;
    const failback = groups[at + FAILBACK] ?? NEVER;
    return {
      id,
      hash: this.hashWord(index) >>> 0,
      isNew: ((groups[at + FLAGS] ?? 0) & FLAG_NEW) !== 0,
      failbackDelay: failback === NEVER ? Infinity : failback,
      candidates: this.#list(
        groups[at + FIRST_CANDIDATE] ?? 0,
        groups[at + CANDIDATES] ?? 0,
      ),
    };
  }

  /** All groups by their index. */
  *entries(): IterableIterator<[index: number, group: GroupEntry]> {
    for (let index = 1; index <= this.last; index++) {
      const group = this.get(index);
      if (group !== undefined) yield [index, group];
    }
  }

  #list(first: number, count: number): GroupCandidate[] {
    return Array.from({ length: count }, (_, i) => {
      const place = (first + i) * WORDS_PER_CANDIDATE;
      return {
        node: readId(this.#candidates, place),
        hash: (this.#candidates[place + 2] ?? 0) >>> 0,
      };
    });
  }
}
