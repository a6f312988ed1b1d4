import { readId, writeId } from "./shared_words.ts";

/** 32-bit words of one group: interfaces (2), owner (2), term, and three that are free. */
export const WORDS_PER_HOLDING = 8;

const OWN = 0;
const OWNER = 2;
const TERM = 4;

/** What the packet worker says of a group. */
export interface Holding {
  /** Bit n: this node answers for it on the interface in slot n (0–31). */
  readonly lowMask: number;
  /** Bit n: this node answers for it on the interface in slot 32 + n. */
  readonly highMask: number;
  /** Id of the node that owns it, as far as this one has heard; 0 = unknown. */
  readonly owner: number;
  /** Term of that node's claim. */
  readonly term: number;
}

/**
 * Who owns which group, by the index of the group, in shared memory. The packet
 * worker writes it, the main thread looks: nothing is lost, however much changes
 * at once, because only the present state is told.
 */
export class ClaimBoard {
  readonly #words: Int32Array;

  /**
   * Lays a board over memory as it is; zeroed memory says that nobody owns anything.
   *
   * @param words `WORDS_PER_HOLDING` words for each index.
   */
  constructor(words: Int32Array) {
    this.#words = words;
  }

  /** What is said of the group at an index. */
  get(index: number): Holding {
    const at = index * WORDS_PER_HOLDING;
    return {
      lowMask: this.#words[at + OWN] ?? 0,
      highMask: this.#words[at + OWN + 1] ?? 0,
      owner: readId(this.#words, at + OWNER),
      term: this.#words[at + TERM] ?? 0,
    };
  }

  /** Says whether this node answers for a group on the interface in a slot. */
  setOwn(index: number, slot: number, isOwn: boolean): void {
    const at = index * WORDS_PER_HOLDING + OWN + (slot < 32 ? 0 : 1);
    const bit = 1 << (slot & 31);
    const before = this.#words[at] ?? 0;
    this.#words[at] = isOwn ? before | bit : before & ~bit;
  }

  /** Says who owns a group; whether that is news. */
  setOwner(index: number, owner: number, term: number): boolean {
    const at = index * WORDS_PER_HOLDING;
    const words = this.#words;
    if (readId(words, at + OWNER) === owner && words[at + TERM] === term) {
      return false;
    }
    writeId(words, at + OWNER, owner);
    words[at + TERM] = term;
    return true;
  }

  /** Forgets what was said of an index: another group has it now. */
  forget(index: number): void {
    const at = index * WORDS_PER_HOLDING;
    this.#words.fill(0, at, at + WORDS_PER_HOLDING);
  }
}
