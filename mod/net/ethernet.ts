import { type Mac, MAC_LENGTH } from "./mac.ts";
import { Reader, WireError, Writer } from "./wire.ts";

/** EtherType numbers in use (IANA "IEEE 802 Numbers"). */
export const EtherType = {
  ipv4: 0x0800,
  arp: 0x0806,
  /** Customer VLAN tag (IEEE 802.1Q). */
  cVlan: 0x8100,
  ipv6: 0x86dd,
  /** Service VLAN tag (IEEE 802.1Q, formerly 802.1ad). */
  sVlan: 0x88a8,
} as const;

/** Bytes of an Ethernet header without VLAN tags. */
export const ETHERNET_HEADER_LENGTH = 14;

/** Most VLAN tags of one frame: a service tag and a customer tag. */
export const MAX_VLAN_TAGS = 2;

/** One VLAN tag (IEEE 802.1Q §9.6). */
export interface VlanTag {
  /** Tag protocol identifier: {@linkcode EtherType} `cVlan` or `sVlan`. */
  readonly protocol: number;
  /** Priority code point, 0 to 7. */
  readonly priority: number;
  /** Drop eligible indicator. */
  readonly dropEligible: boolean;
  /** VLAN identifier, 0 (priority only) to 4095. */
  readonly id: number;
}

/** An Ethernet II frame (IEEE 802.3 §3.2) without its frame check sequence. */
export interface EthernetFrame {
  /** Receiver, possibly a group. */
  readonly destination: Mac;
  /** Sender. */
  readonly source: Mac;
  /** VLAN tags, outermost first; empty for an untagged frame. */
  readonly tags: readonly VlanTag[];
  /** {@linkcode EtherType} of the payload. Up to 1500 it is the length of an IEEE 802.3 frame instead. */
  readonly etherType: number;
  /** All that follows, padding included. */
  readonly payload: Uint8Array;
}

/**
 * Decodes an Ethernet frame with up to {@linkcode MAX_VLAN_TAGS} VLAN tags.
 *
 * @throws {WireError} When the header is cut short or has more tags.
 */
export function decodeEthernet(bytes: Uint8Array): EthernetFrame {
  const reader = new Reader(bytes);
  const destination = reader.bytes(MAC_LENGTH, "destination address");
  const source = reader.bytes(MAC_LENGTH, "source address");
  const tags: VlanTag[] = [];
  let etherType = reader.u16("EtherType");
  while (isVlanProtocol(etherType)) {
    if (tags.length === MAX_VLAN_TAGS) {
      reader.fail("VLAN tag", `more than ${MAX_VLAN_TAGS} tags`, 2);
    }
    tags.push(tagOf(etherType, reader.u16("tag control information")));
    etherType = reader.u16("EtherType");
  }
  return { destination, source, tags, etherType, payload: reader.rest() };
}

/**
 * Encodes an Ethernet frame, unpadded: the sender's interface pads to 60 bytes.
 *
 * @throws {WireError} When a field does not fit, or when `etherType` or the
 * number of tags would make the frame decode to something else.
 */
export function encodeEthernet(frame: EthernetFrame): Uint8Array<ArrayBuffer> {
  const writer = new Writer()
    .bytes(frame.destination, "destination address", MAC_LENGTH)
    .bytes(frame.source, "source address", MAC_LENGTH);
  if (frame.tags.length > MAX_VLAN_TAGS) {
    throw new WireError(
      "VLAN tag",
      writer.length,
      `more than ${MAX_VLAN_TAGS} tags`,
    );
  }
  for (const tag of frame.tags) writeTag(writer, tag);
  if (isVlanProtocol(frame.etherType)) {
    throw new WireError(
      "EtherType",
      writer.length,
      "a VLAN tag goes into the frame's tags",
    );
  }
  return writer.u16(frame.etherType, "EtherType").bytes(
    frame.payload,
    "payload",
  ).finish();
}

function isVlanProtocol(etherType: number): boolean {
  return etherType === EtherType.cVlan || etherType === EtherType.sVlan;
}

function tagOf(protocol: number, control: number): VlanTag {
  return {
    protocol,
    priority: control >>> 13,
    dropEligible: (control & 0x1000) !== 0,
    id: control & 0x0fff,
  };
}

function writeTag(writer: Writer, tag: VlanTag): void {
  const at = writer.length;
  if (!isVlanProtocol(tag.protocol)) {
    throw new WireError(
      "tag protocol identifier",
      at,
      `0x${tag.protocol.toString(16)} is none`,
    );
  }
  if (!isWithin(tag.priority, 7)) {
    throw new WireError(
      "priority code point",
      at + 2,
      `${tag.priority} is not from 0 to 7`,
    );
  }
  if (!isWithin(tag.id, 0xfff)) {
    throw new WireError(
      "VLAN identifier",
      at + 2,
      `${tag.id} is not from 0 to 4095`,
    );
  }
  const control = tag.priority << 13 | (tag.dropEligible ? 0x1000 : 0) | tag.id;
  writer.u16(tag.protocol, "tag protocol identifier").u16(
    control,
    "tag control information",
  );
}

function isWithin(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}
