import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ipv6 } from "../../tests/arbitraries.ts";
import { fromHex } from "../../tests/bytes.ts";
import {
  decodeEthernet,
  decodeIpv6,
  decodeNdp,
  encodeEthernet,
  encodeIcmpv6,
  encodeIpv6,
  encodeNdp,
  EtherType,
  type Icmpv6Addresses,
  Icmpv6Type,
  type Ipv6Packet,
  multicastMac,
  type NdpDropReason,
  type NdpMessage,
  NextHeader,
  parseIp,
  parseMac,
  receiveNdp,
  solicitedNodeMulticast,
  WireError,
} from "./mod.ts";

const pure = { permissions: "none" } as const;
const target = parseIp("2001:db8::64");
const group = solicitedNodeMulticast(target);
const asker = parseIp("2001:db8::a");
const unspecified = parseIp("::");
const allNodes = parseIp("ff02::1");
const mac = parseMac("02:00:5e:00:53:0a");

const sourceOption = { kind: "sourceLinkLayerAddress", mac } as const;
const solicitation: NdpMessage = {
  kind: "neighborSolicitation",
  target,
  options: [sourceOption],
};
const probe: NdpMessage = { kind: "neighborSolicitation", target, options: [] };
const advertisement: NdpMessage = {
  kind: "neighborAdvertisement",
  router: false,
  solicited: false,
  override: true,
  target,
  options: [{ kind: "targetLinkLayerAddress", mac }],
};

function packet(addresses: Icmpv6Addresses, payload: Uint8Array): Ipv6Packet {
  return {
    ...addresses,
    trafficClass: 0,
    flowLabel: 0,
    nextHeader: NextHeader.icmpv6,
    hopLimit: 255,
    payload,
  };
}

function carry(
  source: Icmpv6Addresses["source"],
  destination: typeof source,
  message: NdpMessage,
): Ipv6Packet {
  const addresses = { source, destination };
  return packet(addresses, encodeNdp(message, addresses));
}

/** A packet with a message that {@linkcode encodeNdp} refuses to write; the checksum is right. */
function carryRaw(type: number, code: number, body: string): Ipv6Packet {
  const addresses = { source: asker, destination: group };
  return packet(
    addresses,
    encodeIcmpv6({ type, code, body: fromHex(body) }, addresses),
  );
}

Deno.test.each([
  {
    name: "a solicitation to the solicited-node group",
    packet: carry(asker, group, solicitation),
  },
  {
    name: "a solicitation without options",
    packet: carry(asker, group, probe),
  },
  { name: "a unicast solicitation", packet: carry(asker, target, probe) },
  { name: "a DAD probe", packet: carry(unspecified, group, probe) },
  {
    name: "a DAD probe to another solicited-node group",
    packet: carry(unspecified, solicitedNodeMulticast(asker), probe),
  },
  {
    name: "an unsolicited advertisement",
    packet: carry(target, allNodes, advertisement),
  },
  {
    name: "a solicited advertisement",
    packet: carry(target, asker, { ...advertisement, solicited: true }),
  },
])("receiveNdp() accepts $name", pure, ({ packet }) => {
  assertEquals(receiveNdp(packet), {
    kind: "accept",
    message: decodeNdp(packet.payload),
  });
});

const targetHex = "20010db8000000000000000000000064";
const good = carry(asker, group, solicitation);
const { neighborSolicitation, neighborAdvertisement, routerAdvertisement } =
  Icmpv6Type;

interface DropCase {
  readonly name: string;
  readonly reason: NdpDropReason;
  readonly packet: Ipv6Packet;
}

