import { type Ip, ipFromBytes, ipToBytes, MAC_LENGTH } from "../net/mod.ts";
import type { SlottedInterface } from "./desired_state.ts";

/** 32-bit words of one interface record. */
export const WORDS_PER_INTERFACE = 16;

const FLAG_ARP = 1;
const FLAG_NDP = 2;
const FLAG_IPV4 = 4;
const FLAG_LINK_LOCAL = 8;

const AT = {
  index: 0,
  flags: 4,
  epoch: 8,
  mac: 12,
  name: 20,
  ipv4: 36,
  linkLocal: 40,
} as const;

/** IFNAMSIZ: bytes of a name with its NUL. */
const NAME_BYTES = 16;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Writes an interface into the record of its slot. */
export function putInterface(view: DataView, link: SlottedInterface): void {
  const at = link.slot * WORDS_PER_INTERFACE * 4;
  const name = encoder.encode(link.name);
  if (name.length >= NAME_BYTES || link.mac.length !== MAC_LENGTH) {
    throw new RangeError(
      `Cannot take interface "${link.name}": it needs a name of at most 15 bytes and a MAC address of 6`,
    );
  }
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at);
  view.setInt32(at + AT.index, link.index, true);
  view.setInt32(at + AT.flags, flagsOf(link), true);
  view.setInt32(at + AT.epoch, link.epoch, true);
  bytes.set(link.mac, AT.mac);
  bytes.set(name, AT.name);
  if (link.ipv4 !== undefined) bytes.set(ipToBytes(link.ipv4), AT.ipv4);
  if (link.linkLocal !== undefined) {
    bytes.set(ipToBytes(link.linkLocal), AT.linkLocal);
  }
}

function flagsOf(link: SlottedInterface): number {
  return (link.arp ? FLAG_ARP : 0) | (link.ndp ? FLAG_NDP : 0) |
    (link.ipv4 === undefined ? 0 : FLAG_IPV4) |
    (link.linkLocal === undefined ? 0 : FLAG_LINK_LOCAL);
}

/** Reads the record of a slot; `undefined` when it is free. */
export function getInterface(
  view: DataView,
  slot: number,
): SlottedInterface | undefined {
  const at = slot * WORDS_PER_INTERFACE * 4;
  const index = view.getInt32(at + AT.index, true);
  if (index === 0) return undefined;
  const flags = view.getInt32(at + AT.flags, true);
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at);
  // A decoder takes no shared memory: copy first.
  const name = bytes.slice(AT.name, AT.name + NAME_BYTES);
  const ip = (from: number, length: number): Ip =>
    ipFromBytes(bytes.slice(from, from + length));
  return {
    slot,
    index,
    name: decoder.decode(name.subarray(0, name.indexOf(0))),
    mac: bytes.slice(AT.mac, AT.mac + MAC_LENGTH),
    arp: (flags & FLAG_ARP) !== 0,
    ndp: (flags & FLAG_NDP) !== 0,
    epoch: view.getInt32(at + AT.epoch, true),
    ...(flags & FLAG_IPV4) === 0 ? {} : { ipv4: ip(AT.ipv4, 4) },
    ...(flags & FLAG_LINK_LOCAL) === 0
      ? {}
      : { linkLocal: ip(AT.linkLocal, 16) },
  };
}
