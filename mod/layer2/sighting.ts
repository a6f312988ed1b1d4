import { CLAIM_STATE, FULL_BIT } from "./claim_seal.ts";

/** What a frame of somebody else says about an address of ours. */
export const SIGHTING = {
  /** Nothing. */
  none: 0,
  /** Its sender has the address: gratuitous ARP, an unsolicited advertisement, or any use as its own. */
  announcement: 1,
  /** A member asks who has it. */
  question: 2,
  /** Its sender has it, and was asked. */
  answer: 3,
  /** Nothing about an address of ours; but whoever answered hears this node. */
  otherAnswer: 4,
} as const;

const NODE = 0;
const WORD = 1;
const HASH = 2;

/**
 * What was seen in the last frame. It is filled anew for each; numbers that are
 * no small integers are kept in a typed array, because elsewhere they are boxed.
 */
export class Sighting {
  /** A code of {@linkcode SIGHTING}. */
  kind: number = SIGHTING.none;
  /** A code of {@linkcode CLAIM_STATE}. */
  claim: number = CLAIM_STATE.absent;
  /** Index of the group; 0 = about no address of ours. */
  group = 0;
  /** Id of the address. */
  address = 0;
  /** The MAC address that is said to have the address, or that asks. */
  readonly mac: Uint8Array<ArrayBuffer> = new Uint8Array(6);
  readonly #cells = new Float64Array(3);

  /** Id of the node that the frame comes from; 0 = of no member, as far as is known. */
  get node(): number {
    return this.#cells[NODE] ?? 0;
  }

  /** Whether a member sent it: its MAC address is known, or its claim is right. */
  get isMember(): boolean {
    return this.node !== 0 || this.claim === CLAIM_STATE.right;
  }

  /** Term of the claim, if there is a right one; 0 = it claims nothing. */
  get term(): number {
    const word = this.#cells[WORD] ?? 0;
    return word >= FULL_BIT ? word - FULL_BIT : word;
  }

  /** Whether the claim is full. */
  get isFull(): boolean {
    return (this.#cells[WORD] ?? 0) >= FULL_BIT;
  }

  /** Hash of the claim. */
  get hash(): number {
    return this.#cells[HASH] ?? 0;
  }

  /** Sets the node. */
  setNode(node: number): void {
    this.#cells[NODE] = node;
  }

  /** Sets the claim's word and hash. */
  setClaim(word: number, hash: number): void {
    this.#cells[WORD] = word;
    this.#cells[HASH] = hash;
  }
}