const drops: readonly DropCase[] = [
  {
    name: "UDP",
    reason: "notIcmpv6",
    packet: { ...good, nextHeader: NextHeader.udp },
  },
  {
    name: "a router advertisement",
    reason: "notNeighborDiscovery",
    packet: carryRaw(routerAdvertisement, 0, "4000070800000000 00000000"),
  },
  {
    name: "no ICMPv6 bytes",
    reason: "notNeighborDiscovery",
    packet: { ...good, payload: new Uint8Array() },
  },
  {
    name: "a hop limit of 254",
    reason: "hopLimit",
    packet: { ...good, hopLimit: 254 },
  },
  {
    name: "a hop limit of 0",
    reason: "hopLimit",
    packet: { ...good, hopLimit: 0 },
  },
  {
    name: "a solicitation for another destination",
    reason: "checksum",
    packet: { ...good, destination: solicitedNodeMulticast(asker) },
  },
  {
    name: "a zero checksum",
    reason: "checksum",
    packet: { ...good, payload: good.payload.with(2, 0).with(3, 0) },
  },
  {
    name: "code 1",
    reason: "code",
    packet: carryRaw(neighborSolicitation, 1, `00000000 ${targetHex}`),
  },
  {
    name: "a solicitation of 23 bytes",
    reason: "tooShort",
    packet: carryRaw(neighborSolicitation, 0, `00000000 ${targetHex.slice(2)}`),
  },
  {
    name: "an advertisement of 4 bytes",
    reason: "tooShort",
    packet: carryRaw(neighborAdvertisement, 0, ""),
  },
  {
    name: "a solicitation for a multicast target",
    reason: "targetMulticast",
    packet: carry(asker, group, { ...solicitation, target: group }),
  },
  {
    name: "an advertisement of a multicast target",
    reason: "targetMulticast",
    packet: carry(asker, allNodes, { ...advertisement, target: allNodes }),
  },
  {
    name: "an option of length 0",
    reason: "optionInvalid",
    packet: carryRaw(
      neighborSolicitation,
      0,
      `00000000 ${targetHex} 0100 02005e00530a`,
    ),
  },
  {
    name: "an option cut short",
    reason: "optionInvalid",
    packet: carryRaw(
      neighborAdvertisement,
      0,
      `20000000 ${targetHex} 0202 02005e00530a`,
    ),
  },
  {
    name: "a DAD probe to all nodes",
    reason: "unspecifiedSourceDestination",
    packet: carry(unspecified, allNodes, probe),
  },
  {
    name: "a DAD probe to the target itself",
    reason: "unspecifiedSourceDestination",
    packet: carry(unspecified, target, probe),
  },
  {
    name: "a DAD probe with a source link-layer address",
    reason: "unspecifiedSourceLinkLayerAddress",
    packet: carry(unspecified, group, solicitation),
  },
  {
    name: "a solicited advertisement to all nodes",
    reason: "multicastSolicited",
    packet: carry(target, allNodes, { ...advertisement, solicited: true }),
  },
];

Deno.test.each(drops)(
  "receiveNdp() drops $name: $reason",
  pure,
  ({ packet, reason }) => {
    assertEquals(receiveNdp(packet), { kind: "drop", reason });
  },
);

Deno.test("receiveNdp() takes a decision on any payload", pure, () => {
  const payload = fc.uint8Array({ maxLength: 60 });
  fc.assert(fc.property(payload, ipv6, ipv6, (payload, source, destination) => {
    const { kind } = receiveNdp(packet({ source, destination }, payload));
    assertEquals(kind === "accept" || kind === "drop", true);
  }));
});

Deno.test("a frame cut anywhere never decodes as a whole", pure, () => {
  const frame = encodeEthernet({
    destination: multicastMac(group),
    source: mac,
    tags: [],
    etherType: EtherType.ipv6,
    payload: encodeIpv6(good),
  });
  const decode = (bytes: Uint8Array): NdpMessage =>
    decodeNdp(decodeIpv6(decodeEthernet(bytes).payload).payload);
  assertEquals(decode(frame), solicitation);
  for (let length = 0; length < frame.length; length++) {
    assertThrows(() => decode(frame.subarray(0, length)), WireError);
  }
});
