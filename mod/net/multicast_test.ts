import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ipv6 } from "../../tests/arbitraries.ts";
import {
  ALL_NODES,
  formatIp,
  formatMac,
  isMulticastIp,
  isSolicitedNodeMulticast,
  multicastMac,
  parseIp,
  solicitedNodeMulticast,
} from "./mod.ts";

const pure = { permissions: "none" } as const;

Deno.test.each([
  // The example of RFC 4291 §2.7.1.
  {
    ip: "4037::1:800:200e:8c6c",
    group: "ff02::1:ff0e:8c6c",
    mac: "33:33:ff:0e:8c:6c",
  },
  { ip: "2001:db8::1", group: "ff02::1:ff00:1", mac: "33:33:ff:00:00:01" },
  { ip: "::", group: "ff02::1:ff00:0", mac: "33:33:ff:00:00:00" },
  {
    ip: "2001:db8::ff:ffff",
    group: "ff02::1:ffff:ffff",
    mac: "33:33:ff:ff:ff:ff",
  },
])("the solicited-node group of $ip is $group", pure, ({ ip, group, mac }) => {
  const address = solicitedNodeMulticast(parseIp(ip));
  assertEquals(formatIp(address), group);
  assertEquals(formatMac(multicastMac(address)), mac);
});

Deno.test("every solicited-node group is one, and multicast", pure, () => {
  fc.assert(fc.property(ipv6, (ip) => {
    const group = solicitedNodeMulticast(ip);
    assertEquals(isSolicitedNodeMulticast(group), true);
    assertEquals(isMulticastIp(group), true);
    assertEquals(group.value & 0xffffffn, ip.value & 0xffffffn);
  }));
  assertEquals(isSolicitedNodeMulticast(ALL_NODES), false);
  assertEquals(isSolicitedNodeMulticast(parseIp("ff02::1:fe00:1")), false);
});

Deno.test.each([
  { ip: "ff02::1", mac: "33:33:00:00:00:01" },
  { ip: "ff02::16", mac: "33:33:00:00:00:16" },
  // RFC 1112 §6.4: the high bit of the low 24 is lost.
  { ip: "224.0.0.1", mac: "01:00:5e:00:00:01" },
  { ip: "239.255.255.250", mac: "01:00:5e:7f:ff:fa" },
])("the multicast MAC of $ip is $mac", pure, ({ ip, mac }) => {
  assertEquals(formatMac(multicastMac(parseIp(ip))), mac);
});

Deno.test(
  "IPv4 has no solicited-node group, unicast no multicast MAC",
  pure,
  () => {
    assertThrows(
      () => solicitedNodeMulticast(parseIp("192.0.2.1")),
      RangeError,
      "192.0.2.1",
    );
    assertThrows(
      () => multicastMac(parseIp("192.0.2.1")),
      RangeError,
      "192.0.2.1",
    );
    assertThrows(
      () => multicastMac(parseIp("2001:db8::1")),
      RangeError,
      "2001:db8::1",
    );
  },
);
