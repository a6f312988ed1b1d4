import { readId, writeId } from "./shared_words.ts";

/** Most other nodes. */
export const PEER_CAPACITY = 1024;
/** 32-bit words of one peer: id (2), flags, and one that is free. */
export const WORDS_PER_PEER = 4;

const FLAGS = 2;
const FLAG_ALIVE = 1;
const FLAG_SPEAKS_CLAIMS = 2;
const FLAG_LEFT = 4;

/** Another node, as membership sees it. */
export interface PeerEntry {
  /** Its id. */
  readonly node: number;
  /** Whether membership calls it alive. */
  readonly isAlive: boolean;
  /** Whether it has said goodbye. */
  readonly hasLeft: boolean;
  /** Whether it sends claims; `false` for a speaker of MetalLB's and for a node without a speaker. */
  readonly speaksClaims: boolean;
}

/** The other nodes in shared memory, one after the other. */
export class PeerTable {
  readonly #words: Int32Array;
  readonly #count: Int32Array;

  /**
   * Lays a table over memory as it is; zeroed memory is an empty table.
   *
   * @param words Room for the peers.
   * @param count One word, which counts them.
   */
  constructor(words: Int32Array, count: Int32Array) {
    this.#words = words;
    this.#count = count;
  }

  /** Peers in it. */
  get size(): number {
    return this.#count[0] ?? 0;
  }

  /** Forgets all peers. */
  clear(): void {
    this.#count[0] = 0;
  }

  /** Puts in a peer; whether there was room. */
  add(peer: PeerEntry): boolean {
    const at = this.size * WORDS_PER_PEER;
    if (at >= this.#words.length) return false;
    this.#count[0] = this.size + 1;
    writeId(this.#words, at, peer.node);
    this.#words[at + FLAGS] = (peer.isAlive ? FLAG_ALIVE : 0) |
      (peer.hasLeft ? FLAG_LEFT : 0) |
      (peer.speaksClaims ? FLAG_SPEAKS_CLAIMS : 0);
    return true;
  }

  /** All peers, in the order in which they were put in. */
  peers(): PeerEntry[] {
    return Array.from({ length: this.size }, (_, i) => {
      const at = i * WORDS_PER_PEER;
      const flags = this.#words[at + FLAGS] ?? 0;
      return {
        node: readId(this.#words, at),
        isAlive: (flags & FLAG_ALIVE) !== 0,
        hasLeft: (flags & FLAG_LEFT) !== 0,
        speaksClaims: (flags & FLAG_SPEAKS_CLAIMS) !== 0,
      };
    });
  }
}
