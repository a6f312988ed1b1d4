import {
  arpAnnouncement,
  arpProbe,
  decodeAddresses,
  decodeArp,
  decodeEthernet,
  decodeIcmpv6,
  decodeIpv6,
  decodeLinks,
  decodeNdp,
  decodeNeighbours,
  encodeArp,
  encodeEthernet,
  encodeIcmpv6,
  encodeIpv6,
  encodeNdp,
  EtherType,
  formatIp,
  formatMac,
  formatPrefix,
  type Icmpv6Addresses,
  type Ipv6Packet,
  type NdpOption,
  NextHeader,
  parseAddressRange,
  ParseError,
  parseIp,
  parseMac,
  parsePrefix,
  receiveNdp,
  WireError,
} from "../../mod/net/mod.ts";
import { fromHex } from "../bytes.ts";
import { decoderTarget, type FuzzTarget, parserTarget } from "./target.ts";

const mac = parseMac("02:00:5e:00:53:01");
const ipv4 = parseIp("192.0.2.1");
const target = parseIp("2001:db8::64");
const addresses: Icmpv6Addresses = {
  source: parseIp("2001:db8::a"),
  destination: parseIp("ff02::1:ff00:64"),
};

const arpSeeds = [
  encodeArp(arpProbe(mac, ipv4)),
  encodeArp(arpAnnouncement(mac, ipv4, "reply")),
];

const options: readonly NdpOption[] = [
  { kind: "sourceLinkLayerAddress", mac },
  { kind: "nonce", nonce: fromHex("010203040506") },
  { kind: "raw", type: 253, data: fromHex("0102030405060708090a0b0c0d0e") },
];

const ndpSeeds = [
  encodeNdp({ kind: "neighborSolicitation", target, options: [] }, addresses),
  encodeNdp({ kind: "neighborSolicitation", target, options }, addresses),
  encodeNdp({
    kind: "neighborAdvertisement",
    router: false,
    solicited: true,
    override: true,
    target,
    options: [{ kind: "targetLinkLayerAddress", mac }],
  }, addresses),
];

function inIpv6(payload: Uint8Array): Ipv6Packet {
  const head = {
    trafficClass: 0,
    flowLabel: 0,
    nextHeader: NextHeader.icmpv6,
    hopLimit: 255,
  };
  return { ...head, ...addresses, payload };
}

const ipv6Seeds = ndpSeeds.map((payload) => encodeIpv6(inIpv6(payload)));

function inEthernet(
  etherType: number,
  payload: Uint8Array,
  vlans: readonly number[],
): Uint8Array {
  const tags = vlans.map((id) => ({
    protocol: EtherType.cVlan,
    priority: 0,
    dropEligible: false,
    id,
  }));
  return encodeEthernet({
    destination: mac,
    source: mac,
    tags,
    etherType,
    payload,
  });
}

const frameSeeds = [
  ...arpSeeds.map((payload) => inEthernet(EtherType.arp, payload, [])),
  ...ipv6Seeds.map((payload) => inEthernet(EtherType.ipv6, payload, [])),
  ...ipv6Seeds.map((payload) => inEthernet(EtherType.ipv6, payload, [100])),
  ...arpSeeds.map((payload) => inEthernet(EtherType.arp, payload, [100, 200])),
];

/** Decodes a frame as far as its layers go. */
function decodeFrame(bytes: Uint8Array): unknown {
  const frame = decodeEthernet(bytes);
  if (frame.etherType === EtherType.arp) return decodeArp(frame.payload);
  if (frame.etherType === EtherType.ipv6) {
    return receiveNdp(decodeIpv6(frame.payload));
  }
  return frame;
}

const linkSeeds = [
  fromHex(
    "40000000 1000 0200 01000000 00000000" +
      "00 00 0100 07000000 43100100 00000000" +
      "0a00 0300 657468312e00 0000" + "0a00 0100 020000005301 0000" +
      "0800 0a00 03000000" +
      "14000000 0300 0200 01000000 00000000 00000000",
  ),
  fromHex(
    "3c000000 1000 0200 01000000 00000000" +
      "00 00 0100 07000000 43100100 00000000" +
      "0a00 0300 657468312e00 0000" +
      "1000 1280" + "0900 0100 7665746800 000000",
  ),
];

