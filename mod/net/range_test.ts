import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ipv4, ipv6, prefix } from "../../tests/arbitraries.ts";
import {
  formatPrefix,
  formatRange,
  type Ip,
  parseAddressRange,
  ParseError,
  parseIp,
  parseRange,
  type Prefix,
  prefixFirst,
  prefixLast,
  rangeToPrefixes,
} from "./mod.ts";

const pure = { permissions: "none" } as const;

Deno.test.each([
  { text: "192.0.2.7/24", prefixes: ["192.0.2.0/24"] },
  { text: "192.0.2.10-192.0.2.10", prefixes: ["192.0.2.10/32"] },
  { text: "192.0.2.10 - 192.0.2.11", prefixes: ["192.0.2.10/31"] },
  { text: " 192.0.2.10\t-192.0.2.11 ", prefixes: ["192.0.2.10/31"] },
  {
    text: "192.0.2.10-192.0.2.20",
    prefixes: [
      "192.0.2.10/31",
      "192.0.2.12/30",
      "192.0.2.16/30",
      "192.0.2.20/32",
    ],
  },
  { text: "192.0.2.0-192.0.2.255", prefixes: ["192.0.2.0/24"] },
  {
    text: "192.0.2.255-192.0.3.0",
    prefixes: ["192.0.2.255/32", "192.0.3.0/32"],
  },
  { text: "0.0.0.0-255.255.255.255", prefixes: ["0.0.0.0/0"] },
  { text: "255.255.255.254-255.255.255.255", prefixes: ["255.255.255.254/31"] },
  { text: "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", prefixes: ["::/0"] },
  {
    text: "2001:db8::ffff:ffff:ffff:fffe-2001:db8:0:1::1",
    prefixes: ["2001:db8::ffff:ffff:ffff:fffe/127", "2001:db8:0:1::/127"],
  },
  { text: "::ffff:192.0.2.0-192.0.2.1", prefixes: ["192.0.2.0/31"] },
])(
  "parseAddressRange() reads $text as $prefixes",
  pure,
  ({ text, prefixes }) => {
    assertEquals<readonly string[]>(
      parseAddressRange(text).map(formatPrefix),
      prefixes,
    );
  },
);

const refused = [
  { text: "", reason: "cidrInvalid" },
  { text: "hello", reason: "cidrInvalid" },
  { text: "192.0.2.1", reason: "cidrInvalid" },
  { text: "192.0.2.0/024", reason: "cidrInvalid" },
  // An en dash makes no range.
  { text: "192.0.2.1–192.0.2.5", reason: "cidrInvalid" },
  { text: "192.0.2.0/-1", reason: "rangeEndpointInvalid" },
  { text: "-", reason: "rangeEndpointInvalid" },
  { text: "-192.0.2.1", reason: "rangeEndpointInvalid" },
  { text: "192.0.2.1-", reason: "rangeEndpointInvalid" },
  { text: "192.0.2.1-5", reason: "rangeEndpointInvalid" },
  { text: "192.0.2.1--192.0.2.5", reason: "rangeEndpointInvalid" },
  { text: "192.0.2.1-192.0.2.5-192.0.2.9", reason: "rangeEndpointInvalid" },
  { text: "192.0.2.0/24-192.0.3.0/24", reason: "rangeEndpointInvalid" },
  { text: "192.0.2.01-192.0.2.5", reason: "rangeEndpointInvalid" },
  { text: "fe80::1%eth0-fe80::2%eth0", reason: "rangeEndpointInvalid" },
  { text: "192.0.2.20-192.0.2.10", reason: "rangeReversed" },
  { text: "2001:db8::10-2001:db8::1", reason: "rangeReversed" },
  { text: "192.0.2.1-2001:db8::1", reason: "rangeMixedFamilies" },
  { text: "2001:db8::1-192.0.2.1", reason: "rangeMixedFamilies" },
] as const;

