import { assertEquals } from "@std/assert";
import { formatIp, parseIp, parsePrefix } from "../net/mod.ts";
import { usableRange } from "./usable_range.ts";

interface Case {
  readonly prefix: string;
  readonly avoid: boolean;
  readonly size: bigint;
  readonly counted?: bigint;
  readonly first?: string;
  readonly last?: string;
  readonly leftOut: readonly string[];
}

const CASES: readonly Case[] = [
  {
    prefix: "192.0.2.0/24",
    avoid: false,
    size: 256n,
    first: "192.0.2.0",
    last: "192.0.2.255",
    leftOut: ["192.0.1.255", "192.0.3.0", "2001:db8::"],
  },
  {
    prefix: "192.0.2.0/24",
    avoid: true,
    size: 254n,
    first: "192.0.2.1",
    last: "192.0.2.254",
    leftOut: ["192.0.2.0", "192.0.2.255", "192.0.3.1"],
  },
  {
    prefix: "10.0.0.0/22",
    avoid: true,
    size: 1016n,
    first: "10.0.0.1",
    last: "10.0.3.254",
    leftOut: ["10.0.0.255", "10.0.1.0", "10.0.4.1", "9.255.255.254"],
  },
  {
    prefix: "10.0.0.0/8",
    avoid: true,
    size: 65536n * 254n,
    first: "10.0.0.1",
    last: "10.255.255.254",
    leftOut: ["10.7.0.0", "10.7.0.255"],
  },
  {
    prefix: "192.0.2.0/25",
    avoid: true,
    size: 127n,
    first: "192.0.2.1",
    last: "192.0.2.127",
    leftOut: ["192.0.2.0", "192.0.2.128"],
  },
  {
    prefix: "192.0.2.128/25",
    avoid: true,
    size: 127n,
    first: "192.0.2.128",
    last: "192.0.2.254",
    leftOut: ["192.0.2.255", "192.0.2.127"],
  },
  {
    prefix: "192.0.2.4/30",
    avoid: true,
    size: 4n,
    first: "192.0.2.4",
    last: "192.0.2.7",
    leftOut: ["192.0.2.8", "192.0.2.3"],
  },
  {
    prefix: "192.0.2.0/32",
    avoid: true,
    size: 0n,
    counted: -1n,
    leftOut: ["192.0.2.0"],
  },
  {
    prefix: "192.0.2.255/32",
    avoid: true,
    size: 0n,
    counted: -1n,
    leftOut: ["192.0.2.255"],
  },
  {
    prefix: "2001:db8::/64",
    avoid: true,
    size: 2n ** 64n,
    first: "2001:db8::",
    last: "2001:db8::ffff:ffff:ffff:ffff",
    leftOut: ["2001:db8:0:1::", "192.0.2.1"],
  },
];

for (const { prefix, avoid, size, counted, first, last, leftOut } of CASES) {
  const name = `usableRange() numbers ${prefix}${avoid ? " without ends" : ""}`;
  Deno.test(name, { permissions: "none" }, () => {
    const range = usableRange(parsePrefix(prefix), avoid);
    assertEquals(range.size, size);
    assertEquals(range.counted, counted ?? size);
    if (first !== undefined) assertEquals(formatIp(range.at(0n)), first);
    if (last !== undefined) assertEquals(formatIp(range.at(size - 1n)), last);
    for (const text of leftOut) {
      assertEquals(range.indexOf(parseIp(text)), undefined, text);
    }
  });
}

Deno.test("usableRange() maps every number to its address and back", {
  permissions: "none",
}, () => {
  const range = usableRange(parsePrefix("10.0.0.0/22"), true);
  const seen = new Set<string>();
  for (let index = 0n; index < range.size; index++) {
    const ip = range.at(index);
    assertEquals(range.indexOf(ip), index);
    seen.add(formatIp(ip));
  }
  assertEquals(seen.size, 1016);
});
