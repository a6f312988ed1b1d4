/**
 * Claims in frames: 18 bytes behind an ARP packet, which there are only padding
 * up to the 60 bytes of the shortest Ethernet frame, and an option of Neighbor
 * Discovery messages.
 *
 * ```
 * ARP  42  magic "H1"   44  full (1 bit), term (31)   48  hash (4)   52  tag (8)
 * ND    0  type 253      1  length 3 (units of 8)      2  magic "H1"
 *       4  full, term    8  hash (4)                  12  tag (12)
 * ```
 *
 * **Harmless.** RFC 826 stacks read 28 bytes and ignore what follows, which is
 * undefined. No frame becomes longer than those that must pass everywhere; in
 * longer ones there would be room for the node's id and a longer tag, but ARP
 * frames of unusual length are what inspecting switches and intrusion detection
 * drop or report. Unknown ND options are ignored (RFC 4861 §4.6); 253 is for
 * experiments (RFC 4727).
 *
 * **Authentic.** The tag is HMAC-SHA-256, cut to 64 or 96 bits, over the sender's
 * MAC address, the operation, both addresses, the length and the claim: a claim cannot be
 * moved to another address, MAC address or kind of frame. Of 2^64 guesses one is
 * right; a gigabit carries 1.5 million a second, and each is counted.
 *
 * **Not fresh.** There is no room for a nonce that a recorder could not exhaust.
 * A replayed claim is as old as its term: it never beats a later one. While the
 * term is the present one it says what is true. After the whole cluster was
 * restarted, terms begin at 1, and each old claim that is replayed costs an owner
 * one verification (200 ms). A replayed answer of a dead owner holds a take-over
 * up for as long as it is repeated, and is counted; who can do that can as well
 * answer the clients himself.
 *
 * **Stripped padding** is a frame without a claim; another magic is one of a
 * release to come, and the same.
 */
import { HmacSha256 } from "../crypto/mod.ts";
import { readU16, readU32, writeU16, writeU32 } from "../net/mod.ts";
import {
  ARP_AT,
  NDP_AT,
  OPTION_EXPERIMENT,
  sealMessage,
} from "./wire_layout.ts";

/** "H1": no other release may read these two bytes otherwise. */
const MAGIC = 0x4831;

const ARP_CLAIM = {
  magic: ARP_AT.end,
  term: ARP_AT.end + 2,
  hash: ARP_AT.end + 6,
  tag: ARP_AT.end + 10,
} as const;
const ARP_TAG_BYTES = 8;
/** The tag of ARP covers from the Ethernet source on. */
const ARP_SIGNED_FROM = 6;

const OPTION = { magic: 2, term: 4, hash: 8, tag: 12 } as const;
const OPTION_UNITS = 3;
const OPTION_BYTES = 24;
const NDP_TAG_BYTES = 12;
/** The tag of ND covers from the payload's length on: switches may re-mark what is before it. */
const NDP_SIGNED_FROM = NDP_AT.payloadLength;

/** Bytes of an ARP frame with a claim: the shortest that Ethernet carries. */
export const CLAIMED_ARP_LENGTH: number = ARP_CLAIM.tag + ARP_TAG_BYTES;
/** Bytes of an NS or NA frame with a claim. */
export const CLAIMED_NDP_LENGTH: number = NDP_AT.end + OPTION_BYTES;

/** Whether a frame carries a claim. */
export const CLAIM_STATE = {
  /** It carries none that this release understands. */
  absent: 0,
  /** It does, and a member made it. */
  right: 1,
  /** It does, and no member made it, not for this frame. */
  wrong: 2,
} as const;

/** The highest bit of a claim's word; the others are its term. */
export const FULL_BIT = 0x80000000;

/** A claim's term and whether it is full, in 32 bits; 0 = no claim. */
export function claimWord(term: number, full: boolean): number {
  return full ? term + FULL_BIT : term;
}

/**
 * Puts claims into prebuilt frames and looks for them in received ones, without
 * allocating.
 */
export class ClaimSeal {
  readonly #keys: readonly HmacSha256[];

  /**
   * Takes keys over.
   *
   * @param keys The first signs, each of them verifies.
   * @throws {RangeError} Without a key.
   */
  constructor(keys: readonly Uint8Array[]) {
    if (keys.length === 0) {
      throw new RangeError("Cannot sign claims: there is no key");
    }
    this.#keys = keys.map((key) => new HmacSha256(key));
  }

