import { assertEquals, assertThrows } from "@std/assert";
import { fieldBytes, fromHex, toHex } from "../tests/bytes.ts";
import { SocketAddress } from "./socket_address.ts";

const pure = { permissions: "none" } as const;
const IPV4 = fromHex("c0000201");
const IPV6 = fromHex("fe800000000000000000000000000001");

Deno.test("SocketAddress is a struct sockaddr_in", pure, () => {
  const address = SocketAddress.of(IPV4, 0x1234);
  assertEquals(
    toHex(address.bytes.subarray(0, address.size)),
    toHex(fieldBytes([
      ["02 00", "sin_family, host byte order"],
      ["12 34", "sin_port"],
      ["c0 00 02 01", "sin_addr"],
      ["00 00 00 00 00 00 00 00", "sin_zero"],
    ])),
  );
  assertEquals([address.port, address.scope], [0x1234, 0]);
  assertEquals(toHex(address.address), toHex(IPV4));
});

Deno.test("SocketAddress is a struct sockaddr_in6", pure, () => {
  const address = SocketAddress.of(IPV6, 0x1234, 7);
  assertEquals(
    toHex(address.bytes.subarray(0, address.size)),
    toHex(fieldBytes([
      ["0a 00", "sin6_family, host byte order"],
      ["12 34", "sin6_port"],
      ["00 00 00 00", "sin6_flowinfo"],
      ["fe80 0000 0000 0000 0000 0000 0000 0001", "sin6_addr"],
      ["07 00 00 00", "sin6_scope_id, host byte order"],
    ])),
  );
  assertEquals([address.port, address.scope], [0x1234, 7]);
});

Deno.test(
  "SocketAddress.equals() compares family, address and port",
  pure,
  () => {
    const one = SocketAddress.of(IPV6, 1, 7);
    const other = new SocketAddress("IPv6");
    assertEquals(one.equals(other), false);
    other.set(one);
    assertEquals([one.equals(other), other.scope], [true, 7]);
    assertEquals(one.equals(SocketAddress.of(IPV6, 2, 7)), false);
    assertEquals(one.equals(SocketAddress.of(IPV4, 1)), false);
  },
);

Deno.test("SocketAddress.of() refuses other lengths", pure, () => {
  for (const length of [0, 6, 15, 17]) {
    assertThrows(() => SocketAddress.of(new Uint8Array(length), 1), RangeError);
  }
});
