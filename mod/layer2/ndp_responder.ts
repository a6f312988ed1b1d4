import { type Mac, readU16 } from "../net/mod.ts";
import type { AddressTable } from "./address_table.ts";
import { DROP } from "./reasons.ts";
import {
  addressToAllNodes,
  advertisementTemplate,
  copyBytes,
  frameChecksum,
  isUnreachableMac,
  isZero,
  NDP_AT,
  NEIGHBOR_SOLICITATION,
  NEXT_HEADER_ICMPV6,
  OVERRIDE,
  sameBytes,
  sealAdvertisement,
  SOLICITED,
  SOURCE_LINK_LAYER,
  TARGET_LINK_LAYER,
} from "./wire_layout.ts";

/** Smallest ICMPv6 message that is a Neighbor Solicitation (RFC 4861 §7.1.1). */
const SOLICITATION_LENGTH = 24;
/** Length field of a link-layer option for 48-bit addresses (RFC 2464 §6). */
const LINK_LAYER_UNITS = 1;
/** `ff02::1:ff00:0/104` (RFC 4291 §2.7.1). */
const SOLICITED_NODE = Uint8Array.of(
  0xff,
  0x02,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  1,
  0xff,
);

/** Results of the walk over the options that are no offset. */
const NO_LINK_LAYER = 0;

/**
 * Answers Neighbor Solicitations for the announced addresses on one interface:
 * address resolution, unreachability probes and duplicate address detection
 * (RFC 4861 §7.2, RFC 4862 §5.4). Nothing is allocated per frame.
 */
export class NdpResponder {
  /** The answer to the last solicitation; valid until the next one. */
  readonly reply: Uint8Array<ArrayBuffer>;
  readonly #mac: Mac;
  readonly #slot: number;
  #place = -1;

  /**
   * Builds the answer beforehand.
   *
   * @param mac Address of the interface.
   * @param slot Slot of the interface.
   */
  constructor(mac: Mac, slot: number) {
    this.#mac = Uint8Array.from(mac);
    this.#slot = slot;
    this.reply = advertisementTemplate(mac);
  }

  /** Where the table has the last target; meaningful after an answer. */
  get place(): number {
    return this.#place;
  }

