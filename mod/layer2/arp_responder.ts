import { type Mac, readU16 } from "../net/mod.ts";
import type { AddressTable } from "./address_table.ts";
import { DROP } from "./reasons.ts";
import {
  ARP_AT,
  ARP_REPLY,
  ARP_REQUEST,
  arpTemplate,
  copyBytes,
  isUnreachableMac,
  sameBytes,
} from "./wire_layout.ts";

const BROADCAST = new Uint8Array(6).fill(0xff);

/**
 * Answers ARP requests for the announced addresses on one interface (RFC 826),
 * probes of RFC 5227 §2.1 among them. Nothing is allocated per frame.
 */
export class ArpResponder {
  /** The answer to the last request; valid until the next one. */
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
    const refusal = this.#check(frame, length);
    if (refusal !== 0) return refusal;
    const place = table.findIpv4(frame, ARP_AT.targetProtocol);
    if (place < 0) return DROP.notOwned;
    if (!table.onInterface(place, this.#slot)) return DROP.notOnInterface;
    this.#place = place;
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

  #check(frame: Uint8Array, length: number): number {
    if (length < ARP_AT.end) return DROP.truncated;
    if (readU16(frame, ARP_AT.hardwareType) !== 1) return DROP.hardwareType;
    if (readU16(frame, ARP_AT.protocolType) !== 0x0800) {
      return DROP.protocolType;
    }
    if (
      frame[ARP_AT.hardwareLength] !== 6 || frame[ARP_AT.protocolLength] !== 4
    ) return DROP.addressLength;
    if (readU16(frame, ARP_AT.operation) !== ARP_REQUEST) {
      return DROP.messageType;
    }
    if (
      !sameBytes(frame, 0, BROADCAST, 0, 6) &&
      !sameBytes(frame, 0, this.#mac, 0, 6)
    ) return DROP.ethernetDestination;
    if (
      sameBytes(frame, 6, this.#mac, 0, 6) ||
      sameBytes(frame, ARP_AT.senderHardware, this.#mac, 0, 6)
    ) return DROP.ownFrame;
    if (isUnreachableMac(frame, ARP_AT.senderHardware)) {
      return DROP.senderHardware;
    }
    return sameBytes(
        frame,
        ARP_AT.senderProtocol,
        frame,
        ARP_AT.targetProtocol,
        4,
      )
      ? DROP.gratuitous
      : 0;
  }
}
