import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ipv6 } from "../../tests/arbitraries.ts";
import { fieldBytes, type FieldRow, fromHex } from "../../tests/bytes.ts";
import {
  decodeIcmpv6,
  encodeIcmpv6,
  hasValidIcmpv6Checksum,
  Icmpv6Type,
  parseIp,
  WireError,
} from "./mod.ts";

const pure = { permissions: "none" } as const;
const addresses = { source: parseIp("::"), destination: parseIp("ff02::16") };

// A report of one group, as a host sends it before it has an address.
const report = {
  type: Icmpv6Type.multicastListenerReportV2,
  code: 0,
  body: fromHex("0000 0001 04000000 ff02000000000000 00000001ff000001"),
};
const reportRows: readonly FieldRow[] = [
  ["8f", "type: Version 2 Multicast Listener Report"],
  ["00", "code"],
  ["6f 89", "checksum"],
  ["0000 0001 04000000 ff02000000000000 00000001ff000001", "body"],
];

Deno.test("ICMPv6 message: a multicast listener report", pure, () => {
  assertEquals(encodeIcmpv6(report, addresses), fieldBytes(reportRows));
  assertEquals(decodeIcmpv6(fieldBytes(reportRows)), report);
  assertEquals(hasValidIcmpv6Checksum(fieldBytes(reportRows), addresses), true);
});

Deno.test(
  "hasValidIcmpv6Checksum() sees every changed byte and other addresses",
  pure,
  () => {
    const bytes = fieldBytes(reportRows);
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(
        bytes,
        (byte, index) => index === at ? byte ^ 0x10 : byte,
      );
      assertEquals(hasValidIcmpv6Checksum(changed, addresses), false);
    }
    const elsewhere = { ...addresses, destination: parseIp("ff02::17") };
    assertEquals(hasValidIcmpv6Checksum(bytes, elsewhere), false);
  },
);

Deno.test("decodeIcmpv6() refuses a header cut short", pure, () => {
  for (let length = 0; length < 4; length++) {
    assertThrows(() => decodeIcmpv6(new Uint8Array(length)), WireError);
  }
});

Deno.test("encodeIcmpv6() refuses what does not fit", pure, () => {
  assertThrows(
    () => encodeIcmpv6({ ...report, type: 256 }, addresses),
    WireError,
    "type",
  );
  assertThrows(
    () => encodeIcmpv6({ ...report, code: -1 }, addresses),
    WireError,
    "code",
  );
  const ipv4 = { ...addresses, source: parseIp("192.0.2.1") };
  assertThrows(() => encodeIcmpv6(report, ipv4), WireError, "source address");
});

Deno.test(
  "decodeIcmpv6() undoes encodeIcmpv6(), whose checksum is valid",
  pure,
  () => {
    const message = fc.record({
      type: fc.nat(255),
      code: fc.nat(255),
      body: fc.uint8Array(),
    });
    fc.assert(
      fc.property(message, ipv6, ipv6, (message, source, destination) => {
        const bytes = encodeIcmpv6(message, { source, destination });
        assertEquals(decodeIcmpv6(bytes), message);
        assertEquals(
          hasValidIcmpv6Checksum(bytes, { source, destination }),
          true,
        );
      }),
    );
  },
);
