import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ip, ipv4, ipv6 } from "../../tests/arbitraries.ts";
import {
  compareIp,
  equalIp,
  type Ip,
  ipFromBytes,
  ipToBytes,
  isLinkLocalIp,
  isLoopbackIp,
  isMulticastIp,
  isUnspecifiedIp,
  unmapIp,
  WireError,
} from "./mod.ts";

const pure = { permissions: "none" } as const;

function v4(value: bigint): Ip {
  return { family: "IPv4", value };
}

function v6(value: bigint): Ip {
  return { family: "IPv6", value };
}

Deno.test.each([
  { name: "IPv4", ip: v4(0xc0000201n), bytes: [192, 0, 2, 1] },
  {
    name: "the highest IPv4",
    ip: v4(0xffffffffn),
    bytes: [255, 255, 255, 255],
  },
  {
    name: "IPv6",
    ip: v6(0x20010db8_00000000_00000000_000000ffn),
    bytes: [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff],
  },
  {
    name: "IPv4-mapped IPv6, kept",
    ip: v6(0xffff_c000_0201n),
    bytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1],
  },
])("ipToBytes() and ipFromBytes() agree on $name", pure, ({ ip, bytes }) => {
  assertEquals(ipToBytes(ip), Uint8Array.from(bytes));
  assertEquals(ipFromBytes(Uint8Array.from(bytes)), ip);
});

Deno.test.each([0, 1, 3, 5, 15, 17])(
  "ipFromBytes() refuses %i bytes",
  pure,
  (length) => {
    assertThrows(() => ipFromBytes(new Uint8Array(length)), WireError);
  },
);

Deno.test(
  "ipFromBytes() reads a view that starts inside its buffer",
  pure,
  () => {
    const bytes = Uint8Array.of(9, 9, 192, 0, 2, 1, 9).subarray(2, 6);
    assertEquals(ipFromBytes(bytes), v4(0xc0000201n));
  },
);

Deno.test("ipFromBytes() undoes ipToBytes()", pure, () => {
  fc.assert(fc.property(fc.oneof(ipv4, ipv6), (ip) => {
    assertEquals(ipFromBytes(ipToBytes(ip)), ip);
  }));
});

Deno.test("compareIp() is a total order with IPv4 first", pure, () => {
  fc.assert(fc.property(ip, ip, ip, (a, b, c) => {
    assertEquals(Math.sign(compareIp(a, b)), 0 - Math.sign(compareIp(b, a)));
    assertEquals(compareIp(a, b) === 0, equalIp(a, b));
    if (compareIp(a, b) <= 0 && compareIp(b, c) <= 0) {
      assertEquals(compareIp(a, c) <= 0, true);
    }
    if (a.family !== b.family) {
      assertEquals(compareIp(a, b) < 0, a.family === "IPv4");
    }
  }));
});

Deno.test("unmapIp() folds IPv4-mapped IPv6 only", pure, () => {
  assertEquals(unmapIp(v6(0xffff_c000_0201n)), v4(0xc0000201n));
  assertEquals(unmapIp(v6(0xc0000201n)), v6(0xc0000201n));
  assertEquals(unmapIp(v6(0x1_ffff_c000_0201n)), v6(0x1_ffff_c000_0201n));
  assertEquals(unmapIp(v4(0xc0000201n)), v4(0xc0000201n));
});

Deno.test.each([
  { name: "0.0.0.0", ip: v4(0n), is: ["unspecified"] },
  { name: "::", ip: v6(0n), is: ["unspecified"] },
  { name: "::1", ip: v6(1n), is: ["loopback"] },
  { name: "::2", ip: v6(2n), is: [] },
  { name: "0.0.0.1", ip: v4(1n), is: [] },
  { name: "126.255.255.255", ip: v4(0x7effffffn), is: [] },
  { name: "127.0.0.0", ip: v4(0x7f000000n), is: ["loopback"] },
  { name: "127.255.255.255", ip: v4(0x7fffffffn), is: ["loopback"] },
  { name: "128.0.0.0", ip: v4(0x80000000n), is: [] },
  { name: "224.0.0.0", ip: v4(0xe0000000n), is: ["multicast"] },
  { name: "239.255.255.255", ip: v4(0xefffffffn), is: ["multicast"] },
  { name: "240.0.0.0", ip: v4(0xf0000000n), is: [] },
  { name: "223.255.255.255", ip: v4(0xdfffffffn), is: [] },
  { name: "ff02::1", ip: v6(0xff02n << 112n | 1n), is: ["multicast"] },
  { name: "feff::", ip: v6(0xfeffn << 112n), is: [] },
  { name: "169.254.0.0", ip: v4(0xa9fe0000n), is: ["linkLocal"] },
  { name: "169.255.0.0", ip: v4(0xa9ff0000n), is: [] },
  { name: "fe80::", ip: v6(0xfe80n << 112n), is: ["linkLocal"] },
  { name: "febf::", ip: v6(0xfebfn << 112n), is: ["linkLocal"] },
  { name: "fec0::", ip: v6(0xfec0n << 112n), is: [] },
])("the kinds of $name are $is", pure, ({ ip, is }) => {
  const kinds = {
    unspecified: isUnspecifiedIp,
    loopback: isLoopbackIp,
    multicast: isMulticastIp,
    linkLocal: isLinkLocalIp,
  };
  const got = Object.entries(kinds).filter(([, test]) => test(ip)).map((
    [kind],
  ) => kind);
  assertEquals<readonly string[]>(got, is);
});
