import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ip, prefix } from "../../tests/arbitraries.ts";
import {
  comparePrefix,
  equalIp,
  equalPrefix,
  formatIp,
  formatPrefix,
  makePrefix,
  ParseError,
  parseIp,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
  prefixFirst,
  prefixLast,
  prefixSize,
} from "./mod.ts";

const pure = { permissions: "none" } as const;

Deno.test.each([
  {
    text: "192.0.2.0/24",
    canonical: "192.0.2.0/24",
    last: "192.0.2.255",
    size: 256n,
  },
  {
    text: "192.0.2.10/24",
    canonical: "192.0.2.0/24",
    last: "192.0.2.255",
    size: 256n,
  },
  {
    text: "192.0.2.1/32",
    canonical: "192.0.2.1/32",
    last: "192.0.2.1",
    size: 1n,
  },
  {
    text: "0.0.0.0/0",
    canonical: "0.0.0.0/0",
    last: "255.255.255.255",
    size: 2n ** 32n,
  },
  {
    text: "255.255.255.255/1",
    canonical: "128.0.0.0/1",
    last: "255.255.255.255",
    size: 2n ** 31n,
  },
  {
    text: "2001:DB8:0:0::1/128",
    canonical: "2001:db8::1/128",
    last: "2001:db8::1",
    size: 1n,
  },
  {
    text: "2001:db8::/64",
    canonical: "2001:db8::/64",
    last: "2001:db8::ffff:ffff:ffff:ffff",
    size: 2n ** 64n,
  },
  {
    text: "::/0",
    canonical: "::/0",
    last: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    size: 2n ** 128n,
  },
  // A prefix inside ::ffff:0:0/96 stands for an IPv4 one; a wider one does not.
  {
    text: "::ffff:192.0.2.7/120",
    canonical: "192.0.2.0/24",
    last: "192.0.2.255",
    size: 256n,
  },
  {
    text: "::ffff:0:0/96",
    canonical: "0.0.0.0/0",
    last: "255.255.255.255",
    size: 2n ** 32n,
  },
  {
    text: "::ffff:0:0/95",
    canonical: "::fffe:0:0/95",
    last: "::ffff:255.255.255.255",
    size: 2n ** 33n,
  },
])(
  "parsePrefix() reads $text as $canonical",
  pure,
  ({ text, canonical, last, size }) => {
    const prefix = parsePrefix(text);
    assertEquals(formatPrefix(prefix), canonical);
    assertEquals(formatIp(prefixFirst(prefix)), canonical.split("/")[0]);
    assertEquals(formatIp(prefixLast(prefix)), last);
    assertEquals(prefixSize(prefix), size);
  },
);

const refused: readonly string[] = [
  "",
  "/",
  "/24",
  "hello",
  "192.0.2.0",
  "192.0.2.0/",
  "192.0.2.0/33",
  "192.0.2.0/024",
  "192.0.2.0/00",
  "192.0.2.0/-1",
  "192.0.2.0/+1",
  "192.0.2.0/1e1",
  "192.0.2.0/0x8",
  "192.0.2.0/24.0",
  "192.0.2.0/ 24",
  "192.0.2.0 /24",
  "192.0.2.0/24 ",
  " 192.0.2.0/24",
  "192.0.2.0/24/24",
  "192.0.2.0//24",
  "192.0.2/24",
  "192.0.02.0/24",
  "192.0.2.256/32",
  "1.2.3.4/255.255.255.0",
  "2001:db8::/129",
  "2001:db8::/1000",
  "2001:db8::g/64",
  "fe80::1%eth0/64",
  "::ffff:192.0.2.0/129",
];

Deno.test.each(refused.map((text) => ({ text })))(
  'parsePrefix() refuses "$text"',
  pure,
  ({ text }) => {
    const error = assertThrows(
      () => parsePrefix(text),
      ParseError,
      JSON.stringify(text),
    );
    assertEquals(error.reason, "cidrInvalid");
    assertEquals(error.text, text);
  },
);

Deno.test("parsePrefix() undoes formatPrefix()", pure, () => {
  fc.assert(fc.property(prefix, (prefix) => {
    assertEquals(parsePrefix(formatPrefix(prefix)), prefix);
  }));
});

