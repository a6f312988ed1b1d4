import type { AddressTable } from "./address_table.ts";
import type { Arbitration } from "./arbitration.ts";
import { CLAIM_STATE } from "./claim_seal.ts";
import { DROP } from "./reasons.ts";
import { SIGHTING, Sighting } from "./sighting.ts";
import { copyBytes } from "./wire_layout.ts";
import { Witnesses } from "./witnesses.ts";

/**
 * Says of frames about addresses of groups who sent them: a member, with a claim
 * or without, this node itself, or a stranger. Nothing is allocated per frame.
 */
export class Observer {
  /** What the last frame says; its kind is `SIGHTING.none` when it says nothing. */
  readonly sighting: Sighting = new Sighting();
  /** Stations that may be asked for a sign. */
  readonly witnesses: Witnesses = new Witnesses();
  readonly #arbitration: Arbitration;

  /**
   * Observes one interface.
   *
   * @param arbitration Knows the members.
   */
  constructor(arbitration: Arbitration) {
    this.#arbitration = arbitration;
  }

  /** Forgets the frame before. */
  begin(): void {
    this.sighting.kind = SIGHTING.none;
  }

  /**
   * Notes what a frame says about an address of a group.
   *
   * @param kind A code of `SIGHTING`.
   * @param frame Buffer with the frame at its start.
   * @param mac Offset of the MAC address that is said to have the address.
   * @param table The addresses.
   * @param place Where the table has the address.
   * @param claim A code of `CLAIM_STATE`.
   * @param word The claim's word; only looked at when it is right.
   * @param hash The claim's hash, the same.
   * @returns The code of `DROP` for a frame that is not answered.
   */
  see(
    kind: number,
    frame: Uint8Array,
    mac: number,
    table: AddressTable,
    place: number,
    claim: number = CLAIM_STATE.absent,
    word: number = 0,
    hash: number = 0,
  ): number {
    const { stations, groups } = this.#arbitration;
    const station = stations.find(frame, mac);
    if (station >= 0 && stations.isSelf(station)) return DROP.ownFrame;
    const { sighting } = this;
    const isRight = claim === CLAIM_STATE.right;
    const group = table.group(place);
    sighting.kind = kind;
    sighting.claim = claim;
    sighting.group = group;
    sighting.address = table.id(place);
    copyBytes(frame, mac, sighting.mac, 0, 6);
    const sender = station < 0 ? 0 : stations.node(station);
    sighting.setNode(sender);
    sighting.setClaim(isRight ? word : 0, isRight ? hash : 0);
    if (isRight && word !== 0) {
      // Interfaces are moved between machines: a claim knows better whose it is.
      const claimant = groups.nodeWithHash(group, hash, sender);
      if (claimant !== 0) sighting.setNode(claimant);
    }
    if (claim === CLAIM_STATE.wrong) return DROP.spoofedClaim;
    return sighting.isMember ? DROP.memberFrame : DROP.conflict;
  }

  /**
   * Notes that somebody answered this node about another address.
   *
   * @param mac Offset of the MAC address of who did.
   * @returns The code of `DROP` for it.
   */
  seeOtherAnswer(frame: Uint8Array, mac: number): number {
    const { stations } = this.#arbitration;
    const station = stations.find(frame, mac);
    if (station >= 0 && stations.isSelf(station)) return DROP.ownFrame;
    const { sighting } = this;
    sighting.kind = SIGHTING.otherAnswer;
    sighting.claim = CLAIM_STATE.absent;
    sighting.group = 0;
    sighting.address = 0;
    copyBytes(frame, mac, sighting.mac, 0, 6);
    sighting.setNode(station < 0 ? 0 : stations.node(station));
    sighting.setClaim(0, 0);
    return DROP.otherAnswer;
  }

  /**
   * Notes a station that asks, unless a member's heartbeats give a sign of it: it
   * can be asked for one later. MetalLB's members have none.
   *
   * @param mac Offset of its MAC address.
   * @param address Offset of its IP address.
   * @param isIpv4 Whether that is IPv4.
   */
  meet(
    frame: Uint8Array,
    mac: number,
    address: number,
    isIpv4: boolean,
  ): void {
    if (this.witnesses.isLatest(frame, mac)) return;
    const { stations } = this.#arbitration;
    const station = stations.find(frame, mac);
    const isSilent = station < 0 ||
      (!stations.isSelf(station) && !stations.takesBeats(station));
    if (!isSilent) return;
    this.witnesses.add(frame, mac, address, isIpv4);
  }
}