  /**
   * Decides on a frame whose EtherType is IPv6 and writes the answer.
   *
   * @param frame Buffer with the frame at its start.
   * @param length Bytes of the frame.
   * @param table The announced addresses.
   * @returns Bytes of {@linkcode reply} to send, or a code of `DROP`.
   */
  respond(frame: Uint8Array, length: number, table: AddressTable): number {
    let refusal = this.#checkHeaders(frame, length);
    if (refusal !== 0) return refusal;
    refusal = checkMessage(frame);
    if (refusal !== 0) return refusal;
    const option = findSourceLinkLayer(frame);
    if (option < 0) return option;
    const isProbe = isZero(frame, NDP_AT.source, 16);
    refusal = checkSource(frame, option, isProbe);
    if (refusal !== 0) return refusal;
    const asker = option === NO_LINK_LAYER ? 6 : option;
    if (isUnreachableMac(frame, asker)) return DROP.senderHardware;
    if (sameBytes(frame, asker, this.#mac, 0, 6)) return DROP.ownFrame;
    const place = table.findIpv6(frame, NDP_AT.target);
    if (place < 0) return DROP.notOwned;
    if (!table.onInterface(place, this.#slot)) return DROP.notOnInterface;
    this.#place = place;
    this.#write(frame, asker, isProbe);
    return NDP_AT.end;
  }

  #checkHeaders(frame: Uint8Array, length: number): number {
    if (length < NDP_AT.message) return DROP.truncated;
    if ((frame[NDP_AT.version] ?? 0) >>> 4 !== 6) return DROP.ipVersion;
    const nextHeader = frame[NDP_AT.nextHeader] ?? 0;
    if (nextHeader !== NEXT_HEADER_ICMPV6) {
      return isExtensionHeader(nextHeader)
        ? DROP.extensionHeader
        : DROP.messageType;
    }
    const payload = readU16(frame, NDP_AT.payloadLength);
    if (payload === 0) return DROP.payloadLength;
    if (length < NDP_AT.message + payload) return DROP.truncated;
    if (frame[NDP_AT.message] !== NEIGHBOR_SOLICITATION) {
      return DROP.messageType;
    }
    if (payload < SOLICITATION_LENGTH) return DROP.payloadLength;
    if (
      ((frame[0] ?? 0) & 1) === 0 && !sameBytes(frame, 0, this.#mac, 0, 6)
    ) return DROP.ethernetDestination;
    return sameBytes(frame, 6, this.#mac, 0, 6) ? DROP.ownFrame : 0;
  }

  /** Patches the prebuilt advertisement (RFC 4861 §7.2.4). */
  #write(frame: Uint8Array, asker: number, isProbe: boolean): void {
    const reply = this.reply;
    copyBytes(frame, NDP_AT.target, reply, NDP_AT.source, 16);
    copyBytes(frame, NDP_AT.target, reply, NDP_AT.target, 16);
    if (isProbe) {
      addressToAllNodes(reply);
      reply[NDP_AT.flags] = OVERRIDE;
    } else {
      copyBytes(frame, asker, reply, 0, 6);
      copyBytes(frame, NDP_AT.source, reply, NDP_AT.destination, 16);
      reply[NDP_AT.flags] = SOLICITED | OVERRIDE;
    }
    sealAdvertisement(reply);
  }
}

/** The checks of RFC 4861 §7.1.1 that need neither options nor source. */
function checkMessage(frame: Uint8Array): number {
  if (frame[NDP_AT.hopLimit] !== 255) return DROP.hopLimit;
  if (frameChecksum(frame, readU16(frame, NDP_AT.payloadLength)) !== 0) {
    return DROP.checksum;
  }
  if (frame[NDP_AT.code] !== 0) return DROP.code;
  return frame[NDP_AT.target] === 0xff ? DROP.targetMulticast : 0;
}

/** Offset of the address in the source link-layer option, `NO_LINK_LAYER`, or a code of `DROP`. */
function findSourceLinkLayer(frame: Uint8Array): number {
  const end = NDP_AT.message + readU16(frame, NDP_AT.payloadLength);
  let found = NO_LINK_LAYER;
  let at: number = NDP_AT.options;
  while (at < end) {
    const units = at + 1 < end ? frame[at + 1] ?? 0 : 0;
    if (units === 0 || at + units * 8 > end) return DROP.option;
    const type = frame[at];
    if (type === SOURCE_LINK_LAYER || type === TARGET_LINK_LAYER) {
      if (units !== LINK_LAYER_UNITS) return DROP.option;
      if (type === SOURCE_LINK_LAYER && found === NO_LINK_LAYER) found = at + 2;
    }
    at += units * 8;
  }
  return found;
}

/** The rules on the source address (RFC 4861 §7.1.1, RFC 4291 §2.7). */
function checkSource(
  frame: Uint8Array,
  option: number,
  isProbe: boolean,
): number {
  if (isProbe) {
    const toGroup = sameBytes(
      frame,
      NDP_AT.destination,
      SOLICITED_NODE,
      0,
      SOLICITED_NODE.length,
    );
    return toGroup && option === NO_LINK_LAYER ? 0 : DROP.unspecifiedSource;
  }
  if (frame[NDP_AT.source] === 0xff) return DROP.sourceMulticast;
  return sameBytes(frame, NDP_AT.source, frame, NDP_AT.target, 16)
    ? DROP.gratuitous
    : 0;
}

/** Whether a next-header number is an extension header (RFC 8200 §4, IANA). */
function isExtensionHeader(nextHeader: number): boolean {
  switch (nextHeader) {
    case 0:
    case 43:
    case 44:
    case 50:
    case 51:
    case 60:
    case 135:
    case 139:
    case 140:
      return true;
    default:
      return false;
  }
}
