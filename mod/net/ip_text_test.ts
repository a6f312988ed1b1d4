import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ip } from "../../tests/arbitraries.ts";
import { formatIp, ParseError, parseIp, tryParseIp } from "./mod.ts";

const pure = { permissions: "none" } as const;

Deno.test.each([
  { text: "0.0.0.0", canonical: "0.0.0.0" },
  { text: "192.0.2.1", canonical: "192.0.2.1" },
  { text: "255.255.255.255", canonical: "255.255.255.255" },
  { text: "::", canonical: "::" },
  { text: "::1", canonical: "::1" },
  { text: "1::", canonical: "1::" },
  { text: "0:0:0:0:0:0:0:0", canonical: "::" },
  // RFC 5952 §4.1: leading zeros of a group are dropped.
  { text: "2001:0db8::0001", canonical: "2001:db8::1" },
  // §4.2.1: "::" takes in as much as it can.
  { text: "2001:db8:0:0:0:0:2:1", canonical: "2001:db8::2:1" },
  { text: "2001:db8::0:1", canonical: "2001:db8::1" },
  // §4.2.2: a single zero group is written out.
  { text: "2001:db8::1:1:1:1:1", canonical: "2001:db8:0:1:1:1:1:1" },
  { text: "1:2:3:4:5:6:7::", canonical: "1:2:3:4:5:6:7:0" },
  { text: "::2:3:4:5:6:7:8", canonical: "0:2:3:4:5:6:7:8" },
  // §4.2.3: the longest run, and of equal ones the first.
  { text: "2001:0:0:1:0:0:0:1", canonical: "2001:0:0:1::1" },
  { text: "2001:db8:0:0:1:0:0:1", canonical: "2001:db8::1:0:0:1" },
  // §4.3: lower case.
  { text: "2001:DB8::ABCD", canonical: "2001:db8::abcd" },
  // §5: IPv4 inside IPv6; IPv4-mapped becomes IPv4.
  { text: "::ffff:192.0.2.1", canonical: "192.0.2.1" },
  { text: "::FFFF:c000:0201", canonical: "192.0.2.1" },
  { text: "0:0:0:0:0:ffff:0:0", canonical: "0.0.0.0" },
  { text: "64:ff9b::192.0.2.33", canonical: "64:ff9b::c000:221" },
  { text: "::192.0.2.1", canonical: "::c000:201" },
  { text: "1:2:3:4:5:6:1.2.3.4", canonical: "1:2:3:4:5:6:102:304" },
])("parseIp() reads $text as $canonical", pure, ({ text, canonical }) => {
  assertEquals(formatIp(parseIp(text)), canonical);
  assertEquals(tryParseIp(text), parseIp(text));
});

const refused: readonly string[] = [
  "",
  " ",
  "hello",
  "1",
  "1.2.3",
  "1.2.3.4.5",
  "1..2.3",
  "...",
  ".1.2.3",
  "1.2.3.",
  " 1.2.3.4",
  "1.2.3.4 ",
  "1.2.3.4\n",
  "1.2.3.256",
  "1.2.3.1000",
  "01.2.3.4",
  "1.2.3.00",
  "1.2.3.-4",
  "+1.2.3.4",
  "0x10.1.1.1",
  "1e1.1.1.1",
  "1.2.3.४",
  "1.2.3.4/32",
  "1.2.3.4%eth0",
  ":",
  ":::",
  "::1::",
  "1::2::3",
  ":1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:",
  ":1::",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "1:2:3:4::5:6:7:8",
  "1:2:3:4:5:6:7:8::",
  "::1:2:3:4:5:6:7:8",
  "::00001",
  "::g",
  "::-1",
  "::0x1",
  " ::1",
  "::1 ",
  "fe80::1%eth0",
  "fe80::1%",
  "[::1]",
  "::1.2.3",
  "::1.2.3.04",
  "::1.2.3.4:5",
  "1.2.3.4::",
  "1.2.3.4:1::",
  "1:2:3:4:5:6:7:1.2.3.4",
  "::ffff:192.0.2.256",
];

Deno.test.each(refused.map((text) => ({ text })))(
  'parseIp() refuses "$text"',
  pure,
  ({ text }) => {
    const error = assertThrows(
      () => parseIp(text),
      ParseError,
      JSON.stringify(text),
    );
    assertEquals(error.reason, "ipInvalid");
    assertEquals(error.text, text);
    assertEquals(tryParseIp(text), undefined);
  },
);

Deno.test(
  "formatIp() writes an IPv4-mapped address in mixed notation",
  pure,
  () => {
    assertEquals(
      formatIp({ family: "IPv6", value: 0xffff_c000_0201n }),
      "::ffff:192.0.2.1",
    );
  },
);

Deno.test("parseIp() undoes formatIp()", pure, () => {
  fc.assert(fc.property(ip, (ip) => assertEquals(parseIp(formatIp(ip)), ip)));
});

Deno.test("formatIp() agrees with the URL standard on IPv6", pure, () => {
  fc.assert(fc.property(ip.filter((ip) => ip.family === "IPv6"), (ip) => {
    assertEquals(
      new URL(`http://[${formatIp(ip)}]`).hostname,
      `[${formatIp(ip)}]`,
    );
  }));
});

Deno.test(
  "tryParseIp() never throws and accepts only texts with one value",
  pure,
  () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(..."0123456789abcdefF:.%/ -") }),
    );
    fc.assert(
      fc.property(text, (text) => {
        const ip = tryParseIp(text);
        if (ip !== undefined) assertEquals(tryParseIp(formatIp(ip)), ip);
      }),
      { numRuns: 1000 },
    );
  },
);