Deno.test.each(refused)(
  'parseAddressRange() refuses "$text" as $reason',
  pure,
  ({ text, reason }) => {
    const error = assertThrows(
      () => parseAddressRange(text),
      ParseError,
      JSON.stringify(text),
    );
    assertEquals(error.reason, reason);
    assertEquals(error.text, text);
  },
);

Deno.test("parseRange() refuses a text without a dash", pure, () => {
  const error = assertThrows(() => parseRange("192.0.2.1"), ParseError);
  assertEquals(error.reason, "rangeEndpointInvalid");
});

Deno.test(
  "rangeToPrefixes() refuses ends of two families or out of order",
  pure,
  () => {
    const [low, high, other] = [
      parseIp("192.0.2.1"),
      parseIp("192.0.2.2"),
      parseIp("::1"),
    ];
    assertThrows(
      () => rangeToPrefixes(high, low),
      RangeError,
      "192.0.2.2-192.0.2.1",
    );
    assertThrows(() => rangeToPrefixes(low, other), RangeError);
  },
);

/** Two addresses of one family, often close together. */
const ends: fc.Arbitrary<readonly [Ip, Ip]> = fc.oneof(
  fc.tuple(ipv4, ipv4),
  fc.tuple(ipv6, ipv6),
  fc.tuple(ipv4, fc.bigInt({ min: 0n, max: 5000n })).map(
    ([ip, distance]): readonly [Ip, Ip] => {
      const value = ip.value + distance;
      return [ip, {
        family: "IPv4",
        value: value > 0xffffffffn ? 0xffffffffn : value,
      }];
    },
  ),
).map(([a, b]) => a.value <= b.value ? [a, b] : [b, a]);

/** Whether two neighbours could be one prefix, that is whether the list is not minimal. */
function canMerge(a: Prefix, b: Prefix): boolean {
  if (a.length !== b.length || a.length === 0) return false;
  const bits = BigInt(a.ip.family === "IPv4" ? 32 : 128);
  const shift = bits - BigInt(a.length) + 1n;
  return a.ip.value >> shift === b.ip.value >> shift;
}

Deno.test(
  "rangeToPrefixes() covers exactly the range, ascending and minimal",
  pure,
  () => {
    fc.assert(fc.property(ends, ([first, last]) => {
      const prefixes = rangeToPrefixes(first, last);
      let next = first.value;
      for (const [index, prefix] of prefixes.entries()) {
        assertEquals(prefixFirst(prefix), {
          family: first.family,
          value: next,
        });
        next = prefixLast(prefix).value + 1n;
        const before = prefixes[index - 1];
        if (before !== undefined) assertEquals(canMerge(before, prefix), false);
      }
      assertEquals(next, last.value + 1n);
      assertEquals(
        prefixes.length <= (first.family === "IPv4" ? 62 : 254),
        true,
      );
    }));
  },
);

Deno.test("rangeToPrefixes() needs 62 and 254 prefixes at worst", pure, () => {
  const worst4 = parseRange("0.0.0.1-255.255.255.254");
  assertEquals(rangeToPrefixes(worst4.first, worst4.last).length, 62);
  const worst6 = parseRange("::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe");
  assertEquals(rangeToPrefixes(worst6.first, worst6.last).length, 254);
});

Deno.test("a prefix as a range is that prefix again", pure, () => {
  fc.assert(fc.property(prefix, (prefix) => {
    assertEquals(rangeToPrefixes(prefixFirst(prefix), prefixLast(prefix)), [
      prefix,
    ]);
  }));
});

Deno.test("parseRange() undoes formatRange()", pure, () => {
  fc.assert(fc.property(fc.tuple(ipv4, ipv4), ([a, b]) => {
    const range = a.value <= b.value
      ? { first: a, last: b }
      : { first: b, last: a };
    assertEquals(parseRange(formatRange(range)), range);
  }));
});