Deno.test.each([-1, 33, 1.5, NaN])(
  "makePrefix() refuses the length %d",
  pure,
  (length) => {
    assertThrows(() => makePrefix(parseIp("192.0.2.1"), length), RangeError);
  },
);

Deno.test.each([
  { outer: "192.0.2.0/24", ip: "192.0.2.0", expected: true },
  { outer: "192.0.2.0/24", ip: "192.0.2.255", expected: true },
  { outer: "192.0.2.0/24", ip: "192.0.3.0", expected: false },
  { outer: "192.0.2.0/24", ip: "192.0.1.255", expected: false },
  { outer: "0.0.0.0/0", ip: "::", expected: false },
  { outer: "::/0", ip: "0.0.0.0", expected: false },
  { outer: "::/0", ip: "2001:db8::1", expected: true },
  { outer: "2001:db8::1/128", ip: "2001:db8::1", expected: true },
])(
  "prefixContains() of $ip in $outer is $expected",
  pure,
  ({ outer, ip, expected }) => {
    assertEquals(prefixContains(parsePrefix(outer), parseIp(ip)), expected);
  },
);

Deno.test.each([
  { a: "192.0.2.0/24", b: "192.0.2.0/24", expected: true },
  { a: "192.0.2.0/24", b: "192.0.2.128/25", expected: true },
  { a: "192.0.2.0/25", b: "192.0.2.128/25", expected: false },
  { a: "0.0.0.0/0", b: "192.0.2.1/32", expected: true },
  { a: "0.0.0.0/0", b: "::/0", expected: false },
  { a: "2001:db8::/32", b: "2001:db8:1::/48", expected: true },
  { a: "2001:db8::/48", b: "2001:db8:1::/48", expected: false },
])(
  "prefixesOverlap() of $a and $b is $expected",
  pure,
  ({ a, b, expected }) => {
    assertEquals(prefixesOverlap(parsePrefix(a), parsePrefix(b)), expected);
    assertEquals(prefixesOverlap(parsePrefix(b), parsePrefix(a)), expected);
  },
);

Deno.test("a prefix contains exactly what lies between its ends", pure, () => {
  fc.assert(fc.property(prefix, ip, (prefix, ip) => {
    const isBetween = ip.family === prefix.ip.family &&
      prefixFirst(prefix).value <= ip.value &&
      ip.value <= prefixLast(prefix).value;
    assertEquals(prefixContains(prefix, ip), isBetween);
  }));
});

Deno.test("prefixes overlap exactly when their ends interleave", pure, () => {
  const near = fc.tuple(prefix, fc.nat(32)).map(([prefix, length]) =>
    [prefix, makePrefix(prefix.ip, length)] as const
  );
  fc.assert(fc.property(fc.oneof(fc.tuple(prefix, prefix), near), ([a, b]) => {
    const interleave = a.ip.family === b.ip.family &&
      prefixFirst(a).value <= prefixLast(b).value &&
      prefixFirst(b).value <= prefixLast(a).value;
    assertEquals(prefixesOverlap(a, b), interleave);
  }));
});

Deno.test(
  "comparePrefix() is a total order, the wider prefix first",
  pure,
  () => {
    assertEquals(
      comparePrefix(parsePrefix("10.0.0.0/8"), parsePrefix("10.0.0.0/16")) < 0,
      true,
    );
    assertEquals(
      comparePrefix(parsePrefix("10.0.0.0/8"), parsePrefix("::/0")) < 0,
      true,
    );
    fc.assert(fc.property(prefix, prefix, prefix, (a, b, c) => {
      assertEquals(
        Math.sign(comparePrefix(a, b)),
        0 - Math.sign(comparePrefix(b, a)),
      );
      assertEquals(
        equalPrefix(a, b),
        equalIp(a.ip, b.ip) && a.length === b.length,
      );
      if (comparePrefix(a, b) <= 0 && comparePrefix(b, c) <= 0) {
        assertEquals(comparePrefix(a, c) <= 0, true);
      }
    }));
  },
);
