import { Arbitration } from "./arbitration.ts";
import { CLAIMED_ARP_LENGTH, CLAIMED_NDP_LENGTH } from "./claim_seal.ts";
import { ARP_AT, finishMessage, NDP_AT } from "./wire_layout.ts";

/**
 * What the frames that are being built carry: a claim, or nothing at all, which
 * leaves them as they are without arbitration.
 */
export class OutgoingClaim {
  readonly #arbitration: Arbitration;
  readonly #cells = new Float64Array(2);
  #isSet = false;

  /**
   * Begins with nothing.
   *
   * @param arbitration Signs; without a key nothing is carried.
   */
  constructor(arbitration: Arbitration = new Arbitration()) {
    this.#arbitration = arbitration;
  }

  /**
   * Carries this from now on.
   *
   * @param word See `claimWord`; 0 says only that a member sends the frame.
   * @param hash The claim's hash.
   */
  set(word: number, hash: number): void {
    this.#isSet = true;
    this.#cells[0] = word;
    this.#cells[1] = hash;
  }

  /** Carries nothing from now on. */
  clear(): void {
    this.#isSet = false;
  }

  /** Bytes of an ARP frame. */
  get arpLength(): number {
    return this.#isCarried ? CLAIMED_ARP_LENGTH : ARP_AT.end;
  }

  /** Bytes of a Neighbor Discovery frame. */
  get ndpLength(): number {
    return this.#isCarried ? CLAIMED_NDP_LENGTH : NDP_AT.end;
  }

  /** Finishes an ARP frame whose fields are final. */
  finishArp(frame: Uint8Array): void {
    const { seal } = this.#arbitration;
    if (!this.#isSet || seal === undefined) return;
    seal.stampArp(frame, this.#cells[0] ?? 0, this.#cells[1] ?? 0);
  }

  /** Finishes a Neighbor Discovery frame whose other fields are final. */
  finishNdp(frame: Uint8Array): void {
    const { seal } = this.#arbitration;
    if (!this.#isSet || seal === undefined) {
      finishMessage(frame);
      return;
    }
    seal.stampNdp(frame, this.#cells[0] ?? 0, this.#cells[1] ?? 0);
  }

  get #isCarried(): boolean {
    return this.#isSet && this.#arbitration.seal !== undefined;
  }
}
