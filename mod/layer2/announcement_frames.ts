import { type Mac, writeU32 } from "../net/mod.ts";
import { isIpv4Words } from "./address_table.ts";
import type { Arbitration } from "./arbitration.ts";
import { OutgoingClaim } from "./outgoing_claim.ts";
import {
  addressToAllNodes,
  advertisementTemplate,
  ARP_AT,
  ARP_REPLY,
  ARP_REQUEST,
  arpTemplate,
  NDP_AT,
  OVERRIDE,
} from "./wire_layout.ts";

/** Where an address's four words come from, IPv4 in its IPv4-mapped form. */
export interface AddressWords {
  /** One of the four words of an id's address. */
  word(id: number, index: number): number;
}

/** Frames that one announcement takes: ARP in both forms, or one advertisement. */
export function framesPerAnnouncement(isIpv4: boolean): number {
  return isIpv4 ? 2 : 1;
}

/**
 * The frames by which an address is announced on one interface: for IPv4 a
 * gratuitous ARP in request form and one in reply form, because some stations
 * heed only either (RFC 5227 §3, RFC 5944 §4.6); for IPv6 an unsolicited
 * Neighbor Advertisement to all nodes with the Override flag (RFC 4861 §7.2.6).
 * They carry {@linkcode claim}.
 */
export class AnnouncementFrames {
  /** What the frames carry that are made next. */
  readonly claim: OutgoingClaim;
  readonly #request: Uint8Array<ArrayBuffer>;
  readonly #reply: Uint8Array<ArrayBuffer>;
  readonly #advertisement: Uint8Array<ArrayBuffer>;

  /**
   * Builds the frames with everything but the announced address.
   *
   * @param mac Address of the interface.
   * @param arbitration Signs claims; left out, none are carried.
   */
  constructor(mac: Mac, arbitration?: Arbitration) {
    this.claim = new OutgoingClaim(arbitration);
    this.#request = arpTemplate(mac, ARP_REQUEST);
    this.#reply = arpTemplate(mac, ARP_REPLY);
    for (const frame of [this.#request, this.#reply]) frame.fill(0xff, 0, 6);
    // Linux takes a reply for gratuitous only if it names its sender twice (RFC 5944 §4.6).
    this.#reply.set(mac, ARP_AT.targetHardware);
    this.#advertisement = advertisementTemplate(mac);
    addressToAllNodes(this.#advertisement);
    this.#advertisement[NDP_AT.flags] = OVERRIDE;
  }

  /** The request form for an IPv4 address; valid until the next call. */
  arpRequest(address: AddressWords, id: number): Uint8Array<ArrayBuffer> {
    return this.#fillArp(this.#request, address.word(id, 3));
  }

  /** The reply form for an IPv4 address; valid until the next call. */
  arpReply(address: AddressWords, id: number): Uint8Array<ArrayBuffer> {
    return this.#fillArp(this.#reply, address.word(id, 3));
  }

  /** The advertisement for an IPv6 address; valid until the next call. */
  advertisement(address: AddressWords, id: number): Uint8Array<ArrayBuffer> {
    const frame = this.#advertisement;
    for (let i = 0; i < 4; i++) {
      writeU32(frame, NDP_AT.source + i * 4, address.word(id, i));
      writeU32(frame, NDP_AT.target + i * 4, address.word(id, i));
    }
    this.claim.finishNdp(frame);
    return frame;
  }

  /** Copies of all frames that announce an address, in order. */
  all(address: AddressWords, id: number): Uint8Array<ArrayBuffer>[] {
    return isIpv4Words(
        address.word(id, 0),
        address.word(id, 1),
        address.word(id, 2),
      )
      ? [
        this.arpRequest(address, id).slice(0, this.claim.arpLength),
        this.arpReply(address, id).slice(0, this.claim.arpLength),
      ]
      : [this.advertisement(address, id).slice(0, this.claim.ndpLength)];
  }

  #fillArp(
    frame: Uint8Array<ArrayBuffer>,
    word: number,
  ): Uint8Array<ArrayBuffer> {
    writeU32(frame, ARP_AT.senderProtocol, word);
    writeU32(frame, ARP_AT.targetProtocol, word);
    this.claim.finishArp(frame);
    return frame;
  }
}
