import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { fromHex } from "../../tests/bytes.ts";
import { icmpv6Checksum, internetChecksum, parseIp, WireError } from "./mod.ts";

const pure = { permissions: "none" } as const;

Deno.test.each([
  // The example of RFC 1071 §3: the sum is ddf2.
  { name: "RFC 1071 example", hex: "0001 f203 f4f5 f6f7", checksum: 0x220d },
  { name: "nothing", hex: "", checksum: 0xffff },
  { name: "zeros", hex: "00000000", checksum: 0xffff },
  { name: "ones", hex: "ffff", checksum: 0 },
  { name: "ones twice, carried", hex: "ffff ffff", checksum: 0 },
  {
    name: "an odd last byte, as the high one",
    hex: "0001 02",
    checksum: 0xfdfe,
  },
  {
    name: "an IPv4 header with its checksum field zero",
    hex: "4500 0073 0000 4000 4011 0000 c0a8 0001 c0a8 00c7",
    checksum: 0xb861,
  },
])("internetChecksum() of $name", pure, ({ hex, checksum }) => {
  assertEquals(internetChecksum(fromHex(hex)), checksum);
});

Deno.test(
  "internetChecksum() does not depend on how data is cut into chunks",
  pure,
  () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 9 })), (chunks) => {
        const whole = Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
        assertEquals(internetChecksum(...chunks), internetChecksum(whole));
      }),
    );
  },
);

Deno.test("internetChecksum() over data with its checksum is 0", pure, () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (data) => {
    const padded = new Uint8Array(data.length + data.length % 2 + 2);
    padded.set(data);
    new DataView(padded.buffer).setUint16(
      padded.length - 2,
      internetChecksum(data),
    );
    assertEquals(internetChecksum(padded), 0);
  }));
});

Deno.test("internetChecksum() does not overflow on 1 MiB of ones", pure, () => {
  assertEquals(internetChecksum(new Uint8Array(2 ** 20).fill(0xff)), 0);
});

Deno.test(
  "icmpv6Checksum() covers the pseudo-header of RFC 8200 §8.1",
  pure,
  () => {
    const [source, destination] = [
      parseIp("fe80::1"),
      parseIp("ff02::1:ff00:2"),
    ];
    const message = fromHex(
      "8700 0000 00000000 fe80000000000000 0000000000000002",
    );
    const pseudoHeader = fromHex(
      "fe80000000000000 0000000000000001" +
        "ff02000000000000 00000001ff000002" +
        "00000018" + "000000" + "3a",
    );
    const expected = internetChecksum(pseudoHeader, message);
    assertEquals(icmpv6Checksum(source, destination, message), expected);
  },
);

Deno.test("icmpv6Checksum() refuses IPv4 addresses", pure, () => {
  const [ipv4, ipv6] = [parseIp("192.0.2.1"), parseIp("::1")];
  assertThrows(
    () => icmpv6Checksum(ipv4, ipv6, new Uint8Array()),
    WireError,
    "source",
  );
  assertThrows(
    () => icmpv6Checksum(ipv6, ipv4, new Uint8Array()),
    WireError,
    "destination",
  );
});
