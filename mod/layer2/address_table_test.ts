import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import * as arbitrary from "../../tests/arbitraries.ts";
import { type Ip, ipToBytes, parseIp } from "../net/mod.ts";
import {
  type AddressEntry,
  AddressTable,
  WORDS_PER_ENTRY,
} from "./address_table.ts";
import { addressKey } from "./desired_state.ts";

const options = { permissions: "none" } as const;

function emptyTable(places: number): AddressTable {
  return new AddressTable(new Int32Array(places * WORDS_PER_ENTRY));
}

function entry(ip: Ip, id: number): AddressEntry {
  return { ip, id, lowMask: 1, highMask: 0, epoch: 0 };
}

/** The id of an address, looked up from a frame at an odd offset. */
function find(table: AddressTable, ip: Ip): number | undefined {
  const frame = new Uint8Array(40).fill(0xee);
  frame.set(ipToBytes(ip), 13);
  const place = ip.family === "IPv4"
    ? table.findIpv4(frame, 13)
    : table.findIpv6(frame, 13);
  return place < 0 ? undefined : table.id(place);
}

Deno.test(
  "AddressTable finds what was put in and nothing else",
  options,
  () => {
    fc.assert(fc.property(
      fc.uniqueArray(arbitrary.ip, { selector: addressKey, maxLength: 32 }),
      fc.array(arbitrary.ip),
      (owned, others) => {
        const table = emptyTable(64);
        owned.forEach((ip, i) => table.insert(entry(ip, i + 1)));
        const ids = new Map(owned.map((ip, i) => [addressKey(ip), i + 1]));
        for (const ip of [...owned, ...others]) {
          assertEquals(find(table, ip), ids.get(addressKey(ip)));
        }
      },
    ));
  },
);

Deno.test("AddressTable holds a whole pool at half load", options, () => {
  for (const first of ["10.0.0.0", "2001:db8::", "2001:db8:0:0:1::"]) {
    const { family, value } = parseIp(first);
    const table = emptyTable(32768);
    for (let i = 0; i < 16384; i++) {
      table.insert(entry({ family, value: value + BigInt(i) }, i + 1));
    }
    for (let i = 0; i < 16384; i++) {
      assertEquals(find(table, { family, value: value + BigInt(i) }), i + 1);
    }
    const after = { family, value: value + 16384n };
    assertEquals(find(table, after), undefined);
  }
});

Deno.test("AddressTable spreads pools evenly enough", options, () => {
  // Free places end every search: without long runs no search is long.
  const steps = [1n, 256n, 65536n, 2n ** 64n, 2n ** 80n];
  for (const step of steps) {
    const places = 4096;
    const table = emptyTable(places);
    const base = step < 2n ** 30n
      ? parseIp("10.0.0.0")
      : parseIp("2001:db8::1");
    for (let i = 0; i < 2048; i++) {
      const value = (base.value + BigInt(i) * step) %
        2n ** (base.family === "IPv4" ? 32n : 128n);
      table.insert(entry({ family: base.family, value }, i + 1));
    }
    let longest = 0;
    let run = 0;
    for (let place = 0; place < places; place++) {
      run = table.id(place) === 0 ? 0 : run + 1;
      longest = Math.max(longest, run);
    }
    assertEquals(longest < 128, true, `step ${step}: a run of ${longest}`);
  }
});

Deno.test("AddressTable knows the interfaces of an address", options, () => {
  const table = emptyTable(4);
  const ip = parseIp("192.0.2.1");
  table.insert({ ip, id: 7, lowMask: 1 << 31 | 1, highMask: 4, epoch: 3 });
  const place = table.findIpv4(ipToBytes(ip), 0);
  assertNotEquals(place, -1);
  const slots = Array.from({ length: 64 }, (_, slot) => slot)
    .filter((slot) => table.onInterface(place, slot));
  assertEquals(slots, [0, 31, 34]);
  assertEquals(table.epoch(place), 3);
});

Deno.test(
  "AddressTable does not take an IPv4-mapped target for IPv4",
  options,
  () => {
    const table = emptyTable(4);
    table.insert(entry(parseIp("192.0.2.1"), 1));
    const mapped: Ip = { family: "IPv6", value: 0xffff_c000_0201n };
    assertEquals(table.findIpv6(ipToBytes(mapped), 0), -1);
  },
);

Deno.test(
  "AddressTable refuses a number of places that is no power of two",
  options,
  () => {
    assertThrows(() => emptyTable(12), RangeError, "12 places");
  },
);

Deno.test(
  "AddressTable goes through its addresses, and forgets them all",
  options,
  () => {
    const table = emptyTable(16);
    const ips = ["192.0.2.1", "2001:db8::1", "192.0.2.9"].map(parseIp);
    for (const round of [1, 2]) {
      for (const [i, ip] of ips.entries()) {
        table.insert(
          entry(ip, round * 10 + i),
        );
      }
      const ids = Array.from(
        { length: table.size },
        (_, number) => table.id(table.placeOf(number)),
      );
      assertEquals(ids, [0, 1, 2].map((i) => round * 10 + i));
      table.clear();
      assertEquals(table.size, 0);
      assertEquals(table.findIpv4(ipToBytes(parseIp("192.0.2.1")), 0), -1);
    }
  },
);

Deno.test(
  "placeInGroup passes what is a group's and announced on the slot",
  options,
  () => {
    const table = emptyTable(8);
    const both = { lowMask: 0b1, highMask: 0b1, epoch: 0 };
    table.insert({ ...both, ip: parseIp("10.0.0.1"), id: 1, group: 3 });
    table.insert({ ...both, ip: parseIp("10.0.0.2"), id: 2 });
    const rows = [
      { ip: "10.0.0.1", slot: 0, passes: true },
      { ip: "10.0.0.1", slot: 32, passes: true },
      { ip: "10.0.0.1", slot: 1, passes: false },
      { ip: "10.0.0.1", slot: 33, passes: false },
      { ip: "10.0.0.2", slot: 0, passes: false },
      { ip: "10.0.0.3", slot: 0, passes: false },
    ];
    for (const { ip, slot, passes } of rows) {
      const place = table.findIpv4(ipToBytes(parseIp(ip)), 0);
      assertEquals(table.placeInGroup(place, slot), passes ? place : -1, ip);
    }
  },
);
