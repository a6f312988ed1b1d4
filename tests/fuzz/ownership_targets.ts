import { HmacSha256 } from "../../mod/crypto/mod.ts";
import { writeU48 } from "../../mod/net/mod.ts";
import {
  Beat,
  BEAT_SEAL_BYTES,
  BeatCodec,
  MAX_BEAT_BYTES,
  writeBeat,
} from "../../mod/ownership/mod.ts";
import { type BeatFields, makeBeat } from "../beats.ts";
import { decoderTarget, type FuzzTarget } from "./target.ts";

const SELF = 0xa1a2a3a4a5a6;
const KEY = new Uint8Array(32);

const EMPTY: BeatFields = {
  node: 0xb1b2b3b4b5b6,
  incarnation: 0x019a00000001,
  link: 7,
  sequence: 1,
  state: "ready",
  wanted: true,
  learns: true,
  interval: 100,
  newestAge: 3,
  since: 0,
  until: 2,
  version: 2,
  followed: 0,
  heard: [],
  changes: [],
  corrections: [],
  offers: [],
};

const FULL: BeatFields = {
  ...EMPTY,
  heard: [1, 2].map((node) => ({
    node,
    incarnation: node,
    age: 10,
    twoWay: node === 1,
    lifeAge: 20,
  })),
  changes: [1, 2].map((group) => ({ group, term: 1, full: true, hash: 9 })),
  corrections: [{ group: 3, term: 4, full: false, hash: 5, node: 6 }],
  offers: [{ group: 1, term: 2 }],
};

function written(beat: Beat): Uint8Array<ArrayBuffer> {
  // What is read from any datagram must also be writable again.
  const packet = new Uint8Array(8 * MAX_BEAT_BYTES);
  return packet.slice(0, writeBeat(beat, packet, packet.length));
}

const SEALING = new HmacSha256(KEY);

/** Bytes with a right seal: what a peer may send that breaks the rules. */
function sealed(bytes: Uint8Array): Uint8Array {
  const packet = new Uint8Array(bytes.length + BEAT_SEAL_BYTES);
  packet.set(bytes);
  const end = bytes.length;
  writeU48(packet, end, SELF);
  SEALING.sign(packet, 0, end + 6, packet, end, BEAT_SEAL_BYTES);
  return packet;
}

/** A beat that was refused, as an error: that is what targets expect. */
class Refused extends Error {
  /** Always `"Refused"`. */
  override readonly name = "Refused";
}

const codec = new BeatCodec(SELF, [KEY]);

/** The decoders of mod/ownership. */
export const ownershipTargets: readonly FuzzTarget[] = [
  decoderTarget({
    name: "beat",
    seeds: [EMPTY, FULL].map((fields) => written(makeBeat(fields))),
    decode: (bytes): Beat => {
      const beat = new Beat();
      const packet = sealed(bytes);
      const verdict = codec.open(packet, packet.length, beat);
      if (verdict === "badSeal") throw new Error("The seal is right");
      if (verdict !== "beat") throw new Refused();
      return beat;
    },
    refusal: Refused,
    encode: written,
  }),
];
