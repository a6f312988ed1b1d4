import { type Mac, readU16 } from "../net/mod.ts";
import type { AddressTable } from "./address_table.ts";
import { ArpResponder } from "./arp_responder.ts";
import { Member } from "./member.ts";
import { NdpResponder } from "./ndp_responder.ts";
import type { Observer } from "./observer.ts";
import { DROP, type DropReason, dropReason } from "./reasons.ts";
import type { Sighting } from "./sighting.ts";
import {
  ETHERNET_HEADER,
  ETHERTYPE_8021AD,
  ETHERTYPE_8021Q,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV6,
} from "./wire_layout.ts";

/** The protocols that are answered; the index of each is its number in the counters. */
export const PROTOCOLS = ["arp", "ndp"] as const;

/** ARP for IPv4, NDP for IPv6. */
export type Protocol = typeof PROTOCOLS[number];

const ARP = 0;
const NDP = 1;

/** What is done with a frame. */
export type FrameDecision =
  | { readonly kind: "reply"; readonly frame: Uint8Array<ArrayBuffer> }
  | { readonly kind: "drop"; readonly reason: DropReason };

/** What a responder must know of its interface. */
export interface ResponderOptions {
  /** Address of the interface. */
  readonly mac: Mac;
  /** Slot of the interface. */
  readonly slot: number;
  /** Answer ARP. */
  readonly arp: boolean;
  /** Answer NDP. */
  readonly ndp: boolean;
}

/**
 * Decides on every frame of one interface: to which protocol it belongs, whether
 * it is answered, and what it says about other members. Nothing is allocated per
 * frame.
 */
export class FrameResponder {
  /** What was seen in the last frame; see {@linkcode Observer}. */
  readonly sighting: Sighting;
  readonly #arp: ArpResponder;
  readonly #ndp: NdpResponder;
  readonly #observer: Observer;
  readonly #speaksArp: boolean;
  readonly #speaksNdp: boolean;
  #protocol = ARP;

  /**
   * Builds the answers of both protocols beforehand.
   *
   * @param options What it answers for.
   * @param member What this node is to the others there; left out, alone.
   */
  constructor(options: ResponderOptions, member: Member = new Member()) {
    this.#arp = new ArpResponder(options.mac, options.slot, member);
    this.#ndp = new NdpResponder(options.mac, options.slot, member);
    this.#observer = member.observer;
    this.sighting = member.observer.sighting;
    this.#speaksArp = options.arp;
    this.#speaksNdp = options.ndp;
  }

  /** Index in `PROTOCOLS` of the last frame; a frame of neither counts as ARP. */
  get protocol(): number {
    return this.#protocol;
  }

  /** The answer to the last frame; valid until the next one. */
  get reply(): Uint8Array<ArrayBuffer> {
    return this.#protocol === ARP ? this.#arp.reply : this.#ndp.reply;
  }

  /** Where the table has the last target; meaningful after an answer. */
  get place(): number {
    return this.#protocol === ARP ? this.#arp.place : this.#ndp.place;
  }

  /**
   * Decides on a frame and writes the answer.
   *
   * @param frame Buffer with the frame at its start; a priority tag is taken out of it.
   * @param length Bytes of the frame.
   * @param table The announced addresses.
   * @returns Bytes of {@linkcode reply} to send, or a code of `DROP`.
   */
  respond(frame: Uint8Array, length: number, table: AddressTable): number {
    this.#observer.begin();
    if (isPriorityTagged(frame, length)) {
      frame.copyWithin(12, 16, length);
      return this.#dispatch(frame, length - 4, table);
    }
    return this.#dispatch(frame, length, table);
  }

  #dispatch(frame: Uint8Array, length: number, table: AddressTable): number {
    this.#protocol = ARP;
    if (length < ETHERNET_HEADER) return DROP.truncated;
    switch (readU16(frame, 12)) {
      case ETHERTYPE_ARP:
        if (!this.#speaksArp) return DROP.protocolOff;
        return this.#arp.respond(frame, length, table);
      case ETHERTYPE_IPV6:
        this.#protocol = NDP;
        if (!this.#speaksNdp) return DROP.protocolOff;
        return this.#ndp.respond(frame, length, table);
      case ETHERTYPE_8021Q:
      case ETHERTYPE_8021AD:
        return this.#tagged(frame, length);
      default:
        return DROP.etherType;
    }
  }

  /** {@linkcode respond} for people: the same decision as a record with a copy of the answer. */
  decide(frame: Uint8Array, table: AddressTable): FrameDecision {
    const copy = Uint8Array.from(frame);
    const result = this.respond(copy, copy.length, table);
    return result < 0
      ? { kind: "drop", reason: dropReason(result) }
      : { kind: "reply", frame: this.reply.slice(0, result) };
  }

  /** Counts a tagged frame for the protocol inside its tag. */
  #tagged(frame: Uint8Array, length: number): number {
    const inner = length >= 18 ? readU16(frame, 16) : 0;
    if (inner === ETHERTYPE_IPV6) this.#protocol = NDP;
    return DROP.vlan;
  }
}

/**
 * Whether a frame has a tag that names no VLAN but only a priority: it belongs
 * to the untagged segment (IEEE 802.1Q §6.9).
 */
function isPriorityTagged(frame: Uint8Array, length: number): boolean {
  return length >= 18 && readU16(frame, 12) === ETHERTYPE_8021Q &&
    (readU16(frame, 14) & 0xfff) === 0;
}
