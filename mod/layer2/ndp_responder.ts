import { type Mac, readU16 } from "../net/mod.ts";
import type { AddressTable } from "./address_table.ts";
import { CLAIM_STATE, ndpClaimHash, ndpClaimWord } from "./claim_seal.ts";
import type { Member } from "./member.ts";
import {
  checkAdvertisement,
  checkEthernet,
  checkMessage,
  checkPacket,
  checkProbe,
  MESSAGE_LENGTH,
} from "./ndp_checks.ts";
import { NdpMessageOptions } from "./ndp_message_options.ts";
import { DROP } from "./reasons.ts";
import { SIGHTING } from "./sighting.ts";
import {
  addressToAllNodes,
  advertisementTemplate,
  copyBytes,
  finishMessage,
  isUnreachableMac,
  isZero,
  NDP_AT,
  NEIGHBOR_ADVERTISEMENT,
  NEIGHBOR_SOLICITATION,
  OVERRIDE,
  sameBytes,
  SOLICITED,
} from "./wire_layout.ts";

/** Offset of the Ethernet source: who has no link-layer option sends from it. */
const ETHERNET_SOURCE = 6;

/**
 * Answers Neighbor Solicitations for the announced addresses on one interface:
 * address resolution, unreachability probes and duplicate address detection
 * (RFC 4861 §7.2, RFC 4862 §5.4), and sees what others say about addresses of
 * groups. Nothing is allocated per frame.
 */
export class NdpResponder {
  /** The answer to the last solicitation; valid until the next one. */
  readonly reply: Uint8Array<ArrayBuffer>;
  readonly #mac: Mac;
  readonly #slot: number;
  readonly #member: Member;
  readonly #options = new NdpMessageOptions();
  #place = -1;

  /**
   * Builds the answer beforehand.
   *
   * @param mac Address of the interface.
   * @param slot Slot of the interface.
   * @param member What this node is to the others there.
   */
  constructor(mac: Mac, slot: number, member: Member) {
    this.#mac = Uint8Array.from(mac);
    this.#slot = slot;
    this.#member = member;
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
    const refusal = checkPacket(frame, length);
    if (refusal !== 0) return refusal;
    switch (frame[NDP_AT.message]) {
      case NEIGHBOR_SOLICITATION:
        return this.#solicitation(frame, table);
      case NEIGHBOR_ADVERTISEMENT:
        return this.#advertisement(frame, table);
      default:
        return DROP.messageType;
    }
  }