  /**
   * Puts a claim behind a finished ARP packet.
   *
   * @param frame Buffer with the frame at its start.
   * @param word See {@linkcode claimWord}; 0 says that a member asks who claims nothing.
   * @param hash The claim's hash.
   * @returns Bytes of the frame now.
   */
  stampArp(frame: Uint8Array, word: number, hash: number): number {
    writeU16(frame, ARP_CLAIM.magic, MAGIC);
    writeU32(frame, ARP_CLAIM.term, word);
    writeU32(frame, ARP_CLAIM.hash, hash);
    this.#sign(frame, ARP_SIGNED_FROM, ARP_CLAIM.tag, ARP_TAG_BYTES);
    return CLAIMED_ARP_LENGTH;
  }

  /**
   * Puts a claim behind the link-layer option of an NS or NA whose other fields
   * are final, and makes its checksum. Parameters as of {@linkcode stampArp}.
   */
  stampNdp(frame: Uint8Array, word: number, hash: number): number {
    const at = NDP_AT.end;
    const length = CLAIMED_NDP_LENGTH - NDP_AT.message;
    writeU16(frame, NDP_AT.payloadLength, length);
    writeU16(frame, NDP_AT.checksum, 0);
    frame[at] = OPTION_EXPERIMENT;
    frame[at + 1] = OPTION_UNITS;
    writeU16(frame, at + OPTION.magic, MAGIC);
    writeU32(frame, at + OPTION.term, word);
    writeU32(frame, at + OPTION.hash, hash);
    this.#sign(frame, NDP_SIGNED_FROM, at + OPTION.tag, NDP_TAG_BYTES);
    sealMessage(frame);
    return CLAIMED_NDP_LENGTH;
  }

  /** Whether an ARP frame carries a claim: a code of {@linkcode CLAIM_STATE}. */
  checkArp(frame: Uint8Array, length: number): number {
    if (
      length < CLAIMED_ARP_LENGTH || readU16(frame, ARP_CLAIM.magic) !== MAGIC
    ) return CLAIM_STATE.absent;
    return this.#verify(
      frame,
      ARP_SIGNED_FROM,
      ARP_CLAIM.tag,
      ARP_TAG_BYTES,
    );
  }

  /**
   * Whether an NS or NA with a right checksum carries a claim.
   *
   * @param frame Buffer with the frame at its start.
   * @param option Offset of an option of type 253; 0 = there is none.
   * @returns A code of {@linkcode CLAIM_STATE}.
   */
  checkNdp(frame: Uint8Array, option: number): number {
    if (
      option === 0 || frame[option + 1] !== OPTION_UNITS ||
      readU16(frame, option + OPTION.magic) !== MAGIC
    ) return CLAIM_STATE.absent;
    const checksum = readU16(frame, NDP_AT.checksum);
    writeU16(frame, NDP_AT.checksum, 0);
    const state = this.#verify(
      frame,
      NDP_SIGNED_FROM,
      option + OPTION.tag,
      NDP_TAG_BYTES,
    );
    writeU16(frame, NDP_AT.checksum, checksum);
    return state;
  }

  #sign(frame: Uint8Array, from: number, tag: number, bytes: number): void {
    this.#keys[0]?.sign(frame, from, tag - from, frame, tag, bytes);
  }

  #verify(
    frame: Uint8Array,
    from: number,
    tag: number,
    bytes: number,
  ): number {
    for (let i = 0; i < this.#keys.length; i++) {
      if (this.#keys[i]?.verify(frame, from, tag - from, frame, tag, bytes)) {
        return CLAIM_STATE.right;
      }
    }
    return CLAIM_STATE.wrong;
  }
}

/** The claim's word in an ARP frame that carries one. */
export function arpClaimWord(frame: Uint8Array): number {
  return readU32(frame, ARP_CLAIM.term);
}

/** The claim's hash in an ARP frame that carries one. */
export function arpClaimHash(frame: Uint8Array): number {
  return readU32(frame, ARP_CLAIM.hash);
}

/** The claim's word in an option that carries one. */
export function ndpClaimWord(frame: Uint8Array, option: number): number {
  return readU32(frame, option + OPTION.term);
}

/** The claim's hash in an option that carries one. */
export function ndpClaimHash(frame: Uint8Array, option: number): number {
  return readU32(frame, option + OPTION.hash);
}
