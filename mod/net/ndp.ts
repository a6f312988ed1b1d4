import { icmpv6Checksum } from "./checksum.ts";
import { type Icmpv6Addresses, Icmpv6Type } from "./icmpv6.ts";
import { type Ip, ipFromBytes, ipToBytes } from "./ip.ts";
import {
  type NdpOption,
  readNdpOptions,
  writeNdpOptions,
} from "./ndp_options.ts";
import { Reader, Writer } from "./wire.ts";

/** Asks for the link-layer address of `target` (RFC 4861 §4.3). */
export interface NeighborSolicitation {
  /** Type 135. */
  readonly kind: "neighborSolicitation";
  /** The address asked for, IPv6. */
  readonly target: Ip;
  /** Options, in wire order. */
  readonly options: readonly NdpOption[];
}

/** Tells the link-layer address of `target` (RFC 4861 §4.4). */
export interface NeighborAdvertisement {
  /** Type 136. */
  readonly kind: "neighborAdvertisement";
  /** R flag: the sender is a router. */
  readonly router: boolean;
  /** S flag: the message answers a solicitation. */
  readonly solicited: boolean;
  /** O flag: it overrides an existing cache entry. */
  readonly override: boolean;
  /** The address told about, IPv6. */
  readonly target: Ip;
  /** Options, in wire order. */
  readonly options: readonly NdpOption[];
}

/** The two messages of address resolution. */
export type NdpMessage = NeighborSolicitation | NeighborAdvertisement;

/** Bytes of either message without options. */
export const NDP_MIN_LENGTH = 24;

const IPV6_LENGTH = 16;
const CHECKSUM_OFFSET = 2;
const FLAG_ROUTER = 0x80000000;
const FLAG_SOLICITED = 0x40000000;
const FLAG_OVERRIDE = 0x20000000;

/**
 * Decodes a Neighbor Solicitation or Advertisement from its ICMPv6 bytes.
 * Reserved bits are ignored. Code and checksum are not looked at: see
 * {@linkcode receiveNdp} for the receiver's checks.
 *
 * @throws {WireError} For another type, a message cut short or a malformed option.
 */
export function decodeNdp(bytes: Uint8Array): NdpMessage {
  const reader = new Reader(bytes);
  const type = reader.u8("type");
  if (
    type !== Icmpv6Type.neighborSolicitation &&
    type !== Icmpv6Type.neighborAdvertisement
  ) {
    reader.fail(
      "type",
      `${type} is neither a neighbor solicitation nor an advertisement`,
      1,
    );
  }
  reader.skip(1, "code");
  reader.skip(2, "checksum");
  const flags = reader.u32("flags and reserved");
  const target = ipFromBytes(reader.bytes(IPV6_LENGTH, "target address"));
  const options = readNdpOptions(reader);
  if (type === Icmpv6Type.neighborSolicitation) {
    return { kind: "neighborSolicitation", target, options };
  }
  return {
    kind: "neighborAdvertisement",
    router: (flags & FLAG_ROUTER) !== 0,
    solicited: (flags & FLAG_SOLICITED) !== 0,
    override: (flags & FLAG_OVERRIDE) !== 0,
    target,
    options,
  };
}

/**
 * Encodes a message as ICMPv6 bytes with their checksum.
 *
 * @throws {WireError} When a field does not fit; all addresses must be IPv6.
 */
export function encodeNdp(
  message: NdpMessage,
  addresses: Icmpv6Addresses,
): Uint8Array<ArrayBuffer> {
  const writer = new Writer()
    .u8(Icmpv6Type[message.kind], "type")
    .u8(0, "code")
    .u16(0, "checksum")
    .u32(flagsOf(message), "flags and reserved")
    .bytes(ipToBytes(message.target), "target address", IPV6_LENGTH);
  writeNdpOptions(writer, message.options);
  const checksum = icmpv6Checksum(
    addresses.source,
    addresses.destination,
    writer.finish(),
  );
  return writer.patchU16(CHECKSUM_OFFSET, checksum, "checksum").finish();
}

function flagsOf(message: NdpMessage): number {
  if (message.kind === "neighborSolicitation") return 0;
  return (message.router ? FLAG_ROUTER : 0) +
    (message.solicited ? FLAG_SOLICITED : 0) +
    (message.override ? FLAG_OVERRIDE : 0);
}
