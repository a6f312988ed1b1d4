/**
 * Network value types and wire codecs: IP addresses, prefixes, ranges and MAC
 * addresses with strict parsers; Ethernet, ARP, IPv6 and Neighbor Discovery as
 * pure encode/decode pairs on plain records.
 *
 * Text parsers throw `ParseError` and codecs `WireError`, whatever their input.
 *
 * @module
 */
export { ParseError, type ParseReason } from "./parse_error.ts";
export {
  compareIp,
  equalIp,
  type Ip,
  ipBits,
  type IpFamily,
  ipFromBytes,
  ipToBytes,
  isLinkLocalIp,
  isLoopbackIp,
  isMappedIp,
  isMulticastIp,
  isUnspecifiedIp,
  unmapIp,
  UNSPECIFIED_IPV4,
  UNSPECIFIED_IPV6,
} from "./ip.ts";
export { formatIp, parseIp, tryParseIp } from "./ip_text.ts";
export {
  comparePrefix,
  equalPrefix,
  formatPrefix,
  makePrefix,
  parsePrefix,
  type Prefix,
  prefixContains,
  prefixesOverlap,
  prefixFirst,
  prefixLast,
  prefixSize,
} from "./prefix.ts";
export {
  formatRange,
  type IpRange,
  parseAddressRange,
  parseRange,
  rangeToPrefixes,
} from "./range.ts";
export {
  BROADCAST_MAC,
  formatMac,
  isGroupMac,
  type Mac,
  MAC_LENGTH,
  macEquals,
  parseMac,
  ZERO_MAC,
} from "./mac.ts";
export {
  ALL_NODES,
  isSolicitedNodeMulticast,
  multicastMac,
  solicitedNodeMulticast,
} from "./multicast.ts";
export { type ByteOrder, Reader, WireError, Writer } from "./wire.ts";
export {
  readU16,
  readU32,
  readU48,
  writeU16,
  writeU32,
  writeU48,
} from "./octets.ts";
export { icmpv6Checksum, internetChecksum } from "./checksum.ts";
export {
  decodeEthernet,
  encodeEthernet,
  ETHERNET_HEADER_LENGTH,
  type EthernetFrame,
  EtherType,
  MAX_VLAN_TAGS,
  type VlanTag,
} from "./ethernet.ts";
export {
  ARP_LENGTH,
  arpAnnouncement,
  ArpOperation,
  type ArpPacket,
  arpProbe,
  arpReply,
  arpRequest,
  decodeArp,
  encodeArp,
  isArpAnnouncement,
  isArpProbe,
} from "./arp.ts";
export {
  decodeIpv6,
  encodeIpv6,
  IPV6_HEADER_LENGTH,
  type Ipv6Packet,
  NextHeader,
} from "./ipv6.ts";
export {
  decodeIcmpv6,
  encodeIcmpv6,
  hasValidIcmpv6Checksum,
  type Icmpv6Addresses,
  type Icmpv6Message,
  Icmpv6Type,
} from "./icmpv6.ts";
export {
  linkLayerAddress,
  type LinkLayerAddressOption,
  type NdpOption,
  NdpOptionType,
  nonceOf,
  type NonceOption,
  type RawOption,
} from "./ndp_options.ts";
export {
  decodeNdp,
  encodeNdp,
  NDP_MIN_LENGTH,
  type NdpMessage,
  type NeighborAdvertisement,
  type NeighborSolicitation,
} from "./ndp.ts";
export {
  type NdpDropReason,
  type NdpReception,
  receiveNdp,
} from "./ndp_receive.ts";
export {
  type AddressInfo,
  decodeAddresses,
  decodeLinks,
  decodeNeighbours,
  type LinkInfo,
  type NeighbourInfo,
} from "./rtnetlink.ts";
