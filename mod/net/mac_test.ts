import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { mac } from "../../tests/arbitraries.ts";
import {
  BROADCAST_MAC,
  formatMac,
  isGroupMac,
  macEquals,
  ParseError,
  parseMac,
} from "./mod.ts";

const pure = { permissions: "none" } as const;

Deno.test(
  "parseMac() reads either case, formatMac() writes lower case",
  pure,
  () => {
    assertEquals(
      parseMac("02:00:5E:00:53:fF"),
      Uint8Array.of(2, 0, 0x5e, 0, 0x53, 0xff),
    );
    assertEquals(formatMac(parseMac("02:00:5E:00:53:fF")), "02:00:5e:00:53:ff");
    assertEquals(formatMac(BROADCAST_MAC), "ff:ff:ff:ff:ff:ff");
  },
);

const refused: readonly string[] = [
  "",
  "02:00:5e:00:53",
  "02:00:5e:00:53:01:02",
  "02:00:5e:00:53:1",
  "02:00:5e:00:53:001",
  "02:00:5e:00:53:0g",
  "02-00-5e-00-53-01",
  "02005e005301",
  " 02:00:5e:00:53:01",
  "02:00:5e:00:53:01\n",
  "02::5e:00:53:01",
];

Deno.test.each(refused.map((text) => ({ text })))(
  'parseMac() refuses "$text"',
  pure,
  ({ text }) => {
    const error = assertThrows(() => parseMac(text), ParseError);
    assertEquals(error.reason, "macInvalid");
  },
);

Deno.test("parseMac() undoes formatMac()", pure, () => {
  fc.assert(
    fc.property(mac, (mac) => assertEquals(parseMac(formatMac(mac)), mac)),
  );
});

Deno.test("macEquals() compares all six bytes", pure, () => {
  fc.assert(fc.property(mac, mac, (a, b) => {
    assertEquals(macEquals(a, b), formatMac(a) === formatMac(b));
    assertEquals(macEquals(a, Uint8Array.from(a)), true);
  }));
  assertEquals(macEquals(BROADCAST_MAC, BROADCAST_MAC.subarray(0, 5)), false);
});

Deno.test("isGroupMac() tells groups from stations", pure, () => {
  assertEquals(isGroupMac(BROADCAST_MAC), true);
  assertEquals(isGroupMac(parseMac("33:33:00:00:00:01")), true);
  assertEquals(isGroupMac(parseMac("02:00:5e:00:53:01")), false);
  assertEquals(isGroupMac(new Uint8Array()), false);
});
