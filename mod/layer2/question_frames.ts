import { ipToBytes, writeU32 } from "../net/mod.ts";
import type { AddressWords } from "./announcement_frames.ts";
import type { Arbitration } from "./arbitration.ts";
import type { DesiredInterface } from "./desired_state.ts";
import { OutgoingClaim } from "./outgoing_claim.ts";
import { SOLICITED_NODE } from "./ndp_checks.ts";
import {
  ARP_AT,
  ARP_REQUEST,
  arpTemplate,
  NDP_AT,
  solicitationTemplate,
} from "./wire_layout.ts";

/**
 * The frames by which a member asks on one interface who answers for an address:
 * an ARP Probe (RFC 5227 §1.1), and a Neighbor Solicitation from the interface's
 * link-local address.
 *
 * No host takes them for a duplicate of its own address. A probe changes no cache,
 * since it names no sender address; only a host that is itself about to take the
 * address would see a rival, and rightly. A solicitation from `::` would be
 * duplicate address detection (RFC 4862 §5.4): every answer to it would go to all
 * nodes, with Override, and so be an announcement. From a link-local address it is
 * plain address resolution, and the answer comes to us alone.
 */
export class QuestionFrames {
  /** What the frames carry that are made next; at least that a member asks. */
  readonly claim: OutgoingClaim;
  readonly #probe: Uint8Array<ArrayBuffer>;
  readonly #solicitation: Uint8Array<ArrayBuffer> | undefined;

  /**
   * Builds the frames with everything but the address.
   *
   * @param link The interface.
   * @param arbitration Signs claims.
   */
  constructor(
    link: Pick<DesiredInterface, "mac" | "linkLocal">,
    arbitration?: Arbitration,
  ) {
    this.claim = new OutgoingClaim(arbitration);
    this.claim.set(0, 0);
    this.#probe = arpTemplate(link.mac, ARP_REQUEST);
    this.#probe.fill(0xff, 0, 6);
    if (link.linkLocal === undefined) return;
    this.#solicitation = solicitationTemplate(link.mac);
    this.#solicitation.set(ipToBytes(link.linkLocal), NDP_AT.source);
    this.#solicitation.set(SOLICITED_NODE, NDP_AT.destination);
  }

  /** The probe for an IPv4 address; valid until the next call. */
  probe(address: AddressWords, id: number): Uint8Array<ArrayBuffer> {
    writeU32(this.#probe, ARP_AT.targetProtocol, address.word(id, 3));
    this.claim.finishArp(this.#probe);
    return this.#probe;
  }

  /**
   * The solicitation for an IPv6 address; valid until the next call. `undefined`
   * where the interface has no link-local address.
   */
  solicitation(
    address: AddressWords,
    id: number,
  ): Uint8Array<ArrayBuffer> | undefined {
    const frame = this.#solicitation;
    if (frame === undefined) return undefined;
    for (let i = 0; i < 4; i++) {
      writeU32(frame, NDP_AT.target + i * 4, address.word(id, i));
    }
    addressToSolicitedNode(frame);
    this.claim.finishNdp(frame);
    return frame;
  }
}

/** Addresses a solicitation to the group of its target (RFC 4291 §2.7.1, RFC 2464 §7). */
function addressToSolicitedNode(frame: Uint8Array): void {
  const low = NDP_AT.message - 4;
  frame[low] = 0xff;
  frame.copyWithin(low + 1, NDP_AT.options - 3, NDP_AT.options);
  frame[0] = 0x33;
  frame[1] = 0x33;
  frame.copyWithin(2, low, low + 4);
}
