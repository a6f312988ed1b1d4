import { assertEquals } from "@std/assert";
import fc from "fast-check";
import * as arbitrary from "../../tests/arbitraries.ts";
import { toHex } from "../../tests/bytes.ts";
import {
  type Station,
  StationTable,
  WORDS_PER_STATION,
} from "./station_table.ts";

const pure = { permissions: "none" } as const;

function emptyTable(places: number): StationTable {
  const words = new Int32Array(places * WORDS_PER_STATION);
  return new StationTable(words, new Int32Array(1));
}

/** The node of a MAC address, looked up from a frame at an odd offset. */
function find(table: StationTable, mac: Uint8Array): number | undefined {
  const frame = new Uint8Array(40).fill(0xee);
  frame.set(mac, 13);
  const place = table.find(frame, 13);
  return place < 0 ? undefined : table.node(place);
}

const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

const station: fc.Arbitrary<Station> = fc.record({
  mac: arbitrary.mac,
  node: fc.integer({ min: 1, max: 2 ** 48 - 1 }),
  isSelf: fc.boolean(),
  lowMask: word,
  highMask: word,
  ipv4: arbitrary.ipv4,
  linkLocal: arbitrary.ipv6,
}, {
  requiredKeys: ["mac", "node", "isSelf", "lowMask", "highMask"],
});

Deno.test("StationTable finds what was put in and nothing else", pure, () => {
  fc.assert(fc.property(
    fc.uniqueArray(station, {
      selector: ({ mac }) => toHex(mac),
      maxLength: 32,
    }),
    fc.array(arbitrary.mac),
    (stations, others) => {
      const table = emptyTable(64);
      for (const each of stations) table.insert(each);
      const nodes = new Map(
        stations.map(({ mac, node }) => [toHex(mac), node]),
      );
      const macs = stations.map(({ mac }) => mac);
      for (const mac of [...macs, ...others]) {
        assertEquals(find(table, mac), nodes.get(toHex(mac)));
      }
      const byMac = (a: Station, b: Station): number =>
        toHex(a.mac) < toHex(b.mac) ? -1 : 1;
      assertEquals(
        [...table.stations()].sort(byMac),
        stations.toSorted(byMac),
      );
      assertEquals(table.size, stations.length);
      table.clear();
      assertEquals([table.size, [...table.stations()]], [0, []]);
    },
  ));
});

Deno.test("StationTable keeps the first of two with one MAC", pure, () => {
  const table = emptyTable(8);
  const mac = Uint8Array.of(2, 0, 0, 0, 0, 1);
  const masks = { lowMask: -1, highMask: -1 };
  table.insert({ mac, node: 1, isSelf: true, ...masks });
  table.insert({ mac, node: 2, isSelf: false, ...masks });
  const place = table.find(mac, 0);
  assertEquals([table.size, table.node(place), table.isSelf(place)], [
    1,
    1,
    true,
  ]);
});

Deno.test(
  "StationTable holds all addresses of a vendor at half load",
  pure,
  () => {
    const table = emptyTable(4096);
    const macOf = (i: number): Uint8Array =>
      Uint8Array.of(2, 0, 0, 0, i >> 8, i);
    for (let i = 0; i < 2048; i++) {
      const masks = { lowMask: -1, highMask: -1 };
      table.insert({ mac: macOf(i), node: i + 1, isSelf: false, ...masks });
    }
    for (let i = 0; i < 4096; i++) {
      assertEquals(find(table, macOf(i)), i < 2048 ? i + 1 : undefined);
    }
  },
);
