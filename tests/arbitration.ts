/**
 * A node among members, for tests of what it makes of their frames.
 *
 * @module
 */
import {
  type AddressTable,
  Arbitration,
  CLAIM_STATE,
  ClaimSeal,
  claimWord,
  DesiredStatePublisher,
  FrameResponder,
  Member,
  SharedMemory,
  SIGHTING,
  type Sighting,
} from "../mod/layer2/mod.ts";
import { type MembershipKeys, membershipKeys } from "../mod/crypto/mod.ts";
import { type Ip, type Mac, parseIp, parseMac } from "../mod/net/mod.ts";
import { FakeWorker, link } from "./desired_states.ts";
import { OWN_MAC } from "./frames.ts";

/** Id of the node that observes. */
export const SELF = 0x010203040506;
/** Id of another member. */
export const OTHER = 0xa1a2a3a4a5a6;
/** Hash of its claims. */
export const OTHER_HASH = 0xfedcba98;
/** Hash of the observing node's claims. */
export const OWN_HASH = 0x12345678;

/** The other member's MAC address. */
export const OTHER_MAC: Mac = parseMac("02:00:00:00:01:01");
/** MAC address of a member whose speaker is MetalLB's. */
export const LEGACY_MAC: Mac = parseMac("02:00:00:00:01:02");
/** Another interface of the observing node. */
export const OWN_OTHER_MAC: Mac = parseMac("02:00:00:00:00:0c");
/** Of nobody in the cluster. */
export const FOREIGN_MAC: Mac = parseMac("02:00:00:00:0f:0f");

/** An address of the group. */
export const VIP4: Ip = parseIp("192.0.2.1");
/** An address of the group. */
export const VIP6: Ip = parseIp("2001:db8::1:2:3");
/** An address of no group: the observing node always answers for it. */
export const PLAIN4: Ip = parseIp("192.0.2.9");
/** An address of no group. */
export const PLAIN6: Ip = parseIp("2001:db8::9");

/** Keys of the cluster. */
export const KEYS = membershipKeys(new TextEncoder().encode("cluster"));
/** Keys of another cluster. */
export const FOREIGN_KEYS = membershipKeys(new TextEncoder().encode("foreign"));

const GROUP_ID = 77;
/** A member whose speaker is MetalLB's. */
const LEGACY = 4;

/** See the module. It answers on an interface with `OWN_MAC`. */
export class ObservingNode {
  /** The addresses. */
  readonly table: AddressTable;
  /** What it is to the others. */
  readonly member: Member;
  /** Index of the group. */
  readonly group: number;
  readonly #responder: FrameResponder;

  /** Publishes the membership and takes it over. */
  constructor() {
    const memory = new SharedMemory({ addressCapacity: 16 });
    const address = { interfaces: "all", epoch: 0 } as const;
    new DesiredStatePublisher(memory).publish({
      interfaces: [{ ...link(2), mac: OWN_MAC }],
      addresses: [
        ...[VIP4, VIP6].map((ip) => ({ ip, ...address, group: GROUP_ID })),
        ...[PLAIN4, PLAIN6].map((ip) => ({ ip, ...address })),
      ],
      membership: {
        self: SELF,
        ownMacs: [OWN_MAC, OWN_OTHER_MAC],
        keys: [KEYS],
        port: 7472,
        peers: [{
          node: OTHER,
          isAlive: true,
          hasLeft: false,
          speaksClaims: true,
          stations: [{
            mac: OTHER_MAC,
            interfaces: "all",
            ipv4: parseIp("192.0.2.11"),
          }],
        }, {
          node: LEGACY,
          isAlive: true,
          hasLeft: false,
          speaksClaims: false,
          stations: [{ mac: LEGACY_MAC, interfaces: "all" }],
        }],
        groups: [{
          id: GROUP_ID,
          hash: OWN_HASH,
          isNew: false,
          failbackDelay: 0,
          candidates: [
            { node: OTHER, hash: OTHER_HASH },
            { node: SELF, hash: OWN_HASH },
          ],
        }],
      },
    });
    const worker = new FakeWorker(memory);
    worker.apply();
    const arbitration = new Arbitration();
    arbitration.follow(worker.generation);
    this.table = worker.table;
    this.member = new Member(arbitration, 16);
    this.group = worker.generation.groups.last;
    const options = { mac: OWN_MAC, slot: 0, arp: true, ndp: true };
    this.#responder = new FrameResponder(options, this.member);
  }

  /** Claims the group, or with 0 claims it no longer. */
  hold(word: number): void {
    this.member.held.set(this.group, word);
  }

  /** What it makes of a frame: the answer or the reason, and what it saw. */
  take(frame: Uint8Array): readonly [string | Uint8Array, SeenFrame | null] {
    const decision = this.#responder.decide(frame, this.table);
    const { sighting } = this.#responder;
    return [
      decision.kind === "reply" ? decision.frame : decision.reason,
      sighting.kind === SIGHTING.none ? null : seen(sighting),
    ];
  }
}

/** A claim to be put into a frame, and whose key signs it. */
export interface ClaimParts {
  /** See `claimWord`; full and of term 3 unless told otherwise. */
  readonly word?: number;
  /** Of the other member unless told otherwise. */
  readonly hash?: number;
  /** The cluster's unless told otherwise. */
  readonly keys?: MembershipKeys;
}

/** An ARP frame with a claim in its padding. */
export function claimedArp(
  frame: Uint8Array,
  { word = claimWord(3, true), hash = OTHER_HASH, keys = KEYS }: ClaimParts =
    {},
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(60);
  out.set(frame);
  new ClaimSeal([keys.claims]).stampArp(out, word, hash);
  return out;
}

/** An NS or NA with one link-layer option, and a claim behind it. */
export function claimedNdp(
  frame: Uint8Array,
  { word = claimWord(3, true), hash = OTHER_HASH, keys = KEYS }: ClaimParts =
    {},
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(110);
  out.set(frame);
  new ClaimSeal([keys.claims]).stampNdp(out, word, hash);
  return out;
}

/** A sighting in words. */
export interface SeenFrame {
  readonly kind: string;
  readonly claim: string;
  readonly node: number;
  readonly isMember: boolean;
  readonly term: number;
  readonly isFull: boolean;
  readonly hash: number;
}

function seen(sighting: Sighting): SeenFrame {
  const { node, isMember, term, isFull, hash } = sighting;
  return {
    kind: nameOf(SIGHTING, sighting.kind),
    claim: nameOf(CLAIM_STATE, sighting.claim),
    node,
    isMember,
    term,
    isFull,
    hash,
  };
}

function nameOf(codes: Readonly<Record<string, number>>, code: number): string {
  return Object.keys(codes).find((name) => codes[name] === code) ?? "";
}
