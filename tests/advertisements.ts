/**
 * What the answers to Neighbor Solicitations must be.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import {
  decodeEthernet,
  decodeIpv6,
  icmpv6Checksum,
  type Ip,
  ipFromBytes,
  receiveNdp,
} from "../mod/net/mod.ts";
import { OWN_MAC } from "./frames.ts";

/** Where an answer goes. */
export interface ExpectedAnswer {
  /** Ethernet destination. */
  readonly mac: Uint8Array;
  /** IPv6 destination. */
  readonly ip: Ip;
  /** Whether somebody asked, rather than probed for duplicates. */
  readonly solicited: boolean;
}

/** Fails unless the frame is a valid advertisement of `vip` (RFC 4861 §7.2.4). */
export function assertAdvertisement(
  frame: Uint8Array,
  vip: Ip,
  expected: ExpectedAnswer,
): void {
  const ethernet = decodeEthernet(frame);
  const packet = decodeIpv6(ethernet.payload);
  assertEquals(ethernet.destination, expected.mac);
  assertEquals(ethernet.source, OWN_MAC);
  assertEquals(packet.destination, expected.ip);
  assertEquals(packet.source, vip);
  assertEquals(receiveNdp(packet), {
    kind: "accept",
    message: {
      kind: "neighborAdvertisement",
      router: false,
      solicited: expected.solicited,
      override: true,
      target: vip,
      options: [{ kind: "targetLinkLayerAddress", mac: OWN_MAC }],
    },
  });
}

/** A frame with bytes changed and its ICMPv6 checksum made right again. */
export function resealed(
  frame: Uint8Array,
  patches: Readonly<Record<number, number>> = {},
): Uint8Array<ArrayBuffer> {
  const out = Uint8Array.from(frame);
  for (const [at, value] of Object.entries(patches)) out[Number(at)] = value;
  out.fill(0, 56, 58);
  const address = (at: number): Ip => ipFromBytes(out.slice(at, at + 16));
  const message = out.slice(54, 54 + (out[19] ?? 0));
  const sum = icmpv6Checksum(address(22), address(38), message);
  out[56] = sum >> 8;
  out[57] = sum;
  return out;
}