  #solicitation(frame: Uint8Array, table: AddressTable): number {
    const refusal = this.#check(frame);
    if (refusal !== 0) return refusal;
    const { source } = this.#options;
    const isProbe = isZero(frame, NDP_AT.source, 16);
    const sourceRefusal = isProbe
      ? checkProbe(frame, source !== 0)
      : this.#checkSource(frame, table);
    if (sourceRefusal !== 0) return sourceRefusal;
    const asker = source === 0 ? ETHERNET_SOURCE : source;
    if (isUnreachableMac(frame, asker)) return DROP.senderHardware;
    if (sameBytes(frame, asker, this.#mac, 0, 6)) return DROP.ownFrame;
    if (!isProbe) this.#seeSender(frame, asker, table);
    const place = table.findIpv6(frame, NDP_AT.target);
    if (place < 0) return DROP.notOwned;
    if (!table.onInterface(place, this.#slot)) return DROP.notOnInterface;
    this.#place = place;
    return table.group(place) === 0
      ? this.#write(frame, asker, isProbe)
      : this.#arbitrated(frame, asker, isProbe, table, place);
  }

  /** Somebody's advertisement says something if it is about an address of a group, or for this node. */
  #advertisement(frame: Uint8Array, table: AddressTable): number {
    const place = readU16(frame, NDP_AT.payloadLength) < MESSAGE_LENGTH
      ? -1
      : this.#placeOfGroup(frame, NDP_AT.target, table);
    const isForUs = sameBytes(frame, 0, this.#mac, 0, 6);
    if (place < 0 && !isForUs) return DROP.messageType;
    const refusal = this.#check(frame) || checkAdvertisement(frame);
    if (refusal !== 0) return refusal;
    const { target } = this.#options;
    const sender = target === 0 ? ETHERNET_SOURCE : target;
    if (isUnreachableMac(frame, sender)) return DROP.senderHardware;
    if (sameBytes(frame, sender, this.#mac, 0, 6)) return DROP.ownFrame;
    const isSolicited = ((frame[NDP_AT.flags] ?? 0) & SOLICITED) !== 0;
    if (place < 0) {
      return isSolicited
        ? this.#member.observer.seeOtherAnswer(frame, sender)
        : DROP.messageType;
    }
    const kind = isSolicited ? SIGHTING.answer : SIGHTING.announcement;
    return this.#see(kind, frame, sender, table, place, this.#claimIn(frame));
  }

  /** What both messages must be: for us, valid, with well-formed options. */
  #check(frame: Uint8Array): number {
    if (readU16(frame, NDP_AT.payloadLength) < MESSAGE_LENGTH) {
      return DROP.payloadLength;
    }
    const refusal = checkEthernet(frame, this.#mac) || checkMessage(frame);
    if (refusal !== 0) return refusal;
    return this.#options.walk(frame) ? 0 : DROP.option;
  }

  /** The rules on a source other than `::`; one that is the target is as good as an announcement. */
  #checkSource(frame: Uint8Array, table: AddressTable): number {
    if (frame[NDP_AT.source] === 0xff) return DROP.sourceMulticast;
    if (!sameBytes(frame, NDP_AT.source, frame, NDP_AT.target, 16)) return 0;
    const place = this.#placeOfGroup(frame, NDP_AT.source, table);
    if (place < 0) return DROP.gratuitous;
    const { source } = this.#options;
    const sender = source === 0 ? ETHERNET_SOURCE : source;
    const { announcement } = SIGHTING;
    const claim = CLAIM_STATE.absent;
    return this.#see(announcement, frame, sender, table, place, claim);
  }

  /** Sees a sender that asks for one address and uses another one of ours. */
  #seeSender(frame: Uint8Array, asker: number, table: AddressTable): void {
    const { observer } = this.#member;
    const place = this.#placeOfGroup(frame, NDP_AT.source, table);
    if (place >= 0) {
      observer.see(SIGHTING.announcement, frame, asker, table, place);
    } else observer.meet(frame, asker, NDP_AT.source, false);
  }

  /** A solicitation for an address of a group: the answer is its owner's. */
  #arbitrated(
    frame: Uint8Array,
    asker: number,
    isProbe: boolean,
    table: AddressTable,
    place: number,
  ): number {
    const { arbitration, held } = this.#member;
    const group = table.group(place);
    const word = held.word(group);
    const claim = this.#claimIn(frame);
    if (claim !== CLAIM_STATE.absent) {
      const { question } = SIGHTING;
      const code = this.#see(question, frame, asker, table, place, claim);
      if (code === DROP.ownFrame || word === 0) return code;
    }
    if (word === 0) return DROP.standby;
    const end = this.#write(frame, asker, isProbe);
    const { seal, groups } = arbitration;
    // Only a member gets a claim: nobody else has a use for it.
    if (claim !== CLAIM_STATE.right || seal === undefined) return end;
    return seal.stampNdp(this.reply, word, groups.hashWord(group));
  }

  #see(
    kind: number,
    frame: Uint8Array,
    mac: number,
    table: AddressTable,
    place: number,
    claim: number,
  ): number {
    const { experiment } = this.#options;
    return this.#member.observer.see(
      kind,
      frame,
      mac,
      table,
      place,
      claim,
      ndpClaimWord(frame, experiment),
      ndpClaimHash(frame, experiment),
    );
  }

  /** A code of `CLAIM_STATE`. */
  #claimIn(frame: Uint8Array): number {
    const { seal } = this.#member.arbitration;
    return seal?.checkNdp(frame, this.#options.experiment) ??
      CLAIM_STATE.absent;
  }

  /** Where the table has an address of a group that is announced here, or -1. */
  #placeOfGroup(
    frame: Uint8Array,
    offset: number,
    table: AddressTable,
  ): number {
    return table.placeInGroup(table.findIpv6(frame, offset), this.#slot);
  }

  /** Patches the prebuilt advertisement (RFC 4861 §7.2.4). */
  #write(frame: Uint8Array, asker: number, isProbe: boolean): number {
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
    finishMessage(reply);
    return NDP_AT.end;
  }
}
