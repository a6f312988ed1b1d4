import { ParseError } from "./parse_error.ts";

/** A 48-bit IEEE 802 MAC address: six bytes in transmission order. */
export type Mac = Uint8Array;

/** Number of bytes of a MAC address. */
export const MAC_LENGTH = 6;

/** The Ethernet broadcast address `ff:ff:ff:ff:ff:ff`. Shared: do not write to it. */
export const BROADCAST_MAC: Mac = new Uint8Array(MAC_LENGTH).fill(0xff);

/** The address `00:00:00:00:00:00`, "unknown" in an ARP probe. Shared: do not write to it. */
export const ZERO_MAC: Mac = new Uint8Array(MAC_LENGTH);

const MAC_TEXT = /^[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}$/;

/**
 * Parses six colon-separated pairs of hexadecimal digits, `02:00:5e:00:53:01`.
 *
 * @throws {ParseError} `macInvalid` for any other text.
 */
export function parseMac(text: string): Mac {
  if (!MAC_TEXT.test(text)) {
    throw new ParseError(
      "macInvalid",
      text,
      "a MAC address is six pairs of hexadecimal digits with colons between",
    );
  }
  return Uint8Array.from(text.split(":"), (pair) => Number.parseInt(pair, 16));
}

/** The text of a MAC address, lower case with colons. */
export function formatMac(mac: Mac): string {
  return Array.from(mac, (byte) => byte.toString(16).padStart(2, "0")).join(
    ":",
  );
}

/** Whether two MAC addresses are the same. */
export function macEquals(a: Mac, b: Mac): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** Whether the group bit is set: a multicast or the broadcast address. */
export function isGroupMac(mac: Mac): boolean {
  return ((mac[0] ?? 0) & 1) === 1;
}
