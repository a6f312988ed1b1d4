import { HmacSha256 } from "../crypto/mod.ts";
import { writeU48 } from "../net/mod.ts";
import { type Beat, MAX_BEAT_BYTES } from "./beat.ts";
import {
  BEAT_MAGIC,
  LEAST_BEAT_HEADER_BYTES,
  readBeat,
  writeBeat,
} from "./beat_wire.ts";

/** Bytes of a beat's seal: HMAC-SHA-256, cut to 128 bits (RFC 2104 §5). */
export const BEAT_SEAL_BYTES = 16;

const ID_BYTES = 6;

/** What became of a datagram. All but the first are labels of metrics. */
export const BEAT_VERDICTS = [
  /** A beat, read. */
  "beat",
  /** Too short, too long, or something else altogether. */
  "notABeat",
  /** Damaged, sealed with another key, or not for this node. */
  "badSeal",
  /** Rightly sealed, and yet malformed. */
  "malformed",
] as const;

/** One of {@linkcode BEAT_VERDICTS}. */
export type BeatVerdict = typeof BEAT_VERDICTS[number];

/**
 * Seals beats and opens them. The seal covers all bytes of the beat and, though
 * it is not among them, the receiver's id: the beat for one peer is none for
 * another. Nothing is allocated per beat.
 *
 * A seal says who wrote a beat, not when: {@linkcode ReplayGuard} does.
 */
export class BeatCodec {
  readonly #keys: readonly HmacSha256[];
  readonly #self: number;
  readonly #seal = new Uint8Array(BEAT_SEAL_BYTES);

  /**
   * Takes keys over.
   *
   * @param self Id of this node.
   * @param keys The first seals, each of them opens: a key is changed by adding
   *   the new one everywhere, then putting it first, then leaving the old one out.
   * @throws {RangeError} Without a key.
   */
  constructor(self: number, keys: readonly Uint8Array[]) {
    if (keys.length === 0) {
      throw new RangeError("Cannot seal beats: there is no key");
    }
    this.#self = self;
    this.#keys = keys.map((key) => new HmacSha256(key));
  }

  /**
   * Writes a beat and seals it.
   *
   * @param receiver Id of the peer that it is for.
   * @param packet Receives it; at least `MAX_BEAT_BYTES` long.
   * @returns Bytes of it.
   * @throws {RangeError} When the beat holds more than it may.
   */
  seal(beat: Beat, receiver: number, packet: Uint8Array): number {
    const length = writeBeat(beat, packet, MAX_BEAT_BYTES - BEAT_SEAL_BYTES);
    // Where the seal will be there is room for what it covers besides.
    writeU48(packet, length, receiver);
    this.#keys[0]?.sign(
      packet,
      0,
      length + ID_BYTES,
      packet,
      length,
      BEAT_SEAL_BYTES,
    );
    return length + BEAT_SEAL_BYTES;
  }

  /**
   * Opens a datagram.
   *
   * @param packet Has it at its start; its seal is overwritten.
   * @param length Its bytes.
   * @param beat Receives it; holds rubbish unless the verdict is `"beat"`.
   */
  open(packet: Uint8Array, length: number, beat: Beat): BeatVerdict {
    const end = length - BEAT_SEAL_BYTES;
    if (
      end < LEAST_BEAT_HEADER_BYTES || length > packet.length ||
      packet[0] !== BEAT_MAGIC
    ) return "notABeat";
    const seal = this.#seal;
    for (let i = 0; i < BEAT_SEAL_BYTES; i++) seal[i] = packet[end + i] ?? 0;
    writeU48(packet, end, this.#self);
    if (!this.#isSealed(packet, end + ID_BYTES)) return "badSeal";
    return readBeat(packet, end, beat) ? "beat" : "malformed";
  }

  #isSealed(packet: Uint8Array, length: number): boolean {
    const seal = this.#seal;
    for (let i = 0; i < this.#keys.length; i++) {
      if (
        this.#keys[i]?.verify(packet, 0, length, seal, 0, BEAT_SEAL_BYTES)
      ) return true;
    }
    return false;
  }
}
