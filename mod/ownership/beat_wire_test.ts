import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  anyBeat,
  type BeatFields,
  beatFields,
  makeBeat,
} from "../../tests/beats.ts";
import { fieldBytes, type FieldRow, toHex } from "../../tests/bytes.ts";
import { mutate, mutations } from "../../tests/mutations.ts";
import { Beat, MAX_BEAT_BYTES, readBeat, writeBeat } from "./mod.ts";

const pure = { permissions: "none" } as const;

const ROWS: readonly FieldRow[] = [
  ["48", "magic"],
  ["02", "version"],
  ["0d", "flags: ready, wanted, learns"],
  ["2e", "length of the header"],
  ["a1a2a3a4a5a6", "node"],
  ["019a00000001", "incarnation"],
  ["00000007", "link"],
  ["00000102", "sequence, lower part"],
  ["0064", "interval"],
  ["0003", "newest age"],
  ["00000005", "since"],
  ["00000006", "until"],
  ["00000008", "version of the claims"],
  ["fffffff9", "followed"],
  ["0003", "sequence, upper part"],
  ["01 10 01", "one peer heard, 16 bytes"],
  ["b1b2b3b4b5b6", "heard: node"],
  ["819900000001", "heard: two-way, incarnation"],
  ["000a", "heard: age"],
  ["ffff", "heard: age of its life"],
  ["02 0e 01", "one change, 14 bytes"],
  ["c1c2c3c4c5c6", "change: group"],
  ["80000003", "change: full, term"],
  ["fffffffe", "change: hash"],
  ["03 14 01", "one correction, 20 bytes"],
  ["d1d2d3d4d5d6", "correction: group"],
  ["00000004", "correction: not full, term"],
  ["00000001", "correction: hash"],
  ["e1e2e3e4e5e6", "correction: node"],
  ["04 0a 01", "one offer, 10 bytes"],
  ["f1f2f3f4f5f6", "offer: group"],
  ["00000002", "offer: term"],
];

const FIELDS: BeatFields = {
  node: 0xa1a2a3a4a5a6,
  incarnation: 0x019a00000001,
  link: 7,
  sequence: 0x3_0000_0102,
  state: "ready",
  wanted: true,
  learns: true,
  interval: 100,
  newestAge: 3,
  since: 5,
  until: 6,
  version: 8,
  followed: 0xfffffff9,
  heard: [{
    node: 0xb1b2b3b4b5b6,
    incarnation: 0x019900000001,
    age: 10,
    twoWay: true,
    lifeAge: 0xffff,
  }],
  changes: [{ group: 0xc1c2c3c4c5c6, term: 3, full: true, hash: 0xfffffffe }],
  corrections: [{
    group: 0xd1d2d3d4d5d6,
    term: 4,
    full: false,
    hash: 1,
    node: 0xe1e2e3e4e5e6,
  }],
  offers: [{ group: 0xf1f2f3f4f5f6, term: 2 }],
};

function written(fields: BeatFields): Uint8Array<ArrayBuffer> {
  const packet = new Uint8Array(MAX_BEAT_BYTES);
  return packet.slice(0, writeBeat(makeBeat(fields), packet, packet.length));
}

/** What is read; `undefined` when it is refused. */
function read(packet: Uint8Array): BeatFields | undefined {
  const beat = new Beat();
  return readBeat(packet, packet.length, beat) ? beatFields(beat) : undefined;
}

/** The example with some rows' bytes replaced. */
function changed(changes: Readonly<Record<string, string>>): Uint8Array {
  const names = ROWS.map(([, name]) => name);
  assertEquals(Object.keys(changes).every((key) => names.includes(key)), true);
  return fieldBytes(
    ROWS.map(([hex, name]): FieldRow => [changes[name] ?? hex, name]),
  );
}

Deno.test("writeBeat() byte by byte", pure, () => {
  assertEquals(toHex(written(FIELDS)), toHex(fieldBytes(ROWS)));
});

Deno.test("writeBeat() tells what is too old as the highest age", pure, () => {
  const [heard] = FIELDS.heard;
  if (heard === undefined) return;
  const old = { ...heard, lifeAge: Infinity };
  const packet = written({ ...FIELDS, heard: [old] });
  assertEquals(toHex(packet), toHex(fieldBytes(ROWS)));
});

Deno.test("readBeat() reads what writeBeat() wrote", pure, () => {
  const beat = new Beat();
  fc.assert(fc.property(anyBeat, (fields) => {
    const packet = written(fields);
    assertEquals(readBeat(packet, packet.length, beat), true);
    assertEquals(beatFields(beat), fields);
  }));
});

// What a release to come may do, and this one must bear.
Deno.test.each([
  {
    name: "fields after the known ones",
    packet: changed({
      "length of the header": "31",
      "sequence, upper part": "0003 aabbcc",
    }),
  },
  {
    name: "fields after the known ones of an item",
    packet: changed({
      "one change, 14 bytes": "02 11 01",
      "change: hash": "fffffffe aabbcc",
    }),
  },
  {
    name: "a section of an unknown type",
    packet: changed({
      "one change, 14 bytes": "09 03 02 aabbcc ddeeff 02 0e 01",
    }),
  },
  { name: "a later version", packet: changed({ version: "03" }) },
  {
    name: "flags without a meaning",
    packet: changed({ "flags: ready, wanted, learns": "fd" }),
  },
])("readBeat() passes over $name", pure, ({ packet }) => {
  assertEquals(read(packet), FIELDS);
});

Deno.test("readBeat() reads what version 1 wrote", pure, () => {
  const packet = changed({
    version: "01",
    "length of the header": "2c",
    "sequence, upper part": "",
  });
  assertEquals(read(packet), { ...FIELDS, sequence: 0x102 });
});

Deno.test("readBeat() takes an unknown state for starting", pure, () => {
  const packet = changed({ "flags: ready, wanted, learns": "0f" });
  assertEquals(read(packet), { ...FIELDS, state: "starting" });
});

Deno.test.each([
  {
    name: "a header that is too short",
    packet: changed({ "length of the header": "2b" }),
  },
  {
    name: "a header that ends past the end",
    packet: changed({ "length of the header": "ff" }),
  },
  {
    name: "items that are too short",
    packet: changed({ "one change, 14 bytes": "02 0d 01" }),
  },
  {
    name: "fewer items than it says",
    packet: changed({ "one offer, 10 bytes": "04 0a 02" }),
  },
  { name: "a cut item", packet: fieldBytes(ROWS).slice(0, -1) },
  { name: "a cut section", packet: fieldBytes(ROWS).slice(0, -11) },
])("readBeat() refuses $name", pure, ({ packet }) => {
  assertEquals(read(packet), undefined);
});

Deno.test("readBeat() never throws, whatever is changed", pure, () => {
  const beat = new Beat();
  fc.assert(fc.property(anyBeat, mutations(), (fields, changes) => {
    const packet = mutate(written(fields), changes);
    if (!readBeat(packet, packet.length, beat)) return;
    const { heard, changes: told, corrections, offers } = beat;
    const items = heard.length + told.length + corrections.length +
      offers.length;
    assertEquals(items * 10 < packet.length, true);
  }));
});

Deno.test("writeBeat() refuses what does not fit", pure, () => {
  const beat = makeBeat(FIELDS);
  for (let i = 0; i < 100; i++) beat.changes.add();
  assertThrows(
    () => writeBeat(beat, new Uint8Array(MAX_BEAT_BYTES), MAX_BEAT_BYTES),
    RangeError,
    "101 items of section 2 do not fit",
  );
});