const addressSeeds = [
  fromHex(
    "30000000 1400 0200 01000000 00000000" + "02 20 80 00 04000000" +
      "0800 0100 c0000201" + "0800 0200 c0000202" + "0800 0800 80000000",
  ),
  fromHex(
    "34000000 1400 0200 01000000 00000000" + "0a 40 00 fd 04000000" +
      "1400 0100 fe800000000000000000000000000001" + "0800 0800 40000000",
  ),
];

const neighbourSeeds = [
  fromHex(
    "30000000 1c00 0200 01000000 00000000" + "02 00 0000 04000000 0200 00 01" +
      "0800 0100 c000020b" + "0a00 0200 02000000000b 0000",
  ),
  fromHex(
    "3c000000 1c00 0200 01000000 00000000" + "0a 00 0000 04000000 0400 80 01" +
      "1400 0100 fe80000000000000000000000000000b" +
      "0a00 0200 02000000000b 0000",
  ),
];

const ipTexts = [
  "192.0.2.1",
  "2001:db8::1",
  "::ffff:192.0.2.1",
  "1:2:3:4:5:6:7:8",
  "::",
];

/** The decoders and parsers of mod/net. */
export const netTargets: readonly FuzzTarget[] = [
  decoderTarget({
    name: "ethernet",
    seeds: frameSeeds,
    decode: decodeEthernet,
    refusal: WireError,
    encode: encodeEthernet,
  }),
  decoderTarget({
    name: "arp",
    seeds: arpSeeds,
    decode: decodeArp,
    refusal: WireError,
    encode: encodeArp,
  }),
  decoderTarget({
    name: "ipv6",
    seeds: ipv6Seeds,
    decode: decodeIpv6,
    refusal: WireError,
    encode: encodeIpv6,
  }),
  decoderTarget({
    name: "icmpv6",
    seeds: ndpSeeds,
    decode: decodeIcmpv6,
    refusal: WireError,
    encode: (message) => encodeIcmpv6(message, addresses),
  }),
  decoderTarget({
    name: "ndp",
    seeds: ndpSeeds,
    decode: decodeNdp,
    refusal: WireError,
    encode: (message) => encodeNdp(message, addresses),
  }),
  decoderTarget({
    name: "ndp-receive",
    seeds: ndpSeeds,
    decode: (bytes) => receiveNdp(inIpv6(bytes)),
  }),
  decoderTarget({
    name: "frame",
    seeds: frameSeeds,
    decode: decodeFrame,
    refusal: WireError,
  }),
  decoderTarget({
    name: "links",
    seeds: linkSeeds,
    decode: decodeLinks,
    refusal: WireError,
  }),
  decoderTarget({
    name: "addresses",
    seeds: addressSeeds,
    decode: decodeAddresses,
    refusal: WireError,
  }),
  decoderTarget({
    name: "neighbours",
    seeds: neighbourSeeds,
    decode: decodeNeighbours,
    refusal: WireError,
  }),
  parserTarget({
    name: "ip",
    seeds: ipTexts,
    parse: parseIp,
    refusal: ParseError,
    format: formatIp,
  }),
  parserTarget({
    name: "prefix",
    seeds: ["192.0.2.0/24", "2001:db8::/64", "::ffff:192.0.2.0/120", "::/0"],
    parse: parsePrefix,
    refusal: ParseError,
    format: formatPrefix,
  }),
  parserTarget({
    name: "address-range",
    seeds: ["192.0.2.0/24", "192.0.2.10 - 192.0.3.7", "::1-2001:db8::5"],
    parse: (text) => parseAddressRange(text)[0] ?? parsePrefix(text),
    refusal: ParseError,
    format: formatPrefix,
  }),
  parserTarget({
    name: "mac",
    seeds: ["02:00:5e:00:53:01", "ff:FF:ff:FF:ff:FF"],
    parse: parseMac,
    refusal: ParseError,
    format: formatMac,
  }),
];
