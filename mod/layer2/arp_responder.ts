import { type Mac, readU16 } from "../net/mod.ts";
import type { AddressTable } from "./address_table.ts";
import { arpClaimHash, arpClaimWord, CLAIM_STATE } from "./claim_seal.ts";
import type { Member } from "./member.ts";
import { DROP } from "./reasons.ts";
import { SIGHTING } from "./sighting.ts";
import {
  ARP_AT,
  ARP_REPLY,
  ARP_REQUEST,
  arpTemplate,
  copyBytes,
  isUnreachableMac,
  isZero,
  sameBytes,
} from "./wire_layout.ts";

const BROADCAST = new Uint8Array(6).fill(0xff);

/**
 * Answers ARP requests for the announced addresses on one interface (RFC 826),
 * probes of RFC 5227 §2.1 among them, and sees what others say about addresses
 * of groups. Nothing is allocated per frame.
 */
export class ArpResponder {
  /** The answer to the last request; valid until the next one. */
  readonly reply: Uint8Array<ArrayBuffer>;
  readonly #mac: Mac;
  readonly #slot: number;
  readonly #member: Member;
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
    this.reply = arpTemplate(mac, ARP_REPLY);
  }

  /** Where the table has the last target; meaningful after an answer. */
  get place(): number {
    return this.#place;
  }

  /**
   * Decides on a frame whose EtherType is ARP and writes the answer.
   *
   * @param frame Buffer with the frame at its start.
   * @param length Bytes of the frame.
   * @param table The announced addresses.
   * @returns Bytes of {@linkcode reply} to send, or a code of `DROP`.
   */
  respond(frame: Uint8Array, length: number, table: AddressTable): number {
    const refusal = checkPacket(frame, length);
    if (refusal !== 0) return refusal;
    switch (readU16(frame, ARP_AT.operation)) {
      case ARP_REQUEST:
        return this.#request(frame, length, table);
      case ARP_REPLY:
        return this.#reply(frame, length, table);
      default:
        return DROP.messageType;
    }
  }

  #request(frame: Uint8Array, length: number, table: AddressTable): number {
    const refusal = this.#checkSender(frame);
    if (refusal !== 0) return refusal;
    if (isGratuitous(frame)) {
      const place = this.#placeOfGroup(frame, ARP_AT.senderProtocol, table);
      return place < 0 ? DROP.gratuitous : this.#see(
        SIGHTING.announcement,
        frame,
        table,
        place,
        this.#claimIn(frame, length),
      );
    }
    this.#seeSender(frame, table);
    const place = table.findIpv4(frame, ARP_AT.targetProtocol);
    if (place < 0) return DROP.notOwned;
    if (!table.onInterface(place, this.#slot)) return DROP.notOnInterface;
    this.#place = place;
    return table.group(place) === 0
      ? this.#write(frame)
      : this.#arbitrated(frame, length, table, place);
  }

  /** Somebody's reply says something if it is about an address of a group, or for this node. */
  #reply(frame: Uint8Array, length: number, table: AddressTable): number {
    const place = this.#placeOfGroup(frame, ARP_AT.senderProtocol, table);
    const isForUs = sameBytes(frame, 0, this.#mac, 0, 6);
    if (place < 0 && !isForUs) return DROP.messageType;
    const refusal = this.#checkSender(frame);
    if (refusal !== 0) return refusal;
    const { observer } = this.#member;
    if (place < 0) return observer.seeOtherAnswer(frame, ARP_AT.senderHardware);
    const kind = isGratuitous(frame) ? SIGHTING.announcement : SIGHTING.answer;
    const claim = this.#claimIn(frame, length);
    return this.#see(kind, frame, table, place, claim);
  }

  /** A request for an address of a group: the answer is its owner's. */
  #arbitrated(
    frame: Uint8Array,
    length: number,
    table: AddressTable,
    place: number,
  ): number {
    const { arbitration, held } = this.#member;
    const group = table.group(place);
    const word = held.word(group);
    const claim = this.#claimIn(frame, length);
    if (claim !== CLAIM_STATE.absent) {
      const code = this.#see(SIGHTING.question, frame, table, place, claim);
      if (code === DROP.ownFrame || word === 0) return code;
    }
    if (word === 0) return DROP.standby;
    const end = this.#write(frame);
    const { seal, groups } = arbitration;
    // Only a member gets a claim: nobody else has a use for it.
    if (claim !== CLAIM_STATE.right || seal === undefined) return end;
    return seal.stampArp(this.reply, word, groups.hashWord(group));
  }

  /** Sees a sender that asks for one address and uses another one of ours. */
  #seeSender(frame: Uint8Array, table: AddressTable): void {
    const { observer } = this.#member;
    if (isZero(frame, ARP_AT.senderProtocol, 4)) return;
    const place = this.#placeOfGroup(frame, ARP_AT.senderProtocol, table);
    if (place >= 0) {
      const mac = ARP_AT.senderHardware;
      observer.see(SIGHTING.announcement, frame, mac, table, place);
      return;
    }
    observer.meet(frame, ARP_AT.senderHardware, ARP_AT.senderProtocol, true);
  }

  #see(
    kind: number,
    frame: Uint8Array,
    table: AddressTable,
    place: number,
    claim: number,
  ): number {
    return this.#member.observer.see(
      kind,
      frame,
      ARP_AT.senderHardware,
      table,
      place,
      claim,
      arpClaimWord(frame),
      arpClaimHash(frame),
    );
  }

  /** A code of `CLAIM_STATE`. */
  #claimIn(frame: Uint8Array, length: number): number {
    const { seal } = this.#member.arbitration;
    return seal?.checkArp(frame, length) ?? CLAIM_STATE.absent;
  }

  /** Where the table has an address of a group that is announced here, or -1. */
  #placeOfGroup(
    frame: Uint8Array,
    offset: number,
    table: AddressTable,
  ): number {
    return table.placeInGroup(table.findIpv4(frame, offset), this.#slot);
  }

  #write(frame: Uint8Array): number {
    const reply = this.reply;
    copyBytes(frame, ARP_AT.senderHardware, reply, 0, 6);
    copyBytes(
      frame,
      ARP_AT.targetProtocol,
      reply,
      ARP_AT.senderProtocol,
      4,
    );
    copyBytes(frame, ARP_AT.senderHardware, reply, ARP_AT.targetHardware, 10);
    return ARP_AT.end;
  }

  #checkSender(frame: Uint8Array): number {
    if (
      !sameBytes(frame, 0, BROADCAST, 0, 6) &&
      !sameBytes(frame, 0, this.#mac, 0, 6)
    ) return DROP.ethernetDestination;
    if (
      sameBytes(frame, 6, this.#mac, 0, 6) ||
      sameBytes(frame, ARP_AT.senderHardware, this.#mac, 0, 6)
    ) return DROP.ownFrame;
    return isUnreachableMac(frame, ARP_AT.senderHardware)
      ? DROP.senderHardware
      : 0;
  }
}

function checkPacket(frame: Uint8Array, length: number): number {
  if (length < ARP_AT.end) return DROP.truncated;
  if (readU16(frame, ARP_AT.hardwareType) !== 1) return DROP.hardwareType;
  if (readU16(frame, ARP_AT.protocolType) !== 0x0800) {
    return DROP.protocolType;
  }
  return frame[ARP_AT.hardwareLength] !== 6 ||
      frame[ARP_AT.protocolLength] !== 4
    ? DROP.addressLength
    : 0;
}

/** Whether a packet's sender has the address that it is about (RFC 5227 §1.1). */
function isGratuitous(frame: Uint8Array): boolean {
  return sameBytes(
    frame,
    ARP_AT.senderProtocol,
    frame,
    ARP_AT.targetProtocol,
    4,
  );
}
