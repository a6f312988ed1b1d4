import { type Ip, isMulticastIp } from "./ip.ts";
import { formatIp } from "./ip_text.ts";
import type { Mac } from "./mac.ts";

/** `ff02::1:ff00:0`, the prefix of length 104 of RFC 4291 §2.7.1. */
const SOLICITED_NODE_BASE = 0xff02_0000_0000_0000_0000_0001_ff00_0000n;

/** All nodes on the link, `ff02::1` (RFC 4291 §2.7.1). */
export const ALL_NODES: Ip = {
  family: "IPv6",
  value: 0xff02_0000_0000_0000_0000_0000_0000_0001n,
};

/**
 * The solicited-node multicast address of an IPv6 address: `ff02::1:ff00:0/104`
 * with the low 24 bits of the address (RFC 4291 §2.7.1).
 *
 * @throws {RangeError} For an IPv4 address.
 */
export function solicitedNodeMulticast(ip: Ip): Ip {
  if (ip.family !== "IPv6") {
    throw new RangeError(
      `Cannot form a solicited-node address of ${
        formatIp(ip)
      }: only IPv6 has them`,
    );
  }
  return { family: "IPv6", value: SOLICITED_NODE_BASE | ip.value & 0xffffffn };
}

/** Whether the address is in `ff02::1:ff00:0/104`. */
export function isSolicitedNodeMulticast(ip: Ip): boolean {
  return ip.family === "IPv6" && ip.value >> 24n === SOLICITED_NODE_BASE >> 24n;
}

/**
 * The Ethernet address that carries a multicast address: `33:33` and the low 32
 * bits for IPv6 (RFC 2464 §7), `01:00:5e` and the low 23 bits for IPv4 (RFC 1112 §6.4).
 *
 * @throws {RangeError} When the address is not multicast.
 */
export function multicastMac(ip: Ip): Mac {
  if (!isMulticastIp(ip)) {
    throw new RangeError(
      `Cannot form a multicast MAC of ${formatIp(ip)}: it is not multicast`,
    );
  }
  const low = Number(ip.value & 0xffffffffn);
  const [b2, b3, b4, b5] = [
    low >>> 24,
    low >>> 16 & 0xff,
    low >>> 8 & 0xff,
    low & 0xff,
  ];
  return ip.family === "IPv6"
    ? Uint8Array.of(0x33, 0x33, b2, b3, b4, b5)
    : Uint8Array.of(0x01, 0x00, 0x5e, b3 & 0x7f, b4, b5);
}
