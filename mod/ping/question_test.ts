import { assertEquals, assertThrows } from "@std/assert";
import { fromHex } from "../../tests/bytes.ts";
import {
  decodeEthernet,
  decodeIpv6,
  formatIp,
  formatMac,
  parseIp,
  parseMac,
  receiveNdp,
  UNSPECIFIED_IPV4,
} from "../net/mod.ts";
import { type AskingPort, question } from "./mod.ts";

const options = { permissions: "none" } as const;

const PORT: AskingPort = {
  name: "eth0",
  mac: parseMac("02:00:00:00:00:0a"),
  ipv4: parseIp("192.0.2.5"),
  ipv6: parseIp("fe80::a"),
  holds: true,
};

const frames = [
  {
    what: "an ARP request from the interface's address",
    port: PORT,
    hex: "ffffffffffff 02000000000a 0806" + // all, asker, ARP
      "0001 0800 06 04 0001" + // Ethernet, IPv4, request
      "02000000000a c0000205" + // sender
      "000000000000 c000020a", // target
  },
  {
    what: "an ARP probe where the interface has none",
    port: { ...PORT, ipv4: UNSPECIFIED_IPV4 },
    hex: "ffffffffffff 02000000000a 0806" +
      "0001 0800 06 04 0001" +
      "02000000000a 00000000" +
      "000000000000 c000020a",
  },
];

Deno.test.each(frames)("question() is $what", options, ({ port, hex }) => {
  assertEquals(question(parseIp("192.0.2.10"), port), fromHex(hex));
});

Deno.test(
  "question() is a valid Neighbor Solicitation that tells who asks",
  options,
  () => {
    const target = parseIp("2001:db8::1:2345");
    const frame = decodeEthernet(question(target, PORT));
    assertEquals(formatMac(frame.destination), "33:33:ff:01:23:45");
    assertEquals(frame.source, PORT.mac);
    const packet = decodeIpv6(frame.payload);
    assertEquals(formatIp(packet.source), "fe80::a");
    assertEquals(formatIp(packet.destination), "ff02::1:ff01:2345");
    assertEquals(packet.hopLimit, 255);
    assertEquals(receiveNdp(packet), {
      kind: "accept",
      message: {
        kind: "neighborSolicitation",
        target,
        options: [{ kind: "sourceLinkLayerAddress", mac: PORT.mac }],
      },
    });
  },
);

Deno.test("question() needs a link-local address for IPv6", options, () => {
  const { ipv6: _, ...port } = PORT;
  assertThrows(
    () => question(parseIp("2001:db8::1"), port),
    RangeError,
    'on "eth0": it has no link-local address',
  );
});
