import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { anyBeat, beatFields, makeBeat } from "../../tests/beats.ts";
import { HmacSha256 } from "../crypto/mod.ts";
import { writeU48 } from "../net/mod.ts";
import {
  Beat,
  BEAT_SEAL_BYTES,
  BeatCodec,
  MAX_BEAT_BYTES,
  MAX_HEARD,
  MAX_ITEM_WEIGHT,
} from "./mod.ts";

const pure = { permissions: "none" } as const;
const SELF = 0xa1a2a3a4a5a6;
const PEER = 0xb1b2b3b4b5b6;
const KEY = new Uint8Array(32).fill(1);
const OTHER_KEY = new Uint8Array(32).fill(2);
const here = new BeatCodec(SELF, [KEY]);
const there = new BeatCodec(PEER, [KEY]);

interface Sealed {
  readonly packet: Uint8Array<ArrayBuffer>;
  readonly length: number;
}

function sealed(codec: BeatCodec, receiver: number, beat = new Beat()): Sealed {
  const packet = new Uint8Array(MAX_BEAT_BYTES);
  return { packet, length: codec.seal(beat, receiver, packet) };
}

Deno.test("BeatCodec opens what a peer sealed for this node", pure, () => {
  const beat = new Beat();
  fc.assert(fc.property(anyBeat, (fields) => {
    const { packet, length } = sealed(there, SELF, makeBeat(fields));
    assertEquals(here.open(packet, length, beat), "beat");
    assertEquals(beatFields(beat), fields);
  }));
});

Deno.test("BeatCodec has room for all that a beat may hold", pure, () => {
  const beat = new Beat();
  for (let i = 0; i < MAX_HEARD; i++) beat.heard.add();
  for (let i = 0; i < 21; i++) beat.changes.add();
  for (let i = 0; i < 28; i++) beat.offers.add();
  for (let i = 0; i < 14; i++) beat.corrections.add();
  assertEquals(beat.itemWeight, MAX_ITEM_WEIGHT);
  assertEquals(sealed(here, PEER, beat).length, MAX_BEAT_BYTES);
  beat.offers.add();
  assertThrows(() => sealed(here, PEER, beat), RangeError, "do not fit");
});

Deno.test("BeatCodec.open() refuses every changed bit", pure, () => {
  const { packet, length } = sealed(there, SELF);
  for (let bit = 8; bit < length * 8; bit++) {
    const copy = packet.slice();
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assertEquals(here.open(copy, length, new Beat()), "badSeal", `bit ${bit}`);
  }
});

Deno.test("BeatCodec.open() refuses the beat for another peer", pure, () => {
  const { packet, length } = sealed(there, 3);
  assertEquals(here.open(packet, length, new Beat()), "badSeal");
});

Deno.test(
  "BeatCodec opens with each of its keys, seals with the first",
  pure,
  () => {
    const rotating = new BeatCodec(SELF, [OTHER_KEY, KEY]);
    for (const key of [KEY, OTHER_KEY]) {
      const { packet, length } = sealed(new BeatCodec(PEER, [key]), SELF);
      assertEquals(rotating.open(packet, length, new Beat()), "beat");
    }
    const { packet, length } = sealed(rotating, PEER);
    assertEquals(there.open(packet.slice(), length, new Beat()), "badSeal");
    const next = new BeatCodec(PEER, [OTHER_KEY]);
    assertEquals(next.open(packet, length, new Beat()), "beat");
    assertThrows(() => new BeatCodec(SELF, []), RangeError, "no key");
  },
);

Deno.test.each([
  { name: "nothing", first: 0x48, length: 0, verdict: "notABeat" },
  { name: "a seal alone", first: 0x48, length: 16, verdict: "notABeat" },
  { name: "less than a header", first: 0x48, length: 59, verdict: "notABeat" },
  { name: "more than fits", first: 0x48, length: 1233, verdict: "notABeat" },
  { name: "something else", first: 0x47, length: 200, verdict: "notABeat" },
  { name: "rubbish", first: 0x48, length: 200, verdict: "badSeal" },
])("BeatCodec.open() refuses $name", pure, ({ first, length, verdict }) => {
  const packet = new Uint8Array(MAX_BEAT_BYTES);
  packet[0] = first;
  assertEquals(here.open(packet, length, new Beat()), verdict);
});

Deno.test("BeatCodec.open() tells what is sealed and malformed", pure, () => {
  // A peer that breaks the rules and has the key all the same.
  const { packet, length } = sealed(there, SELF);
  const end = length - BEAT_SEAL_BYTES;
  packet[3] = 0xff;
  writeU48(packet, end, SELF);
  new HmacSha256(KEY).sign(packet, 0, end + 6, packet, end, BEAT_SEAL_BYTES);
  assertEquals(here.open(packet, length, new Beat()), "malformed");
});
